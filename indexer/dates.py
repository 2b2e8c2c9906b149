"""Dates as people write them, in both languages, to ISO."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_MONTH_NAMES = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
    "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})(?:[t ]\d.*)?)?)?",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})(?:[/.](?P<day>\d{1,2}))?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
        r"(?:[a-z]+,? )?(?:le )?(?:(?P<day>\d{1,2})(?:er)? )?(?P<name>[a-z]+)\.? (?P<year>\d{4})",
        r"(?P<year>\d{4}) ?年(?: ?(?P<month>\d{1,2}) ?月(?: ?(?P<day>\d{1,2}) ?[日号])?)?",
        r"d:(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2}).*",
    )
)
"""ISO, 2014/10/31, 20141031, 31/10/2014, 10/2014, vendredi 31 octobre 2014, 2014年10月31日, PDF properties."""


def parse_date(text: str) -> str | None:
    """The ISO date, of the precision given (`2014`, `2014-10`, `2014-10-31`); None for what is no valid date.

    Day before month, as both languages' readers of `31/10/2014` mean it.
    """
    folded = _fold(text)
    for pattern in _PATTERNS:
        match = pattern.fullmatch(folded)
        if match:
            return _make_iso(match.groupdict())
    return None


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())


def _make_iso(parts: dict[str, str | None]) -> str | None:
    year, month, day = (int(parts.get(name) or 0) for name in ("year", "month", "day"))
    name = parts.get("name")
    if name:
        month = _MONTH_NAMES.get(name, -1)
    try:
        valid = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return valid.isoformat()[: 10 if day else 7 if month else 4]
