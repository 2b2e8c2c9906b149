"""Scanned pages of a PDF file: which they are, and their pictures, for recognition."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from indexer.ocr.prepare import DPI, LONGEST_SIDE

_COVERED = 0.7
"""The share of a page that the pictures of a scan take at least."""

_FIRST_OBJECTS = 50
"""The picture of a scan lies among the first: a text layer after it has an object a word."""


def is_scan(page: Any) -> bool:
    """Whether pictures cover a page, whatever text lies with them."""
    width, height = page.get_size()
    pictures = (
        found.get_bounds()
        for found in islice(page.get_objects(max_depth=3), _FIRST_OBJECTS)
        if found.type == raw.FPDF_PAGEOBJ_IMAGE
    )
    covered = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
    return bool(covered >= _COVERED * width * height)


def draw_scan(pdf: Any, index: int) -> Image.Image | None:
    """The picture of a page, grey, as it is recognised; None of a damaged one."""
    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        return None
    try:
        scale = min(DPI / 72, LONGEST_SIDE / max(1, *page.get_size()))
        image: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    finally:
        page.close()
    return image
