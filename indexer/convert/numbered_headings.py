"""Headings by their numbers, as official documents of both countries have them, blank lines or none.

    第一章 总则   一、考察概况   （一）主要做法   1. Transports   1.1 Objet   II. Bilan   ARTICLE 3 – Durée

A numbered line is a heading only in a series: from one on, each short, ending like no sentence, with text below it. The
items of a list follow each other directly, those of an enumeration end like sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexer.convert.lines import measure_line
from indexer.numerals import read_numeral
from search_core.model import HeadingSpan
from search_core.sentences import HAN

_WIDEST = 80
_SENTENCE_END = tuple(".。!！?？;；:：,，、…—–-|")
_LEAST_WITH_TEXT = 0.75
"""Share of a series that has text below; the last point of an agenda may have none."""

_HAN = "[一二三四五六七八九十百零〇]{1,5}"
_STYLES = (
    ("chapter", rf"第 ?({_HAN}|\d+) ?(?:章|编|篇|部分)|(?:chapitre|partie|titre) ([IVX]+|\d+)\b"),
    ("section", rf"第 ?({_HAN}|\d+) ?节|section ([IVX]+|\d+)\b"),
    ("article", rf"第 ?({_HAN}|\d+) ?条|article ([IVX]+|\d+)\b"),
    ("point", rf"({_HAN})、|([IVX]+)(?: ?[.)]| ?[–—-]) "),
    ("part", rf"[（(]({_HAN})[)）]()"),
    ("decimal", r"\d{1,2}(?:\.\d{1,2})*\.(\d{1,2})\.?(?![\d%.])()"),
    ("number", r"(\d{1,2})(?:[.)．、]| [–—-] )(?!\d)()"),
)
"""Each with its number, in one of two spellings; the highest first. None has letters: A. Dupont, B. Martin."""

_HAN_CHARACTER = re.compile(f"[{HAN}]")

_PATTERNS = tuple((style, re.compile(pattern, re.IGNORECASE)) for style, pattern in _STYLES)


class _Numbered(NamedTuple):
    start: int
    text: str
    style: str
    number: int
    is_heading: bool
    has_text: bool


def find_numbered_headings(text: str) -> tuple[HeadingSpan, ...]:
    """The headings of a text that its numbers tell, in order."""
    numbered = list(_iter_numbered(text))
    kept: list[_Numbered] = []
    for style, _ in _STYLES:
        for series in _iter_series([line for line in numbered if line.style == style]):
            if _is_of_headings(series):
                kept += series
    levels = _rank({line.style for line in kept})
    spans = (
        HeadingSpan(line.start, line.start + len(line.text), levels[line.style] + _count_deeper(line)) for line in kept
    )
    return tuple(sorted(spans, key=lambda span: span.start))


def _iter_numbered(text: str) -> Iterator[_Numbered]:
    lines = [(start, line.strip()) for start, line in _iter_lines(text) if line.strip()]
    numbers = [*(_find_number(line) for _, line in lines), None]
    below = [*(line for _, line in lines[1:]), ""]
    for at, (start, line) in enumerate(lines):
        found, following = numbers[at], numbers[at + 1]
        if found:
            style, match = found
            is_heading = _may_head(line, line[match.end() :].lstrip())
            # A heading of another level is as good as text.
            has_text = following[0] != style if following else _is_text(below[at], line)
            yield _Numbered(start, line, style, read_numeral(match[1] or match[2]), is_heading, has_text)


def _iter_lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start + len(line) - len(line.lstrip()), line
        start += len(line) + 1


def _find_number(line: str) -> tuple[str, re.Match[str]] | None:
    """In which style a line is numbered, if there is more in it than that."""
    for style, pattern in _PATTERNS:
        match = pattern.match(line)
        if match and len(line) > match.end():
            return style, match
    return None


def _may_head(line: str, words: str) -> bool:
    """`1.1 million d’habitants` goes on with the line above: French headings begin with a capital."""
    is_short = measure_line(line) <= _WIDEST and " | " not in line and not line.endswith(_SENTENCE_END)
    goes_on = words[:1].islower() and not _HAN_CHARACTER.search(words)
    return is_short and not goes_on and any(map(str.isalpha, line))


def _is_text(below: str, line: str) -> bool:
    """Whether the line below is text, and not as short as the next cell or item."""
    return measure_line(below) > measure_line(line) or below.endswith(_SENTENCE_END)


def _iter_series(lines: Sequence[_Numbered]) -> Iterator[list[_Numbered]]:
    """Lines of one style that count on; each one begins a new series, and what neither goes on nor begins breaks it."""
    series: list[_Numbered] = []
    for line in lines:
        if series and line.number == series[-1].number + 1:
            series.append(line)
            continue
        if series:
            yield series
        series = [line] if line.number == 1 else []
    if series:
        yield series


def _is_of_headings(series: Sequence[_Numbered]) -> bool:
    with_text = sum(line.has_text for line in series)
    return len(series) > 1 and all(line.is_heading for line in series) and with_text >= _LEAST_WITH_TEXT * len(series)


def _rank(styles: set[str]) -> dict[str, int]:
    """Levels from 2 on, the title being 1; chapters are as high as a title."""
    ranked: dict[str, int] = {}
    for style, _ in _STYLES:
        if style in styles and style != "decimal":
            ranked[style] = 1 if style == "chapter" else max(ranked.values(), default=1) + 1
    return ranked | {"decimal": ranked.get("number", max(ranked.values(), default=1)) + 1}


def _count_deeper(line: _Numbered) -> int:
    """1.1.1 is below 1.1."""
    return line.text.split()[0].rstrip(".").count(".") - 1 if line.style == "decimal" else 0
