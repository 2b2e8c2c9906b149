"""Rows of a page to lines in reading order: one column after the other, tables row by row.

A gutter is a strip without text that goes down over several rows. Beside it stand columns of text, read one after the
other, or cells of a table, read row by row. Lengths are in points, `top` is the larger number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from indexer.convert.pdf.grid import Grid
from indexer.convert.pdf.rows import Row, middle_of
from indexer.convert.pdf.runs import GAP, Run

MAX_ROWS = 400
MAX_RUNS = 6_000
"""A page with more of them is read row by row, without a look for columns."""

# A gutter has text on both sides in so many of its rows.
_FEWEST_ROWS = 3
_PARTED_SHARE = 0.25

# Columns of text: how many lines, which share of the width a line fills, and of the lines are filled, or on one level.
_FEWEST_COLUMN_LINES = 4
_FILLED = 0.7
_FILLED_SHARE = 0.5
_LEVEL_SHARE = 0.6

# In sizes of the letters: the width of such a column, what is empty where a gutter ends, and above a heading below it.
_NARROWEST_COLUMN = 9
_PARTED = 2.2
_BLANK = 0.5

# In lines: more than a cell of a table holds, or one that is alone in its row.
_LONGEST_CELL = 12
_LONGEST_LABEL = 2

_MOSTLY = 0.6
"""The share of a line's characters in a fixed width that makes it code."""


class Line(NamedTuple):
    """A line of text or a row of a table, with the column that it stands in."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    fixed: bool
    column: int
    cells: tuple[tuple[str, ...], ...] = ()
    """The lines of each cell, where it is a row of a table."""


class _Band(NamedTuple):
    """Rows `first` to `last` (exclusive) that no text goes across at `gutter`."""

    first: int
    last: int
    gutter: tuple[float, float]


def arrange(rows: Sequence[Row], grids: Sequence[Grid] = ()) -> list[Line]:
    """The lines of a page in reading order; `grids` from the top down, as `find_grids` gives them."""
    lines: list[Line] = []
    if len(rows) > MAX_ROWS or sum(len(row.runs) for row in rows) > MAX_RUNS:
        return [_make_line(row.runs, column=0) for row in rows]
    for grid in grids:
        inside = [row for row in rows if grid.bottom < middle_of(row) < grid.top]
        beside = any(run.right < grid.xs[0] or run.left > grid.xs[-1] for row in inside for run in row.runs)
        if inside and not beside:
            _arrange([row for row in rows if middle_of(row) >= grid.top], lines, is_followed=True)
            _arrange_grid(inside, grid, lines)
            rows = [row for row in rows if middle_of(row) <= grid.bottom]
    _arrange(rows, lines)
    return lines


def _arrange_grid(rows: Sequence[Row], grid: Grid, lines: list[Line]) -> None:
    """Row by row; what stands alone across the table, or is no cell but a page, is text of its own."""
    cells: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        found: dict[tuple[int, int], list[Run]] = {}
        for run in row.runs:
            found.setdefault(grid.find_cell((run.left + run.right) / 2, middle_of(run)), []).append(run)
        for place, runs in found.items():
            cells.setdefault(place, []).append(Row(tuple(runs)))
    columns = sorted({column for _, column in cells})
    for number in sorted({row for row, _ in cells}):
        across = [cells.get((number, column), []) for column in columns]
        filled = [cell for cell in across if cell]
        longest = max(map(len, filled))
        if longest > _LONGEST_CELL or (len(filled) == 1 and longest > _LONGEST_LABEL):
            for cell in filled:
                _arrange(cell, lines)
        else:
            made = [[run for row in cell for run in row.runs] for cell in (filled if len(filled) == 1 else across)]
            lines.append(_make_row(made, _next_column(lines)))


def _next_column(lines: Sequence[Line]) -> int:
    return lines[-1].column + 1 if lines else 0


def _arrange(rows: Sequence[Row], lines: list[Line], *, is_followed: bool = False) -> None:
    """`is_followed`: a table stands below."""
    band = _find_band(rows)
    if band is None:
        column = _next_column(lines)
        lines += [_make_line(row.runs, column) for row in rows]
        return
    if is_followed or band.last < len(rows):
        band = _cut_off_what_follows(rows, band)
    if band.first:
        _arrange(rows[: band.first], lines)
    inside = rows[band.first : band.last]
    left, right = _split_rows(inside, band.gutter)
    if _are_columns(inside, left, right):
        _arrange(left, lines)
        _arrange(right, lines)
    else:
        lines += _make_table(inside, _next_column(lines))
    if band.last < len(rows):
        _arrange(rows[band.last :], lines, is_followed=is_followed)


def _cut_off_what_follows(rows: Sequence[Row], band: _Band) -> _Band:
    """A heading below two columns, above what goes across both, stands below the gutter's end only by chance."""
    for number in range(band.last - 1, band.first, -1):
        above, row = rows[number - 1], rows[number]
        if row.right > band.gutter[1]:
            break
        if above.bottom - row.top > _BLANK * row.size:
            return band._replace(last=number)
    return band


