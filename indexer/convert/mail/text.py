"""The text of a mail: in the charset it really has, and of its plain and its HTML version the one that holds it."""

from __future__ import annotations

import re

from indexer.convert.base import clean_text
from indexer.convert.charset import NotText, decode_bytes

_PLAIN_IS_WHOLE = 0.5
"""Share of the letters of the HTML version from which a plain one is no mere “your program shows no HTML”."""


def choose_body(plain: str, shown: str) -> str:
    """The plain version of a text, unless the one that is shown as HTML holds much more."""
    return plain if _count_letters(plain) >= max(1, _PLAIN_IS_WHOLE * _count_letters(shown)) else shown


def decode_part(data: bytes, declared: str | None) -> tuple[str, tuple[str, ...]]:
    """The text of a part and notes on its charset; what is no text at all gives none."""
    try:
        decoded = decode_bytes(data, declared)
    except NotText as problem:
        return "", (f"A part of the mail was left out: {problem}.",)
    return clean_text(decoded.text), decoded.notes


def _count_letters(text: str) -> int:
    return len(re.findall(r"\w", text))
