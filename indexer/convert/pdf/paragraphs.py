"""Lines of a page to paragraphs: a line goes on in the next one where the next one's first word had no room on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby, pairwise
from math import inf
from statistics import median
from typing import NamedTuple

from indexer.convert.base import clean_text, join_cells
from indexer.convert.lines import begins_anew, close_spaced_han, ends_sentence, measure_line, shorten_leaders
from indexer.convert.pdf.hyphens import Hyphens
from indexer.convert.pdf.layout import Line

_NARROWEST = 14
"""In sizes of the letters: what is narrower holds labels."""

_SAME_SIZE = 0.25
"""Programs that recognise scanned pages guess the size of each line anew."""
_INDENT = 0.8
_ROOM = 0.4
_WIDE_ROOM = 1.1
"""No line begins with a comma: the character before it goes down with it."""
_APART = 1.25
_WIDEST_STEP = 1.5
_FEWEST_FILLED = 2
_CODE_WIDTH = 0.6
_FIRST_WORD = re.compile(r" *((?:\d+ )?[^ ]+)")
"""A number keeps to its unit."""


class Paragraph(NamedTuple):
    """`size` is that of its letters, `lines` how many it was made of, `apart` whether a blank line stands above it.

    `is_text` is false for rows of a table and for code; `is_full` says that its last line reaches the column's edge.
    """

    text: str
    size: float
    lines: int
    apart: bool
    is_text: bool
    is_full: bool


class _Block(NamedTuple):
    """Lines that follow each other evenly; `edge` is how far to the right they reach, infinite where none goes on."""

    lines: list[Line]
    edge: float

    @property
    def left(self) -> float:
        return min(line.left for line in self.lines)


def make_paragraphs(lines: Sequence[Line], hyphens: Hyphens) -> list[Paragraph]:
    """The paragraphs of a page, in the order of its lines."""
    paragraphs: list[Paragraph] = []
    for _, group in groupby(lines, key=lambda line: line.column):
        column = list(group)
        edge = _find_edge(column)
        made: list[Paragraph] = []
        for block in _find_blocks(column, edge):
            for number, joined in enumerate(_join_block(block)):
                above = made[-1] if made else paragraphs[-1] if paragraphs else None
                is_full = joined[-1].right + joined[-1].size > edge
                made += _make_paragraph(joined, block, hyphens, above, is_first=number == 0, is_full=is_full)
        if paragraphs and made and goes_on(paragraphs[-1], made[0]):
            first = made.pop(0)
            text = hyphens.join(paragraphs[-1].text, first.text)
            paragraphs[-1] = paragraphs[-1]._replace(text=text, lines=2, is_full=first.is_full)
        paragraphs += made
    return paragraphs


def goes_on(above: Paragraph, below: Paragraph) -> bool:
    """Whether the first paragraph of a column, or of a page, is the rest of the last one before it."""
    alike = abs(above.size - below.size) <= _SAME_SIZE * max(above.size, below.size)
    if not (alike and above.is_text and below.is_text and above.is_full) or ends_sentence(above.text):
        return False
    return (below.text[0].islower() or measure_line(below.text[0]) > 1) and not begins_anew(above.text, below.text)


def join_paragraphs(paragraphs: Sequence[Paragraph]) -> str:
    """The text of a page: a blank line between paragraphs, a line break within tables, code and short lines."""
    return "".join(
        ("" if number == 0 else "\n\n" if paragraph.apart else "\n") + paragraph.text
        for number, paragraph in enumerate(paragraphs)
    )


def _find_blocks(column: Sequence[Line], edge: float) -> Iterator[_Block]:
    """The lines of a column, cut where the step to the next one is wider, or the size of the letters changes."""
    steps = [above.baseline - below.baseline for above, below in pairwise(column) if _is_filled(above, below, edge)]
    usual = median(steps) if steps else 0.0
    block: list[Line] = []
    for line in column:
        if block and not _follows(block[-1], line, usual):
            yield _make_block(block, edge)
            block = []
        block.append(line)
    yield _make_block(block, edge)


def _find_edge(lines: Sequence[Line]) -> float:
    """How far to the right lines reach, but for single ones: where some of them end about one letter apart."""
    ends = sorted((line.right for line in lines), reverse=True)
    fewest = max(2, len(lines) // 10)
    together = (end for end, other in zip(ends, ends[fewest - 1 :], strict=False) if end - other <= lines[0].size)
    return next(together, ends[0])


def _follows(above: Line, line: Line, usual: float) -> bool:
    size = max(above.size, line.size)
    alike = abs(above.size - line.size) <= _SAME_SIZE * size
    return alike and 0 < above.baseline - line.baseline <= max(_WIDEST_STEP * size, _APART * usual)


def _make_block(lines: list[Line], column_edge: float) -> _Block:
    """A block narrower than its column, as a quotation, shows its edge by the lines that end there."""
    own_edge = max(line.right for line in lines)
    left, size = min(line.left for line in lines), lines[0].size
    for edge in (column_edge, own_edge):
        filled = sum(_is_filled(line, below, edge) for line, below in pairwise(lines))
        fewest = 1 if edge == column_edge else max(_FEWEST_FILLED, len(lines) // 2)
        if edge - left >= _NARROWEST * size and filled >= fewest:
            return _Block(lines, edge)
    return _Block(lines, inf)


def _is_filled(line: Line, following: Line, edge: float) -> bool:
    """Whether the next line's first word, or its first character in Chinese, had no room on this one."""
    first = _FIRST_WORD.match(following.text)
    if first is None or line.cells or following.cells:
        return False
    word = first[1]
    is_wide = measure_line(word[0]) > 1
    share = measure_line(word[0] if is_wide else word) / max(1, measure_line(following.text))
    width = (following.right - following.left) * share
    return line.right + width + (_WIDE_ROOM if is_wide else _ROOM) * line.size > edge


def _join_block(block: _Block) -> Iterator[list[Line]]:
    waiting: list[Line] = []
    for line in block.lines:
        if waiting and not _goes_on(waiting[-1], line, block.edge):
            yield waiting
            waiting = []
        waiting.append(line)
    yield waiting


def _goes_on(line: Line, following: Line, edge: float) -> bool:
    if line.cells or following.cells or (line.fixed and following.fixed) or begins_anew(line.text, following.text):
        return False
    indented = following.left > line.left + _INDENT * line.size and ends_sentence(line.text)
    return not indented and _is_filled(line, following, edge)


def _make_paragraph(
    lines: Sequence[Line],
    block: _Block,
    hyphens: Hyphens,
    above: Paragraph | None,
    *,
    is_first: bool,
    is_full: bool,
) -> Iterator[Paragraph]:
    first = lines[0]
    if first.cells:
        text = join_cells([_join_lines(cell, hyphens) for cell in first.cells])
    else:
        text = _join_lines([line.text for line in lines], hyphens)
    if first.fixed:
        text = " " * round((first.left - block.left) / (_CODE_WIDTH * first.size)) + text
    if not text.strip():
        return
    is_text = not first.fixed and not first.cells
    in_table = bool(first.cells) and above is not None and not above.is_text
    in_code = first.fixed and not is_first
    apart = not in_table and not in_code and (is_first or above is None or ends_sentence(above.text))
    yield Paragraph(text, first.size, len(lines), apart, is_text, is_full)


def _join_lines(lines: Sequence[str], hyphens: Hyphens) -> str:
    cleaned = (shorten_leaders(close_spaced_han(clean_text(line))).strip() for line in lines)
    return reduce(hyphens.join, cleaned, "")
