"""Bytes to text: which charset a file without a reliable declaration is written in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16: their little-endian marks begin alike."""

_LEGACY = ("gb18030", "big5hkscs", "cp1252")

_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
}
"""What files say they are written in, and what their programs really write."""

_NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"})
"""Text codecs of Python that no document is written in; punycode takes quadratic time."""

_ENOUGH = 0.8
"""Share of likely letters from which a legacy charset is believed: right ones reach .9, wrong ones stay below .6."""

_FEWEST_BYTES = 64
"""Bytes beyond ASCII below which statistics over all charsets name Korean or DOS ones for a French word."""

_BINARY_SHARE = 0.02
_SAMPLE_BYTES = 1 << 16

_ASCII = re.compile(rb"[\x00-\x7f]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FRENCH = frozenset("àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ«»“”‘’‹›–—…•°€§²³·©®™½\u00a0")
_CHINESE = re.compile(r"[\u3000-\u303f\uff01-\uff5e\u2010-\u2026\u2460-\u2473\u00b7\u00d7]")


class NotText(ValueError):
    """These bytes are no text in any charset."""


@dataclass(frozen=True)
class DecodedText:
    """`assumed` where the charset was neither declared nor certain; `lost` counts characters that could not be read."""

    text: str
    charset: str
    assumed: bool
    lost: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        notes = [f"Charset assumed: {self.charset}."] if self.assumed else []
        return (*notes, f"{self.lost} characters could not be read.") if self.lost else tuple(notes)


def decode_bytes(data: bytes, declared: str | None = None) -> DecodedText:
    """The text of a file, by byte order mark, declaration (unless it is wrong), UTF-8, then likelihood.

    Raises `NotText` where the bytes hold no text at all.
    """
    for mark, charset in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decode(data, charset, assumed=False)
    wide = _find_wide_charset(data)
    if wide:
        return _decode(data, wide, assumed=True)
    if is_binary(data):
        raise NotText("the file holds binary data, not text")
    return _decode_declared(data, declared) or _decode_utf8(data) or _decode_legacy(data)


def is_binary(data: bytes) -> bool:
    """Whether the first 64 KiB hold more NULs and control characters than any text does."""
    sample = data[:_SAMPLE_BYTES]
    return len(_CONTROL.findall(sample)) > _BINARY_SHARE * len(sample)


def find_charset_name(name: str | None) -> str | None:
    """The codec for a declared charset, the superset where programs mean that; None for an unknown name."""
    try:
        known = codecs.lookup(name.strip()).name if name else None
    except (LookupError, ValueError):
        return None
    return None if known is None or known in _NO_CHARSETS else _SUPERSETS.get(known, known)


def _decode(data: bytes, charset: str, *, assumed: bool) -> DecodedText:
    text = data.decode(charset, errors="replace")
    return DecodedText(text, charset.removesuffix("-sig"), assumed, text.count("\ufffd"))


def _decode_declared(data: bytes, declared: str | None) -> DecodedText | None:
    charset = find_charset_name(declared)
    if charset is None or (charset != "utf-8" and _is_utf8(data)):
        return None
    try:
        text = data.decode(charset)
    except (UnicodeError, LookupError):  # LookupError: codecs that are no charsets, such as "hex"
        return None
    likely = charset not in _LEGACY or data.isascii() or _score(text, charset) >= _ENOUGH
    return DecodedText(text, charset, assumed=False) if likely else None


def _is_utf8(data: bytes) -> bool:
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _decode_utf8(data: bytes) -> DecodedText | None:
    """UTF-8, also with a few broken bytes: a file cut in the middle of a character is still UTF-8."""
    decoded = _decode(data, "utf-8", assumed=False)
    if not decoded.lost:
        return decoded
    beyond_ascii = len(decoded.text) - len(re.findall(r"[\x00-\x7f]", decoded.text))
    return decoded if decoded.lost * 20 < beyond_ascii else None


def _decode_legacy(data: bytes) -> DecodedText:
    sample = data[:_SAMPLE_BYTES]
    scores = {charset: _score(sample.decode(charset, "replace"), charset) for charset in _LEGACY}
    best = max(scores, key=lambda charset: scores[charset])
    if scores[best] < _ENOUGH and len(sample) - len(_ASCII.findall(sample)) > _FEWEST_BYTES:
        guess = from_bytes(sample, cp_exclusion=["utf_16_be", "utf_16_le", "utf_32"]).best()
        best = guess.encoding if guess else best
    return _decode(data, best, assumed=True)


def _score(text: str, charset: str) -> float:
    """Share of the characters beyond ASCII that people use in the language this charset is for."""
    beyond = [character for character in text[:_SAMPLE_BYTES] if character > "\x7f"]
    if not beyond:
        return 0.0
    if charset == "cp1252":
        return sum(character in _FRENCH for character in beyond) / len(beyond)
    common = range(0xB0, 0xD8) if charset == "gb18030" else range(0xA4, 0xC7)
    return sum(_is_common(character, charset, common) for character in beyond) / len(beyond)


def _is_common(character: str, charset: str, lead_bytes: range) -> bool:
    """Both double-byte charsets keep their everyday characters in one block of lead bytes."""
    if _CHINESE.match(character):
        return True
    encoded = character.encode(charset, "replace")
    return len(encoded) == 2 and encoded[0] in lead_bytes


def _find_wide_charset(data: bytes) -> str | None:
    """UTF-16 without a mark: NULs in every second place, as the spaces and line ends of any text leave them."""
    sample = data[: min(len(data), _SAMPLE_BYTES) & ~1]
    zeros = {"utf-16-be": sample[::2].count(0), "utf-16-le": sample[1::2].count(0)}
    charset = max(zeros, key=lambda name: zeros[name])
    if not zeros[charset] or min(zeros.values()):
        return None
    try:
        text = sample.decode(charset)
    except UnicodeDecodeError:
        return None
    likely = sum(character.isspace() or character.isprintable() for character in text)
    return charset if likely == len(text) else None
