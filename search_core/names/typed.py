"""What of a question may be meant as a name: Latin words that can be read as pinyin, characters that may be a person.

Nearly every short French word can: "bilan", "linge", "le long" are pinyin letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product

import regex

from search_core.analysis.analyzer import Token
from search_core.analysis.french import is_stop_word, iter_words
from search_core.analysis.normalize import fold
from search_core.names.pinyin import MAX_READINGS, Syllables, split_syllables
from search_core.names.surnames import split_person

_UNFRENCH = regex.compile(r"zh|x|q(?!u)|w|k|[gj]uo|iao|iang|uang|(?<!l)ong$|eng$|^y|uan$|[1-5]$")
"""What ordinary French words hardly have: "bilan", "linge" and "change" are pinyin too, letter by letter."""


_GRAMMAR = frozenset(
    "的了着过在是被把和与及或从向由于对为以而且也都就还又很更最不没有这那哪其之中后前上下里外来去到个们等所能会可要时当应经"
)
"""Characters of grammar, some of them family names too: in a longer question they hardly ever belong to a name."""


def is_meant(text: str, start: int, end: int) -> bool:
    """Whether Latin words that are also a name in pinyin may be meant as one.

    They are when they are all that is asked, have capitals where a sentence would have none, or look like no French.
    """
    written = text[start:end]
    if not text[:start].strip() + text[end:].strip():
        return True
    words = [word.text for word in iter_words(written)]
    begins = not text[:start].strip()
    if all(word[0].isupper() for word in words) and not text.isupper() and (len(words) > 1 or not begins):
        return True
    folded = [fold(word) for word in words]
    plain = any(is_stop_word(word, is_before_apostrophe=False) for word in words)
    return not plain and any(map(_UNFRENCH.search, folded))


def iter_window_readings(words: Sequence[str]) -> Iterator[Syllables]:
    ways = [split_syllables(word) for word in words]
    if all(ways):
        yield from (sum(way, ()) for way in islice(product(*ways), MAX_READINGS))


def iter_supposed(text: str, tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Spans that may be a person's name: of two or three words that touch, or one that hardly is anything else.

    What the dictionary has as a word is one: 安全 is no Mr An and 高新区 no Mr Gao, unless that is all that is asked.
    """
    words = [token for token in tokens if token.kind == "word"]
    compounds = {token.start for token in tokens if token.kind == "subword"}
    for at, first in enumerate(words):
        for count in (3, 2, 1):
            row = words[at : at + count]
            touch = len(row) == count and all(before.end == after.start for before, after in pairwise(row))
            ours = len(words) == 1 or _GRAMMAR.isdisjoint(text[first.start : row[-1].end])
            whole = count > 1 or len(words) == 1 or (len(first.text) > 2 and first.start not in compounds)
            if touch and whole and ours and split_person(fold(text[first.start : row[-1].end])):
                yield first.start, row[-1].end
