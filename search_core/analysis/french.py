"""Words of scripts with spaces, French above all: whole compounds, their parts, and stems.

    "l’éco-quartier"  ->  ecoquartier  ecoquarti  eco  quartier  quarti
    "DCM-2014/117"    ->  dcm-2014/117  dcm  2014  117
    "3,5%"            ->  3.5%  3.5

Accents are folded before stemming: the stemmer gives `électr` for électricité but `electricit` for electricite. Stop
words are decided on the word as it was written: "sur" is one, "sûr" is not; "été" is a season here. Words that are also
an acronym or a thing of our subjects (AI, car, EU) are none.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

import regex
import Stemmer

from search_core.analysis.scripts import KANA, LETTER, WORD

STOP_WORDS = frozenset(resources.files(__package__).joinpath("stop_words.txt").read_text("utf-8").split())

_ELIDED = frozenset(["c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t"])
# Snowball knows the feminine of a participle by its accent, which is folded here ...
_FOLDED_PARTICIPLE = regex.compile(r"(?<=\p{L}{2})ees?$")
# ... and keeps the plural s after a vowel, the x of lieux, and feminine consonants (publique, active).
_ENDINGS = (
    (regex.compile(r"(?<=[aiou])s$"), ""),
    (regex.compile(r"(?<=eu)x$"), ""),
    (regex.compile(r"qu$"), "c"),
    (regex.compile(r"iv$"), "if"),
)

_INNER_SIGN = r"(?:[-'./_@&~=]|\+{1,2}|(?<=\p{N})[:,](?=\p{N}))"
_CLOSING_SIGN = r"(?:(?<=\p{L})(?:\+\+?|\#)|(?<=\p{N})[%‰])"
_ELISION = rf"(?:{'|'.join(sorted(_ELIDED))})(?='{LETTER})"
_COMPOUND = regex.compile(rf"{KANA}|{_ELISION}|{WORD}(?:{_INNER_SIGN}{WORD})*{_CLOSING_SIGN}?", regex.V1)
_WORD = regex.compile(WORD, regex.V1)
_CONNECTION = regex.compile(r"[\s'-]{1,3}")
_NUMBER = regex.compile(r"(\p{N}+)[.,](\p{N}+)[%‰]?")
_INITIALS = regex.compile(r"\p{L}(?:\.\p{L})+")
_LETTERS_AND_HYPHENS = regex.compile(r"\p{L}[\p{L}\p{M}]*(?:[-'][\p{L}\p{M}]+)+")
_LETTERS_AND_SLASHES = regex.compile(r"\p{L}[\p{L}\p{M}]*(?:[-'/][\p{L}\p{M}]+)+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a compound of words as it stands in the normalised text; `end` is exclusive."""

    text: str
    start: int
    end: int


def iter_compounds(run: str, offset: int) -> Iterator[Word]:
    """Rows of words and inner signs without a space: also words alone, and what is elided before them (l', jusqu').

    The run begins at `offset` of the normalised text.
    """
    for match in _COMPOUND.finditer(run):
        yield Word(match.group(), offset + match.start(), offset + match.end())


def iter_words(text: str, offset: int = 0) -> Iterator[Word]:
    """Whole words only, cut the same in any surroundings."""
    for match in _WORD.finditer(text):
        yield Word(match.group(), offset + match.start(), offset + match.end())


def iter_connected(folded: str) -> Iterator[Word]:
    """Whole words, with an empty one wherever more than a space, a hyphen or an apostrophe parts two of them.

    "le fort d'issy. saintes"  ->  le fort d issy "" saintes: no term reaches from one sentence into the next.
    """
    end = 0
    for word in iter_words(folded):
        if not _CONNECTION.fullmatch(folded, end, word.start):
            yield Word("", end, end)
        yield word
        end = word.end


def split_compound(compound: Word) -> list[Word]:
    """The words of a compound that are worth a token of their own: none in a number or in initials."""
    number = _NUMBER.fullmatch(compound.text)
    if number:
        return [Word(f"{number[1]}.{number[2]}", compound.start, compound.start + number.end(2))]
    if _INITIALS.fullmatch(compound.text):
        return []
    return list(iter_words(compound.text, compound.start))


def spell_compound(compound: Word, has_stop_word: bool) -> str | None:
    """The token of a whole compound, or None where its words say all there is.

    Letters joined by hyphens are written together as often as not (éco-quartier, écoquartier); with a
    stop word inside they are grammar (est-ce, l'eau). Anything else is a code, kept as typed.
    """
    text = compound.text
    if _LETTERS_AND_SLASHES.fullmatch(text):
        joins = _LETTERS_AND_HYPHENS.fullmatch(text) and not has_stop_word
        return text.replace("-", "").replace("'", "") if joins else None
    if _INITIALS.fullmatch(text):
        return text.replace(".", "")
    return text.replace(",", ".") if _NUMBER.fullmatch(text) else text


def is_stop_word(written: str, is_before_apostrophe: bool) -> bool:
    """Whether a word, as it was written, says nothing of what a text is about: "l" in l'eau, not in "bâtiment L"."""
    word = unicodedata.normalize("NFKC", written)
    if len(word) == 1 and word.isupper() and not is_before_apostrophe:
        return False  # parc A, A区
    return word.lower() in STOP_WORDS or (is_before_apostrophe and word.lower() in _ELIDED)


class FrenchStemmer:
    """Snowball's French stemmer, with what it leaves apart. One a thread: PyStemmer's objects may not be shared."""

    def __init__(self) -> None:
        self._local = threading.local()

    def stem(self, word: str) -> str:
        """The stem of a folded word: vélos and vélo, privée and privé, publique and public have the same."""
        if not hasattr(self._local, "stemmer"):
            self._local.stemmer = Stemmer.Stemmer("french")
        stem: str = self._local.stemmer.stemWord(_FOLDED_PARTICIPLE.sub("e", word))
        return _replace_endings(stem) if len(stem) > 3 else stem


def _replace_endings(stem: str) -> str:
    for ending, replacement in _ENDINGS:
        stem = ending.sub(replacement, stem)
    return stem
