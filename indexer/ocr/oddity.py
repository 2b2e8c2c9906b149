"""How much of a text nobody would write: the text layer of a scan, or a font whose letters are other ones."""

from __future__ import annotations

from functools import cache

import regex

from indexer.ocr.script import is_mostly_han
from search_core.analysis.normalize import fold
from search_core.language import function_words

_CID = regex.compile(r"\(cid:\d+\)")
"""What some programs write for a glyph of which they do not know the letter."""

_NO_TEXT = regex.compile(r"[\p{Co}\p{Cn}\ufffd]")
"""Private use, not assigned, and the mark of a character that could not be read."""

_SPACE = regex.compile(r"\s")
_WORD = regex.compile(r"[\p{Latin}\d]+")
_LATIN_WORD = regex.compile(r"\p{Latin}{2,}")
_HAN = regex.compile(r"\p{Han}")

_MISREAD = regex.compile(r"\d\p{L}+\d|\p{L}\d+\p{L}+\d|\p{Ll}\d+\p{Ll}")
"""Letters for digits and digits for letters: `20I5`, `Z0l5`, `co11ège`; not `5G`, `CO2`, `H264`, `1er`."""

_FEWEST_WORDS = 30
"""Below this, words do not tell which language they are in."""

_LEAST_FUNCTION_WORDS = 0.03
_LEAST_VOWELS = 0.25
_MOST_ACCENTS = 0.4
"""Of letters: French has 0.05, Vietnamese 0.3, Chinese bytes read as Windows-1252 nearly 1."""

_VOWELS = frozenset("aeiouy")


def measure_oddity(text: str) -> float:
    """The share, 0 to 1, of a text's visible characters that are no text or belong to words of no language.

    On the pages of 12 PDF files with their own text the median is below 0.006, and no page in 900 is above 0.12. Six
    pages of a Chinese scan have 0.011 in the layer that its scanner wrote, and 0.0006 as Tesseract reads them.
    """
    visible = len(text) - len(_SPACE.findall(text))
    codes, rest = "".join(_CID.findall(text)), _CID.sub(" ", text)
    odd = len(codes) + len(_NO_TEXT.findall(rest))
    odd += sum(not _is_common(han) for han in _HAN.findall(rest))
    odd += sum(len(word) for word in _WORD.findall(rest) if _MISREAD.search(word))
    words = _LATIN_WORD.findall(rest)
    if len(words) >= _FEWEST_WORDS and not is_mostly_han(rest) and not _can_be_spoken(words):
        odd += sum(map(len, words))
    return min(1.0, odd / visible) if visible else 0.0


def has_language(text: str) -> bool:
    """Whether a text that is mostly in Latin letters holds small words of French or English; True of a short one.

    Lists of names and code have none either: only a page that was scanned is asked for them.
    """
    words = _LATIN_WORD.findall(text)
    if len(words) < _FEWEST_WORDS or is_mostly_han(text):
        return True
    known = function_words("fr") | function_words("en")
    return sum(fold(word) in known for word in words) >= _LEAST_FUNCTION_WORDS * len(words)


@cache
def _is_common(han: str) -> bool:
    """Whether it is among the frequent characters, which GB 2312 and Big5 list first (3,755 and 5,401)."""
    return _find_row("gb2312", han) < 0xD8 or _find_row("big5", han) < 0xC9


def _find_row(charset: str, han: str) -> int:
    try:
        return han.encode(charset)[0]
    except UnicodeEncodeError:
        return 0xFF


def _can_be_spoken(words: list[str]) -> bool:
    """Whether words have the vowels that every language has, and not mostly letters with accents."""
    written, letters = "".join(words), "".join(map(fold, words))
    accents = sum(not letter.isascii() for letter in written) / len(written)
    vowels = sum(letter in _VOWELS for letter in letters) / len(letters)
    return accents <= _MOST_ACCENTS and vowels >= _LEAST_VOWELS
