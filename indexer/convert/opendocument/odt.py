"""OpenDocument texts: paragraphs and tables in their order, each followed by the notes and boxes that hang on it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

from indexer.convert.base import ConvertedFile, TextBuilder, join_cells
from indexer.convert.family import Family
from indexer.convert.opendocument.odf import (
    MIMETYPE,
    has_kind,
    name,
    open_parts,
    parse_part,
    read_count,
    read_properties,
)
from indexer.convert.opendocument.odt_numbering import Numbering, read_list_styles
from indexer.convert.opendocument.odt_text import COMMENT, is_drawing, is_skipped, read_paragraph
from indexer.front_matter import Declared

VERSION = 1

_HEADING, _PARAGRAPH, _TABLE, _OBJECT = map(name, ("text:h", "text:p", "table:table", "draw:object"))
_LIST, _ITEM = name("text:list"), name("text:list-item")
_CELLS = (name("table:table-cell"), name("table:covered-table-cell"))
_HEADERS = tuple(f"style:{kind}{pages}" for kind in ("header", "footer") for pages in ("", "-left", "-first"))

_MATH = "{http://www.w3.org/1998/Math/MathML}"
_MATH_WORDS = frozenset(_MATH + kind for kind in ("mi", "mn", "mo", "mtext"))


def is_odt(data: bytes) -> bool:
    return has_kind(data, "text")


def convert_odt(data: bytes) -> ConvertedFile:
    """The text of a document. Raises `ConversionError` where it is none, is broken or needs a password."""
    with open_parts(data, "OpenDocument text", "a word processor") as parts:
        builder = TextBuilder()
        content = parse_part(parts, "content.xml")
        writer = _TextWriter(builder, parts, content)
        for text in content.iter(name("office:text")):
            writer.write(text)
        for story in _iter_headers(parts):
            writer.write(story)
        declared = read_properties(parts)
    return ConvertedFile(
        text=builder.text, declared=Declared(declared), headings=builder.headings, media_type=f"{MIMETYPE}text"
    )


class _TextWriter:
    """Goes through sections, lists, tables and boxes in the order of the file; libxml2 reads 256 in each other."""

    def __init__(self, builder: TextBuilder, parts: zipfile.ZipFile, content: Any) -> None:
        self._builder = builder
        self._parts = parts
        self._titles = _find_title_styles(content)
        styles = [parse_part(parts, "styles.xml")] if "styles.xml" in parts.namelist() else []
        self._levels = read_list_styles([*styles, content])
        self._headings = Numbering(self._levels.get("", {}))
        self._last_lists: dict[str, Numbering] = {}

    def write(self, container: Any) -> None:
        for child in container:
            if child.tag in (_HEADING, _PARAGRAPH):
                self._write_paragraph(child)
            elif child.tag == _TABLE:
                self._write_table(child)
            elif child.tag == _LIST:
                self._write_list(child)
            elif child.tag == _OBJECT:
                self._write_formula(child)
            elif not is_skipped(child):
                self.write(child)

    def _write_paragraph(self, paragraph: Any, numbering: Numbering | None = None, depth: int = 0) -> None:
        text, attached = read_paragraph(paragraph)
        if paragraph.tag == _HEADING:
            level = min(read_count(paragraph, "text:outline-level"), 9)
            self._builder.add_heading(self._headings.add_number(text, level), level)
        elif paragraph.get(name("text:style-name")) in self._titles:
            self._builder.add_heading(text, 1)
        else:
            self._builder.add_block(numbering.add_number(text, depth) if numbering else text)
        self._write_attached(attached)

    def _write_list(self, element: Any) -> None:
        style = element.get(name("text:style-name"), "")
        numbering = Numbering(self._levels.get(style, {}) if style else {})
        if element.get(name("text:continue-numbering")) == "true":
            numbering = self._last_lists.get(style, numbering)
        self._last_lists[style] = numbering
        self._write_items(element, numbering, 1)

    def _write_items(self, element: Any, numbering: Numbering, depth: int) -> None:
        """The first paragraph of an item has the number."""
        for item in element:
            counting: Numbering | None = numbering if item.tag == _ITEM else None
            for child in item:
                if child.tag == _LIST:
                    self._write_items(child, numbering, depth + 1)
                elif child.tag in (_HEADING, _PARAGRAPH):
                    self._write_paragraph(child, counting, depth)
                    counting = None
                else:
                    self.write([child])

    def _write_table(self, table: Any) -> None:
        rows = [[cell for cell in row if cell.tag in _CELLS] for row in _iter_rows(table)]
        if any(len(cells) > 1 for cells in rows):
            attached: list[Any] = []
            lines = [join_cells([_read_cell(cell, attached) for cell in cells]) for cells in rows]
            self._builder.add_block("\n".join(filter(None, lines)))
            self._write_attached(attached)
        else:  # one column: a frame around text
            for cells in rows:
                for cell in cells:
                    self.write(cell)

    def _write_attached(self, elements: list[Any]) -> None:
        for element in elements:
            if element.tag == COMMENT:
                self._write_comment(element)
            else:
                self.write([element] if element.tag == _TABLE else element)

    def _write_comment(self, comment: Any) -> None:
        author = comment.findtext(name("dc:creator")) or ""
        texts = [read_paragraph(line)[0] for line in comment.iter(_PARAGRAPH)]
        self._builder.add_block(" ".join(filter(None, [f"[{author}]" if author else "", *texts])))

    def _write_formula(self, reference: Any) -> None:
        path = f"{reference.get(name('xlink:href'), '').removeprefix('./')}/content.xml"
        if path in self._parts.namelist():
            words = (word.text for word in parse_part(self._parts, path).iter(*_MATH_WORDS))
            self._builder.add_block(" ".join(filter(None, words)))


def _read_cell(cell: Any, attached: list[Any]) -> str:
    """Its text on one line; what hangs on it, tables in it too, goes to `attached`."""
    texts = []
    for child in cell:
        if child.tag in (_HEADING, _PARAGRAPH):
            text, found = read_paragraph(child)
            texts.append(text)
            attached += found
        elif child.tag == _TABLE or is_drawing(child):
            attached.append(child)
        elif not is_skipped(child):
            texts.append(_read_cell(child, attached))
    return " ".join(filter(None, texts))


def _iter_rows(table: Any) -> Iterator[Any]:
    """Rows of a table, not those of tables within."""
    for child in table:
        if child.tag == name("table:table-row"):
            yield child
        elif child.tag in map(name, ("table:table-header-rows", "table:table-rows", "table:table-row-group")):
            yield from _iter_rows(child)


def _find_title_styles(content: Any) -> frozenset[str]:
    """The style of a document's title, and those that paragraphs of it have for a look of their own."""
    styles = content.iter(name("style:style"))
    based = [style for style in styles if style.get(name("style:parent-style-name")) == "Title"]
    return frozenset({"Title", *(style.get(name("style:name")) for style in based)})


def _iter_headers(parts: zipfile.ZipFile) -> Iterator[Any]:
    """Headers and footers of the first kind of page, each text once, to stand after the text."""
    if "styles.xml" not in parts.namelist():
        return
    page = next(parse_part(parts, "styles.xml").iter(name("style:master-page")), None)
    written: set[str] = set()
    for kind in _HEADERS:
        for story in page.iterchildren(name(kind)) if page is not None else ():
            text, _ = read_paragraph(story)
            if text not in written:
                yield story
            written.add(text)


ODT = Family("odt", (".odt", ".ott"), is_odt, convert_odt, VERSION, ("lxml",))
