"""What PDFium knows of a page's characters, as runs: pieces of one line, in one size, without a gap."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from pypdfium2 import raw

from indexer.convert.lines import measure_line
from indexer.convert.pdf.accents import ACCENTS, compose

MAX_CHARACTERS = 200_000
"""Of one page. A poster or a map has tens of thousands; each takes some microseconds here."""

GAP = 0.9
"""In sizes of the letters. Justified lines have spaces of half of it; gutters and gaps between cells are wider."""

_FEWEST_DOWN = 5
_BESIDE = 0.25
"""Of the page's width."""
_FIRST_WIDE = "\u2e80"
_SPACE = 0.3
"""What is wider parts words; of less, PDFium knows by the font's own letters which is a space."""

_BASELINE = 0.15
_SAME_SIZE = 0.15

_HYPHENS_AT_END = (0x02, 0xFFFE)
"""What PDFium makes of the hyphen at the end of a line."""

_VARIANTS = (*range(0xFB00, 0xFB07), *range(0x2E80, 0x2FE0), *range(0xFE10, 0xFE1A), *range(0xFE30, 0xFE45))
"""Ligatures, radicals that look like characters, and punctuation of vertical lines."""

_FOLDED = {code: unicodedata.normalize("NFKC", chr(code)) for code in _VARIANTS}
_FOLDED[0xAD] = "-"
"""Of Windows fonts. Of the variants, the characters that they stand for."""
_FOLDED |= {0xF700 + code: chr(code).upper() for code in (*range(0x30, 0x3A), *range(0x61, 0x7B), *range(0xE0, 0xFF))}
"""Old style digits and small capitals, for which Adobe's fonts use these private codes."""

_ACROSS, _ABOVE = 0.15, 0.4
"""In sizes: how far the middles of a letter and of its accent, and their baselines, lie from each other at most.

Letters that follow each other are 0.3 or more apart; accents of capitals are raised by a quarter.
"""

_FIXED_PITCH = 1
_FIXED_NAMES = ("mono", "courier", "consol", "typewriter", "cmtt", "lmtt", "sftt")
_SLANTED = 0.03
"""Of a quarter turn; scanned pages are recognised with less."""


class Run(NamedTuple):
    """Text on one line. Lengths are in points; `bottom` to `top` is from the descenders to the ascenders."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    size: float
    fixed: bool = False
    """In letters of one width, as program code is; all Chinese fonts are that, and do not count."""

    @property
    def height(self) -> float:
        return self.top - self.bottom


class _Style(NamedTuple):
    size: float
    fixed: bool
    angle: float
    """In quarters of a turn to the left."""


class _Glyph(NamedTuple):
    text: str
    left: float
    right: float
    bottom: float
    top: float
    x: float
    baseline: float
    style: _Style


class Turn(NamedTuple):
    """How a page is laid before its lines are found: turned back by so many quarters, or, where Chinese is written from
    the top down and from right to left, with its lines laid flat."""

    quarters: float = 0.0
    is_vertical: bool = False

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the page comes to lie."""
        if self.is_vertical:
            return -y, x
        if self.quarters == 0:
            return x, y
        cos, sin = math.cos(self.quarters * math.pi / 2), math.sin(self.quarters * math.pi / 2)
        return x * cos + y * sin, y * cos - x * sin


def read_runs(text_page: Any, left: float, right: float) -> tuple[list[Run], Turn]:
    """The runs of a page that reaches from `left` to `right`, in the order in which the file draws them.

    What stands at another angle than most of it (a stamp, a label on the margin), or far beside the page where nobody
    sees it, comes last, as if it stood below. What runs off the edge of a page, as lines and tables do, stays.
    """
    glyphs = _read_glyphs(text_page)
    turn = _find_turn(glyphs)
    upright = [glyph for glyph in glyphs if glyph.style.angle == turn.quarters]
    slanted = [glyph for glyph in glyphs if glyph.style.angle != turn.quarters]
    runs: list[Run] = []
    aside: list[Run] = []
    margin = _BESIDE * (right - left)
    for run in _join_glyphs([_turn(glyph, turn) for glyph in upright]):
        seen = turn != Turn() or (run.right >= left - margin and run.left <= right + margin)
        (runs if seen else aside).append(run)
    aside += _join_glyphs([_turn(glyph, Turn(glyph.style.angle)) for glyph in slanted])
    lowest = min((run.bottom for run in runs), default=0.0)
    for run in aside:
        lowest -= 3 * run.height
        shift = lowest - run.bottom
        runs.append(run._replace(bottom=lowest, top=run.top + shift, baseline=run.baseline + shift))
    return runs, turn


def _find_turn(glyphs: list[_Glyph]) -> Turn:
    """As most characters stand, and as most Chinese ones follow each other."""
    angles = Counter(glyph.style.angle for glyph in glyphs)
    quarters = max(angles, key=lambda angle: (angles[angle], -angle), default=0.0)
    steps = [(one, other) for one, other in pairwise(glyphs) if one.text >= _FIRST_WIDE <= other.text]
    down = sum(_stands_below(*step) for step in steps)
    return Turn(quarters, is_vertical=quarters == 0 and down > max(_FEWEST_DOWN, len(steps) / 2))


def _stands_below(one: _Glyph, other: _Glyph) -> bool:
    size = one.style.size
    return abs(one.x - other.x) < 0.3 * size and 0.7 * size < one.baseline - other.baseline < 1.5 * size


