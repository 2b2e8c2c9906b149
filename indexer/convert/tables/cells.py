"""Cells and rows of a spreadsheet as text, whichever program wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from indexer.convert.base import clean_text
from indexer.convert.tables.number_format import format_number

LONGEST_LABEL = 80
"""Characters. What is longer heads no column, and is not repeated in each row that a merged cell covers."""


class Cell(NamedTuple):
    """What a cell shows, on one line; `rows` and `columns` are how many it covers where cells were merged."""

    text: str
    rows: int = 1
    columns: int = 1


Row = dict[int, Cell]
"""The cells that hold something, by column from 0, in their order."""

NumberedRow = tuple[int, Row]


class Sheet(NamedTuple):
    """`rows` are those that hold something, in their order, each with its number: where one is missing it is empty.

    `remarks` are comments and texts that lie in no cell; they may still be found while the rows are read.
    """

    name: str
    rows: Iterable[NumberedRow]
    is_hidden: bool = False
    remarks: Sequence[str] = ()


def fill_merged(rows: Iterable[NumberedRow]) -> Iterator[NumberedRow]:
    """Rows in which a label that was merged over several of them stands in each: all say of what they speak."""
    covering: dict[int, tuple[Cell, int]] = {}
    for number, row in rows:
        covering = {column: found for column, found in covering.items() if found[1] >= number}
        missing = {column: cell for column, (cell, _) in covering.items() if column not in row}
        for column, cell in row.items():
            if cell.rows > 1 and len(cell.text) <= LONGEST_LABEL:
                covering[column] = (cell._replace(rows=1), number + cell.rows - 1)
        yield number, dict(sorted({**row, **missing}.items())) if missing else row


def show_value(value: object, number_format: str = "General") -> str:
    """What a cell shows of its value, on one line. Numbers by the code of their format, times as ISO writes them."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return format_number(value, number_format)
    if isinstance(value, date | time | timedelta):
        return show_time(value)
    return " ".join(clean_text(str(value)).split())


def show_time(value: date | time | timedelta) -> str:
    """`2014-10-31`, `2014-10-31 14:30`, `14:30`; durations as hours, minutes and seconds: `26:30:00`."""
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return f"{value.date().isoformat()} {show_time(value.time())}"
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat("minutes" if value.second == 0 else "seconds")
    return value.isoformat()
