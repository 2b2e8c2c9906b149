"""Reference numbers in a question: codes that name one document and share their parts with many others.

"note DGA-2015/0417"   ->  dga · 2015 · 0417       "乐府发〔2015〕12号"   ->  乐府发 · 2015 · 12号
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import regex

from search_core.analysis.normalize import NormalizedText
from search_core.model import Shared

_CODE = regex.compile(
    r"(?<![\p{Latin}\p{N}])(?=[\p{Latin}\p{N}./_-]*\p{N})[\p{Latin}\p{N}]+(?:[-./_][\p{Latin}\p{N}]+)+(?![\p{Latin}\p{N}])"
    r"|\p{Han}{1,8}[〔\[(]\d{4}[〕\])]第?\d+号"
)
_PIECE = regex.compile(r"\p{Han}+|[\p{Latin}\p{N}]+")
_BETWEEN = r"[^\p{L}\p{N}]{0,3}"
_HAN = regex.compile(r"\p{Han}")
_NUMBER = regex.compile(r"[\d./_-]+")
_FEWEST_CHARACTERS = 5


@dataclass(frozen=True)
class ReferenceForm(Shared):
    """A reference number by its pieces, folded, whatever signs or spaces stand between them."""

    pieces: tuple[str, ...]

    @property
    def token_groups(self) -> tuple[tuple[str, ...], ...]:
        """Filter tokens that a passage with this number holds."""
        return (tuple(token for piece in self.pieces for token in _tokens(piece)),)

    @cached_property
    def _pattern(self) -> regex.Pattern[str]:
        first, last = self.pieces[0][0], self.pieces[-1][-1]
        return regex.compile(f"(?<!{_edge(first)}){_BETWEEN.join(self.pieces)}(?!{_edge(last)})")

    def find(self, normalized: NormalizedText, _text: str) -> Iterator[tuple[int, int]]:
        """Where this number stands in a text, in original offsets."""
        for match in self._pattern.finditer(normalized.text):
            yield normalized.original_span(*match.span())


def iter_references(normalized: NormalizedText) -> Iterator[tuple[int, int, ReferenceForm]]:
    """The reference numbers in a text, in original offsets; plain numbers and dates of digits alone are none."""
    for match in _CODE.finditer(normalized.text):
        code = match.group()
        if len(code) >= _FEWEST_CHARACTERS and not _NUMBER.fullmatch(code):
            yield *normalized.original_span(*match.span()), ReferenceForm(tuple(_PIECE.findall(code)))


def _tokens(piece: str) -> Iterator[str]:
    if not _HAN.match(piece) or len(piece) == 1:
        yield piece
    else:
        yield from (first + second for first, second in pairwise(piece))


def _edge(character: str) -> str:
    """What a number does not go on with: Latin letters and digits; Chinese has no spaces that could end it."""
    return r"(?!)" if _HAN.match(character) else r"[\p{Latin}\p{N}]"
