"""The numbers that OpenDocument programs put before headings and list items, and count themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from indexer.convert.opendocument.odf import name, read_count
from indexer.convert.ordinals import join_number, write_ordinal

_KINDS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "一, 二, 三, ...": "chineseCounting", "壹, 贰, 叁, ...": "chineseLegalSimplified",
    "甲, 乙, 丙, ...": "ideographTraditional", "①, ②, ③, ...": "decimalEnclosedCircle",
}  # fmt: skip
"""OpenDocument's names of what `write_ordinal` calls otherwise."""

_MOST = 10_000
_MOST_CHARS = 100


@dataclass(frozen=True)
class Level:
    """`shown` is how many levels a number names: 2 of `2.1`. An empty `kind` shows none."""

    kind: str
    before: str
    after: str
    shown: int
    start: int


class Numbering:
    """Counts the items of one list, or all headings."""

    def __init__(self, levels: dict[int, Level]) -> None:
        self._levels = levels
        self._counts: dict[int, int] = {}

    def add_number(self, text: str, depth: int) -> str:
        """The text of the next item at a level (from 1), with what stands before it; without text nothing counts."""
        level = self._levels.get(depth)
        if level is None or not text:
            return text
        last = self._counts.get(depth)
        self._counts[depth] = level.start if last is None else min(last + 1, _MOST)
        self._counts = {each: count for each, count in self._counts.items() if each <= depth}
        return join_number(self._write(level, depth), text) if level.kind else text

    def _write(self, level: Level, depth: int) -> str:
        named = range(max(1, depth - level.shown + 1), depth + 1)
        shown = ((self._levels.get(each), self._counts.get(each)) for each in named)
        numbers = (write_ordinal(count or each.start, each.kind) for each, count in shown if each and each.kind)
        return f"{level.before}{'.'.join(numbers)}{level.after}".strip()


def read_list_styles(roots: Iterable[Any]) -> dict[str, dict[int, Level]]:
    """Levels by the name of a list style; those of headings have the empty name."""
    found = {}
    for root in roots:
        for style in root.iter(name("text:list-style"), name("text:outline-style")):
            is_outline = style.tag == name("text:outline-style")
            found["" if is_outline else style.get(name("style:name"), "")] = dict(map(_read_level, style))
    return found


def _read_level(level: Any) -> tuple[int, Level]:
    kind = level.get(name("style:num-format"), "")
    return read_count(level, "text:level"), Level(
        kind=_KINDS.get(kind, "decimal" if kind else ""),
        before=level.get(name("style:num-prefix"), "")[:_MOST_CHARS],
        after=level.get(name("style:num-suffix"), "")[:_MOST_CHARS],
        shown=read_count(level, "text:display-levels"),
        start=min(read_count(level, "text:start-value"), _MOST),
    )
