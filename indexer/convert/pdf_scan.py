"""Pages of a PDF file as pictures, for recognition."""

from __future__ import annotations

from typing import Any

import pypdfium2
from PIL import Image

from indexer.ocr.prepare import DPI, LONGEST_SIDE


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
