"""An HTML tree to the text that a reader sees: used for web pages and for Markdown, which is rendered first."""

from __future__ import annotations

import re
from typing import Any

import lxml.html
from lxml.etree import LxmlError

from indexer.convert.base import TextBuilder, clean_text, join_cells
from search_core.sentences import HAN

_DROPPED_TAGS = """
    area audio base button canvas datalist dialog embed footer frame frameset head iframe input link map meta nav
    noscript object option param rp rt script select source style svg template textarea title track video
"""
_DROPPED = frozenset(_DROPPED_TAGS.split())

_BLOCK_TAGS = """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure form header
    hgroup hr html legend main ol p section summary table tbody tfoot thead tr td th ul
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}

_WRAPPED_HAN = re.compile(rf"(?<=[{HAN}，。、；：！？）》」])[ \t]*\n\s*(?=[{HAN}，。、；：！？（《「])")
_WHITE = re.compile(r"[ \t\n\r\f]+")


def parse_html(source: str) -> Any:
    """The tree of a page. Nesting is not limited: beyond its limit lxml drops the rest of the text without a word."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    return lxml.html.document_fromstring(source.encode(), parser=parser)


class HtmlWriter:
    """Walks a tree in reading order; text gathers until the block it stands in ends."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._inline: list[str] = []
        self._mark = ""

    def write(self, element: Any) -> None:
        self._walk(element)
        self._flush()

    def _walk(self, element: Any) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag and tag not in _DROPPED and element.get("hidden") is None:
            self._write_element(element, tag)

    def _write_element(self, element: Any, tag: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self._builder.add_heading(read_line(element), _HEADINGS[tag])
        elif tag == "pre":
            self._flush()
            self._builder.add_block("".join(element.itertext()))
        elif tag == "table" and is_data_table(element):
            self._write_table(element)
        elif tag == "li":
            self._write_item(element)
        elif tag == "br":
            self._inline.append("\0")
        elif tag == "img":
            self._inline.append(element.get("alt") or "")
        else:
            self._write_children(element, is_block=tag in _BLOCKS)

    def _write_children(self, element: Any, *, is_block: bool) -> None:
        if is_block:
            self._flush()
        self._inline.append(element.text or "")
        for child in element:
            self._walk(child)
            self._inline.append(child.tail or "")
        if is_block:
            self._flush()

    def _write_item(self, element: Any) -> None:
        self._flush()
        parent = element.getparent()
        ordered = parent is not None and parent.tag == "ol"
        self._mark = f"{_item_number(element, parent)}. " if ordered else "- "
        self._write_children(element, is_block=False)
        self._flush()
        self._mark = ""

    def _write_table(self, table: Any) -> None:
        self._flush()
        for caption in table.iterchildren("caption"):
            self._builder.add_block(read_line(caption))
        lines = [join_cells([read_line(cell) for cell in row.iterchildren("td", "th")]) for row in table.iter("tr")]
        self._builder.add_block("\n".join(line for line in lines if line))

    def _flush(self) -> None:
        text = _collapse("".join(self._inline))
        self._inline.clear()
        if not text:
            return
        if self._mark:
            self._builder.add_line(self._mark + text)
            self._mark = ""
        else:
            self._builder.add_block(text)


def render_html(html: str) -> str:
    """All that HTML shows, menus too: for mails and entries of feeds. Nothing is fetched or run."""
    builder = TextBuilder()
    try:
        HtmlWriter(builder).write(parse_html(clean_text(html)))
    except (LxmlError, ValueError):  # nothing but a comment
        return ""
    return builder.text


def read_line(element: Any) -> str:
    """All text of an element on one line, its blocks apart."""
    parts: list[str] = []
    _gather(element, parts)
    return " ".join(_collapse("".join(parts)).split("\n"))


def is_data_table(table: Any) -> bool:
    """Whether a table holds data: tables within, headings or a single column are how old pages place their text."""
    if any(True for _ in table.iterdescendants("table", *_HEADINGS)):
        return False
    return any(len(list(row.iterchildren("td", "th"))) > 1 for row in table.iter("tr"))


def _gather(element: Any, parts: list[str]) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or tag in _DROPPED:
        return
    space = " " if tag in _BLOCKS or tag in ("br", "li") else ""
    parts += [space, element.get("alt") or "" if tag == "img" else element.text or ""]
    for child in element:
        _gather(child, parts)
        parts.append(child.tail or "")
    parts.append(space)


def _collapse(text: str) -> str:
    """White space as a browser shows it; a source line that ends between two Chinese characters leaves none."""
    flat = _WHITE.sub(" ", _WRAPPED_HAN.sub("", text))
    return "\n".join(line.strip(" ") for line in flat.split("\0")).strip("\n ")


def _item_number(item: Any, parent: Any) -> int:
    start = parent.get("start") or ""
    first = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
    return first + sum(1 for _ in item.itersiblings("li", preceding=True))
