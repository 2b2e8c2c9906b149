"""Spreadsheets as documents: the name of each sheet as a heading, the titles of its tables below it.

Sheets are no pages: “page Budget” says nothing, and nobody turns them; a sheet's name stands in the heading of each
of its passages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from indexer.convert.base import MAX_TEXT_CHARS, TextBuilder, clean_text
from indexer.convert.tables.cells import Sheet, fill_merged
from indexer.convert.tables.lines import Line, iter_lines
from indexer.workers.alive import tell_alive
from search_core.model import HeadingSpan

_LINES_PER_SIGN = 1000


class SheetText(NamedTuple):
    """`title` stands at the head of the first sheet, empty where nothing does."""

    text: str
    headings: tuple[HeadingSpan, ...]
    title: str
    notes: tuple[str, ...]
    partial_reason: str


def write_sheets(sheets: Iterable[Sheet], max_chars: int = MAX_TEXT_CHARS) -> SheetText:
    """The text of all sheets, hidden ones too; reading stops where the text is as long as it may get."""
    writer = _SheetWriter(max_chars)
    hidden: list[str] = []
    reason = ""
    for sheet in sheets:
        if reason:
            break
        hidden += [sheet.name] if sheet.is_hidden else []
        if not writer.write(sheet):
            reason = f"Only the first {max_chars} characters were kept, up to a part of the sheet “{sheet.name}”."
    notes = (f"Hidden sheets were read too: {', '.join(hidden)}.",) if hidden else ()
    return SheetText(writer.builder.text, writer.builder.headings, writer.title, notes, reason)


def _iter_all_lines(sheet: Sheet) -> Iterator[Line]:
    yield from iter_lines(fill_merged(sheet.rows))
    for remark in sheet.remarks:
        yield Line("first", clean_text(remark))


class _SheetWriter:
    def __init__(self, max_chars: int) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self._left = max_chars
        self._lines = 0

    def write(self, sheet: Sheet) -> bool:
        """Whether all of the sheet found room. One without any text leaves no heading."""
        for number, line in enumerate(_iter_all_lines(sheet)):
            if number == 0:
                self._begin(sheet, line)
            self._left -= len(line.text) + 2
            if self._left < 0:
                return False
            self._add(line)
        return True

    def _begin(self, sheet: Sheet, line: Line) -> None:
        if not self.builder.text and line.kind == "title":
            self.title = line.text
        self.builder.add_heading(sheet.name, 1)
        self._left -= len(sheet.name) + 2

    def _add(self, line: Line) -> None:
        if line.kind == "title":
            self.builder.add_heading(line.text, 2)
        elif line.kind == "first":
            self.builder.add_block(line.text)
        else:
            self.builder.add_line(line.text)
        self._lines += 1
        if self._lines % _LINES_PER_SIGN == 0:
            tell_alive()
