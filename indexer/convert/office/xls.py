"""Excel workbooks in the formats of before 2007 (XLS) and in the binary one (XLSB).

calamine reads both by itself, without LibreOffice. It does not tell number formats: 12.5 % is 0.125 here; dates are
dates.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import python_calamine
from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import check_archive, is_ole, part_names, stream_names
from indexer.convert.csv import convert_csv
from indexer.convert.encrypted import is_old_and_encrypted, refuse_encrypted
from indexer.convert.family import Family
from indexer.convert.tables.cells import Cell, NumberedRow, Sheet, show_value
from indexer.convert.tables.sheets import SheetText, write_sheets
from indexer.front_matter import Declared
from search_core.errors import ConversionError

VERSION = 1

MEDIA_TYPE = "application/vnd.ms-excel"

_STREAM_NAMES = frozenset(("Workbook", "Book"))


def convert_xls(data: bytes) -> ConvertedFile:
    """The text of a workbook. Raises `ConversionError` where it is none, is broken or needs a password."""
    if not (is_ole(data) or data.startswith(b"PK")):
        return convert_csv(data)  # many programs give such a name to the tables that they export as text
    if not is_ole(data):
        check_archive(data, "Excel workbook")
    try:
        written = _read_book(data)
    except PasswordError as cause:
        raise ConversionError(
            "The Excel workbook is protected by a password.", remedy="Save a copy of it without the password."
        ) from cause
    except (CalamineError, _Panic) as cause:
        if is_old_and_encrypted(data):  # in a way that calamine does not know
            refuse_encrypted()
        raise ConversionError(
            "The Excel workbook is damaged.", remedy="Open it in a spreadsheet program and save it again."
        ) from cause
    return ConvertedFile(
        text=written.text,
        declared=Declared({"title": written.title} if written.title else {}),
        headings=written.headings,
        media_type=MEDIA_TYPE,
        notes=written.notes,
        partial_reason=written.partial_reason,
        holds_title=False,
    )


class _Panic(Exception):
    """What Rust code says of data that it did not expect."""


def _read_book(data: bytes) -> SheetText:
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            return write_sheets(_iter_sheets(book))
    except BaseException as cause:
        if type(cause).__name__ == "PanicException":  # no `Exception`, and nowhere to be imported from
            raise _Panic(str(cause)) from cause
        raise


def _iter_sheets(book: Any) -> Iterator[Sheet]:
    for about in book.sheets_metadata:
        if about.typ == SheetTypeEnum.WorkSheet:
            sheet = book.get_sheet_by_name(about.name)
            yield Sheet(about.name, _iter_rows(sheet), about.visible != SheetVisibleEnum.Visible)


def _iter_rows(sheet: Any) -> Iterator[NumberedRow]:
    """Rows and columns count from where calamine begins, at the first that hold something."""
    top, left = sheet.start or (0, 0)
    merged = {
        (first_row - top, first_column - left): (last_row - first_row + 1, last_column - first_column + 1)
        for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ()
    }
    for number, values in enumerate(sheet.iter_rows()):
        shown = {column: text for column, value in enumerate(values) if (text := show_value(value))}
        row = {column: Cell(text, *merged.get((number, column), (1, 1))) for column, text in shown.items()}
        if row:
            yield number, row


def _is_workbook(data: bytes) -> bool:
    if is_ole(data):
        return not _STREAM_NAMES.isdisjoint(stream_names(data))
    return "xl/workbook.bin" in part_names(data)


XLS = Family("xls", (".xls", ".xlt", ".xlsb"), _is_workbook, convert_xls, VERSION, ("python-calamine",))
