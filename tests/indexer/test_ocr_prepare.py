from __future__ import annotations

import pytest
from PIL import Image

from indexer.ocr.prepare import LONGEST_SIDE, prepare_image


@pytest.mark.parametrize(
    ("mode", "color", "grey"),
    [
        ("RGBA", (0, 0, 0, 0), 255),
        ("RGBA", (0, 0, 0, 255), 0),
        ("LA", (0, 0), 255),
        ("1", 1, 255),
        ("I;16", 65535, 255),
        ("I;16", 1000, 3),
        ("CMYK", (0, 0, 0, 255), 0),
        ("RGB", (255, 255, 255), 255),
    ],
)
def test_any_picture_becomes_grey_on_white(mode: str, color: object, grey: int) -> None:
    prepared = prepare_image(Image.new(mode, (2000, 10), color))  # type: ignore[arg-type]

    assert prepared.mode == "L"
    assert prepared.getextrema() == (grey, grey)


@pytest.mark.parametrize(
    ("size", "prepared"),
    [
        ((1000, 800), (1600, 1280)),
        ((300, 100), (900, 300)),
        ((2480, 3508), (2480, 3508)),
        ((12_000, 3), (LONGEST_SIDE, 2)),
    ],
)
def test_letters_are_made_neither_tiny_nor_huge(size: tuple[int, int], prepared: tuple[int, int]) -> None:
    assert prepare_image(Image.new("L", size)).size == prepared
