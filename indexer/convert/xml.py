"""XML: news feeds (RSS, Atom) entry by entry, anything else as the text of its elements. Nothing is fetched.

feedparser was looked at: it reads feeds only, and takes a charset that is not declared for UTF-8 or Windows-1252.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any

from lxml import etree

from indexer.convert.base import ConvertedFile, TextBuilder, clean_text
from indexer.convert.family import Family
from indexer.convert.html import find_declared_charset
from indexer.convert.html_blocks import render_html
from indexer.convert.text import decode_text
from indexer.front_matter import Declared
from indexer.metadata import parse_language
from search_core.errors import ConversionError

VERSION = 1

_START_BYTES = 1024
_START = re.compile(rb"(\xef\xbb\xbf)?\s*(<\?xml\b|<(rss|feed|rdf:RDF)\b)", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_WIDE_START = re.compile(r"\s*<\?xml\b")

_ENTRIES = frozenset({"item", "entry"})
_FEEDS = frozenset({"rss", "feed", "RDF"})
_BODIES = ("encoded", "content", "description", "summary")
"""Where the text of an entry stands, the longest kind first."""

_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NAMED = re.compile(r"&([A-Za-z]\w{1,30});")
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>|&\w+;")


def convert_xml(data: bytes) -> ConvertedFile:
    """Raises `ConversionError` for what is no XML at all; what is broken is read as far as it goes, and noted."""
    decoded = decode_text(data, find_declared_charset(data))
    root, problem = parse_xml(_DECLARATION.sub("", clean_text(decoded.text)))
    builder = TextBuilder()
    declared = _write_feed(root, builder) if _local_name(root) in _FEEDS else _write_elements(root, builder)
    return ConvertedFile(
        text=builder.text,
        declared=Declared({key: value for key, value in declared.items() if value}, origin="message"),
        headings=builder.headings,
        media_type="application/xml",
        notes=(*decoded.notes, *([problem] if problem else [])),
        language_hint=parse_language(root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""),
    )


def parse_xml(source: str) -> tuple[Any, str]:
    """The root of a tree and what is wrong with it. Entities are not resolved, DTDs not loaded, depth is limited."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(_NAMED.sub(_read_name, source).encode(), parser=parser)
    except (etree.LxmlError, ValueError) as cause:
        raise ConversionError("The XML cannot be read.", remedy="Get the file again from where it came.") from cause
    if root is None:
        raise ConversionError("The XML cannot be read.", remedy="Get the file again from where it came.")
    errors = [error for error in parser.error_log if error.level_name in ("ERROR", "FATAL")]
    return root, f"The XML is broken at line {errors[0].line}; what can be read of it was." if errors else ""


def _write_feed(root: Any, builder: TextBuilder) -> dict[str, str]:
    """Title and description of the feed, then each entry below its title."""
    channel = next((each for each in root if _local_name(each) == "channel"), root)
    title = _text_of(channel, "title")
    builder.add_heading(title, 1)
    builder.add_block(_read_body(channel, ("description", "subtitle")))
    for entry in root.iter():
        if _local_name(entry) in _ENTRIES:
            builder.add_heading(_text_of(entry, "title"), 2)
            builder.add_block(_read_body(entry, _BODIES))
    return {"title": title, "language": _text_of(channel, "language")}


def _read_body(entry: Any, names: tuple[str, ...]) -> str:
    """The longest of the texts of an entry: a feed has the summary, the whole article, or both."""
    bodies = [_read_markup(child) for child in entry if _local_name(child) in names]
    return max(bodies, key=len, default="")


def _read_markup(element: Any) -> str:
    """A text that is plain, HTML written as text, or XHTML elements."""
    text = "\n".join(etree.tostring(child, encoding="unicode") for child in element) if len(element) else ""
    text = f"{element.text or ''}{text}"
    return render_html(f"<body>{text}</body>") if _MARKUP.search(text) else text.strip()


def _write_elements(root: Any, builder: TextBuilder) -> dict[str, str]:
    """A block for each element that holds text of its own, with the elements in it. A title at the top is the title."""
    title = next((_flatten(each) for each in root if _local_name(each) in ("title", "titre", "标题")), "")
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        if _holds_text(element):
            builder.add_block(_flatten(element))
        else:
            waiting += reversed(element)
    return {"title": title}


def _holds_text(element: Any) -> bool:
    tails = ((child.tail or "") for child in element)
    return bool((element.text or "").strip()) or any(tail.strip() for tail in tails)


def _text_of(parent: Any, name: str) -> str:
    return next((_flatten(child) for child in parent if _local_name(child) == name), "")


def _flatten(element: Any) -> str:
    """All text on one line; entities of the document's own are left out."""
    return " ".join("".join(element.itertext("*")).split())


def _read_name(match: re.Match[str]) -> str:
    """`&eacute;` is HTML's, which XML does not know and writers of feeds use all the same."""
    return match[0] if match[1] in _XML_NAMES else html5.get(f"{match[1]};", match[0])


def _local_name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _starts_like_xml(data: bytes) -> bool:
    head = data[:_START_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _WIDE_START.match(head.decode("utf-16", "replace")) is not None
    return _START.match(head) is not None


XML = Family("xml", (".xml", ".rss", ".atom"), _starts_like_xml, convert_xml, VERSION)
