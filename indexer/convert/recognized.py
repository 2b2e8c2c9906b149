"""Pages whose text is missing or doubtful are recognised in their pictures; what is said of those that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import compress, count

from PIL import Image

from indexer.convert.pages import PageText, name_pages
from indexer.convert.text_layer import is_better, is_short, mark_doubtful
from indexer.ocr.installed import explain_missing, find_tesseract
from indexer.ocr.pages import recognize_pages
from indexer.ocr.recognize import DOUBTFUL, RecognizedPage
from indexer.workers.alive import tell_pages

BELIEVED = 0.75
"""The confidence that takes the place of a text that was there."""


def recognize_where_needed(pages: Sequence[PageText], draw_page: Callable[[int], Image.Image | None]) -> list[PageText]:
    """The pages, with what their pictures show where they have no text, or a worse one; marked, without Tesseract.

    `draw_page` gives the picture of a page by its index, None of a damaged one; it is called for a few pages at a time.
    """
    known = mark_doubtful(pages)
    wanted = [index for index, page in enumerate(known) if page.unreadable or page.doubtful]
    tesseract = find_tesseract()
    if not wanted or tesseract is None:
        return known
    least = DOUBTFUL if tesseract.missing else 0  # what it has no data for comes out with a low one
    found: dict[int, RecognizedPage] = {}
    tell_pages(found=len(wanted))
    for index, page in zip(wanted, recognize_pages(map(draw_page, wanted), tesseract), strict=True):
        tell_pages(done=1)
        if page and page.confidence >= least:
            found[index] = page
    replaced = _choose_pages(known, found)
    return [
        _replace_text(page, found[index])
        if index in replaced
        else page._replace(doubtful=page.doubtful and index not in found)
        for index, page in enumerate(known)
    ]


def explain_unread(pages: Sequence[PageText], in_all: int) -> str:
    """Which pages of `in_all` show what they have no text of, or have a doubtful one, and what to do; else empty."""
    tesseract = find_tesseract()
    remedy = explain_missing() if tesseract is None or tesseract.missing else "OCR could not read it either."
    groups = (
        ([page.unreadable for page in pages], "an image or a font that holds no readable text."),
        ([page.doubtful for page in pages], "the text that comes with it looks wrong."),
    )
    listed = ((list(compress(count(1), marks)), what) for marks, what in groups)
    return " ".join(f"{name_pages(numbers)} of {in_all}: {what} {remedy}" for numbers, what in listed if numbers)


def _choose_pages(pages: Sequence[PageText], found: Mapping[int, RecognizedPage]) -> set[int]:
    """Indexes of the pages of which the recognised text is kept: all without a text, and those where it is better."""
    chosen = {index for index in found if pages[index].unreadable}
    doubted = [index for index in found if pages[index].doubtful and found[index].confidence >= BELIEVED]
    short = [index for index in doubted if pages[index].is_scan and is_short(pages[index])]
    chosen |= {index for index in short if len(found[index].text) > 2 * len(pages[index].text)}
    scans = [index for index in doubted if pages[index].is_scan and index not in short]
    for group in (scans, *([index] for index in doubted if not pages[index].is_scan)):
        if is_better([found[index].text for index in group], [pages[index].text for index in group]):
            chosen |= set(group)
    return chosen


def describe_recognized(pages: Sequence[PageText]) -> tuple[str, ...]:
    """A note that names the recognised pages and tells their mean confidence; none where all was read."""
    found = [(number, page.confidence) for number, page in enumerate(pages, 1) if page.confidence is not None]
    if not found:
        return ()
    mean = sum(confidence for _, confidence in found) / len(found)
    return (f"{name_pages([number for number, _ in found])}: text recognised (OCR), confidence {mean:.0%}.",)


def _replace_text(page: PageText, recognized: RecognizedPage) -> PageText:
    confidence = round(recognized.confidence, 2) if recognized.text else None
    return page._replace(text=recognized.text, unreadable=False, doubtful=False, confidence=confidence, goes_on=False)
