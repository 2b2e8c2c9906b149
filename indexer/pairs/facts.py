"""What a text keeps when it is translated: numbers, dates, names in Latin letters.

"le 14 juin 2016, 27 600 voyageurs"   ->  facts 2016-06, 06-14, 27600
"2016年6月14日，旅客2.76万人次"        ->  facts 2016-06, 06-14, 27600
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_CHARS = 200_000
"""What is read of a document: its beginning tells which one it is."""

_MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
    "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
}  # fmt: skip

_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:(?P<day>\d{{1,2}})(?:er)? )?(?P<name>{'|'.join(_MONTHS)})\b(?: (?P<year>\d{{4}})\b)?",
        r"(?:(?P<year>\d{4}) ?年 ?)?(?<!\d)(?P<month>\d{1,2}) ?月份?(?: ?(?P<day>\d{1,2}) ?[日号])?",
        r"\b(?P<year>(?:19|20)\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})\b",
        r"\b(?P<day>\d{1,2})[-/.](?P<month>\d{1,2})[-/.](?P<year>(?:19|20)\d{2})\b",
    )
)
_NUMBER = re.compile(
    r"(?P<grouped>(?<![\d.,])\d{1,3}(?:[ ,]\d{3})+(?!\d))(?:[.,](?P<rest>\d+))?|(?P<plain>\d{1,15}(?:[.,]\d{1,6})?)"
)
_POWERS = {
    "milliards": 9, "milliard": 9, "millions": 6, "million": 6, "万亿": 12, "千万": 7, "百万": 6, "亿": 8, "万": 4,
    "千": 3,
}  # fmt: skip
_POWER = re.compile(f" ?({'|'.join(_POWERS)})")

_WORD = re.compile(r"[a-z][a-z0-9_]+")
_NAME = re.compile(r"[A-Za-z]*(?:[a-z][A-Z]|[A-Za-z][0-9_]|[A-Z]{2})[A-Za-z0-9_]*")
"""Latin letters that are no ordinary word: IssyGrid, 5G's like, MOST, print_range."""


@dataclass(frozen=True)
class Facts:
    """`figures` are numbers and dates; `words` all words in Latin letters, `names` those that no text translates."""

    figures: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]

    @property
    def dates(self) -> frozenset[str]:
        """Year and month, month and day."""
        return frozenset(figure for figure in self.figures if "-" in figure)


def read_facts(text: str) -> Facts:
    """The facts of a text in either language."""
    plain = _strip_marks(text[:MAX_CHARS])
    folded = plain.casefold()
    dates: set[str] = set()
    rest = folded
    for pattern in _DATES:
        rest = pattern.sub(lambda match: _take_date(match, dates), rest)
    return Facts(
        figures=frozenset(dates | set(_read_numbers(rest))),
        words=frozenset(_WORD.findall(folded)),
        names=frozenset(name.casefold() for name in _NAME.findall(plain)),
    )


def _strip_marks(text: str) -> str:
    """Half width, without accents, with plain spaces."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character)).replace("œ", "oe")


def _take_date(match: re.Match[str], dates: set[str]) -> str:
    """Note year and month, month and day of a date; what is none (mars, mai, 15月) stays in the text."""
    found = match.groupdict()
    year, day = found.get("year"), found.get("day")
    month = _MONTHS[found["name"]] if found.get("name") else int(found["month"] or 0)
    if not 1 <= month <= 12 or int(day or 1) > 31 or not (year or day):
        return match.group()
    if year:
        dates.add(f"{year}-{month:02}")
    if day:
        dates.add(f"{month:02}-{int(day):02}")
    return " "


def _read_numbers(text: str) -> list[str]:
    numbers: list[str] = []
    for match in _NUMBER.finditer(text):
        power = _POWER.match(text, match.end())
        numbers.append(f"{_read_value(match) * 10 ** (_POWERS[power[1]] if power else 0):.12g}")
    return numbers


def _read_value(match: re.Match[str]) -> float:
    if match["grouped"]:
        return float(re.sub("[ ,]", "", match["grouped"]) + f".{match['rest'] or 0}")
    return float(match["plain"].replace(",", "."))
