"""Pages without readable text are recognised in their pictures; what is said of it where that cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import Image

from indexer.convert.pages import PageText, name_pages
from indexer.ocr.installed import explain_missing, find_tesseract
from indexer.ocr.pages import recognize_pages
from indexer.ocr.recognize import DOUBTFUL, RecognizedPage


def recognize_unreadable(pages: Sequence[PageText], draw_page: Callable[[int], Image.Image | None]) -> list[PageText]:
    """The pages, those that are unreadable with the text that their picture shows; all as they are without Tesseract.

    `draw_page` gives the picture of a page by its index, None of a damaged one; it is called for a few pages at a time.
    """
    wanted = [index for index, page in enumerate(pages) if page.unreadable]
    tesseract = find_tesseract()
    known = list(pages)
    if not wanted or tesseract is None:
        return known
    found = recognize_pages(map(draw_page, wanted), tesseract)
    for index, recognized in zip(wanted, found, strict=True):
        if recognized and (recognized.confidence >= DOUBTFUL or not tesseract.missing):
            known[index] = _replace_text(known[index], recognized)
    return known


def explain_unreadable(pages: Sequence[PageText], in_all: int) -> str:
    """Which pages of `in_all` have no text though they show something, and what to do; empty where there are none."""
    numbers = [number for number, page in enumerate(pages, 1) if page.unreadable]
    if not numbers:
        return ""
    tesseract = find_tesseract()
    remedy = explain_missing() if tesseract is None or tesseract.missing else "OCR could not read it either."
    return f"{name_pages(numbers)} of {in_all}: an image or a font that holds no readable text. {remedy}"


def describe_recognized(pages: Sequence[PageText]) -> tuple[str, ...]:
    """A note that names the recognised pages and tells their mean confidence; none where all was read."""
    found = [(number, page.confidence) for number, page in enumerate(pages, 1) if page.confidence is not None]
    if not found:
        return ()
    mean = sum(confidence for _, confidence in found) / len(found)
    return (f"{name_pages([number for number, _ in found])}: text recognised (OCR), confidence {mean:.0%}.",)


def _replace_text(page: PageText, recognized: RecognizedPage) -> PageText:
    confidence = round(recognized.confidence, 2) if recognized.text else None
    return page._replace(text=recognized.text, unreadable=False, confidence=confidence, goes_on=False)
