"""Tables as text: values between commas, semicolons or tabs, in whatever charset. Known by their ending alone."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from indexer.convert.base import ConvertedFile, clean_text
from indexer.convert.family import Family
from indexer.convert.tables.cells import Cell, NumberedRow, Sheet, show_value
from indexer.convert.tables.sheets import write_sheets
from indexer.convert.text import decode_text
from indexer.front_matter import Declared

VERSION = 1

_DELIMITERS = ("\t", ";", ",", "|")
"""Where two fit as well, the first: a comma is also the decimal mark of French numbers."""

_DECLARATION = "sep="
"""Excel's own first line for the delimiter, `sep=;`."""

_SAMPLE_CHARS = 1 << 16


def convert_csv(data: bytes) -> ConvertedFile:
    """The rows of a table, each with the header before its values. Raises `ConversionError` for binary data."""
    decoded = decode_text(data)
    text = clean_text(decoded.text)
    delimiter, text = read_declaration(text)
    written = write_sheets([Sheet("", _iter_rows(text, delimiter or find_delimiter(text)))])
    return ConvertedFile(
        text=written.text,
        declared=Declared({"title": written.title} if written.title else {}),
        headings=written.headings,
        media_type="text/csv",
        notes=(*decoded.notes, *written.notes),
        partial_reason=written.partial_reason,
        holds_title=False,
    )


def read_declaration(text: str) -> tuple[str, str]:
    """The delimiter that the first line declares, empty where it does not; and the text after it."""
    line, _, rest = text.partition("\n")
    declares = line.startswith(_DECLARATION) and len(line) == len(_DECLARATION) + 1
    return (line[-1], rest) if declares else ("", text)


def find_delimiter(text: str) -> str:
    """The delimiter with which most rows have one number of columns, more than one."""
    sample = text[:_SAMPLE_CHARS]
    if len(text) > _SAMPLE_CHARS:
        sample = sample.rpartition("\n")[0] or sample
    return max(_DELIMITERS, key=lambda delimiter: _regularity(sample, delimiter))


def _regularity(sample: str, delimiter: str) -> float:
    widths = Counter(len(row) for row in _parse(sample, delimiter) if row)
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
    return count / widths.total() if width > 1 else 0.0


def _parse(text: str, delimiter: str) -> Iterator[list[str]]:
    """Row by row. Where a quotation mark that nothing closes swallows too much, marks are taken for text from there."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter)
    parsed = 0
    try:
        for row in reader:
            yield row
            parsed = reader.line_num
    except csv.Error:
        lines.seek(0)
        yield from csv.reader(islice(lines, parsed, None), delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _iter_rows(text: str, delimiter: str) -> Iterator[NumberedRow]:
    for number, values in enumerate(_parse(text, delimiter)):
        row = {column: Cell(shown) for column, value in enumerate(values) if (shown := show_value(value))}
        if row:
            yield number, row


CSV = Family("csv", (".csv", ".tsv", ".tab"), None, convert_csv, VERSION, ("charset-normalizer",))
