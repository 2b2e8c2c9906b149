"""Pictures as Tesseract reads them best: grey on white, letters neither tiny nor huge."""

from __future__ import annotations

from PIL import Image

DPI = 300
"""At which pages are drawn for recognition."""

LONGEST_SIDE = 6000
"""Pixels: A4 at 500 dpi. Larger pictures are made smaller, for time and memory."""

SHORTEST_SIDE = 1600
"""Pixels of the longer side below which a picture is enlarged: A4 at 137 dpi."""

MOST_ENLARGED = 3


def prepare_image(image: Image.Image) -> Image.Image:
    """The picture in grey, without transparency, of a useful size."""
    grey = _to_grey(image)
    factor = choose_factor(max(grey.size))
    if factor == 1:
        return grey
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    return grey.resize(size, Image.Resampling.LANCZOS)


def choose_factor(longer_side: int) -> float:
    """By how much to enlarge a picture (above 1) or make it smaller."""
    if longer_side > LONGEST_SIDE:
        return LONGEST_SIDE / longer_side
    if longer_side < SHORTEST_SIDE:
        return min(MOST_ENLARGED, SHORTEST_SIDE / longer_side)
    return 1


def _to_grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):  # converted directly, everything above 255 would be white
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        background = Image.new("RGBA", image.size, "white")
        background.alpha_composite(image.convert("RGBA"))
        image = background
    return image.convert("L")
