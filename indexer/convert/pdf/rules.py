"""The straight lines that a page draws: borders of cells and frames."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from pypdfium2 import raw

from indexer.convert.pdf.runs import Turn

MAX_PATHS = 3_000
MAX_RULES = 1_500
"""What draws more of them is a map or a plan, not a table."""

_SHORTEST = 6.0
_STRAIGHT = 1.0
_TOGETHER = 3.0
_MOST_SEGMENTS = 400


class Rule(NamedTuple):
    """A line across (`at` is its height, `start` to `end` from left to right) or down (`at` is its place from the left,
    `start` to `end` upwards)."""

    across: bool
    at: float
    start: float
    end: float

    def covers(self, place: float) -> bool:
        return self.start - _TOGETHER <= place <= self.end + _TOGETHER


def read_rules(page: Any, turn: Turn) -> list[Rule]:
    """The rules of a page, those that lie on one line and touch as one; none where there are too many for a table.

    `turn` is that of the page's runs.
    """
    found: list[Rule] = []
    paths = page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,), max_depth=1)
    for number, path in enumerate(islice(paths, MAX_PATHS + 1)):
        found += _read_path(path.raw, turn)
        if number == MAX_PATHS or len(found) > 4 * MAX_RULES:
            return []
    merged = merge_rules(found)
    return merged if len(merged) <= MAX_RULES else []


def merge_rules(rules: list[Rule]) -> list[Rule]:
    """Those that lie on one line and touch joined to one."""
    merged: list[Rule] = []
    for across in (True, False):
        open_rules: list[Rule] = []
        for rule in sorted((rule for rule in rules if rule.across == across), key=lambda rule: (rule.at, rule.start)):
            merged += [done for done in open_rules if rule.at - done.at > _TOGETHER]
            open_rules = [known for known in open_rules if rule.at - known.at <= _TOGETHER]
            touching = next((known for known in open_rules if _touch(known, rule)), None)
            if touching is None:
                open_rules.append(rule)
            else:
                open_rules.remove(touching)
                start, end = min(touching.start, rule.start), max(touching.end, rule.end)
                open_rules.append(touching._replace(start=start, end=end))
        merged += open_rules
    return merged


def _touch(one: Rule, other: Rule) -> bool:
    return one.start - _TOGETHER <= other.end and other.start - _TOGETHER <= one.end


def _read_path(path: Any, turn: Turn) -> Iterator[Rule]:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(path, matrix):
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for number in range(min(raw.FPDFPath_CountSegments(path), _MOST_SEGMENTS)):
        segment = raw.FPDFPath_GetPathSegment(path, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = turn.point(
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield from _make_rule(last, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _make_rule(point, first)
        last = point


def _make_rule(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Rule]:
    (left, bottom), (right, top) = one, other
    if abs(top - bottom) <= _STRAIGHT and abs(right - left) >= _SHORTEST:
        yield Rule(True, (top + bottom) / 2, min(left, right), max(left, right))
    elif abs(right - left) <= _STRAIGHT and abs(top - bottom) >= _SHORTEST:
        yield Rule(False, (left + right) / 2, min(bottom, top), max(bottom, top))
