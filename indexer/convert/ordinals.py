"""How programs write the numbers of headings and list items; the kinds are named as in Word files."""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import east_asian_width

from indexer.numerals import HAN_DIGITS

_UPPER_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_CIRCLES = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def write_ordinal(number: int, kind: str) -> str:
    """A number in the way of `kind`; in plain digits where it is not known or does not reach so far."""
    return _KINDS[kind](number) if kind in _KINDS and number > 0 else str(number)


def join_number(number: str, text: str) -> str:
    """What an item begins with, and the item: set apart by a space, except behind what is as wide as a character."""
    return f"{number}{text}" if not number or east_asian_width(number[-1]) in "WF" else f"{number} {text}"


def _write_letter(number: int) -> str:
    """a … z, aa … zz, aaa …"""
    return chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 10)


def _write_roman(number: int) -> str:
    written = ""
    for value, letters in _UPPER_ROMAN:
        written += letters * (number // value)
        number %= value
    return written


def _write_chinese(number: int, digits: str = HAN_DIGITS, units: str = " 十百千") -> str:
    """Up to 9999; 12 is 十二, 110 is 一百一十."""
    if number > 9999:
        return str(number)
    written, is_gap = "", False
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), map(int, str(number)), strict=True):
        if digit:
            written += (digits[0] if is_gap else "") + digits[digit] + units[place].strip()
        is_gap = digit == 0 and bool(written)
    return written.removeprefix(digits[1]) if 10 <= number < 20 and digits[1] == "一" else written


def _write_legal(number: int) -> str:
    return _write_chinese(number, "零壹贰叁肆伍陆柒捌玖", " 拾佰仟")


def _choose_from(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


_KINDS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _write_letter,
    "upperLetter": lambda number: _write_letter(number).upper(),
    "lowerRoman": lambda number: _write_roman(number).lower(),
    "upperRoman": _write_roman,
    "chineseCounting": _write_chinese,
    "chineseCountingThousand": _write_chinese,
    "taiwaneseCounting": _write_chinese,
    "taiwaneseCountingThousand": _write_chinese,
    "japaneseCounting": _write_chinese,
    "chineseLegalSimplified": _write_legal,
    "ideographTraditional": _choose_from(_STEMS),
    "decimalEnclosedCircle": _choose_from(_CIRCLES),
    "decimalEnclosedCircleChinese": _choose_from(_CIRCLES),
}
