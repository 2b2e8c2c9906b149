"""Files that are made of other files: the ZIP archives and OLE containers that office formats are."""

from __future__ import annotations

import io
import struct
import zipfile

import olefile

from search_core.errors import ConversionError

MAX_UNPACKED_BYTES = 500_000_000
MAX_PARTS = 10_000

_ZIP = b"PK"
_PICTURES = ("word/media/", "ppt/media/", "xl/media/", "Pictures/")
_OLE = b"\xd0\xcf\x11\xe0"
_OLE_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError, struct.error)
"""What olefile raises on what is broken."""


def part_names(data: bytes) -> frozenset[str]:
    """Names of what a ZIP archive holds; none where the file is no archive, or a broken one."""
    if not data.startswith(_ZIP):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return frozenset()


def holds_pictures(data: bytes) -> bool:
    """Whether it is an office document with pictures in it."""
    return any(name.startswith(_PICTURES) for name in part_names(data))


def is_ole(data: bytes) -> bool:
    """Whether it is what Office wrote before 2007, and what it wraps encrypted documents in."""
    return data.startswith(_OLE)


def stream_names(data: bytes) -> frozenset[str]:
    """Names of what lies at the top of an OLE container; none where the file is none, or a broken one."""
    try:
        with _open_ole(data) as container:
            return frozenset(path[0] for path in container.listdir(streams=True, storages=True))
    except _OLE_ERRORS:
        return frozenset()


def read_stream(data: bytes, name: str, size: int) -> bytes:
    """The first `size` bytes of a stream at the top of an OLE container; empty where there is none."""
    try:
        with _open_ole(data) as container:
            return container.openstream(name).read(size) if container.exists(name) else b""
    except _OLE_ERRORS:
        return b""


def _open_ole(data: bytes) -> olefile.OleFileIO:
    if not is_ole(data):
        raise OSError("no OLE container")
    return olefile.OleFileIO(io.BytesIO(data))


def check_archive(data: bytes, noun: str) -> None:
    """Refuse what is no archive, or would not fit into memory unpacked; a part cannot be longer than its entry says.

    `noun` names the kind of document for people.
    """
    if is_ole(data):
        raise ConversionError(
            f"The {noun} is protected by a password, or in the format before 2007.",
            remedy="Save a copy of it in today's format without the password.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as cause:
        raise ConversionError(f"The {noun} is damaged.", remedy="Get it again, or save it again.") from cause
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise ConversionError(
            f"Unpacked, the {noun} is larger than {MAX_UNPACKED_BYTES // 1_000_000} MB.",
            remedy="Save it without its pictures, or in parts.",
        )
