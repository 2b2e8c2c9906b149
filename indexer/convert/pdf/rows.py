"""Rows of a page: the runs that stand on one line across it, those that only a space parts joined to one.

Lengths are in points, `top` is the larger number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from indexer.convert.lines import ends_in_leaders
from indexer.convert.pdf.rules import Rule
from indexer.convert.pdf.runs import GAP, Run

_SAME_ROW = 0.5
"""The share of the lower one's height that two runs have in common which stand on one line."""

# The rest is counted in sizes of the letters.
_RAISED = 0.2
_SMALLER = 0.85
_WORD_SPACE = 0.12
_CODE_GAP = 20
_MARK_GAP = 4
_MARK = re.compile(r"[-–—•*◦▪●·‣➢✓]|[（(]?\w{1,3}[.)）、]|\d{1,3}(\.\d{1,3})+\.?")


class Row(NamedTuple):
    """What stands on one line across the page, left to right: runs with gaps between them."""

    runs: tuple[Run, ...]

    @property
    def left(self) -> float:
        return self.runs[0].left

    @property
    def right(self) -> float:
        return max(run.right for run in self.runs)

    @property
    def bottom(self) -> float:
        return min(run.bottom for run in self.runs)

    @property
    def top(self) -> float:
        return max(run.top for run in self.runs)

    @property
    def main(self) -> Run:
        """The longest, which tells the size of the letters."""
        return max(self.runs, key=lambda run: run.right - run.left)

    @property
    def size(self) -> float:
        return self.main.size


def middle_of(row: Row | Run) -> float:
    """How high the middle of its letters stands."""
    return (row.top + row.bottom) / 2


def make_rows(runs: Iterable[Run], rules: Sequence[Rule] = ()) -> list[Row]:
    """Rows from top to bottom, in each of them the runs that nothing but a space parts joined to one."""
    down = [rule for rule in rules if not rule.across]
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.baseline):
        row = next((row for row in reversed(rows[-3:]) if _on_one_line(row[0], run)), None)
        if row is None:
            rows.append([run])
        else:
            row.append(run)
    made = [Row(tuple(_join_near(sorted(row, key=lambda run: run.left), down))) for row in rows]
    return sorted(made, key=lambda row: -row.main.baseline)


def _on_one_line(one: Run, other: Run) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > _SAME_ROW * min(one.height, other.height)


def _join_near(runs: Sequence[Run], down: Sequence[Rule]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        near = bool(joined) and run.left - joined[-1].right <= _find_widest_space(joined[-1], run)
        if near and not any(
            joined[-1].right - 1 <= rule.at <= run.left + 1 and rule.covers(middle_of(run)) for rule in down
        ):
            joined[-1] = _join(joined[-1], run)
        else:
            joined.append(run)
    return joined


def _find_widest_space(one: Run, other: Run) -> float:
    """Code has its own columns, made of spaces; the marks of a list stand before its items."""
    if ends_in_leaders(one.text) or ends_in_leaders(other.text):
        return inf
    if one.fixed and other.fixed:
        return _CODE_GAP * max(one.size, other.size)
    return (_MARK_GAP if _MARK.fullmatch(one.text.strip()) else GAP) * max(one.size, other.size)


def _join(one: Run, other: Run) -> Run:
    gap, size = other.left - one.right, max(one.size, other.size)
    spaced = one.text[-1:].isspace()
    if one.fixed and other.fixed:
        space = " " * max(round(gap / (0.6 * size)), int(spaced))
    else:
        is_note = _is_note(one, other)
        space = one.text[-1] if spaced else " " if gap > _WORD_SPACE * size or is_note else ""
    main = max(one, other, key=lambda run: run.right - run.left)
    return Run(
        one.text.rstrip() + space + other.text,
        one.left,
        max(one.right, other.right),
        min(one.bottom, other.bottom),
        max(one.top, other.top),
        main.baseline,
        main.size,
        one.fixed and other.fixed,
    )


def _is_note(one: Run, other: Run) -> bool:
    """Whether a small raised number after a word is that of a footnote: what it is no part of."""
    raised = other.baseline - one.baseline > _RAISED * one.size and other.size < _SMALLER * one.size
    return raised and other.text.strip().isdecimal() and one.text[-3:].isalpha() and len(one.text) >= 3
