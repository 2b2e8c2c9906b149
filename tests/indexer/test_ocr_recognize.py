"""Pages as Tesseract reads them: skipped where it is not installed, unless PASSERELLE_REQUIRE_OCR=1."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from PIL import Image, ImageDraw

from indexer.ocr import words
from indexer.ocr.installed import Tesseract
from indexer.ocr.pages import recognize_pages
from indexer.ocr.recognize import recognize_page

FILES = Path(__file__).parent / "files"


def open_file(name: str) -> Image.Image:
    with Image.open(FILES / name) as image:
        return image.copy()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sentence", "script"),
    [
        ("fr-scan.jpg", "Un élu a demandé où garer les vélos à côté de la gare ; la réponse figure à l’annexe.", None),
        ("zh-scan.png", "工作组在高铁站、博物馆和三个居民区设立了二十四处站点。", "chi_sim"),
        ("zh-tw-scan.tif", "工作組在高鐵站、博物館和三個居民區設立了二十四處站點。", "chi_tra"),
    ],
)
def test_page_is_read_in_the_language_that_it_is_written_in(
    tesseract: Tesseract, name: str, sentence: str, script: str | None
) -> None:
    page = recognize_page(open_file(name), tesseract)

    assert sentence in page.text
    assert page.script == script
    assert 0.8 < page.confidence <= 1


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_page_that_lies_on_its_side_is_turned(tesseract: Tesseract, degrees: int) -> None:
    turned = open_file("fr-scan.jpg").rotate(degrees, expand=True)

    assert "réseau électrique de quartier" in recognize_page(turned, tesseract).text


@pytest.mark.slow
def test_picture_of_no_text_has_none(tesseract: Tesseract) -> None:
    noise = Image.effect_noise((1700, 1200), 90)
    shapes = Image.new("L", (1700, 1200), 255)
    for at in range(0, 1200, 60):
        ImageDraw.Draw(shapes).ellipse((at, at // 2, at + 300, at // 2 + 200), outline=0, width=9)

    assert [recognize_page(image, tesseract).text for image in (noise, shapes)] == ["", ""]


@pytest.mark.slow
def test_pages_come_in_their_order_each_in_its_own_writing(tesseract: Tesseract) -> None:
    names = ["zh-scan.png"] * 4 + ["zh-tw-scan.tif", "fr-scan.jpg"]
    found = list(recognize_pages(map(open_file, names), tesseract))

    assert [page and page.script for page in found] == ["chi_sim"] * 4 + ["chi_tra", None]


def test_page_without_a_picture_or_given_up_is_none(tesseract: Tesseract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "PASS_TIMEOUT_S", 0.01)

    assert list(recognize_pages([None, open_file("fr-scan.jpg")], tesseract)) == [None, None]
    assert psutil.Process().children() == []