def _find_band(rows: Sequence[Row]) -> _Band | None:
    """The gutter along which the most rows stand, from a row that has it to both sides."""
    found: list[_Band] = []
    for number, row in enumerate(rows):
        for one, other in pairwise(row.runs):
            known = any(
                band.first <= number < band.last and one.right <= band.gutter[0] and band.gutter[1] <= other.left
                for band in found
            )
            if not known:
                found.append(_extend_band(rows, number, (one.right, other.left)))
    tall = [
        band
        for band in found
        if _count_parted(rows, band) >= max(_FEWEST_ROWS, _PARTED_SHARE * (band.last - band.first))
    ]
    return max(tall, key=lambda band: (_count_parted(rows, band), band.gutter[1] - band.gutter[0]), default=None)


def _extend_band(rows: Sequence[Row], number: int, gutter: tuple[float, float]) -> _Band:
    """Up and down from a row that has the gutter, as far as a strip of it stays free of text."""
    least = GAP * rows[number].size
    first, last = number, number + 1
    while first > 0 and (narrowed := _narrow(gutter, rows[first - 1], least)) and not _are_apart(rows, first):
        first, gutter = first - 1, narrowed
    while last < len(rows) and (narrowed := _narrow(gutter, rows[last], least)) and not _are_apart(rows, last):
        last, gutter = last + 1, narrowed
    return _Band(first, last, gutter)


def _are_apart(rows: Sequence[Row], number: int) -> bool:
    """Whether much more than a line is empty above this row."""
    above, row = rows[number - 1], rows[number]
    return above.bottom - row.top > _PARTED * max(above.size, row.size)


def _narrow(gutter: tuple[float, float], row: Row, least: float) -> tuple[float, float] | None:
    """What is left of a gutter beside a row; None where less than the least."""
    start, end = gutter
    for run in row.runs:
        if run.right <= start or run.left >= end:
            continue
        left_side, right_side = (start, min(end, run.left)), (max(start, run.right), end)
        start, end = max(left_side, right_side, key=lambda side: side[1] - side[0])
        if end - start < least:
            return None
    return start, end


def _count_parted(rows: Sequence[Row], band: _Band) -> int:
    """How many of its rows have text to the left of the gutter, or to the right, whichever are fewer."""
    inside = rows[band.first : band.last]
    left = sum(row.left < band.gutter[0] + 1 for row in inside)
    right = sum(row.right > band.gutter[1] - 1 for row in inside)
    return min(left, right)


def _split_rows(rows: Sequence[Row], gutter: tuple[float, float]) -> tuple[list[Row], list[Row]]:
    middle = (gutter[0] + gutter[1]) / 2
    left = [tuple(run for run in row.runs if (run.left + run.right) / 2 < middle) for row in rows]
    right = [tuple(run for run in row.runs if (run.left + run.right) / 2 >= middle) for row in rows]
    return [Row(runs) for runs in left if runs], [Row(runs) for runs in right if runs]


def _are_columns(rows: Sequence[Row], left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Text runs on in columns: most of their lines are filled, or do not stand on one level with those beside."""
    level = len(left) + len(right) - len(rows)
    if level < _LEVEL_SHARE * min(len(left), len(right)):
        return True
    return all(len(side) >= _FEWEST_COLUMN_LINES and _is_running_text(side) for side in (left, right))


def _is_running_text(rows: Sequence[Row]) -> bool:
    start, end = min(row.left for row in rows), max(row.right for row in rows)
    filled = sum(row.right - row.left >= _FILLED * (end - start) for row in rows)
    wide = end - start >= _NARROWEST_COLUMN * median(row.size for row in rows)
    return wide and filled >= _FILLED_SHARE * len(rows)


def _make_table(rows: Sequence[Row], column: int) -> list[Line]:
    """A line for each row of the table. A cell's second line stands below it without anything in the first column."""
    starts = min(row.left for row in rows)
    cells: list[list[list[Run]]] = []
    for row in rows:
        is_continued = bool(cells) and row.left > starts + GAP * row.size and _is_close(cells[-1], row)
        if not is_continued:
            cells.append([[run] for run in row.runs])
            continue
        for run in row.runs:
            max(cells[-1], key=lambda cell: _overlap(cell[0], run)).append(run)
    return [_make_row(row, column) for row in cells]


def _is_close(cells: Sequence[Sequence[Run]], row: Row) -> bool:
    """Whether each piece of the row stands right below a cell."""
    lowest = min(run.bottom for cell in cells for run in cell)
    beneath = all(any(_overlap(cell[0], run) > 0 for cell in cells) for run in row.runs)
    return beneath and lowest - row.top < 0.5 * row.size


def _overlap(one: Run, other: Run) -> float:
    return min(one.right, other.right) - max(one.left, other.left)


def _make_row(cells: Sequence[Sequence[Run]], column: int) -> Line:
    runs = tuple(run for cell in cells for run in cell)
    texts = tuple(tuple(run.text.strip() for run in cell) for cell in cells)
    return _make_line(runs, column)._replace(cells=texts)


def _make_line(runs: Sequence[Run], column: int) -> Line:
    row = Row(tuple(runs))
    text = " ".join(run.text.strip() for run in runs)
    fixed = sum(len(run.text) for run in runs if run.fixed) > _MOSTLY * len(text)
    return Line(text, row.left, row.right, row.main.baseline, row.main.size, fixed, column)
