"""Bytes to text: which charset a file without a reliable declaration is written in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from search_core.charset_scores import is_everyday, score_text

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 before UTF-16: their little-endian marks begin alike."""

_LEGACY = ("gb18030", "cp1252", "big5hkscs", "cp850", "mac-roman")
"""The first of equally likely ones: `20 °C` is no Big5."""

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

_CERTAIN = 0.95
"""The same, where a declaration says otherwise."""

_FEWEST_BYTES = 64
"""Bytes beyond ASCII below which statistics over all charsets name Korean or DOS ones for a French word."""

_WIDE_SHARE = 0.85
_WIDE_SAMPLE_BYTES = 1 << 12

_BINARY_SHARE = 0.02
_SAMPLE_BYTES = 1 << 16

_ASCII = re.compile(rb"[\x00-\x7f]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


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
    return DecodedText(text, charset, assumed=False) if _is_likely(text[:_SAMPLE_BYTES], charset, data) else None


def _is_likely(text: str, charset: str, data: bytes) -> bool:
    """Whether a declaration fits, or at least nothing else fits better."""
    if data.isascii() or charset == "utf-8" or (charset in _LEGACY and score_text(text, charset) >= _ENOUGH):
        return True
    sample = data[:_SAMPLE_BYTES]
    others, enough = (_LEGACY, _ENOUGH) if charset in _LEGACY else (("gb18030", "big5hkscs"), _CERTAIN)
    return all(score_text(sample.decode(each, "replace"), each) < enough for each in others if each != charset)


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
    scores = {charset: score_text(sample.decode(charset, "replace"), charset) for charset in _LEGACY}
    best = max(scores, key=lambda charset: scores[charset])
    if scores[best] < _ENOUGH and len(sample) - len(_ASCII.findall(sample)) > _FEWEST_BYTES:
        guess = from_bytes(sample, cp_exclusion=["utf_16_be", "utf_16_le", "utf_32"]).best()
        best = guess.encoding if guess else best
    return _decode(data, best, assumed=True)


def _find_wide_charset(data: bytes) -> str | None:
    """UTF-16 without a mark: NULs, as any space or line end leaves them, or nothing but everyday Chinese.

    Two letters of ASCII make a Chinese character too, but seldom one of everyday.
    """
    sample = data[: min(len(data), _WIDE_SAMPLE_BYTES) & ~1]
    has_nul = 0 in sample
    if not has_nul and (len(data) % 2 or _is_utf8(data) or data.isascii()):
        return None
    usual = {charset: _count_usual(sample, charset, plain_too=has_nul) for charset in ("utf-16-le", "utf-16-be")}
    charset = max(usual, key=lambda name: usual[name])
    return charset if usual[charset] >= _WIDE_SHARE * max(1, len(sample) // 2) else None


def _count_usual(sample: bytes, charset: str, *, plain_too: bool) -> int:
    """How many characters are of everyday; 0 where some are none at all."""
    try:
        text = sample.decode(charset)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 2:  # it may end within a pair
            return 0
        text = sample[: error.start].decode(charset)
    if plain_too and not all(character.isprintable() or character.isspace() for character in text):
        return 0
    return sum(is_everyday(character) or (plain_too and character < "\u0180") for character in text)
