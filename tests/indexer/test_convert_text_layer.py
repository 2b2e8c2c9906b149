"""Scans with a text layer: a good one is kept, a bad one gives way to what Tesseract reads, if that is better."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from indexer.convert.pdf.pdf import convert_pdf

FILES = Path(__file__).parent / "files"

GOOD = (
    "乐山市公共自行车站点调查",
    "2016年9月，工作组在高铁站、博物馆和三个居民区设立了二十四处站点。早晚高峰时，车站附近的自",
    "行车很快被借完，而住宅区的车桩却是满的。试点费用约为36万元，由双方分担。",
)
MISREAD = (
    "乐山市公共自行车站点调查",
    "20I6年9月，工作组在高铁站、博物馆和三个居民区设立了二十四处站点。早晚高峰时，车站附近的自",
    "行车很快被借完，而住宅区的车桩却是满的。试点费用约为3G6万元，由双方分担。",
)
NONSENSE = ("LJLW Xj EJT fl JUL Tp KZ tJ LL JJ lI fJ RX HHl wp LL jJ",) * 3
STAMP = ("收文 2016-118",)


def make_scan(layer: tuple[str, ...]) -> bytes:
    """A page that a picture covers, with text under it that is not drawn."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(454, 255), invariant=1)
    text = canvas.beginText(30, 220)
    text.setFont("STSong-Light", 8)
    text.setTextRenderMode(3)
    text.textLines(layer)
    canvas.drawText(text)
    canvas.drawImage(ImageReader(FILES / "zh-scan.png"), 0, 0, 454, 255)
    canvas.save()
    return buffer.getvalue()


@pytest.mark.slow
@pytest.mark.usefixtures("tesseract")
@pytest.mark.parametrize("layer", [MISREAD, NONSENSE, STAMP, ()])
def test_layer_that_is_bad_short_or_missing_gives_way(layer: tuple[str, ...]) -> None:
    converted = convert_pdf(make_scan(layer))
    (page,) = converted.pages

    assert "2016年9月，工作组在高铁站、博物馆和三个居民区设立了二十四处站点。" in converted.text
    assert page.confidence
    assert converted.partial_reason == ""
    assert converted.notes == (f"Page 1: text recognised (OCR), confidence {page.confidence:.0%}.",)


def test_good_layer_is_kept() -> None:
    converted = convert_pdf(make_scan(GOOD))

    assert converted.text.replace("\n", "") == "".join(GOOD)
    assert converted.pages[0].confidence is None
    assert (converted.partial_reason, converted.notes) == ("", ())


@pytest.mark.usefixtures("without_tesseract")
@pytest.mark.parametrize("layer", [MISREAD, NONSENSE, STAMP])
def test_bad_layer_is_kept_and_named_where_there_is_no_tesseract(layer: tuple[str, ...]) -> None:
    converted = convert_pdf(make_scan(layer))

    assert layer[0] in converted.text
    assert converted.partial_reason.startswith(
        "Page 1 of 1: the text that comes with it looks wrong. OCR is needed: apt"
    )
