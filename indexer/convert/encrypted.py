"""Documents that need a password: recognised and reported as such, never as damaged."""

from __future__ import annotations

import io
import zipfile
import zlib

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import part_names, read_stream, stream_names
from indexer.convert.family import Family
from search_core.errors import ConversionError

VERSION = 1

_MANIFEST = "META-INF/manifest.xml"
_MANIFEST_BYTES = 1_000_000


def is_encrypted(data: bytes) -> bool:
    """Whether it is a document of today no part of which can be read: OOXML wrapped in OLE, or OpenDocument."""
    return "EncryptedPackage" in stream_names(data) or b"encryption-data" in _read_manifest(data)


def is_old_and_encrypted(data: bytes) -> bool:
    """Whether a Word, Excel or PowerPoint file of before 2007 says that the rest of it is encrypted."""
    return (
        _is_word_encrypted(read_stream(data, "WordDocument", 12))
        or _is_powerpoint_encrypted(read_stream(data, "Current User", 16))
        or any(_is_excel_encrypted(read_stream(data, name, 4096)) for name in ("Workbook", "Book"))
    )


def refuse_encrypted(data: bytes) -> ConvertedFile:  # noqa: ARG001 - a converter
    """Raises `ConversionError`."""
    raise ConversionError("The document is protected by a password.", remedy="Save a copy of it without the password.")


def _read_manifest(data: bytes) -> bytes:
    if _MANIFEST not in part_names(data):
        return b""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_MANIFEST) as manifest:
            return manifest.read(_MANIFEST_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error):
        return b""


def _is_word_encrypted(head: bytes) -> bool:
    """By a bit of the file information block, which comes first."""
    return len(head) == 12 and bool(head[11] & 0x01)


def _is_powerpoint_encrypted(head: bytes) -> bool:
    """By the token of the record that says which edit is the last one."""
    return head[12:] == b"\xdf\xc4\xd1\xf3"


def _is_excel_encrypted(head: bytes) -> bool:
    """By a FILEPASS record after that which begins the workbook; each has two bytes each of type and length."""
    at = 0
    while at + 4 <= len(head):
        kind, length = head[at : at + 2], int.from_bytes(head[at + 2 : at + 4], "little")
        if kind == b"\x2f\x00":
            return True
        at += 4 + length
    return False


ENCRYPTED = Family("encrypted", (), is_encrypted, refuse_encrypted, VERSION)
