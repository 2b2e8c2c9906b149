"""ZIP archives made byte by byte, as other programs make them: names in any bytes, with or without flags."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

UTF8 = 0x800
ENCRYPTED = 1


@dataclass(frozen=True)
class Entry:
    """`system` is 0 for Windows, 3 for Unix; `mode` are Unix permission bits; `says` is the size that it claims."""

    content: bytes
    flags: int = 0
    extra: bytes = b""
    system: int = 0
    mode: int = 0
    says: int | None = None


def write_zip(entries: Mapping[bytes, bytes | Entry]) -> bytes:
    body, directory = bytearray(), bytearray()
    for name, given in entries.items():
        entry = given if isinstance(given, Entry) else Entry(given)
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(entry.content) + packer.flush()
        size = len(entry.content) if entry.says is None else entry.says
        facts = struct.pack(
            "<HHHHIIIHH",
            entry.flags, 8, 0, 0x4521, zlib.crc32(entry.content), len(packed), size, len(name), len(entry.extra),
        )  # fmt: skip
        rest = struct.pack("<HHHII", 0, 0, 0, entry.mode << 16, len(body))
        made_by = struct.pack("<BBH", 20, entry.system, 20)
        directory += b"PK\x01\x02" + made_by + facts + rest + name + entry.extra
        body += b"PK\x03\x04" + struct.pack("<H", 20) + facts + name + entry.extra + packed
    count = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory) + b"PK\x05\x06" + end


def unicode_extra(raw: bytes, name: str) -> bytes:
    """Info-ZIP's field that holds the name in UTF-8."""
    field = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field
