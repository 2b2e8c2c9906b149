"""The members of a ZIP archive and of the archives in it, within bounds: count, unpacked size, ratio, depth."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from search_core.archives.names import UTF8_FLAG, decode_names, make_distinct, make_path
from search_core.errors import ConversionError

MAX_MEMBERS = 10_000
MAX_DIRECTORY_BYTES = 8_000_000
MAX_MEMBER_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 50_000_000_000
MAX_RATIO = 200
"""Text packs to a tenth, tables of numbers to a thirtieth, what was made to harm to a thousandth."""

_RATIO_HOLDS_FROM_BYTES = 100_000_000
MAX_DEPTH = 3
"""An archive in an archive in an archive is opened, one within that is not."""

ARCHIVE_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DAMAGES = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, struct.error, zlib.error,
    KeyError, OverflowError, MemoryError, lzma.LZMAError,
)  # fmt: skip
"""What the zipfile module raises for damaged archives, for packing that it does not know, and for want of memory."""

_PACKAGE_PARTS = frozenset(
    {"[Content_Types].xml", "mimetype", "OFD.xml", "META-INF/MANIFEST.MF", "META-INF/container.xml", "Index.zip"}
)
"""What makes an archive one document: office formats, EPUB, OFD, programs."""

_PACKAGE_STARTS = (b"[Content_Types].xml", b"mimetype", b"_rels/")
_HEAD_BYTES = 64
"""What office programs write first: such a member need not be unpacked to know that it is no folder."""

_ENCRYPTED = 1
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_TAIL_BYTES = 66_000
_ENTRY = b"PK\x01\x02"


@dataclass(frozen=True)
class Member:
    """A file in an archive: `path` as people see it, `chain` what the archives on the way call it.

    `name_charset` is the charset that its name was taken for; empty where that was certain.
    """

    path: str
    chain: tuple[str, ...]
    name_charset: str = ""
    is_link: bool = False


@dataclass
class Contents:
    """What lies in an archive: members, how many each archive within it has, those that could not be opened and why."""

    members: list[Member] = field(default_factory=list)
    inner: dict[str, int] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    packed_bytes: int = 0
    unpacked_bytes: int = 0


def list_contents(stream: IO[bytes], size: int) -> Contents | None:
    """What lies in an archive, and in those within it; None where it is one document, such as a Word file.

    Raises `ConversionError` for what is no archive, is damaged, or larger than is good.
    """
    contents = Contents(packed_bytes=size)
    return contents if _list_archive(stream, (), "", contents) else None


def open_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """An archive whose directory is within bounds. Raises `ConversionError`."""
    try:
        _check_directory(stream)
        try:
            return zipfile.ZipFile(stream)
        except UnicodeDecodeError:  # a name says that it is UTF-8 and is not: all names are read as bytes
            stream.seek(0)
            return zipfile.ZipFile(io.BytesIO(_without_utf8_flags(stream.read(MAX_MEMBER_BYTES))))
    except DAMAGES as cause:
        raise ConversionError("The archive is damaged.", remedy="Get it again, or pack it again.") from cause


def _list_archive(stream: IO[bytes], chain: tuple[str, ...], folder: str, contents: Contents) -> bool:
    with open_archive(stream) as archive:
        entries = list({entry.filename: entry for entry in archive.infolist()}.values())
        names = {entry.filename for entry in entries}
        if not names.isdisjoint(_PACKAGE_PARTS) or any(name.endswith(".iwa") for name in names):
            return False
        _check_size(entries, contents)
        decoded = decode_names(entries)
        files = [(entry, name) for entry, name in zip(entries, decoded.names, strict=True) if not _is_folder(name)]
        paths = make_distinct(f"{folder}{make_path(name) or 'unnamed'}" for _, name in files)
        for (entry, _), path in zip(files, paths, strict=True):
            if not _list_inner(archive, entry, (*chain, entry.filename), path, contents):
                charset = "" if entry.orig_filename.isascii() else decoded.assumed
                contents.members.append(Member(path, (*chain, entry.filename), charset, _is_link(entry)))
    return True


def _list_inner(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, chain: tuple[str, ...], path: str, contents: Contents
) -> bool:
    """Whether a member is an archive itself: then its members were added, or why they could not be."""
    is_named_so = PurePosixPath(path).suffix.casefold() == ".zip"
    if entry.flag_bits & _ENCRYPTED or _is_link(entry) or not _begins_like_archive(archive, entry):
        return False
    before = len(contents.members)
    try:
        if len(chain) >= MAX_DEPTH:
            raise ConversionError("The archives are nested too deeply.", remedy="Unpack them.")
        if entry.file_size > MAX_MEMBER_BYTES:
            raise ConversionError(f"The archive has {entry.file_size // 1_000_000} MB.", remedy="Unpack it.")
        is_archive = _list_archive(io.BytesIO(archive.read(entry)), chain, f"{path}/", contents)
    except (ConversionError, *DAMAGES) as error:
        if not is_named_so:
            return False
        del contents.members[before:]
        contents.unreadable[path] = str(error) if isinstance(error, ConversionError) else "The archive is damaged."
        return True
    if is_archive:
        contents.inner[path] = len(contents.members) - before
    return is_archive


def _begins_like_archive(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(entry) as member:
            head = member.read(_HEAD_BYTES)
    except DAMAGES:
        return False
    return head[:4] in ARCHIVE_MARKS and not head[30:].startswith(_PACKAGE_STARTS)


def _check_size(entries: list[zipfile.ZipInfo], contents: Contents) -> None:
    """Before anything is unpacked, of the whole with the archives in it."""
    contents.unpacked_bytes += sum(entry.file_size for entry in entries)
    if len(contents.members) + len(entries) > MAX_MEMBERS:
        raise ConversionError(f"The archive holds more than {MAX_MEMBERS} files.", remedy="Unpack it.")
    most = min(MAX_UNPACKED_BYTES, max(_RATIO_HOLDS_FROM_BYTES, MAX_RATIO * contents.packed_bytes))
    if contents.unpacked_bytes > most:
        raise ConversionError(
            f"The archive unpacks to more than {most // 1_000_000} MB: it may be made to harm.",
            remedy="Unpack it yourself if you know where it comes from.",
        )


def _check_directory(stream: IO[bytes]) -> None:
    """The zipfile module reads a directory of any length: its length is looked at first."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _TAIL_BYTES))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 20:
        raise zipfile.BadZipFile
    (length,) = struct.unpack_from("<I", tail, at + 12)
    at_64 = tail.rfind(_END_64)
    if length == 0xFFFFFFFF and 0 <= at_64 <= len(tail) - 48:
        (length,) = struct.unpack_from("<Q", tail, at_64 + 40)
    if length > MAX_DIRECTORY_BYTES:
        raise ConversionError("The archive holds too many files.", remedy="Unpack it.")


def _without_utf8_flags(data: bytes) -> bytes:
    at = data.rfind(_END)
    start = struct.unpack_from("<I", data, at + 16)[0]
    patched = bytearray(data)
    while patched[start : start + 4] == _ENTRY:
        (flags,) = struct.unpack_from("<H", patched, start + 8)
        struct.pack_into("<H", patched, start + 8, flags & ~UTF8_FLAG)
        start += 46 + sum(struct.unpack_from("<HHH", patched, start + 28))
    return bytes(patched)


def _is_folder(name: str) -> bool:
    return name.endswith(("/", "\\"))


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)
