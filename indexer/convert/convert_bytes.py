"""A file's contents to its text, by a family that is known already.

Apart from the table of families, which imports what reads any of them: a process that converts imports what reads the
files that it gets.
"""

from __future__ import annotations

from dataclasses import replace

from indexer.convert.base import MAX_TEXT_CHARS, ConvertedFile
from indexer.convert.empty import check_text
from indexer.convert.family import Family
from search_core.errors import ConversionError


def convert_bytes(data: bytes, family: Family) -> ConvertedFile:
    """The text of a file. Raises `ConversionError` for whatever cannot be read, whichever library says so.

    A lack of memory stays one: the run's worker says what can be done about it.
    """
    if not data:
        raise ConversionError("The file is empty.", remedy="Get it again from where it came.")
    try:
        converted = family.convert(data)
    except (ConversionError, MemoryError):
        raise
    except Exception as cause:  # hostile files make the libraries raise anything
        raise ConversionError(
            f"The file cannot be read as {family.name} ({type(cause).__name__}).",
            remedy="Open it in the program that made it and save it again.",
        ) from cause
    return limit_text(check_text(converted, data), MAX_TEXT_CHARS)


def limit_text(converted: ConvertedFile, max_chars: int) -> ConvertedFile:
    """Cut a text that is too long, and say so."""
    if len(converted.text) <= max_chars:
        return converted
    reason = f"Only the first {max_chars} of {len(converted.text)} characters were kept."
    return replace(
        converted,
        text=converted.text[:max_chars],
        pages=tuple(
            replace(page, start=min(page.start, max_chars), end=min(page.end, max_chars)) for page in converted.pages
        ),
        headings=tuple(found for found in converted.headings if found.end <= max_chars),
        partial_reason=f"{converted.partial_reason} {reason}".strip(),
    )
