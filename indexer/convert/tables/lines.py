"""Rows of a spreadsheet as lines that can be read one by one: a passage may be cut between any two of them.

    Ville | Habitants | Depuis            Ville | Habitants | Depuis
    Leshan | 3200000 | 2014         →     Ville : Leshan | Habitants : 3200000 | Depuis : 2014

A line says by itself what its values are, in a snippet and to the model; the header alone would be in the first of many
passages. Of 24 questions about a French table of 72 rows, the right passage was among the first three for 11 of 12 in
French and 9 of 12 in Chinese; with plain rows, which are half as long, for 12 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import Literal, NamedTuple

from indexer.convert.tables.cells import LONGEST_LABEL, NumberedRow, Row
from indexer.convert.tables.header import count_header_rows, is_words, join_labels
from search_core.sentences import HAN
from search_core.snippets import display_width

_LOOKED_AT = 24
"""Rows at the beginning of a table from which its header is told."""

_WIDEST_LINE = 300
"""Columns of a terminal; about what a passage of 128 tokens holds. A wider row goes on in a line of its own."""

_HAN = re.compile(f"[{HAN}]")


class Line(NamedTuple):
    """`title` stands above a table; `first` begins a paragraph or table; `next` goes on with it."""

    kind: Literal["title", "first", "next"]
    text: str


def iter_lines(rows: Iterable[NumberedRow]) -> Iterator[Line]:
    """All rows of a sheet, tables apart where a row between them is empty. Rows are read as they are needed."""
    title, labels = "", dict[int, str]()
    for block in _iter_blocks(rows):
        head = list(islice(block, _LOOKED_AT))
        if len(head) == 1 and _is_title(head[0]):  # is it above a table, or a remark below one? The next block tells.
            yield from _paragraph([title] if title else [])
            title = _only_text(head[0])
            continue
        above, table = _split_titles(head)
        yield from _write_titles([*([title] if title else []), *above], has_table=bool(table))
        title = ""
        count = count_header_rows(table)
        if count:
            labels = join_labels(table[:count])
            yield from _paragraph([_join(cell.text for cell in row.values()) for row in table[:count]])
        elif not _continues(table, labels):
            labels = {}
        yield from _write_rows(chain(table[count:], block), labels, goes_on=bool(count) or not table)
    yield from _paragraph([title] if title else [])


def _iter_blocks(rows: Iterable[NumberedRow]) -> Iterator[Iterator[Row]]:
    """Runs of rows with no empty one between them."""
    for _, run in groupby(enumerate(rows), key=lambda counted: counted[1][0] - counted[0]):
        yield (row for _, (_, row) in run)


def _split_titles(head: Sequence[Row]) -> tuple[list[str], list[Row]]:
    """What stands above a table without an empty row between, and the table; no table where no row has two cells."""
    start = next((number for number, row in enumerate(head) if len(row) > 1), len(head))
    return [_only_text(row) for row in head[:start]], list(head[start:])


def _write_titles(texts: Sequence[str], *, has_table: bool) -> Iterator[Line]:
    """The first line above a table is its title, the others are text; without a table all are."""
    if has_table and texts and len(texts[0]) <= LONGEST_LABEL:
        yield Line("title", texts[0])
        texts = texts[1:]
    yield from _paragraph(texts)


def _write_rows(rows: Iterable[Row], labels: dict[int, str], *, goes_on: bool) -> Iterator[Line]:
    for row in rows:
        for text in show_row(row, labels):
            yield Line("next" if goes_on else "first", text)
            goes_on = True


def show_row(row: Row, labels: dict[int, str]) -> Iterator[str]:
    """One row on a line, on several where it is wide; each further one begins with the row's first cell again."""
    named = labels if len(row) > 1 else {}  # a single cell is a remark, or the name of the rows that follow
    shown = [_show_cell(cell.text, named.get(column, "")) for column, cell in row.items()]
    line = shown[:1]
    width = first_width = display_width(shown[0]) if shown else 0
    for cell in shown[1:]:
        cell_width = display_width(cell)
        if len(line) > 1 and width + cell_width > _WIDEST_LINE:
            yield _join(line)
            line, width = (shown[:1], first_width) if first_width <= LONGEST_LABEL else ([], 0)
        line.append(cell)
        width += cell_width
    if line:
        yield _join(line)


def _show_cell(text: str, label: str) -> str:
    if not label or label == text:
        return text
    return f"{label}：{text}" if _HAN.search(label) else f"{label} : {text}"


def _continues(table: Sequence[Row], labels: dict[int, str]) -> bool:
    """Whether a table without a header goes on with the one above an empty row: values under all its columns alike."""
    return bool(table) and all(row.keys() <= labels.keys() for row in table) and len(table[0]) > 1


def _is_title(row: Row) -> bool:
    return len(row) == 1 and len(_only_text(row)) <= LONGEST_LABEL and is_words(_only_text(row))


def _only_text(row: Row) -> str:
    return next(cell.text for cell in row.values())


def _paragraph(texts: Sequence[str]) -> Iterator[Line]:
    for number, text in enumerate(texts):
        yield Line("next" if number else "first", text)


def _join(cells: Iterable[str]) -> str:
    return " | ".join(cells)
