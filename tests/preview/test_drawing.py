"""A page as an image, and what is marked on it. Pages are 600 x 800 points, images 900 x 1200 or 1800 x 2400 pixels."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdfium2
import pytest
from PIL import Image

from search_api.preview import drawing
from search_api.preview.asked import ImageSize
from search_api.preview.drawing import Box, draw_page, find_boxes

FRENCH = ("Le réseau électrique d'Issy", "relie 1 600 loge-", "ments depuis 2015.", "Les écoles suivront.")
CHINESE = ("一、数据来源", "本研究使用三组数据，其中一组", "来自景区售票记录。")

Make = Callable[..., bytes]


def open_image(data: bytes) -> Image.Image:
    assert data.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(data))


def is_marked(image: Image.Image, x: int, y: int) -> bool:
    return image.convert("RGB").getpixel((x, y)) == drawing.MARK


@pytest.mark.parametrize(("size", "width"), [("small", 900), ("large", 1800)])
def test_page_is_drawn_in_its_size(make_pdf: Make, size: ImageSize, width: int) -> None:
    image = open_image(draw_page(io.BytesIO(make_pdf(CHINESE, FRENCH)), 2, size))
    assert image.size == (width, width * 800 // 600)
    assert image.mode == "L"
    assert image.getextrema()[0] < 100


def boxes(data: bytes, wanted: str, size: tuple[int, int] = (600, 800)) -> list[Box]:
    return find_boxes(pypdfium2.PdfDocument(data)[0], size, wanted)


@pytest.mark.parametrize(
    ("lines", "wanted", "rows"),
    [(FRENCH, "relie 1 600 logements depuis 2015", [2, 3]), (CHINESE, "本研究使用三组数据，其中一组来自景区", [2, 3])],
)
def test_passage_has_a_box_for_each_of_its_lines(
    make_pdf: Make, lines: tuple[str, ...], wanted: str, rows: list[int]
) -> None:
    for row, box in zip(rows, boxes(make_pdf(lines), wanted), strict=True):
        baseline = 20 * row + 40
        assert box.top < baseline - 3 < box.bottom < baseline + 10
        assert 58 <= box.left <= 62
        assert 100 < box.right < 250


def test_passage_is_marked_on_its_page_only_where_it_stands(make_pdf: Make) -> None:
    image = open_image(draw_page(io.BytesIO(make_pdf(FRENCH)), 1, "small", "relie 1 600 logements"))
    shown = {
        row: any(is_marked(image, x, int((20 * row + 40 - 4) * 1.5)) for x in range(90, 400)) for row in (1, 2, 3, 4)
    }
    assert shown == {1: False, 2: True, 3: True, 4: False}


def test_passage_that_is_not_there_leaves_the_page_as_it_is(make_pdf: Make) -> None:
    data = make_pdf(FRENCH)
    plain = draw_page(io.BytesIO(data), 1, "small")
    assert draw_page(io.BytesIO(data), 1, "small", "Tout autre chose, lu sur une image") == plain


@pytest.mark.parametrize(("rotation", "size"), [(90, (800, 600)), (180, (600, 800)), (270, (800, 600))])
def test_marks_turn_with_the_page(make_pdf: Make, rotation: int, size: tuple[int, int]) -> None:
    (upright,) = boxes(make_pdf(FRENCH), "Les écoles suivront")
    page = pypdfium2.PdfDocument(make_pdf(FRENCH))[0]
    page.set_rotation(rotation)
    (turned,) = find_boxes(page, size, "Les écoles suivront")
    left, top = {
        90: (800 - upright.bottom, upright.left),
        180: (600 - upright.right, 800 - upright.bottom),
        270: (upright.top, 600 - upright.right),
    }[rotation]
    assert abs(turned.left - left) <= 2
    assert abs(turned.top - top) <= 2


def test_image_stays_within_its_size_on_disk(make_pdf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_BYTES", 4000)
    image = draw_page(io.BytesIO(make_pdf(FRENCH * 6)), 1, "large", FRENCH[0])
    assert len(image) <= 4000
    assert open_image(image).width < 1800


def test_long_narrow_page_is_not_drawn_higher_than_three_times_its_width(make_pdf: Make) -> None:
    data = make_pdf(FRENCH).replace(b"600 800", b"1   800")
    assert open_image(draw_page(io.BytesIO(data), 1, "small")).size == (4, 2700)
