"""Pictures of text: TIFF (every page), JPEG, PNG, WebP, BMP and GIF, opened with Pillow and recognised by Tesseract."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageOps

from indexer.convert.base import ConvertedFile
from indexer.convert.family import Family
from indexer.convert.pages import PageText, join_pages
from indexer.convert.plain_headings import find_plain_headings
from indexer.convert.recognized import describe_recognized, explain_unread, recognize_where_needed
from indexer.ocr.installed import name_ocr
from indexer.ocr.prepare import LONGEST_SIDE
from search_core.errors import ConversionError

VERSION = 1

MAX_PIXELS = 100_000_000
"""Of one page: A0 at 200 dpi has 62 million."""

MAX_PAGES = 2_000

_SIGNATURES = (
    (0, b"\xff\xd8\xff"),
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"II+\0"),
    (0, b"MM\0+"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (8, b"WEBPVP8"),
)
"""Offset and bytes; of BMP only two letters are certain: a text may begin with them."""

_FORMATS = ("TIFF", "JPEG", "PNG", "WEBP", "GIF", "BMP")
_SUFFIXES = (".tif", ".tiff", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


def convert_image(data: bytes) -> ConvertedFile:
    """The recognised text, page by page. Raises `ConversionError` for what is damaged or too large.

    A picture without text is a document that was read in part, with none. What a camera or scanner notes as the date
    is not the document's: it tells when the picture was made.
    """
    with _open(data) as image:
        _read_page(image, 0)  # damage is told without Tesseract too
        in_all = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        waiting = [PageText(str(number), "", unreadable=True) for number in range(1, min(in_all, MAX_PAGES) + 1)]
        pages = recognize_where_needed(waiting, lambda index: _draw_page(image, index))
        media_type = Image.MIME[image.format or ""]
    text, spans = join_pages(pages)
    return ConvertedFile(
        text=text,
        pages=spans,
        headings=find_plain_headings(text),
        media_type=media_type,
        notes=describe_recognized(pages),
        partial_reason=_make_partial_reason(pages, in_all),
    )


def _open(data: bytes) -> Image.Image:
    try:
        with _silence():
            image = Image.open(BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as cause:
        raise _make_too_large() from cause
    except (OSError, SyntaxError, ValueError) as cause:  # Pillow says so of most damage
        raise _make_damaged() from cause
    return image


def _draw_page(image: Image.Image, index: int) -> Image.Image | None:
    try:
        return _read_page(image, index)
    except ConversionError:
        return None


def _read_page(image: Image.Image, index: int) -> Image.Image:
    """One page upright (as the camera noted it), in memory of its own. Raises `ConversionError`."""
    try:
        if image.format == "TIFF":
            with _silence():
                image.seek(index)
        if image.width * image.height > MAX_PIXELS:
            raise _make_too_large()
        with _silence():
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG of a camera is not decoded larger than it is used
            return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, EOFError) as cause:
        raise _make_damaged() from cause


@contextmanager
def _silence() -> Iterator[None]:
    """Pillow warns of damage that it can live with, and of sizes below our own limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _make_damaged() -> ConversionError:
    return ConversionError("The picture is damaged or incomplete.", remedy="Scan or save it again.")


def _make_too_large() -> ConversionError:
    return ConversionError(
        f"The picture has more than {MAX_PIXELS // 1_000_000} million pixels.", remedy="Save it at a lower resolution."
    )


def _make_partial_reason(pages: list[PageText], in_all: int) -> str:
    reasons = [explain_unread(pages, in_all)]
    if not any(page.text or page.unreadable for page in pages):
        reasons.append("No text was found in this picture.")
    if len(pages) < in_all:
        reasons.append(f"Only the first {len(pages)} pages were read.")
    return " ".join(filter(None, reasons))


def _is_picture(data: bytes) -> bool:
    return any(data.startswith(signature, at) for at, signature in _SIGNATURES)


IMAGE = Family("image", _SUFFIXES, _is_picture, convert_image, VERSION, ("pillow",), (name_ocr,))
