"""Numbers of a spreadsheet as they are shown: rounded, with per cent, currency and unit, by their format's code.

The decimal mark is a point and thousands are not set apart, whatever the reader's machine would show: a file does not
say for which country it was written.

`0.125`, `0.0%` → `12.5%`     `1234.5`, `#,##0.00 "€"` → `1234.50 €`     `92130`, `00000` → `92130`
"""

from __future__ import annotations

import re

_GENERAL = "general"

_PART = re.compile(
    r'"(?P<quoted>[^"]*)"'
    r"|\\(?P<escaped>.)"
    r"|\[\$(?P<currency>[^\]-]*)[^\]]*\]"
    r"|(?P<dropped>\[[^\]]*\]|[_*].)"
    r"|(?P<digits>[0#?][0#?,.]*|\.[0#?]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CONDITION = re.compile(r"\[[<>=]")
_SPECIAL = re.compile(r"[0#?]E[+-]|[0#?] */ *[0#?\d]|@", re.IGNORECASE)

_WHOLE_NUMBERS_BELOW = 1e15
"""Numbers are stored in 53 bits: beyond, the last digits mean nothing."""


def format_number(value: float, code: str) -> str:
    """The number as its format shows it; formats for fractions, powers and conditions are not followed."""
    section, value = _choose_section(value, code)
    parts = [(match.lastgroup, match.group(match.lastgroup or 0)) for match in _PART.finditer(section)]
    digits = [text for kind, text in parts if kind == "digits"]
    is_percent = ("other", "%") in parts
    if _GENERAL in section.casefold() or _SPECIAL.search(section) or _CONDITION.search(code) or len(digits) > 1:
        return plain_number(value * 100) + "%" if is_percent else plain_number(value)
    number = _fill_digits(value * 100 if is_percent else value, digits[0]) if digits else ""
    shown = "".join(number if kind == "digits" else text for kind, text in parts if kind != "dropped")
    return " ".join(shown.split()) or plain_number(value)


def plain_number(value: float) -> str:
    """All the digits that mean something, and no `.0` after a whole number."""
    if abs(value) < _WHOLE_NUMBERS_BELOW and value == int(value):
        return str(int(value))
    return f"{value:.15g}"


def _choose_section(value: float, code: str) -> tuple[str, float]:
    """Formats hold up to four: for positive numbers, negative ones (without their sign), zero, text."""
    sections = re.findall(r'(?:"[^"]*"|\\.|[^;"\\])+|(?<=;)(?=;|$)', code) or [code]
    if value < 0 and len(sections) > 1 and sections[1].strip():
        return sections[1], -value
    if value == 0 and len(sections) > 2 and sections[2].strip():
        return sections[2], value
    return sections[0], value


def _fill_digits(value: float, pattern: str) -> str:
    """`pattern` is a run of `0`, `#`, `?`, `,` and `.`; each comma at its end divides by a thousand."""
    whole, _, places = pattern.partition(".")
    scale = len(pattern) - len(pattern.rstrip(","))
    places = places.rstrip(",")
    number = f"{value / 1000**scale:.{min(len(places), 15)}f}"
    whole_digits, _, fraction = number.lstrip("-").partition(".")
    while fraction and len(fraction) > places.rstrip("#?").__len__() and fraction.endswith("0"):
        fraction = fraction[:-1]
    sign = "-" if number.startswith("-") and number.strip("-0.") else ""
    return sign + whole_digits.zfill(min(whole.count("0"), 30)) + (f".{fraction}" if fraction else "")
