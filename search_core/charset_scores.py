"""How likely text is what its charset says: for texts and file names that say nothing of their charset, or lie.

Right charsets score .9 and more, wrong ones below .6, from a few characters on.
"""

from __future__ import annotations

import re

FRENCH_LETTERS = frozenset("àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ")
_FRENCH = FRENCH_LETTERS | frozenset("«»“”‘’‹›–—…•°€§²³·©®™½\u00a0")
_CHINESE = re.compile(r"[\u3000-\u303f\uff01-\uff5e\u2010-\u2026\u2460-\u2473\u00b7\u00d7]")
_LATIN = re.compile(r"[A-Za-z]")

_LONE_WORDS = frozenset("àÀôÔ")
_ODD = 0.3

_LONE_HAN = 0.2
"""What a Chinese character between two Latin letters counts: it may be two accented letters of a French word."""

_COMMON_BLOCKS = {"gb18030": (range(0xB0, 0xD8), 0xA1), "big5hkscs": (range(0xA4, 0xC7), 0x40)}
"""Lead bytes, and the lowest trail byte, of the characters of everyday: both charsets keep them in one block."""


def score_text(text: str, charset: str) -> float:
    """Share of the characters beyond ASCII that people use in the language this charset is for; 0 where there is none.

    Other charsets than `gb18030` and `big5hkscs` are taken for those of French.
    """
    weigh = _weigh_chinese if charset in _COMMON_BLOCKS else _weigh_french
    padded = f" {text} "
    weights = [
        weigh(padded[at], padded[at - 1], padded[at + 1], charset)
        for at in range(1, len(padded) - 1)
        if padded[at] > "\x7f"
    ]
    return sum(weights) / len(weights) if weights else 0.0


def is_everyday(character: str) -> bool:
    """Whether it is a Chinese character, or punctuation, of everyday in either script."""
    return any(_is_common(character, charset) for charset in _COMMON_BLOCKS)


def _weigh_french(character: str, before: str, after: str, _: str) -> float:
    if character not in _FRENCH:
        return 0.0
    return _ODD if _is_odd(character, before, after) else 1.0


def _is_odd(character: str, before: str, after: str) -> bool:
    """Whether it stands where in French it seldom does, and where misread ones often do."""
    latin_before, latin_after = _LATIN.match(before) is not None, _LATIN.match(after) is not None
    if character not in FRENCH_LETTERS:
        return character == "…" and (before == " " or (latin_before and latin_after))
    if not latin_before and not latin_after:  # within a run of them, or a letter by itself
        return _is_high_letter(before) or _is_high_letter(after) or character not in _LONE_WORDS
    return character == "ÿ" or (character.isupper() and before.islower())


def _is_high_letter(character: str) -> bool:
    return character > "\x7f" and character.isalpha()


def _weigh_chinese(character: str, before: str, after: str, charset: str) -> float:
    if not _is_common(character, charset):
        return 0.0
    return _LONE_HAN if _LATIN.match(before) and _LATIN.match(after) else 1.0


def _is_common(character: str, charset: str) -> bool:
    if _CHINESE.match(character):
        return True
    encoded = character.encode(charset, "replace")
    leads, lowest_trail = _COMMON_BLOCKS[charset]
    return len(encoded) == 2 and encoded[0] in leads and encoded[1] >= lowest_trail
