"""A page of a PDF file as a PNG image."""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, NamedTuple

import pypdfium2
from PIL import Image, ImageChops, ImageDraw
from pypdfium2 import raw

from search_api.preview.asked import ImageSize
from search_api.preview.locate import locate

WIDTHS: Mapping[ImageSize, int] = {"small": 900, "large": 1800}
"""Pixels: the column of the page on a fine screen, and something to read small print in."""

MOST_TIMES_AS_HIGH = 3
"""A page that is higher for its width comes out narrower."""

MOST_BYTES = 4 * 2**20
"""Of the pages looked at, text took 0.01 to 0.4 MiB small and 0.7 large at most, a scan in colour 0.5 and 1.5."""

MARK = (255, 226, 122)
EDGE = (13, 92, 99)
EDGE_WIDTH = 2


class Box(NamedTuple):
    """In pixels of the image, from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


class _Line(NamedTuple):
    """In points of the page before it is turned or cut, upwards from below."""

    left: float
    bottom: float
    right: float
    top: float


def draw_page(file: BinaryIO, number: int, size: ImageSize, wanted: str = "", before: str = "") -> bytes:
    """Page `number` (from 1) with `wanted` marked where it stands, if it can be found there (see `locate`).

    Raises `PdfiumError`, `IndexError`, `ValueError` or `MemoryError` for what cannot be drawn.
    """
    pdf = pypdfium2.PdfDocument(file)
    pdf.init_forms()  # what was filled into a form is drawn too
    page = pdf[number - 1]
    width, height = page.get_size()
    image = page.render(scale=_choose_scale(width, height, WIDTHS[size])).to_pil().convert("RGB")
    boxes = find_boxes(page, image.size, wanted, before) if wanted else []
    return _encode(_mark(image, boxes) if boxes else _without_needless_colour(image))


def find_boxes(page: Any, size: tuple[int, int], wanted: str, before: str = "") -> list[Box]:
    """Where `wanted` stands in an image of this size, a box a line."""
    text_page = page.get_textpage()
    count = text_page.count_chars()
    characters = "".join(_character(raw.FPDFText_GetUnicode(text_page, index)) for index in range(count))
    boxes: list[Box] = []
    for run in locate(wanted, characters, before):
        visible = (index for index in run if not characters[index].isspace())
        lines = _join_lines(_Line(*text_page.get_charbox(index, loose=True)) for index in visible)
        boxes += [_to_pixels(page, size, line) for line in lines]
    return boxes


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else "\0"


def _choose_scale(width: float, height: float, wanted: int) -> float:
    """Pixels a point."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise ValueError("A page without a size.")
    return min(wanted / width, wanted * MOST_TIMES_AS_HIGH / height)


def _join_lines(characters: Iterable[_Line]) -> list[_Line]:
    """The boxes of characters in reading order, those of a line as one."""
    lines: list[_Line] = []
    for box in characters:
        if lines and _goes_on(lines[-1], box):
            last = lines.pop()
            lines.append(_Line(*map(min, last[:2], box[:2]), *map(max, last[2:], box[2:])))
        elif box.left < box.right and box.bottom < box.top:
            lines.append(box)
    return lines


def _goes_on(line: _Line, box: _Line) -> bool:
    """Whether a character belongs to a line: at its height, and not far behind its end."""
    height = line.top - line.bottom
    middle = (box.top + box.bottom) / 2
    return line.bottom < middle < line.top and line.left <= box.left <= line.right + 3 * height


def _to_pixels(page: Any, size: tuple[int, int], line: _Line) -> Box:
    """Where a line of the page, which may be turned or cut, lies in its image."""
    (x0, y0), (x1, y1) = (_place(page, size, *corner) for corner in (line[:2], line[2:]))
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _place(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
    return across.value, down.value


def _mark(image: Image.Image, boxes: Iterable[Box]) -> Image.Image:
    """Coloured like paper under a marker pen, with an edge for eyes and printers that do not see the colour."""
    colour = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(colour)
    for box in boxes:
        pen.rectangle(box, fill=MARK)
    marked = ImageChops.multiply(image, colour)
    pen = ImageDraw.Draw(marked)
    for left, _, right, bottom in boxes:
        pen.line((left, bottom, right, bottom), fill=EDGE, width=EDGE_WIDTH)
    return marked


def _without_needless_colour(image: Image.Image) -> Image.Image:
    red, green, blue = image.split()
    is_grey = not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(red, blue).getbbox())
    return red if is_grey else image


def _encode(image: Image.Image) -> bytes:
    """PNG within `MOST_BYTES`: with fewer colours, then smaller, where it would be larger."""
    data = _to_png(image)
    if len(data) > MOST_BYTES:
        data = _to_png(image.quantize(256))
    while len(data) > MOST_BYTES:
        image = image.reduce(2)
        data = _to_png(image)
    return data


def _to_png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()
