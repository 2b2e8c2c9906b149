"""The page of a document that someone asks to see."""

from __future__ import annotations

from pathlib import Path

from search_api.originals import find_unchanged
from search_api.preview.asked import AskedPage, ImageSize
from search_api.schemas import Span
from search_core.errors import NotFound
from search_core.model import Document

DRAWN_TYPE = "application/pdf"


def has_page_images(document: Document) -> bool:
    """Whether the pages of a document can be drawn, as long as its file is there as it was read."""
    return document.media_type == DRAWN_TYPE and bool(document.pages)


def ask_page(document: Document, path: Path | None, number: int, size: ImageSize, passage: Span | None) -> AskedPage:
    """Page `number` (from 1), the part of the passage that is on it to be marked.

    Raises `NotFound` where there is no such page or its format has none to draw, `OriginalGone`, `OriginalChanged`.
    """
    if not has_page_images(document):
        raise NotFound(
            f"“{document.path}” has no pages that can be drawn.", remedy="Only pages of PDF files are; read its text."
        )
    if not 1 <= number <= len(document.pages):
        raise NotFound(
            f"“{document.path}” has no page {number}.",
            remedy=f"Its pages are numbered from 1 to {len(document.pages)}.",
        )
    file, stamp = find_unchanged(document, path)
    page = document.pages[number - 1]
    start, end = (max(passage.start, page.start), min(passage.end, page.end)) if passage else (0, 0)
    is_here = start < end
    return AskedPage(
        document_id=document.document_id,
        path=document.path,
        checksum=document.checksum,
        file=file,
        stamp=stamp,
        number=number,
        size=size,
        wanted=document.text[start:end] if is_here else "",
        before=document.text[page.start : start] if is_here else "",
    )
