"""Headings of texts that mark none: numbered ones, and short lines above longer text that end like no sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from indexer.convert.lines import measure_line
from indexer.convert.numbered_headings import find_numbered_headings
from indexer.dates import parse_date
from search_core.model import HeadingSpan

_WIDEST_HEADING = 80
_NARROWEST_TEXT = 60
_MOST_HEADINGS = 0.6
"""Share of the paragraphs: where more of them look like headings, it is a list, an address book or a poem."""

_REPEATED = 3
"""A line that stands so often in a text, page numbers aside, is the running head of its pages."""

_SENTENCE_END = tuple(".。!！;；:：,，、…—–-")
_LIST_ITEM = re.compile(r"[-–—•*◦▪●·|]|[（(]?\d{1,3}[.)）、]\s*\S|.* \| ")
_LEVELS = (
    (1, re.compile(r"第[一二三四五六七八九十百\d]+[章编篇]|(chapitre|partie|titre)\s+[\dIVX]", re.IGNORECASE)),
    (3, re.compile(r"[（(][一二三四五六七八九十]{1,3}[)）]|\d+\.\d+(?!\d)")),
)
_USUAL_LEVEL = 2


class _Line(NamedTuple):
    start: int
    text: str
    after_blank: bool
    following: str


def find_plain_headings(text: str) -> tuple[HeadingSpan, ...]:
    """The lines of a text that are its headings; the first line of all, if it is one, is above the others."""
    numbered = {found.start: found for found in find_numbered_headings(text)}
    standing = {found.start: found for found in _find_standing(text)}
    return tuple((standing | numbered)[start] for start in sorted(standing | numbered))


def _find_standing(text: str) -> tuple[HeadingSpan, ...]:
    lines = [line for line in _iter_lines(text) if line.text]
    repeated = Counter(map(_without_numbers, (line.text for line in lines)))
    found = [
        HeadingSpan(line.start, line.start + len(line.text), 1 if line.start == 0 else _find_level(line.text))
        for line in lines[:-1]
        if _stands_above(line) and repeated[_without_numbers(line.text)] < _REPEATED
    ]
    paragraphs = sum(line.after_blank for line in lines)
    return tuple(found) if len(found) <= max(1, _MOST_HEADINGS * paragraphs) else ()


def _iter_lines(text: str) -> Iterator[_Line]:
    lines = text.split("\n")
    start, after_blank = 0, True
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        indent = len(line) - len(line.lstrip())
        yield _Line(start + indent, line.strip(), after_blank, following.strip())
        start += len(line) + 1
        after_blank = not line.strip()


def _stands_above(line: _Line) -> bool:
    width, below = measure_line(line.text), measure_line(line.following)
    alone = line.after_blank and (below == 0 or below >= max(_NARROWEST_TEXT, 2 * width))
    if not alone or width > _WIDEST_HEADING or line.text.endswith(_SENTENCE_END) or _LIST_ITEM.match(line.text):
        return False
    begins_well = line.text[0].isalnum() or line.text[0] in "（(«“《「"
    return begins_well and sum(map(str.isalpha, line.text)) > 1 and parse_date(line.text) is None


def _find_level(line: str) -> int:
    return next((level for level, pattern in _LEVELS if pattern.match(line)), _USUAL_LEVEL)


def _without_numbers(line: str) -> str:
    return re.sub(r"[\dIVXivx]+", "", line).strip()
