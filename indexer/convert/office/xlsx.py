"""Excel workbooks: every sheet row by row, values as their formats show them, formulas by their stored results.

openpyxl in its streaming mode: it knows each cell's number format (per cent, units, dates), which faster readers drop.
That mode leaves out which cells are merged; `_scan_sheet` reads that beside it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import openpyxl
from lxml.etree import LxmlError
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import check_archive, part_names
from indexer.convert.family import Family
from indexer.convert.office.xls import convert_xls
from indexer.convert.office.xlsx_remarks import read_remarks
from indexer.convert.properties import declare_properties
from indexer.convert.tables.cells import Cell, NumberedRow, Sheet, show_value
from indexer.convert.tables.sheets import write_sheets
from indexer.front_matter import Declared
from indexer.titles import clean_title

VERSION = 1

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MAX_ROWS = 1_048_576
"""Of a sheet, as in Excel; a damaged file may give a row any number, and openpyxl makes all those before it."""

MAX_CELLS = 20_000_000
"""Looked at in a sheet, empty ones among them: some seconds. A row with one cell in its last column has 16,384."""

_BARE = "Its number formats cannot be read: numbers stand without per cent signs and units."

MAX_MERGED = 100_000

_BLOCK = 1 << 20
_OVERLAP = 4096
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z0-9:$]{5,40})[\"']")
_NO_RESULT = re.compile(rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
"""A formula whose result was never stored: programs that write workbooks cannot calculate them."""

_ERRORS = (InvalidFileException, LxmlError, SyntaxError, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError)
"""SyntaxError: of XML, as the standard library's parser says it."""


class _Scan(NamedTuple):
    """Merged areas by their first row and column (from 1): how many rows and columns they cover."""

    merged: dict[tuple[int, int], tuple[int, int]]
    without_result: int


def convert_xlsx(data: bytes) -> ConvertedFile:
    """The text of a workbook. Raises `ConversionError` where it is none, is broken or unfolds to gigabytes."""
    check_archive(data, "Excel workbook")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of what openpyxl would not write back
            return _read_book(data)
    except _ERRORS:
        return _read_bare(data)


def _read_bare(data: bytes) -> ConvertedFile:
    """Without formats: openpyxl refuses workbooks for their styles that other programs open, and Strict ones."""
    converted = convert_xls(data)
    return replace(converted, media_type=MEDIA_TYPE, notes=(*converted.notes, _BARE))


def _read_book(data: bytes) -> ConvertedFile:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _convert_book(book, archive)
    finally:
        book.close()


def _convert_book(book: Any, archive: zipfile.ZipFile) -> ConvertedFile:
    scans = {sheet.title: _scan_sheet(sheet) for sheet in book.worksheets}
    reader = _RowReader()
    written = write_sheets(
        Sheet(
            sheet.title,
            reader.read(sheet, scans[sheet.title]),
            sheet.sheet_state != "visible",
            read_remarks(archive, sheet._worksheet_path),
        )
        for sheet in book.worksheets
    )
    without_result = sum(scan.without_result for scan in scans.values())
    properties = book.properties
    return ConvertedFile(
        text=written.text,
        declared=Declared(
            declare_properties(
                title=clean_title(properties.title or "") or written.title,
                author=properties.creator,
                created=properties.created,
                keywords=properties.keywords,
            )
        ),
        headings=written.headings,
        media_type=MEDIA_TYPE,
        notes=written.notes,
        partial_reason=" ".join(filter(None, (written.partial_reason, *reader.reasons, _explain(without_result)))),
        holds_title=False,
    )


def _explain(without_result: int) -> str:
    if not without_result:
        return ""
    return (
        f"{without_result} formulas have no stored result: open the workbook in a spreadsheet program and save it, and "
        "they will have."
    )


class _RowReader:
    """`reasons` say which sheets were not read to their end."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def read(self, sheet: Any, scan: _Scan) -> Iterator[NumberedRow]:
        sheet.reset_dimensions()  # what a sheet declares may be all that Excel could hold
        seen = 0
        for number, cells in enumerate(sheet.iter_rows(), 1):
            seen += len(cells) + 1
            if number > MAX_ROWS or seen > MAX_CELLS:
                self.reasons.append(f"Of the sheet “{sheet.title}” only the first {number - 1} rows were read.")
                return
            row = {column: cell for column, found in enumerate(cells) if (cell := _read_cell(found, scan))}
            if row:
                yield number, row


def _read_cell(found: Any, scan: _Scan) -> Cell | None:
    if found is EMPTY_CELL or found.value is None:
        return None
    text = show_value(found.value, found.number_format)
    return Cell(text, *scan.merged.get((found.row, found.column), (1, 1))) if text else None


def _scan_sheet(sheet: Any) -> _Scan:
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    without_result = 0
    with sheet._get_source() as part:
        kept = b""
        while block := part.read(_BLOCK):
            piece = kept + block
            without_result += sum(match.end() > len(kept) for match in _NO_RESULT.finditer(piece))
            for match in _MERGED.finditer(piece):
                if len(merged) < MAX_MERGED:
                    left, top, right, bottom = range_boundaries(match[1].decode("ascii"))
                    merged[top, left] = (bottom - top + 1, right - left + 1)
            kept = piece[-_OVERLAP:]
    return _Scan(merged, without_result)


def _is_workbook(data: bytes) -> bool:
    return "xl/workbook.xml" in part_names(data)


XLSX = Family(
    "xlsx",
    (".xlsx", ".xlsm", ".xltx", ".xltm"),
    _is_workbook,
    convert_xlsx,
    VERSION,
    ("openpyxl", "python-calamine"),
)
