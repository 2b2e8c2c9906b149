"""How one name is written in documents: what an engine looks for, and what is then recognised in the text.

    family "zhang", given "wei"   ->   Zhang Wei, ZHANG Wei, Wei Zhang, Zhang-Wei
    family "wang", given "jian guo"   ->   Wang Jianguo, Wang Jian-guo, Jian Guo WANG
    characters 王建国   ->   王建国, 王 建国

An engine can only ask for passages that hold all words of a form somewhere, which a list of participants does by
chance (Zhang Li, Wang Wei): so what it finds is read again, where the words have to stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from typing import Protocol

import regex

from search_core.analysis.normalize import NormalizedText
from search_core.model import Shared
from search_core.names.pinyin import Syllables, spell_syllable

DOT = "·"
"""Between the parts of a foreign name in Chinese characters; other dots are read as this one."""

Span = tuple[int, int]
"""Half-open."""

_LETTER = r"[\p{L}\p{N}\p{M}]"
_BETWEEN_PARTS = r"[\s-]{1,3}"
_BETWEEN_SYLLABLES = r"[\s'-]?"
_BETWEEN_WORDS = r"[\s'-]{1,2}"
_DOTS = r"[·•‧・]"
_INSIDE_CHARACTERS = r"\s?"


@dataclass(frozen=True)
class HanForm(Shared):
    """A name in Chinese characters, simplified; a foreign one has a dot between its parts (让·马丁)."""

    characters: str

    @property
    def token_groups(self) -> tuple[tuple[str, ...], ...]:
        """Filter tokens that a passage with this form holds: all of one group."""
        parts = self.characters.split(DOT)
        return (tuple(token for part in parts for token in (_pair(part) if len(part) > 1 else part)),)

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        return regex.compile(_INSIDE_CHARACTERS.join(_DOTS if each == DOT else each for each in self.characters))

    def find(self, normalized: NormalizedText, _text: str) -> Iterator[Span]:
        """Where this form stands in a text, in original offsets."""
        for match in self._pattern.finditer(normalized.text):
            yield normalized.original_span(*match.span())


@dataclass(frozen=True)
class LatinForm(Shared):
    """A name in Latin letters, folded: parts that stand in either order, each made of syllables or of whole words."""

    parts: tuple[tuple[str, ...], ...]
    of_syllables: bool

    @property
    def token_groups(self) -> tuple[tuple[str, ...], ...]:
        """Filter tokens that a passage with this form holds: all of one group."""
        ways = product(*(self._write_part(part) for part in self.parts))
        return tuple(dict.fromkeys(tuple(token for part in way for token in part) for way in ways))

    def find(self, normalized: NormalizedText, text: str) -> Iterator[Span]:
        """Where this form stands in a text with capitals: "le long" is no Mr Long, "Le Long" may be."""
        for match in self._pattern.finditer(normalized.text):
            starts = [normalized.original_span(start, start + 1)[0] for start in _starts_of_parts(match)]
            if all(text[start].isupper() for start in starts):
                yield normalized.original_span(*match.span())

    def _write_part(self, part: Sequence[str]) -> Iterator[tuple[str, ...]]:
        if not self.of_syllables:
            yield tuple(part)
            return
        for spelled in product(*map(spell_syllable, part)):
            yield ("".join(spelled),)
            yield tuple(spelled)

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        written = [self._part_pattern(part) for part in self.parts]
        orders = dict.fromkeys((tuple(written), tuple(reversed(written))))
        either = "|".join(_BETWEEN_PARTS.join(f"({part})" for part in order) for order in orders)
        return regex.compile(rf"(?<!{_LETTER})(?:{either})(?![-']?{_LETTER})")

    def _part_pattern(self, part: Sequence[str]) -> str:
        if not self.of_syllables:
            return _BETWEEN_WORDS.join(map(regex.escape, part))
        return _BETWEEN_SYLLABLES.join(f"(?:{'|'.join(spell_syllable(syllable))})" for syllable in part)


NameForm = HanForm | LatinForm


class WrittenForm(Protocol):
    """What `find_forms` needs of a form."""

    def find(self, normalized: NormalizedText, text: str, /) -> Iterator[Span]: ...


def person_form(family: Syllables, given: Syllables) -> LatinForm:
    """A person's name in pinyin, in either order."""
    return LatinForm((family, given), of_syllables=True)


def plain_form(syllables: Syllables) -> LatinForm:
    """Any other name in pinyin."""
    return LatinForm((syllables,), of_syllables=True)


def find_forms(forms: Iterable[WrittenForm], normalized: NormalizedText, text: str) -> list[Span]:
    """Where any of the forms stands in a text, in its order; of two that overlap the longer one."""
    found = {span for form in forms for span in form.find(normalized, text)}
    kept: list[Span] = []
    for start, end in sorted(found, key=lambda span: (span[0] - span[1], span)):
        if all(end <= left or right <= start for left, right in kept):
            kept.append((start, end))
    return sorted(kept)


def _pair(characters: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(characters))


def _starts_of_parts(match: regex.Match[str]) -> list[int]:
    return [start for start, end in match.regs[1:] if start >= 0]
