"""What the page of a document shows of it: one part, leaf by leaf, and the way to the other parts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from search_api.blocks import Block, Heading, cut_blocks
from search_api.marking import Marks
from search_api.parts import Part, Stretch, part_at
from search_api.schemas import DocumentResult, Span

CONTENTS_LEVEL = 3
CONTENTS_ENTRIES = 100
"""An outline may have thousands of entries: those around the part shown are listed."""


@dataclass(frozen=True)
class Leaf:
    """What is shown of one page (`number` from 1), or of a document without pages (0).

    `begins` is false where the page began in the part before.
    """

    number: int
    label: str
    begins: bool
    blocks: tuple[Block, ...]

    @property
    def passage_start(self) -> int | None:
        """Where the text of it begins that belongs to the passage asked for; None where there is none."""
        return next((piece.start for block in self.blocks for piece in block.pieces if piece.in_passage), None)

    @property
    def has_passage(self) -> bool:
        return self.passage_start is not None


@dataclass(frozen=True)
class Entry:
    """A heading in the table of contents, the part and the page (from 1; 0: none) that it stands in."""

    start: int
    level: int
    text: str
    part: int
    page: int


def make_leaves(document: DocumentResult, outline: Sequence[Heading], part: Part, marks: Marks) -> list[Leaf]:
    """The stretches of a part as they are shown."""
    return [_make_leaf(document, outline, stretch, marks) for stretch in part.stretches]


def list_contents(
    document: DocumentResult, outline: Sequence[Heading], parts: Sequence[Part], shown: Part
) -> list[Entry]:
    """The headings of the upper levels; where there are too many, as many around the part shown."""
    listed = [heading for heading in outline if heading.level <= CONTENTS_LEVEL]
    here = sum(heading.start < shown.start for heading in listed)
    first = max(0, min(here - CONTENTS_ENTRIES // 10, len(listed) - CONTENTS_ENTRIES))
    return [_make_entry(document, each, parts) for each in listed[first : first + CONTENTS_ENTRIES]]


def find_page(document: DocumentResult, asked: str) -> int | None:
    """The number (from 1) of the page that bears this label, or else has this number."""
    labels = [page.label for page in document.pages]
    if asked and asked in labels:
        return labels.index(asked) + 1
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return number if 1 <= number <= len(labels) else None


def _make_entry(document: DocumentResult, heading: Heading, parts: Sequence[Part]) -> Entry:
    return Entry(
        start=heading.start,
        level=heading.level,
        text=document.text[heading.start : heading.end].strip(),
        part=part_at(parts, heading.start).number,
        page=bisect_right(document.pages, heading.start, key=lambda page: page.start),
    )


def _make_leaf(document: DocumentResult, outline: Sequence[Heading], stretch: Stretch, marks: Marks) -> Leaf:
    page = None if stretch.page is None else document.pages[stretch.page]
    within = Span(start=stretch.start, end=stretch.end)
    return Leaf(
        number=0 if stretch.page is None else stretch.page + 1,
        label=page.label if page else "",
        begins=page is None or page.start == stretch.start,
        blocks=tuple(cut_blocks(document.text, outline, within, marks)),
    )
