"""Which files can be read: the table of format families, and how a file finds its own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import PurePath

from indexer.convert import docx, html, markdown, pdf, text
from indexer.convert.base import ConvertedFile
from search_core.errors import ConversionError
from search_core.model import PageSpan

MAX_FILE_BYTES = 200_000_000
MAX_TEXT_CHARS = 10_000_000

_HEAD_BYTES = 2048
_HTML_START = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Family:
    """A format: how it is recognised and read.

    Text says nothing about itself: `recognizes` is None, and only the file's name tells.
    `version` is raised with any change of what a file's text becomes. `packages` are those whose next version may read
    what this one could not.
    """

    name: str
    suffixes: tuple[str, ...]
    recognizes: Callable[[bytes], bool] | None
    convert: Callable[[bytes], ConvertedFile]
    version: int
    packages: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return f"{self.name}-{self.version}"

    @property
    def tools(self) -> str:
        """What reading depends on besides our own code."""
        return " ".join(f"{package}-{version(package)}" for package in self.packages)


def _starts_like_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _holds_word_document(data: bytes) -> bool:
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "word/document.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False


def _starts_like_html(data: bytes) -> bool:
    return _HTML_START.match(data[:_HEAD_BYTES]) is not None


FAMILIES = (
    Family("pdf", (".pdf",), _starts_like_pdf, pdf.convert_pdf, pdf.VERSION, ("pypdfium2",)),
    Family(
        "docx", (".docx", ".docm", ".dotx"), _holds_word_document, docx.convert_docx, docx.VERSION, ("python-docx",)
    ),
    Family("html", (".html", ".htm", ".xhtml"), _starts_like_html, html.convert_html, html.VERSION, ("trafilatura",)),
    Family("markdown", (".md", ".markdown"), None, markdown.convert_markdown, markdown.VERSION, ("markdown-it-py",)),
    Family("text", (".txt", ".text", ""), None, text.convert_text, text.VERSION, ("charset-normalizer",)),
)
"""In the order in which contents are looked at; a name without an ending is taken for text."""


def find_family(data: bytes, name: str) -> Family | None:
    """The family of a file, by its content first and its ending second; None where no family reads it."""
    suffix = PurePath(name).suffix.casefold()
    by_content = (family for family in FAMILIES if family.recognizes and family.recognizes(data))
    by_suffix = (family for family in FAMILIES if suffix in family.suffixes)
    return next(by_content, None) or next(by_suffix, None)


def convert_bytes(data: bytes, family: Family) -> ConvertedFile:
    """The text of a file. Raises `ConversionError` for whatever cannot be read, whichever library says so.

    A lack of memory stays one: the run's worker says what can be done about it.
    """
    if not data:
        raise ConversionError("The file is empty.", remedy="Get it again from where it came.")
    try:
        converted = family.convert(data)
    except (ConversionError, MemoryError):
        raise
    except Exception as cause:  # hostile files make the libraries raise anything
        raise ConversionError(
            f"The file cannot be read as {family.name} ({type(cause).__name__}).",
            remedy="Open it in the program that made it and save it again.",
        ) from cause
    if not converted.text.strip() and not converted.partial_reason:
        raise ConversionError("There is no text in this file.", remedy="Check that it is the right one.")
    return limit_text(converted, MAX_TEXT_CHARS)


def limit_text(converted: ConvertedFile, max_chars: int) -> ConvertedFile:
    """Cut a text that is too long, and say so."""
    if len(converted.text) <= max_chars:
        return converted
    reason = f"Only the first {max_chars} of {len(converted.text)} characters were kept."
    return replace(
        converted,
        text=converted.text[:max_chars],
        pages=tuple(
            PageSpan(min(page.start, max_chars), min(page.end, max_chars), page.label) for page in converted.pages
        ),
        headings=tuple(found for found in converted.headings if found.end <= max_chars),
        partial_reason=f"{converted.partial_reason} {reason}".strip(),
    )
