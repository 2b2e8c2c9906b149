"""Which rows of a table name its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.convert.tables.cells import LONGEST_LABEL, Row

MOST_HEADER_ROWS = 3

_WIDE_TABLE = 3
"""Columns from which a first row of words is taken for the header, although words stand below it too.

Two columns may be a form (`Lieu | Leshan`, `Participants | 12`), whose first row heads nothing: there all values of the
second one must be numbers.
"""

_MOST = 0.6

_LONGEST_UNIT = 5

_PERIOD = re.compile(r"(?<![\d.,])(19|20)\d\d(?![\d.,]\d|\d)")


def count_header_rows(rows: Sequence[Row]) -> int:
    """How many of a table's first rows are its header; 0 where none is certain enough to be set before each value.

    `rows` are the first ones of the table; a few dozen tell.
    """
    if len(rows) < 2 or not _may_be_header(rows[0]):
        return 0
    count = 1
    while count < min(MOST_HEADER_ROWS, len(rows) - 1) and _goes_on(rows[count - 1], rows[count]):
        count += 1
    labels = join_labels(rows[:count])
    body = rows[count:]
    share = _MOST if len(labels) >= _WIDE_TABLE else 1.0
    columns = {column: [row[column].text for row in body if column in row] for column in labels}
    if any(_contrasts(label, columns[column], share) for column, label in labels.items()):
        return count
    covered = {column for row in body for column in row} <= labels.keys()
    wide = len(labels) >= _WIDE_TABLE and covered and all(map(is_words, labels.values()))
    return count if wide else 0


def join_labels(rows: Sequence[Row]) -> dict[int, str]:
    """The label of each column: what stands above it in all header rows, over merged columns too.

    `Ville | 2015 (over two) |` above `| T1 | T2` → `Ville`, `2015 T1`, `2015 T2`
    """
    parts: dict[int, list[str]] = {}
    for row in rows:
        for first, cell in row.items():
            for column in range(first, first + cell.columns):
                named = parts.setdefault(column, [])
                if cell.text not in named:
                    named.append(cell.text)
    return {column: " ".join(named).rstrip(" :：") for column, named in sorted(parts.items())}


def is_words(text: str) -> bool:
    """Whether it is made of letters more than of digits, and is no number, date or amount (`5 kWh`)."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    is_amount = text[:1] in "+-0123456789" and letters <= _LONGEST_UNIT
    return letters >= max(1, digits) and not is_amount


def _may_be_header(row: Row) -> bool:
    """At least two short labels, no two alike; of two, not one a period: `Année | 2015` is a form's row."""
    texts = [cell.text for cell in row.values()]
    periods = sum(not is_words(text) for text in texts)
    distinct = len(set(texts)) == len(texts) > 1
    return distinct and (len(texts) > 2 or periods != 1 or _is_grouped(row)) and _are_labels(row)


def _are_labels(row: Row) -> bool:
    return all(
        len(cell.text) <= LONGEST_LABEL and (is_words(cell.text) or is_period(cell.text)) for cell in row.values()
    )


def is_period(text: str) -> bool:
    """A year, or something of one: `2015`, `S1 2015`, `2015年3月`, `2015-03-01`."""
    return len(text) <= 20 and _PERIOD.search(text) is not None


def _goes_on(row: Row, below: Row) -> bool:
    """Whether the row below divides what is merged above it; where merging is not told, it begins further right."""
    return (_is_grouped(row) or min(below) > min(row)) and _are_labels(below)


def _is_grouped(row: Row) -> bool:
    return any(cell.columns > 1 for cell in row.values())


def _contrasts(label: str, values: Sequence[str], share: float) -> bool:
    """Words above numbers, or a period above no periods: a label of another kind than such a share below it."""
    is_alike = is_words if is_words(label) else is_period
    unlike = sum(not is_alike(value) for value in values)
    return bool(values) and unlike >= share * len(values)