def _read_glyphs(text_page: Any) -> list[_Glyph]:
    """The characters that the page has; of those that PDFium made up between them the spaces only."""
    page = text_page.raw
    count = min(raw.FPDFText_CountChars(page), MAX_CHARACTERS)
    by_number = _find_fonts_by_number(page, count)
    glyphs: list[_Glyph] = []
    box, x, y = raw.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    known, style = None, _Style(1.0, fixed=False, angle=0.0)
    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        if raw.FPDFText_IsGenerated(page, index) == 1 and code not in _HYPHENS_AT_END:
            if chr(code) == " " and glyphs:
                glyphs[-1] = _add_space(glyphs[-1], " ")
            continue
        drawn = raw.FPDFText_GetTextObject(page, index)
        address = ctypes.addressof(drawn.contents) if drawn else None
        if address is None or address != known:
            known, style = address, _read_style(page, index)
        if not raw.FPDFText_GetLooseCharBox(page, index, box) or not raw.FPDFText_GetCharOrigin(page, index, x, y):
            continue
        unmapped = by_number and raw.FPDFText_HasUnicodeMapError(page, index) == 1
        text = _name_glyph(code) if unmapped else _to_text(code)
        if unicodedata.combining(text) and (not glyphs or box.left > glyphs[-1].right or box.right < glyphs[-1].left):
            continue  # an accent that stands for a quotation mark, and on no letter
        glyph = _Glyph(text, box.left, box.right, box.bottom, box.top, x.value, y.value, style)
        if glyphs and (text in ACCENTS or glyphs[-1].text in ACCENTS) and _stand_together(glyphs[-1], glyph):
            composed = compose(glyphs[-1].text, text)
            if composed:
                last = glyphs.pop()
                glyph = (last if text in ACCENTS else glyph)._replace(text=composed)
        glyphs.append(glyph)
    return glyphs


def _stand_together(one: _Glyph, other: _Glyph) -> bool:
    """Whether one is drawn over the other."""
    across = abs(one.left + one.right - other.left - other.right) / 2
    return across <= _ACROSS * one.style.size and abs(one.baseline - other.baseline) <= _ABOVE * one.style.size


def _to_text(code: int) -> str:
    if code in _HYPHENS_AT_END:
        return "-"
    return _FOLDED.get(code) or (chr(code) if code <= 0x10FFFF else "\ufffd")


def _find_fonts_by_number(page: Any, count: int) -> bool:
    """Whether characters without a meaning are the numbers of glyphs: 3, which no text has, is their space."""
    return any(
        raw.FPDFText_GetUnicode(page, index) == 3 and raw.FPDFText_HasUnicodeMapError(page, index) == 1
        for index in range(count)
    )


def _name_glyph(number: int) -> str:
    """The character of a glyph in the order in which TrueType fonts of Latin letters have them, that of Mac Roman."""
    code = number + (29 if number < 98 else 30)
    return bytes([code]).decode("mac_roman") if 32 <= code < 256 else "\ufffd"


def _read_style(page: Any, index: int) -> _Style:
    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(page, index, matrix)
    scale = math.hypot(matrix.c, matrix.d) or 1.0
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(page, index, name, len(name), flags)
    folded = name.value.decode("latin-1").casefold()
    fixed = bool(flags.value & _FIXED_PITCH) or any(part in folded for part in _FIXED_NAMES)
    quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    angle = round(quarters) % 4 if abs(quarters - round(quarters)) < _SLANTED else round(quarters % 4, 2)
    return _Style(raw.FPDFText_GetFontSize(page, index) * scale or 1.0, fixed, float(angle))


def _turn(glyph: _Glyph, turn: Turn) -> _Glyph:
    if turn == Turn():
        return glyph
    xs, ys = zip(*(turn.point(x, y) for x in glyph[1:3] for y in glyph[3:5]), strict=True)
    x, baseline = turn.point(glyph.x, glyph.baseline)
    return _Glyph(glyph.text, min(xs), max(xs), min(ys), max(ys), x, baseline, glyph.style)


def _join_glyphs(glyphs: list[_Glyph]) -> list[Run]:
    runs: list[Run] = []
    line: list[_Glyph] = []
    for glyph in glyphs:
        if not glyph.text.isspace() and line and not _continues(line[-1], glyph):
            runs += _make_run(line)
            line = []
        if not glyph.text.isspace():
            line.append(glyph)
        elif line:
            line[-1] = _add_space(line[-1], glyph.text)
    return [*runs, *_make_run(line)]


def _add_space(glyph: _Glyph, space: str) -> _Glyph:
    """At most one, and the first of several: a no-break space keeps lines from ending there."""
    return glyph if glyph.text[-1].isspace() else glyph._replace(text=glyph.text + space)


def _continues(last: _Glyph, glyph: _Glyph) -> bool:
    size = max(last.style.size, glyph.style.size)
    alike = (
        last.style.angle == glyph.style.angle
        and last.style.fixed == glyph.style.fixed
        and abs(last.style.size - glyph.style.size) <= _SAME_SIZE * size
    )
    level = abs(last.baseline - glyph.baseline) <= _BASELINE * size
    forward = glyph.left >= last.left - 0.1 * size  # a ligature's letters share one box
    return alike and level and forward and glyph.left - last.right <= GAP * size


def _make_run(line: list[_Glyph]) -> Iterator[Run]:
    if not line:
        return
    parted = [
        _add_space(glyph, " ") if following.left - glyph.right > _SPACE * glyph.style.size else glyph
        for glyph, following in pairwise(line)
    ]
    text, style = "".join(glyph.text for glyph in (*parted, line[-1])), line[0].style
    yield Run(
        text,
        min(glyph.left for glyph in line),
        max(glyph.right for glyph in line),
        min(glyph.bottom for glyph in line),
        max(glyph.top for glyph in line),
        line[0].baseline,
        style.size,
        style.fixed and measure_line(text) == len(text),
    )
