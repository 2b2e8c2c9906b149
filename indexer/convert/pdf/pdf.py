"""PDF files: page by page, with page labels, properties, and the outline as headings; scanned pages are recognised."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from indexer.convert.base import ConvertedFile, clean_text
from indexer.convert.family import Family
from indexer.convert.pages import PageText, join_pages
from indexer.convert.pdf.headings import find_drawn_headings
from indexer.convert.pdf.pages import Page, read_pages
from indexer.convert.pdf.scan import draw_scan
from indexer.convert.recognized import describe_recognized, explain_unread, recognize_where_needed
from indexer.front_matter import Declared
from indexer.ocr.installed import name_ocr
from search_core.analysis.normalize import fold
from search_core.errors import ConversionError
from search_core.model import HeadingSpan, PageSpan

VERSION = 5

MAX_BOOKMARKS = 5_000
MAX_DEPTH = 9

_PROPERTIES = {"Title": "title", "Author": "author", "CreationDate": "date", "Keywords": "keywords"}

_PDFIUM = threading.Lock()
"""PDFium is not thread-safe, not even with two documents."""


class _Bookmark(NamedTuple):
    page: int
    level: int
    title: str


def convert_pdf(data: bytes) -> ConvertedFile:
    """Text, pages and outline. Raises `ConversionError` for what is damaged or needs a password."""
    with _PDFIUM:
        pdf = _open(data)
        try:
            drawn = read_pages(pdf)
            pages = recognize_where_needed(list(map(_judge_page, drawn)), lambda index: draw_scan(pdf, index))
            bookmarks = _read_outline(pdf)
            properties = pdf.get_metadata_dict(skip_empty=True)
            left_out = len(pdf) - len(pages)
        except pypdfium2.PdfiumError as cause:
            raise ConversionError("The PDF file is damaged.", remedy="Print it to a new PDF file.") from cause
        finally:
            pdf.close()
    text, spans = join_pages(pages)
    return ConvertedFile(
        text=text,
        declared=Declared(
            {key: clean_text(properties[name]) for name, key in _PROPERTIES.items() if name in properties}
        ),
        pages=spans,
        headings=find_headings(text, spans, bookmarks) or find_drawn_headings(text, drawn, spans),
        media_type="application/pdf",
        notes=describe_recognized(pages),
        partial_reason=_make_partial_reason(pages, left_out),
    )


def find_headings(text: str, pages: Sequence[PageSpan], bookmarks: Iterable[_Bookmark]) -> tuple[HeadingSpan, ...]:
    """The lines that the outline names, where they stand on the page that it names, with or without their number."""
    found: dict[int, HeadingSpan] = {}
    for bookmark in bookmarks:
        if bookmark.page < len(pages) and bookmark.title:
            span = _find_line(text, pages[bookmark.page], bookmark.title, after=max(found, default=-1))
            if span:
                found[span[0]] = HeadingSpan(*span, min(bookmark.level, MAX_DEPTH))
    return tuple(found[start] for start in sorted(found))


def _find_line(text: str, page: PageSpan, title: str, after: int) -> tuple[int, int] | None:
    wanted = _squeeze(title)
    start = page.start
    for line in text[page.start : page.end].split("\n"):
        squeezed = _squeeze(line)
        if start > after and squeezed.endswith(wanted) and len(squeezed) <= len(wanted) + 12:
            return start, start + len(line)
        start += len(line) + 1
    return None


def _squeeze(text: str) -> str:
    """Without what outline and page spell differently: spaces, accents, apostrophes, capitals."""
    return "".join(fold(text).split())


def _open(data: bytes) -> Any:
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as cause:
        if cause.err_code == raw.FPDF_ERR_PASSWORD:
            raise ConversionError(
                "The PDF file is protected by a password.", remedy="Save a copy of it without the password."
            ) from cause
        raise ConversionError(
            "The PDF file is damaged or incomplete.", remedy="Get it again, or print it to a new PDF file."
        ) from cause
    pdf.init_forms()
    return pdf


def _judge_page(page: Page) -> PageText:
    unreadable = is_unreadable(page)
    return PageText(page.label, "" if unreadable else page.text, unreadable, page.is_scan, goes_on=page.goes_on)


def is_unreadable(page: Page) -> bool:
    """Whether what a page shows is not in its text."""
    return page.is_broken or (not is_readable(page.text) and (bool(page.text) or page.shows_more))


def is_readable(text: str) -> bool:
    """Whether a page's text holds letters or digits, and not mostly the codes of a font without a Unicode map."""
    visible = [character for character in text if not character.isspace()]
    garbage = sum("\ue000" <= character <= "\uf8ff" or character == "\ufffd" for character in visible)
    return any(map(str.isalnum, visible)) and garbage * 3 < len(visible)


def _read_outline(pdf: Any) -> list[_Bookmark]:
    bookmarks: list[_Bookmark] = []
    for entry in pdf.get_toc(max_depth=MAX_DEPTH):
        target = entry.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            bookmarks.append(_Bookmark(page, entry.level + 1, clean_text(entry.get_title())))
        if len(bookmarks) >= MAX_BOOKMARKS:
            break
    return bookmarks


def _make_partial_reason(pages: Sequence[PageText], left_out: int) -> str:
    reasons = [explain_unread(pages, len(pages) + left_out)]
    if left_out:
        reasons.append(f"Only the first {len(pages)} pages were read.")
    return " ".join(filter(None, reasons))


def _starts_like_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


PDF = Family("pdf", (".pdf",), _starts_like_pdf, convert_pdf, VERSION, ("pypdfium2",), (name_ocr,))
