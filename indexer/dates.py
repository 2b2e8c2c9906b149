"""Dates as people write them, in both languages, to ISO.

Looked at instead: dateparser. It reads relative dates, times and two hundred languages, takes numbers for dates
(`12 mars` of no year, `3.1`), and no Chinese numerals; what is needed is the closed list below, and a no for the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from indexer.numerals import HAN_DIGITS, HAN_ZEROS, read_numeral

_MONTH_NAMES = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
    "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip

_NAMED = rf"(?P<name>{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})\.?"
_HAN_DIGIT = HAN_ZEROS + HAN_DIGITS
_HAN_NUMBER = r"(?:三?十[一二三四五六七八九]?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"

_IN_TEXT = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d)(?P<day>\d{{1,2}}) ?(?:er)? ?{_NAMED} (?P<year>\d{{4}})(?!\d)",
        rf"(?<![a-z\d.]){_NAMED} (?P<year>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<year>\d{4}) ?年 ?(?P<month>\d{1,2}) ?月(?: ?(?P<day>\d{1,2}) ?[日号])?",
        rf"(?P<year>[{_HAN_DIGIT}]{{4}})年(?P<month>{_HAN_NUMBER})月(?:(?P<day>{_HAN_NUMBER})[日号])?",
        r"(?<![\d/.])(?P<day>\d{1,2})(?P<mark>[/.])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4})(?![\d/.])",
        r"(?<![\d/.-])(?P<year>\d{4})(?P<mark>[/.-])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\d/-])",
    )
)
"""What a running text holds as a date with certainty; 2014 alone, 10/2014 and 20141031 may be anything there."""

_ALONE = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2})(?:[t ]\d.*)?)?)?",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})(?:[/.](?P<day>\d{1,2}))?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<year>\d{4})",
        rf"(?:[a-z]+,? )?(?:le )?(?:(?P<day>\d{{1,2}})(?: ?er)? )?{_NAMED} (?P<year>\d{{4}})",
        r"(?P<year>\d{4}) ?年(?: ?(?P<month>\d{1,2}) ?月(?: ?(?P<day>\d{1,2}) ?[日号])?)?",
        rf"(?P<year>[{_HAN_DIGIT}]{{4}})年(?:(?P<month>{_HAN_NUMBER})月(?:(?P<day>{_HAN_NUMBER})[日号])?)?",
        r"d:(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2}).*",
    )
)
"""ISO, 2014/10/31, 20141031, 31/10/2014, 10/2014, vendredi 31 octobre 2014, 2014年10月31日, 二〇一四年十月, PDF."""


class DateMatch(NamedTuple):
    """A date inside a folded text, at half-open offsets into that."""

    start: int
    end: int
    iso: str


def parse_date(text: str) -> str | None:
    """The ISO date, of the precision given (`2014`, `2014-10`, `2014-10-31`); None for what is no valid date.

    Day before month, as both languages' readers of `31/10/2014` mean it.
    """
    folded = fold_date(text)
    for pattern in _ALONE:
        match = pattern.fullmatch(folded)
        if match:
            return _make_iso(match.groupdict())
    return None


def iter_dates(folded: str) -> Iterator[DateMatch]:
    """The dates of a text that `fold_date` has folded, with a month at least, in its order."""
    taken = 0
    found = [match for pattern in _IN_TEXT for match in pattern.finditer(folded)]
    for match in sorted(found, key=lambda match: (match.start(), -match.end())):
        iso = _make_iso(match.groupdict())
        if match.start() >= taken and iso:
            yield DateMatch(match.start(), match.end(), iso)
            taken = match.end()


def fold_date(text: str) -> str:
    """Lower case, without accents, half width, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())


def _make_iso(parts: dict[str, str | None]) -> str | None:
    year, month, day = (read_numeral(parts.get(name) or "") for name in ("year", "month", "day"))
    if parts.get("name"):
        month = _MONTH_NAMES[parts["name"] or ""]
    try:
        valid = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return valid.isoformat()[: 10 if day else 7 if month else 4]
