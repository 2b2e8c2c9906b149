"""A document in parts, each short enough for a page of its own: a report of 1,000 pages opens where the passage is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from search_api.schemas import DocumentResult, PageOut

PART_CHARS = 30_000
"""About 100 KB of HTML in either language, some ten pages of a report."""

PART_PAGES = 20
"""Pages without text, of a scan, have an image each."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True)
class Stretch:
    """A run of text within one page (`page` counts from 0), or of a document that has none."""

    start: int
    end: int
    page: int | None = None


@dataclass(frozen=True)
class Part:
    """Part `number` (from 1) of a document: one stretch or several, one after the other."""

    number: int
    stretches: tuple[Stretch, ...]

    @property
    def start(self) -> int:
        return self.stretches[0].start

    @property
    def end(self) -> int:
        return self.stretches[-1].end

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages that it shows, in whole or in part."""
        return tuple(stretch.page for stretch in self.stretches if stretch.page is not None)


def cut_parts(document: DocumentResult) -> list[Part]:
    """The parts of a document, which hold all of its text and pages; at least one."""
    parts: list[Part] = []
    for stretch in _iter_stretches(document):
        if parts and _has_room(parts[-1], stretch):
            parts[-1] = replace(parts[-1], stretches=(*parts[-1].stretches, stretch))
        else:
            parts.append(Part(len(parts) + 1, (stretch,)))
    return parts


def part_at(parts: Sequence[Part], offset: int) -> Part:
    """The part that holds this place in the text."""
    return next((part for part in parts if offset < part.end), parts[-1])


def part_of_page(parts: Sequence[Part], page: int) -> Part:
    """The part in which a page begins; pages count from 0."""
    return next(part for part in parts if page in part.pages)


def _has_room(part: Part, stretch: Stretch) -> bool:
    return len(part.stretches) < PART_PAGES and stretch.end - part.start <= PART_CHARS


def _iter_stretches(document: DocumentResult) -> Iterator[Stretch]:
    """Pages, and what stands before the first; those that are too long in pieces."""
    text, pages = document.text, document.pages
    if not pages or pages[0].start > 0:
        yield from _cut(text, 0, pages[0].start if pages else len(text), None)
    for number, page in enumerate(pages):
        yield from _cut(text, page.start, _end_of(pages, number, len(text)), number)


def _end_of(pages: Sequence[PageOut], number: int, length: int) -> int:
    return pages[number + 1].start if number + 1 < len(pages) else length


def _cut(text: str, start: int, end: int, page: int | None) -> Iterator[Stretch]:
    while end - start > PART_CHARS:
        cut = _find_cut(text, start, start + PART_CHARS)
        yield Stretch(start, cut, page)
        start = cut
    yield Stretch(start, end, page)


def _find_cut(text: str, start: int, limit: int) -> int:
    """Behind the last blank line of the second half, else the last line end, else the last space, else anywhere."""
    half = (start + limit) // 2
    blank = [found.end() for found in _BLANK_LINE.finditer(text, half, limit)]
    return (blank[-1] if blank else 0) or text.rfind("\n", half, limit) + 1 or text.rfind(" ", half, limit) + 1 or limit
