"""Headers of mails as people read them: encoded words, also with a wrong charset, and bytes that should be encoded."""

from __future__ import annotations

import binascii
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import getaddresses, parsedate_to_datetime

from indexer.convert.charset import NotText, decode_bytes


def read_header(raw: str) -> str:
    """A header's text on one line. `raw` is as the email package keeps it: bytes beyond ASCII as surrogates."""
    plain = _read_bytes(raw.encode("utf-8", "surrogateescape"), None) if not raw.isascii() else raw
    try:
        words = decode_header(plain)
    except (HeaderParseError, binascii.Error, ValueError):
        words = [(plain, None)]
    return " ".join("".join(_read_word(word, charset) for word, charset in words).split())


def read_people(raw: list[str]) -> list[str]:
    """Names of an address header, in order; the address where there is no name."""
    return [name for each in getaddresses(raw) if (name := read_header(each[0]) or each[1].strip())]


def read_date(raw: str) -> str:
    """The day in the writer's own time zone, ISO; empty for what is no date."""
    try:
        return parsedate_to_datetime(raw).date().isoformat()
    except (TypeError, ValueError, OverflowError):
        return ""


def _read_word(word: str | bytes, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    if charset is not None:
        return _read_bytes(word, charset)
    try:
        return word.decode("raw-unicode-escape")  # as decode_header has encoded it
    except UnicodeDecodeError:
        return word.decode("latin-1")


def _read_bytes(data: bytes, declared: str | None) -> str:
    try:
        return decode_bytes(data, declared).text
    except NotText:
        return data.decode("ascii", "replace")
