"""All pages of a PDF file as text, some dozens at a time: what runs over them shows only when they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from indexer.convert.base import clean_text
from indexer.convert.lines import join_wrapped_lines
from indexer.convert.pdf.fields import read_fields
from indexer.convert.pdf.grid import Grid, find_grids
from indexer.convert.pdf.hyphens import Hyphens
from indexer.convert.pdf.layout import arrange
from indexer.convert.pdf.paragraphs import Paragraph, goes_on, join_paragraphs, make_paragraphs
from indexer.convert.pdf.rows import make_rows
from indexer.convert.pdf.rules import read_rules
from indexer.convert.pdf.running import PageRows, RunningLines
from indexer.convert.pdf.runs import MAX_CHARACTERS, Turn, read_runs
from indexer.convert.pdf.scan import is_scan
from indexer.workers.alive import tell_alive

MAX_PAGES = 20_000
MAX_CHARS = 10_000_000
"""Of all pages; a file of some kilobytes can show the same page any number of times."""

_BATCH = 100

_DRAWN_OBJECTS = 50
"""A page without text that holds as many drawn shapes may show letters as curves."""


class Page(NamedTuple):
    """A page's text; `paragraphs` are what it was made of.

    `goes_on`: it begins in the middle of a paragraph. `shows_more`: a picture, or shapes that may be letters.
    `is_scan`: pictures cover it.
    """

    label: str
    text: str
    paragraphs: list[Paragraph]
    goes_on: bool
    shows_more: bool
    is_broken: bool = False
    is_scan: bool = False


class _DrawnPage(NamedTuple):
    """A page as it lies on paper. `plain` is the text of one that is too full to be laid out."""

    rows: PageRows
    grids: list[Grid]
    shows_more: bool
    plain: str = ""
    is_broken: bool = False
    is_scan: bool = False


def read_pages(pdf: Any) -> list[Page]:
    """The pages of an open document, in order; the last ones are left out where they are too many, or too long."""
    running, hyphens = RunningLines(), Hyphens()
    form = pdf.formenv.raw if pdf.formenv else None
    pages: list[Page] = []
    numbers = iter(range(min(len(pdf), MAX_PAGES)))
    length = 0
    while length < MAX_CHARS and (batch := list(islice(numbers, _BATCH))):
        drawn: list[_DrawnPage] = []
        for number in batch:
            drawn.append(_draw_page(pdf, number, form))
            tell_alive()
        last = pages[-1].paragraphs[-1:] if pages else []
        pages += _make_pages(drawn, running, hyphens, last)
        length = sum(len(page.text) for page in pages)
    return pages


def _make_pages(
    batch: list[_DrawnPage], running: RunningLines, hyphens: Hyphens, last: list[Paragraph]
) -> Iterator[Page]:
    """`last` is the paragraph at the end of the page before, if there is one."""
    kept = running.drop([drawn.rows for drawn in batch])
    arranged = [arrange(rows, drawn.grids) for rows, drawn in zip(kept, batch, strict=True)]
    hyphens.learn(line.text for lines in arranged for line in lines)
    for drawn, lines in zip(batch, arranged, strict=True):
        paragraphs = make_paragraphs(lines, hyphens)
        text = drawn.plain or join_paragraphs(paragraphs)
        is_rest = bool(last and paragraphs) and goes_on(last[0], paragraphs[0])
        yield Page(drawn.rows.label, text, paragraphs, is_rest, drawn.shows_more, drawn.is_broken, drawn.is_scan)
        last = paragraphs[-1:]


def _draw_page(pdf: Any, number: int, form: Any) -> _DrawnPage:
    label = clean_text(pdf.get_page_label(number)).strip() or str(number + 1)
    try:
        page = pdf[number]
    except pypdfium2.PdfiumError:
        return _DrawnPage(PageRows(number + 1, label, 0.0, 0.0, []), [], shows_more=False, is_broken=True)
    try:
        return _draw(page, number + 1, label, form)._replace(is_scan=is_scan(page))
    finally:
        page.close()


def _draw(page: Any, number: int, label: str, form: Any) -> _DrawnPage:
    left, bottom, right, top = page.get_bbox()
    text_page = page.get_textpage()
    try:
        if text_page.count_chars() > MAX_CHARACTERS:
            plain = join_wrapped_lines(clean_text(text_page.get_text_range(errors="replace")))
            return _DrawnPage(PageRows(number, label, bottom, top, []), [], shows_more=False, plain=plain)
        runs, turn = read_runs(text_page, left, right)
    finally:
        text_page.close()
    if turn == Turn():
        runs += read_fields(page, form)
    heights = [turn.point(x, y)[1] for x in (left, right) for y in (bottom, top)]
    bottom, top = min(heights), max(heights)
    rules = read_rules(page, turn) if runs else []
    rows = make_rows(runs, rules)
    return _DrawnPage(
        PageRows(number, label, bottom, top, rows), find_grids(rules), shows_more=not rows and _shows_something(page)
    )


def _shows_something(page: Any) -> bool:
    """Whether there is a picture on a page without text, or enough shapes to be one."""
    kinds = [found.type for found in islice(page.get_objects(max_depth=3), _DRAWN_OBJECTS)]
    return raw.FPDF_PAGEOBJ_IMAGE in kinds or len(kinds) == _DRAWN_OBJECTS
