"""Pictures as documents. What needs Tesseract is skipped without it, unless PASSERELLE_REQUIRE_OCR=1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from indexer.convert.image import MAX_PIXELS, convert_image
from indexer.ocr.installed import allow_ocr
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


def save(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def open_file(name: str) -> Image.Image:
    with Image.open(FILES / name) as image:
        return image.convert("L")


@pytest.fixture
def ocr_off() -> Iterator[None]:
    allow_ocr(False)
    yield
    allow_ocr(True)


@pytest.mark.slow
@pytest.mark.usefixtures("tesseract")
@pytest.mark.parametrize(
    ("name", "media_type", "words"),
    [
        ("fr-scan.jpg", "image/jpeg", "la délégation d’Issy-les-Moulineaux a présenté à Leshan"),
        ("zh-scan.png", "image/png", "试点费用约为36万元，由双方分担。"),
        ("zh-tw-scan.tif", "image/tiff", "早晚高"),
    ],
)
def test_picture_of_text_is_a_document_with_its_confidence(name: str, media_type: str, words: str) -> None:
    converted = convert_image((FILES / name).read_bytes())
    (page,) = converted.pages

    assert words in converted.text
    assert (converted.media_type, converted.partial_reason) == (media_type, "")
    assert page.confidence is not None
    assert 0.8 < page.confidence <= 1
    assert converted.notes == (f"Page 1: text recognised (OCR), confidence {page.confidence:.0%}.",)
    assert converted.text.startswith(("Tramway et vélos", "乐山市公共", "樂山市公共"))


@pytest.mark.slow
@pytest.mark.usefixtures("tesseract")
def test_every_page_of_a_tiff_is_read() -> None:
    french, chinese = open_file("fr-scan.jpg"), open_file("zh-scan.png")
    blank = Image.new("L", (400, 400), 255)
    converted = convert_image(save(french, "TIFF", save_all=True, append_images=[blank, chinese]))
    first, second, third = (converted.text[page.start : page.end] for page in converted.pages)

    assert "Un élu a demandé" in first
    assert second == ""
    assert "二十四处站点" in third
    assert [page.label for page in converted.pages] == ["1", "2", "3"]
    assert converted.pages[1].confidence is None


@pytest.mark.usefixtures("tesseract")
@pytest.mark.parametrize("file_format", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_picture_is_turned_as_the_camera_noted(file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    turned = open_file("fr-scan.jpg").rotate(90, expand=True)

    assert "Un élu a demandé" in convert_image(save(turned, file_format, exif=exif)).text


@pytest.mark.usefixtures("tesseract")
def test_picture_without_text_is_said_to_hold_none() -> None:
    converted = convert_image(save(Image.new("RGB", (300, 200), "red"), "PNG"))

    assert (converted.text, converted.partial_reason) == ("", "No text was found in this picture.")


@pytest.mark.usefixtures("without_tesseract")
def test_without_tesseract_a_picture_says_how_to_install_it() -> None:
    converted = convert_image((FILES / "zh-scan.png").read_bytes())

    assert converted.text == ""
    assert converted.partial_reason == (
        "Page 1 of 1: an image or a font that holds no readable text. OCR is needed: "
        "apt install tesseract-ocr tesseract-ocr-fra tesseract-ocr-chi-sim tesseract-ocr-chi-tra"
    )


@pytest.mark.usefixtures("ocr_off")
def test_with_ocr_switched_off_a_picture_says_so() -> None:
    assert "PASSERELLE_OCR is off" in convert_image((FILES / "zh-scan.png").read_bytes()).partial_reason


@pytest.mark.usefixtures("without_tesseract")
@pytest.mark.parametrize("name", ["fr-scan.jpg", "zh-scan.png", "zh-tw-scan.tif"])
@pytest.mark.parametrize("keep", [12, 0.5])
def test_damaged_picture_is_refused_with_or_without_tesseract(name: str, keep: float) -> None:
    data = (FILES / name).read_bytes()

    with pytest.raises(ConversionError, match="damaged"):
        convert_image(data[: int(keep * len(data)) if keep < 1 else int(keep)])


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "GIF"])
def test_picture_that_unpacks_to_too_much_is_refused(file_format: str, make_bomb: Callable[[str], bytes]) -> None:
    with pytest.raises(ConversionError, match="more than 100 million pixels"):
        convert_image(make_bomb(file_format))


@pytest.fixture(scope="module")
def make_bomb() -> Callable[[str], bytes]:
    """A picture of one colour just beyond the limit: some kilobytes."""
    image = Image.new("1", (MAX_PIXELS // 10_000 + 1, 10_000), 1)
    return lambda file_format: save(image, file_format, **({"compression": "group4"} if file_format == "TIFF" else {}))
