"""OpenDocument spreadsheets: every sheet row by row, values as the program showed them.

An ODS file holds the text that each cell shows, per cent signs and units among it; calamine gives the bare values. Its
rows are read one by one with lxml: 240,000 cells took 1.0 s, with odfdo 3.1 s and the whole tree in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree
from openpyxl.utils import get_column_letter

from indexer.convert.base import ConvertedFile, clean_text
from indexer.convert.family import Family
from indexer.convert.opendocument.odf import (
    MIMETYPE,
    has_kind,
    name,
    open_parts,
    read_count,
    read_paragraphs,
    read_properties,
)
from indexer.convert.tables.cells import Cell, NumberedRow, Row, Sheet
from indexer.convert.tables.sheets import write_sheets
from indexer.front_matter import Declared
from indexer.titles import clean_title

VERSION = 1

MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576

_TABLE, _ROW, _STYLE = name("table:table"), name("table:table-row"), name("style:style")
_SHAPES, _COMMENT = name("table:shapes"), name("office:annotation")
_CELL, _COVERED = name("table:table-cell"), name("table:covered-table-cell")
_TABLE_PROPERTIES = name("style:table-properties")


def convert_ods(data: bytes) -> ConvertedFile:
    """The text of a spreadsheet. Raises `ConversionError` where it is none, is broken or needs a password."""
    with open_parts(data, "spreadsheet", "a spreadsheet program") as parts:
        declared = read_properties(parts)
        with parts.open("content.xml") as content:
            written = write_sheets(_iter_sheets(content))
    return ConvertedFile(
        text=written.text,
        declared=Declared({**declared, "title": clean_title(declared.get("title", "")) or written.title}),
        headings=written.headings,
        media_type=f"{MIMETYPE}spreadsheet",
        notes=written.notes,
        partial_reason=written.partial_reason,
        holds_title=False,
    )


def _iter_sheets(content: Any) -> Iterator[Sheet]:
    """Each sheet must be read before the next one is asked for: its rows are dropped as they are read."""
    events = etree.iterparse(
        content,
        events=("start", "end"),
        tag=(_TABLE, _ROW, _STYLE, _SHAPES),
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
    )
    hidden: set[str] = set()
    for event, element in events:
        if event == "end" and element.tag == _STYLE:
            properties = element.find(_TABLE_PROPERTIES)
            if properties is not None and properties.get(name("table:display")) == "false":
                hidden.add(element.get(name("style:name"), ""))
        elif event == "start" and element.tag == _TABLE:
            is_hidden = element.get(name("table:style-name")) in hidden
            remarks: list[str] = []
            rows = _iter_rows(events, element, remarks)
            yield Sheet(element.get(name("table:name"), ""), rows, is_hidden, remarks)
            for _ in rows:  # what was not asked for
                pass


def _iter_rows(events: Any, table: Any, remarks: list[str]) -> Iterator[NumberedRow]:
    """Comments and texts of shapes are added to `remarks` as they are met."""
    number = 0
    for event, element in events:
        if event == "end" and element is table:
            return
        if event == "end" and element.tag == _SHAPES:
            remarks += ("\n".join(read_paragraphs(shape)) for shape in element)
            element.clear()
        elif event == "end" and element.tag == _ROW:
            row = _read_row(element, number + 1, remarks)
            repeated = read_count(element, "table:number-rows-repeated")
            for later in range(min(repeated, MOST_ROWS - number) if row else 0):
                yield number + later, row
            number += repeated
            element.clear()


def _read_row(element: Any, number: int, remarks: list[str]) -> Row:
    row: Row = {}
    column = 0
    for cell in element.iterchildren(_CELL, _COVERED):
        repeated = read_count(cell, "table:number-columns-repeated")
        comments = [" ".join(read_paragraphs(comment)) for comment in cell.iterchildren(_COMMENT)]
        remarks += (f"{get_column_letter(column + 1)}{number} : {comment}" for comment in comments)
        if cell.tag == _CELL and len(cell):
            text = _show_cell(cell)
            spans = read_count(cell, "table:number-rows-spanned"), read_count(cell, "table:number-columns-spanned")
            for later in range(min(repeated, MOST_COLUMNS - column) if text else 0):
                row[column + later] = Cell(text, *spans)
        column += repeated
        if column >= MOST_COLUMNS:
            break
    return row


def _show_cell(cell: Any) -> str:
    """What the cell shows; of a date what it is, since `02/03/15` is another day in other countries."""
    day, _, moment = cell.get(name("office:date-value"), "").partition("T")
    if day:
        return f"{day} {moment[:5]}" if moment.strip("0:.") else day
    return " ".join(clean_text(" ".join(read_paragraphs(cell))).split())


def _is_spreadsheet(data: bytes) -> bool:
    return has_kind(data, "spreadsheet")


ODS = Family(
    "ods",
    (".ods", ".ots"),
    _is_spreadsheet,
    convert_ods,
    VERSION,
    ("lxml",),
)
