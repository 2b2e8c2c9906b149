"""A stretch of a document's text as blocks to read: headings and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from search_api.marking import Marks, Piece, cut_pieces
from search_api.schemas import DocumentResult, HeadingOut, Span

DEEPEST_LEVEL = 6

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True)
class Heading:
    """A heading as it is shown: `level` from 2, the title of the document being 1."""

    start: int
    end: int
    level: int


@dataclass(frozen=True)
class Block:
    """A heading, or a paragraph (level 0)."""

    start: int
    level: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def has_passage(self) -> bool:
        return any(piece.in_passage for piece in self.pieces)


def find_outline(document: DocumentResult) -> list[Heading]:
    """The headings in reading order, no level of theirs left out."""
    above = list[int]()
    found = []
    for heading in _apart(document.headings, len(document.text)):
        above = [*(level for level in above if level < heading.level), heading.level]
        found.append(Heading(heading.start, heading.end, min(len(above) + 1, DEEPEST_LEVEL)))
    return found


def cut_blocks(text: str, outline: Sequence[Heading], within: Span, marks: Marks) -> list[Block]:
    """A stretch of a document's `text` in reading order; white space between blocks is left out."""
    return [
        Block(start, level, tuple(cut_pieces(text[start:end], start, marks)))
        for start, end, level in _spans(text, outline, within)
    ]


def _spans(text: str, outline: Sequence[Heading], within: Span) -> Iterator[tuple[int, int, int]]:
    position = within.start
    for heading in outline:
        start, end = max(heading.start, within.start), min(heading.end, within.end)
        if start < end:
            yield from _paragraphs(text, position, start)
            yield from ((first, last, heading.level) for first, last in _trimmed(text, start, end))
            position = end
    yield from _paragraphs(text, position, within.end)


def _apart(headings: Sequence[HeadingOut], length: int) -> Iterator[HeadingOut]:
    end = 0
    for heading in sorted(headings, key=lambda each: each.start):
        if end <= heading.start < heading.end <= length:
            yield heading
            end = heading.end


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Paragraphs end at blank lines."""
    cuts = [start, *(match.start() for match in _BLANK_LINES.finditer(text, start, end)), end]
    for left, right in pairwise(cuts):
        yield from ((first, last, 0) for first, last in _trimmed(text, left, right))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left, right = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    if left < right:
        yield left, right
