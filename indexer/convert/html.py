"""Web pages that were saved to disk: the main content with its headings and tables. Nothing is fetched."""

from __future__ import annotations

import logging
import re
from typing import Any

import trafilatura
from lxml.etree import LxmlError

from indexer.convert.base import ConvertedFile, TextBuilder, clean_text
from indexer.convert.family import Family
from indexer.convert.html_blocks import HtmlWriter, parse_html, read_line
from indexer.convert.html_edges import drop_edges
from indexer.convert.text import decode_text
from indexer.front_matter import Declared
from indexer.metadata import parse_language
from search_core.errors import ConversionError

# It warns of every page without an article, on the terminal where nobody set up logging.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

VERSION = 2

_HEAD_BYTES = 4096
_CHARSET = re.compile(
    rb"""<meta[^>]+charset\s*=\s*["']?([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE
)
_START_BYTES = 2048
_START = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")

_META_KEYS = {
    "og:title": "title",
    "author": "author",
    "dc.creator": "author",
    "dcterms.creator": "author",
    "article:published_time": "date",
    "citation_publication_date": "date",
    "date": "date",
    "dc.date": "date",
    "dc.date.issued": "date",
    "dcterms.date": "date",
    "dcterms.issued": "date",
    "pubdate": "date",
    "description": "description",
    "keywords": "keywords",
}

_SAMPLED_LINES = 60
_FOUND_SHARE = 0.9
_SPARE_SHARE, _SPARE_CHARS = 1.1, 100
"""How much more than the main content a part of the page may hold and still be taken whole, with the title above it."""


def convert_html(data: bytes) -> ConvertedFile:
    """The main content of a page. Raises `ConversionError` where there is no page."""
    decoded = decode_text(data, find_declared_charset(data))
    source = _XML_DECLARATION.sub("", clean_text(decoded.text))
    tree = _parse(source)
    builder = TextBuilder()
    part = find_main_part(tree, source)
    drop_edges(part)
    HtmlWriter(builder).write(part)
    return ConvertedFile(
        text=builder.text,
        declared=Declared(read_declared(tree), origin="message"),
        headings=builder.headings,
        media_type="text/html",
        notes=decoded.notes,
        language_hint=parse_language(tree.get("lang") or ""),
    )


def find_declared_charset(data: bytes) -> str | None:
    """What a `<meta>` or the XML declaration says; None where neither says anything."""
    match = _CHARSET.search(data[:_HEAD_BYTES])
    return (match[1] or match[2]).decode("ascii", "replace") if match else None


def read_declared(tree: Any) -> dict[str, Any]:
    """Title and `<meta>` values by metadata key; the first of several, `<title>` before `og:title`."""
    declared: dict[str, Any] = {}
    title = tree.findtext("head/title") or tree.findtext(".//title") or ""
    if title.strip():
        declared["title"] = title
    for meta in tree.iter("meta"):
        key = _META_KEYS.get((meta.get("name") or meta.get("property") or "").strip().casefold())
        content = (meta.get("content") or "").strip()
        if key and content:
            declared.setdefault(key, content)
    return declared


def find_main_part(tree: Any, source: str) -> Any:
    """The element that holds the main content. Which text that is, trafilatura says.

    Its own output is not used: on pages of manuals it lost all headings, and whole sections with them.
    """
    body = tree.find("body")
    if body is None:
        return tree
    lines = _sample_lines(source)
    path = [body]
    while lines and (inner := _find_child_with(path[-1], lines)) is not None:
        path.append(inner)
    enough = len(_squeeze(path[-1])) * _SPARE_SHARE + _SPARE_CHARS
    return next(element for element in path if len(_squeeze(element)) <= enough)


def _parse(source: str) -> Any:
    try:
        return parse_html(source)
    except (LxmlError, ValueError) as cause:
        raise ConversionError(
            "There is no web page in this file.", remedy="Open it in a browser and save it again."
        ) from cause


def _sample_lines(source: str) -> list[str]:
    """Lines of the main content, without white space, spread over its length."""
    found = trafilatura.bare_extraction(source, include_comments=False, favor_recall=True, fast=True)
    text = (getattr(found, "text", None) or "") if found is not None else ""
    lines = [_strip_space(line.lstrip("-|# ").rstrip("| ")) for line in text.splitlines()]
    lines = [line for line in lines if len(line) >= 10 and "|" not in line]
    return lines[:: max(1, len(lines) // _SAMPLED_LINES)]


def _find_child_with(element: Any, lines: list[str]) -> Any | None:
    for child in element:
        text = _squeeze(child)
        if text and sum(line in text for line in lines) >= _FOUND_SHARE * len(lines):
            return child
    return None


def _squeeze(element: Any) -> str:
    return _strip_space(read_line(element))


def _strip_space(text: str) -> str:
    return "".join(text.split())


def _starts_like_html(data: bytes) -> bool:
    return _START.match(data[:_START_BYTES]) is not None


HTML = Family("html", (".html", ".htm", ".xhtml"), _starts_like_html, convert_html, VERSION, ("trafilatura",))
