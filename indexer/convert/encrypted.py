"""Office documents that need a password: recognised and reported as such, never as damaged.

OpenDocument files are those of their families all the same (`odf.open_parts`).
"""

from __future__ import annotations

from typing import NoReturn

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import read_stream, stream_names
from indexer.convert.family import Family
from search_core.errors import ConversionError

VERSION = 1


def is_encrypted(data: bytes) -> bool:
    """Whether it is a Word, Excel or PowerPoint file of today in its encrypted wrapper."""
    return "EncryptedPackage" in stream_names(data)


def is_old_and_encrypted(data: bytes) -> bool:
    """Whether a Word, Excel or PowerPoint file of before 2007 says that the rest of it is encrypted."""
    return (
        _is_word_encrypted(read_stream(data, "WordDocument", 12))
        or _is_powerpoint_encrypted(read_stream(data, "Current User", 16))
        or any(_is_excel_encrypted(read_stream(data, name, 4096)) for name in ("Workbook", "Book"))
    )


def refuse_encrypted() -> NoReturn:
    """Raises `ConversionError`."""
    raise ConversionError("The document is protected by a password.", remedy="Save a copy of it without the password.")


def convert_encrypted(data: bytes) -> ConvertedFile:  # noqa: ARG001 - none of it can be read
    """Raises `ConversionError`."""
    refuse_encrypted()


def _is_word_encrypted(head: bytes) -> bool:
    """By a bit of the file information block, which comes first."""
    return len(head) == 12 and bool(head[11] & 0x01)


def _is_powerpoint_encrypted(head: bytes) -> bool:
    """By the token of the record that says which edit is the last one."""
    return head[12:] == b"\xdf\xc4\xd1\xf3"


def _is_excel_encrypted(head: bytes) -> bool:
    """By a FILEPASS record near the beginning; a record has two bytes each of type and length before it."""
    at = 0
    while at + 4 <= len(head):
        if head[at : at + 2] == b"\x2f\x00":
            return True
        at += 4 + int.from_bytes(head[at + 2 : at + 4], "little")
    return False


ENCRYPTED = Family("encrypted", (), is_encrypted, convert_encrypted, VERSION)
