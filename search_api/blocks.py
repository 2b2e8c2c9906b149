"""A document's text as blocks to read: headings, paragraphs, and where its pages begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from search_api.marking import Marks, Piece, cut_pieces
from search_api.schemas import DocumentResult, HeadingOut

DEEPEST_LEVEL = 6

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")


@dataclass(frozen=True)
class Block:
    """A heading (`level` from 2, the title of the document being 1) or a paragraph (level 0).

    `pages` are the labels of the pages that begin with it.
    """

    start: int
    level: int
    pages: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    @property
    def has_passage(self) -> bool:
        return any(piece.in_passage for piece in self.pieces)


def cut_blocks(document: DocumentResult, marks: Marks) -> list[Block]:
    """The whole text of a document in reading order; white space between blocks is left out."""
    pages = sorted(document.pages, key=lambda page: page.start)
    blocks = []
    for start, end, level in _spans(document):
        text = document.text[start:end]
        begun = [pages.pop(0).label for _ in range(sum(page.start <= start for page in pages))]
        blocks.append(Block(start, level, tuple(begun), tuple(cut_pieces(text, start, marks))))
    return blocks


def _spans(document: DocumentResult) -> Iterator[tuple[int, int, int]]:
    position, above = 0, list[int]()
    for heading in _apart(document.headings, len(document.text)):
        yield from _paragraphs(document, position, heading.start)
        above = [*(level for level in above if level < heading.level), heading.level]
        level = min(len(above) + 1, DEEPEST_LEVEL)
        yield from ((start, end, level) for start, end in _trimmed(document.text, heading.start, heading.end))
        position = heading.end
    yield from _paragraphs(document, position, len(document.text))


def _apart(headings: list[HeadingOut], length: int) -> Iterator[HeadingOut]:
    end = 0
    for heading in sorted(headings, key=lambda each: each.start):
        if end <= heading.start < heading.end <= length:
            yield heading
            end = heading.end


def _paragraphs(document: DocumentResult, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Paragraphs end at blank lines, and where a page begins."""
    breaks = [match.start() for match in _BLANK_LINES.finditer(document.text, start, end)]
    cuts = sorted({start, end, *breaks, *(page.start for page in document.pages if start < page.start < end)})
    for left, right in pairwise(cuts):
        yield from ((first, last, 0) for first, last in _trimmed(document.text, left, right))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    left, right = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    if left < right:
        yield left, right
