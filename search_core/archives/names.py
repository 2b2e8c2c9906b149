"""Names of ZIP entries: in which charset they are, decided over all of them, and which path that is."""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple
from zipfile import ZipInfo

from search_core.charset_scores import score_text

UTF8_FLAG = 0x800

_CANDIDATES = ("gb18030", "cp850", "big5hkscs", "cp1252", "cp437")
"""Chinese Windows, French Windows, Taiwan and Hong Kong, programs that know no other, the format's own; the first of
equally likely ones. cp850 and cp437 have the small accented letters in the same places."""

_OWN_CHARSET = "cp437"
_LIKELY = 0.5
_UNICODE_PATH = 0x7075
_DRIVE = re.compile(r"\A[A-Za-z]:")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_MAX_PART_CHARS = 255


class DecodedNames(NamedTuple):
    """Names in the order of their entries; `assumed` is the charset that nothing declared, empty where none was."""

    names: list[str]
    assumed: str


def decode_names(entries: Sequence[ZipInfo]) -> DecodedNames:
    """By flag, by Info-ZIP's extra field, as UTF-8, else in the likeliest charset of all the names together."""
    declared = [_read_declared(entry) for entry in entries]
    raw = [_raw_name(entry) if name is None else b"" for entry, name in zip(entries, declared, strict=True)]
    charset = find_charset(raw)
    names = [
        data.decode(charset, "replace") if name is None else name for data, name in zip(raw, declared, strict=True)
    ]
    return DecodedNames(names, "" if charset == "utf-8" else charset)


def make_path(name: str) -> str:
    """A relative POSIX path, in NFC, that never leaves the folder it is put in; empty for one that names nothing."""
    parts = _DRIVE.sub("", name).replace("\\", "/").split("/")
    kept = (unicodedata.normalize("NFC", _UNREADABLE.sub("\ufffd", part)) for part in parts)
    return "/".join(part[:_MAX_PART_CHARS] for part in kept if part.strip() not in ("", ".", ".."))


def make_distinct(paths: Iterable[str]) -> list[str]:
    """The same paths, those that were there before with a number: nothing is lost because two names look alike."""
    taken: set[str] = set()
    distinct: list[str] = []
    for path in paths:
        number, free = 1, path
        while free in taken:
            number += 1
            free = str(PurePosixPath(path).with_stem(f"{PurePosixPath(path).stem} ({number})"))
        taken.add(free)
        distinct.append(free)
    return distinct


def _read_declared(entry: ZipInfo) -> str | None:
    """The name where the archive says what charset it is in, or it is plain ASCII."""
    if entry.flag_bits & UTF8_FLAG or entry.orig_filename.isascii():
        return _read_extra(entry) or entry.orig_filename
    return _read_extra(entry)


def _read_extra(entry: ZipInfo) -> str | None:
    """The name in UTF-8 that Info-ZIP puts beside the old one, if that has not been changed since."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(field) > 5 and field[0] == 1:
            (checksum,) = struct.unpack_from("<I", field, 1)
            if checksum == zlib.crc32(_raw_name(entry)):
                return field[5:].decode("utf-8", "replace")
    return None


def _raw_name(entry: ZipInfo) -> bytes:
    """The bytes of a name: zipfile has read them as cp437, which has a character for each."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & UTF8_FLAG else _OWN_CHARSET)


def find_charset(raw: Sequence[bytes]) -> str:
    """The charset that fits all of these names best."""
    data = b"\n".join(filter(None, raw))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    scores = {charset: score_text(data.decode(charset, "replace"), charset) for charset in _CANDIDATES}
    best = max(scores, key=lambda charset: scores[charset])
    return best if scores[best] >= _LIKELY else _find_damaged_utf8(data)


def _find_damaged_utf8(data: bytes) -> str:
    """UTF-8 with a few bytes that are none, as a name that was cut off has; else what the format says."""
    text = data.decode("utf-8", "replace")
    beyond = sum(character > "\x7f" for character in text)
    return "utf-8" if text.count("\ufffd") * 3 < beyond else _OWN_CHARSET
