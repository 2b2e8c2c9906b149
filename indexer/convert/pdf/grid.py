"""Tables whose cells are drawn: the rules of a page as a grid, cells that span several rows or columns among them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from indexer.convert.pdf.rules import Rule

_NEAR = 4.0
MAX_CELLS = 4_000


class Grid(NamedTuple):
    """`ys` from top to bottom and `xs` from left to right are where its rules lie.

    `above` and `before` are the cells, by row and column, that have a rule at their top, and at their left.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    above: frozenset[tuple[int, int]]
    before: frozenset[tuple[int, int]]

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
        while row > 0 and (row, column) not in self.above:
            row -= 1
        while column > 0 and (row, column) not in self.before:
            column -= 1
        return row, column


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """The tables that rules make which cross or meet each other, from the top of the page down, none over another."""
    tables = (_make_grid(group) for group in _group_rules(rules))
    found = sorted((grid for grid in tables if grid), key=lambda grid: grid.bottom - grid.top)
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


def _make_grid(rules: Sequence[Rule]) -> Grid | None:
    """None where it has no two columns. The outer borders need not be drawn: rules end there."""
    across, down = [rule for rule in rules if rule.across], [rule for rule in rules if not rule.across]
    xs = _distinct([rule.at for rule in down] + [end for rule in across for end in (rule.start, rule.end)])
    ys = _distinct([rule.at for rule in across] + [end for rule in down for end in (rule.start, rule.end)])[::-1]
    if len(across) < 2 or not down or len(xs) < 3 or len(xs) * len(ys) > MAX_CELLS:
        return None
    above = {(_nearest(ys, rule.at), column) for rule in across for column in _covered(xs, rule)}
    before = {(row, _nearest(xs, rule.at)) for rule in down for row in _covered(ys, rule)}
    return Grid(tuple(xs), tuple(ys), frozenset(above), frozenset(before))


def _nearest(lines: Sequence[float], at: float) -> int:
    return min(range(len(lines)), key=lambda number: abs(lines[number] - at))


def _covered(lines: Sequence[float], rule: Rule) -> list[int]:
    """The cells between these lines that a rule goes along."""
    return [number for number, (one, other) in enumerate(pairwise(lines)) if rule.covers((one + other) / 2)]


def _meet(one: Rule, other: Rule) -> bool:
    return one.across != other.across and one.covers(other.at) and other.covers(one.at)


def _distinct(places: Sequence[float]) -> list[float]:
    found: list[float] = []
    for place in sorted(places):
        if not found or place - found[-1] > _NEAR:
            found.append(place)
    return found
