"""Accents that are drawn over their letters as characters of their own, as TeX does with its oldest fonts."""

from __future__ import annotations

import unicodedata

ACCENTS = {
    "`": "\u0300",
    "\u02cb": "\u0300",
    "´": "\u0301",
    "\u02ca": "\u0301",
    "^": "\u0302",
    "ˆ": "\u0302",
    "~": "\u0303",
    "˜": "\u0303",
    "¯": "\u0304",
    "ˉ": "\u0304",
    "¨": "\u0308",
    "°": "\u030a",
    "˚": "\u030a",
    "ˇ": "\u030c",
    "¸": "\u0327",
}
"""As characters with a width, and as those that combine with the letter before."""

_DOTLESS = {"ı": "i", "ȷ": "j", "\uf6be": "j"}


def compose(one: str, other: str) -> str:
    """The letter with its accent, whichever of them is drawn first; empty where they make no letter."""
    accent, letter = (one, other) if one in ACCENTS else (other, one)
    if accent not in ACCENTS or not letter.isalpha():
        return ""
    composed = unicodedata.normalize("NFC", _DOTLESS.get(letter, letter) + ACCENTS[accent])
    return composed if len(composed) == 1 else ""
