"""Documents without text: what they hold instead is told."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from pptx import Presentation

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office.libreoffice import find_libreoffice, save_as
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

SCAN = Path(__file__).parent / "files" / "zh-scan.png"


def convert(data: bytes) -> None:
    family = find_family(data, "")
    assert family is not None
    convert_bytes(data, family)


def make_scanned_docx() -> bytes:
    document, saved = docx.Document(), io.BytesIO()
    document.add_picture(str(SCAN))
    document.save(saved)
    return saved.getvalue()


def make_scanned_pptx() -> bytes:
    presentation, saved = Presentation(), io.BytesIO()
    presentation.slides.add_slide(presentation.slide_layouts[6]).shapes.add_picture(str(SCAN), 0, 0)
    presentation.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("make", [make_scanned_docx, make_scanned_pptx])
def test_a_document_of_scanned_pages_says_so(make: Callable[[], bytes]) -> None:
    with pytest.raises(ConversionError, match=r"only pictures\. Save it as PDF"):
        convert(make())


@pytest.mark.slow
@pytest.mark.skipif(find_libreoffice() is None, reason="needs LibreOffice")
@pytest.mark.parametrize("suffix", [".doc", ".odt"])
def test_one_of_another_format_too(suffix: str) -> None:
    with pytest.raises(ConversionError, match="only pictures"):
        convert(save_as(make_scanned_docx(), ".docx", suffix))


def test_an_empty_document_has_no_pictures() -> None:
    saved = io.BytesIO()
    docx.Document().save(saved)

    with pytest.raises(ConversionError, match=r"no text in this file\."):
        convert(saved.getvalue())
