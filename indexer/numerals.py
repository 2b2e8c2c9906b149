"""Numbers as headings and dates are numbered in both languages: 12, XII, 十二, 二〇一四."""

from __future__ import annotations

HAN_DIGITS = "零一二三四五六七八九"
HAN_ZEROS = "〇○"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


def read_numeral(text: str) -> int:
    """The number of a numeral in digits, Roman letters or Chinese characters; 0 of what is none."""
    if text.isascii() and text.isdecimal():
        return int(text)
    try:
        return _read_roman(text.upper()) if text.isascii() else _read_han(text)
    except ValueError:
        return 0


def _read_roman(text: str) -> int:
    values = [_ROMAN.get(letter, 0) for letter in text]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _read_han(text: str) -> int:
    """十二 counts tens and ones, 二〇一四 is a row of digits, as years are written."""
    hundreds, _, rest = text.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    number = (_read_digits(hundreds) or 1) * 100 if "百" in text else 0
    number += (_read_digits(tens) or 1) * 10 if ten else 0
    return number + _read_digits(ones)


def _read_digits(text: str) -> int:
    plain = "".join("0" if digit in HAN_ZEROS else str(HAN_DIGITS.index(digit)) for digit in text)
    return int(plain or 0)
