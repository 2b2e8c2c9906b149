"""Word documents: paragraphs and tables in their order, each followed by the notes and boxes that hang on it."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.part import PartFactory
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart
from lxml.etree import LxmlError

from indexer.convert.base import ConvertedFile, TextBuilder, join_cells
from indexer.convert.containers import check_archive, part_names
from indexer.convert.family import Family
from indexer.convert.office.docx_numbering import WordNumbering
from indexer.convert.office.docx_styles import WordStyles
from indexer.convert.office.docx_text import (
    BOX,
    COMMENT,
    DIAGRAM,
    ENDNOTE,
    FOOTNOTE,
    drop_page_numbers,
    is_skipped,
    read_paragraph,
)
from indexer.convert.properties import declare_properties
from indexer.front_matter import Declared
from indexer.metadata import parse_language
from search_core.errors import ConversionError

VERSION = 3

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

PartFactory.part_type_for.update(
    dict.fromkeys(
        (
            "application/vnd.ms-word.document.macroEnabled.main+xml",
            "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        ),
        DocumentPart,
    )
)
"""What python-docx does not know are documents too; and `docx.Document` refuses them."""

_NOTES = {
    RELATIONSHIP_TYPE.FOOTNOTES: FOOTNOTE,
    RELATIONSHIP_TYPE.ENDNOTES: ENDNOTE,
    RELATIONSHIP_TYPE.COMMENTS: COMMENT,
}
"""Parts of a document, and what refers to what is in them."""

_PARAGRAPH, _TABLE, _ROW, _CELL = map(qn, ("w:p", "w:tbl", "w:tr", "w:tc"))
_DIAGRAM_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"


def is_docx(data: bytes) -> bool:
    """Some servers name the main part `document2.xml`."""
    return any(name.startswith("word/document") and name.endswith(".xml") for name in part_names(data))


def convert_docx(data: bytes) -> ConvertedFile:
    """The text of a Word document. Raises `ConversionError` where it is none, is broken or unfolds to gigabytes."""
    check_archive(data, "Word document")
    try:
        document = Package.open(io.BytesIO(data)).main_document_part.document
        builder = TextBuilder()
        writer = _WordWriter(builder, document)
        writer.write(document.element.body)
        writer.write_headers()
        properties = document.core_properties
        declared = declare_properties(
            title=properties.title,
            author=properties.author,
            created=properties.created,
            keywords=properties.keywords,
        )
        foreign = document.element.body.find(f".//{qn('w:altChunk')}") is not None
    except (OpcError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as cause:
        if _is_strict(data):
            raise ConversionError(
                "The Word document is of the strict variant of Open XML, which is not read.",
                remedy="Save it as an ordinary Word document (.docx).",
            ) from cause
        raise ConversionError(
            "The Word document is damaged.", remedy="Open it in a word processor and save it again."
        ) from cause
    return ConvertedFile(
        text=builder.text,
        declared=Declared(declared),
        headings=builder.headings,
        media_type=MEDIA_TYPE,
        partial_reason="It holds a document in another format, which is not read." if foreign else "",
        language_hint=parse_language(properties.language),
    )


def _is_strict(data: bytes) -> bool:
    if "_rels/.rels" not in part_names(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"purl.oclc.org/ooxml/" in archive.read("_rels/.rels")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        return False


class _WordWriter:
    """Goes through body, tables and content controls in the order of the file.

    Notes, comments and boxes follow the paragraph or table that they hang on, each once.
    """

    def __init__(self, builder: TextBuilder, document: WordDocument) -> None:
        self._builder = builder
        self._document = document
        self._styles = WordStyles(document)
        self._numbering = WordNumbering(document, self._styles)
        self._notes = dict(_iter_notes(document))

    def write(self, container: Any) -> None:
        for child in container:
            if child.tag == _PARAGRAPH:
                self._write_paragraph(child)
            elif child.tag == _TABLE:
                self._write_table(child)
            elif not is_skipped(child):
                self.write(child)

    def write_headers(self) -> None:
        """Headers and footers of the first section, after the text: a title stays its first line."""
        written: set[str] = set()
        for story in _iter_headers(self._document):
            drop_page_numbers(story)
            text, _ = read_paragraph(story)
            if text not in written:
                self.write(story)
            written.add(text)

    def _write_paragraph(self, paragraph: Any) -> None:
        if self._styles.is_contents(paragraph):
            return
        text, attached = self._read_paragraph(paragraph)
        level = self._styles.find_level(paragraph)
        if level:
            self._builder.add_heading(text, level)
        else:
            self._builder.add_block(text)
        self._write_attached(attached)

    def _read_paragraph(self, paragraph: Any) -> tuple[str, list[Any]]:
        text, attached = read_paragraph(paragraph)
        return self._numbering.add_number(paragraph, text), attached

    def _write_table(self, table: Any) -> None:
        rows = [list(_iter_inside(row, _CELL)) for row in _iter_inside(table, _ROW) if not _is_deleted(row)]
        if any(len(cells) > 1 for cells in rows):
            attached: list[Any] = []
            lines = [join_cells([self._read_cell(cell, attached) for cell in cells]) for cells in rows]
            self._builder.add_block("\n".join(filter(None, lines)))
            self._write_attached(attached)
        else:  # one column: a frame around text
            for cells in rows:
                self.write(cells)

    def _read_cell(self, cell: Any, attached: list[Any]) -> str:
        """Its text on one line; what hangs on it, tables in it too, goes to `attached`."""
        texts = []
        for child in cell:
            if child.tag == _PARAGRAPH:
                text, found = self._read_paragraph(child)
                texts.append(text)
                attached += found
            elif child.tag == _TABLE:
                attached.append(child)
            elif not is_skipped(child):
                texts.append(self._read_cell(child, attached))
        return " ".join(filter(None, texts))

    def _write_attached(self, elements: list[Any]) -> None:
        for element in elements:
            if element.tag == BOX:
                self.write(element)
            elif element.tag == _TABLE:
                self._write_table(element)
            elif element.tag == DIAGRAM:
                self._write_diagram(element)
            else:
                self._write_note(self._notes.pop((element.tag, element.get(qn("w:id"))), ()))

    def _write_note(self, note: Any) -> None:
        author = note.get(qn("w:author")) if len(note) else None
        if author:
            text, attached = read_paragraph(note)
            self._builder.add_block(f"[{author}] {text}")
            self._write_attached(attached)
        else:
            self.write(note)

    def _write_diagram(self, diagram: Any) -> None:
        part = self._document.part.related_parts.get(diagram.get(qn("r:dm")))
        words = parse_xml(part.blob).iter(_DIAGRAM_TEXT) if part is not None else ()
        self._builder.add_block("\n".join(word.text or "" for word in words))


def _iter_inside(element: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, those inside content controls too, but not those of tables within."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")):
            yield from _iter_inside(child, tag)


def _is_deleted(row: Any) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None


def _iter_notes(document: WordDocument) -> Iterator[tuple[tuple[str, str | None], Any]]:
    """Footnotes, endnotes and comments, by what refers to them."""
    for relation in document.part.rels.values():
        if relation.reltype in _NOTES and not relation.is_external:
            for note in parse_xml(relation.target_part.blob):
                yield (_NOTES[relation.reltype], note.get(qn("w:id"))), note


def _iter_headers(document: WordDocument) -> Iterator[Any]:
    section = next(document.element.body.iter(qn("w:sectPr")), None)
    for kind in ("w:headerReference", "w:footerReference"):
        for reference in section.iterchildren(qn(kind)) if section is not None else ():
            part = document.part.related_parts.get(reference.get(qn("r:id")))
            if part is not None:
                yield parse_xml(part.blob)


DOCX = Family("docx", (".docx", ".docm", ".dotx", ".dotm"), is_docx, convert_docx, VERSION, ("python-docx",))
