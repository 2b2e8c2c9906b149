"""Tables whose cells are drawn: the rules of a page as a grid, cells that span several rows or columns among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from indexer.convert.pdf_rules import Rule

_NEAR = 4.0
_MOST_LINES = 300


class Grid(NamedTuple):
    """`ys` from top to bottom and `xs` from left to right are where its rules lie."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rules: tuple[Rule, ...]

    @property
    def top(self) -> float:
        return self.ys[0]

    @property
    def bottom(self) -> float:
        return self.ys[-1]

    def find_cell(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell at a point: of its first part, where it spans several."""
        row = max(0, sum(y < line for line in self.ys[:-1]) - 1)
        column = max(0, sum(x > line for line in self.xs[:-1]) - 1)
        while row > 0 and not self._is_drawn(across=True, at=self.ys[row], place=self._middle(self.xs, column)):
            row -= 1
        while column > 0 and not self._is_drawn(across=False, at=self.xs[column], place=self._middle(self.ys, row)):
            column -= 1
        return row, column

    def _is_drawn(self, *, across: bool, at: float, place: float) -> bool:
        return any(rule.across == across and abs(rule.at - at) <= _NEAR and rule.covers(place) for rule in self.rules)

    @staticmethod
    def _middle(lines: Sequence[float], number: int) -> float:
        return (lines[number] + lines[number + 1]) / 2


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """The tables that rules make which cross or meet each other, from the top of the page down, none over another."""
    found = sorted(filter(_is_table, map(_make_grid, _group_rules(rules))), key=lambda grid: grid.bottom - grid.top)
    kept: list[Grid] = []
    for grid in found:
        if all(grid.bottom >= other.top - _NEAR or grid.top <= other.bottom + _NEAR for other in kept):
            kept.append(grid)
    return sorted(kept, key=lambda grid: -grid.top)


def _group_rules(rules: Sequence[Rule]) -> list[list[Rule]]:
    waiting = list(rules)
    groups: list[list[Rule]] = []
    while waiting:
        group = [waiting.pop()]
        for rule in group:
            meeting = [other for other in waiting if _meet(rule, other)]
            waiting = [other for other in waiting if other not in meeting]
            group += meeting
        groups.append(group)
    return groups


def _make_grid(rules: Sequence[Rule]) -> Grid:
    """The outer borders need not be drawn: rules end there."""
    across, down = [rule for rule in rules if rule.across], [rule for rule in rules if not rule.across]
    xs = _distinct([rule.at for rule in down] + [end for rule in across for end in (rule.start, rule.end)])
    ys = _distinct([rule.at for rule in across] + [end for rule in down for end in (rule.start, rule.end)])
    return Grid(tuple(xs), tuple(reversed(ys)), tuple(rules))


def _is_table(grid: Grid) -> bool:
    across = sum(rule.across for rule in grid.rules)
    return across >= 2 and len(grid.rules) > across and 3 <= len(grid.xs) <= _MOST_LINES and len(grid.ys) <= _MOST_LINES


def _meet(one: Rule, other: Rule) -> bool:
    return one.across != other.across and one.covers(other.at) and other.covers(one.at)


def _distinct(places: Sequence[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found
