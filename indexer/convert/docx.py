"""Word documents: paragraphs and tables in their order, headings with levels, notes at the end."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml.etree import LxmlError

from indexer.convert.base import ConvertedFile, TextBuilder, join_cells
from indexer.convert.containers import check_archive, part_names
from indexer.convert.family import Family
from indexer.front_matter import Declared
from indexer.metadata import parse_language
from search_core.errors import ConversionError

VERSION = 1

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_HEADING_NAME = re.compile(r"heading ([1-9])")
_PROGRAM_AUTHORS = frozenset(
    {"python-docx", "administrator", "user", "utilisateur", "utilisateur windows", "microsoft office user"}
)
_TEMPLATE_DATE = "2013-12-23"
"""Files that python-docx makes say they were created then."""

_NOTE_PARTS = (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES)

_TEXT = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:softHyphen"): ""}
_SKIPPED = frozenset(map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:sectPr", "w:tblPr"))) | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
"""Deleted text, properties, field codes, and the second rendering of text boxes for older programs."""


def convert_docx(data: bytes) -> ConvertedFile:
    """The text of a Word document. Raises `ConversionError` where it is none, is broken or unfolds to gigabytes."""
    check_archive(data, "Word document")
    try:
        document = docx.Document(io.BytesIO(data))
        builder = TextBuilder()
        _WordWriter(builder, _read_heading_levels(document)).write(document.element.body)
        _write_notes(builder, document)
        declared, hint = read_properties(document)
    except (OpcError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, OSError) as cause:
        raise ConversionError(
            "The Word document is damaged.", remedy="Open it in a word processor and save it again."
        ) from cause
    return ConvertedFile(
        text=builder.text,
        declared=Declared(declared),
        headings=builder.headings,
        media_type=MEDIA_TYPE,
        language_hint=parse_language(hint),
    )


def read_properties(document: WordDocument) -> tuple[dict[str, Any], str]:
    """Core properties by metadata key, and the language they name."""
    properties = document.core_properties
    declared: dict[str, Any] = {"title": properties.title, "keywords": properties.keywords}
    if properties.author.strip().casefold() not in _PROGRAM_AUTHORS:
        declared["author"] = properties.author
    created = properties.created.date().isoformat() if properties.created else ""
    if created != _TEMPLATE_DATE:
        declared["date"] = created
    return {key: value for key, value in declared.items() if value}, properties.language


class _WordWriter:
    """Goes through body, tables and content controls in the order of the file."""

    def __init__(self, builder: TextBuilder, levels: dict[str, int]) -> None:
        self._builder = builder
        self._levels = levels

    def write(self, container: Any) -> None:
        for child in container:
            if child.tag == qn("w:p"):
                self._write_paragraph(child)
            elif child.tag == qn("w:tbl"):
                self._write_table(child)
            elif child.tag not in _SKIPPED:
                self.write(child)

    def _write_paragraph(self, paragraph: Any) -> None:
        text = read_text(paragraph)
        level = self._find_level(paragraph)
        if level:
            self._builder.add_heading(text, level)
        else:
            self._builder.add_block(text)

    def _write_table(self, table: Any) -> None:
        rows = [[read_text(cell) for cell in row.iterchildren(qn("w:tc"))] for row in _iter_rows(table)]
        if any(len(cells) > 1 for cells in rows):
            self._builder.add_block("\n".join(line for cells in rows if (line := join_cells(cells))))
            return
        for row in _iter_rows(table):  # one column: a frame around text
            for cell in row.iterchildren(qn("w:tc")):
                self.write(cell)

    def _find_level(self, paragraph: Any) -> int:
        outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if outline is not None:
            return _read_outline(outline)
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._levels.get(style.get(qn("w:val")), 0) if style is not None else 0


def read_text(element: Any) -> str:
    """The text of a paragraph or cell as it stands now: insertions in, deletions out, boxes where they are anchored."""
    return "".join(_iter_text(element)).strip()


def _iter_text(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _TEXT:
            yield _TEXT[child.tag]
        elif child.tag not in _SKIPPED:
            yield from _iter_text(child)
            if child.tag == qn("w:p"):
                yield "\n"


def _iter_rows(table: Any) -> Iterator[Any]:
    """Rows of a table, those inside content controls too, but not those of tables within."""
    for child in table:
        if child.tag == qn("w:tr"):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent")):
            yield from _iter_rows(child)


def _read_heading_levels(document: WordDocument) -> dict[str, int]:
    """Style id to heading level, for the styles that are headings or based on one."""
    styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
    return {name: level for name in styles if (level := _find_style_level(name, styles))}


def _find_style_level(name: str | None, styles: dict[str, Any]) -> int:
    seen: set[str | None] = set()
    while name in styles and name not in seen:
        seen.add(name)
        level = _read_style_level(styles[name])
        if level:
            return level
        base = styles[name].find(qn("w:basedOn"))
        name = base.get(qn("w:val")) if base is not None else None
    return 0


def _read_style_level(style: Any) -> int:
    name = style.find(qn("w:name"))
    folded = (name.get(qn("w:val")) or "").casefold() if name is not None else ""
    found = _HEADING_NAME.fullmatch(folded)
    if found or folded == "title":
        return int(found[1]) if found else 1
    outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    return _read_outline(outline) if outline is not None else 0


def _read_outline(outline: Any) -> int:
    """Outline levels count from 0; 9 is body text."""
    value = outline.get(qn("w:val")) or ""
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


def _write_notes(builder: TextBuilder, document: WordDocument) -> None:
    """Footnotes and endnotes, in their order, after the text."""
    for relation in document.part.rels.values():
        if relation.reltype in _NOTE_PARTS and not relation.is_external:
            for note in parse_xml(relation.target_part.blob):
                if note.get(qn("w:type")) is None:  # typed notes are separators
                    builder.add_block(read_text(note))


def _is_word_document(data: bytes) -> bool:
    return "word/document.xml" in part_names(data)


DOCX = Family(
    "docx",
    (".docx", ".docm", ".dotx"),
    _is_word_document,
    convert_docx,
    VERSION,
    ("python-docx",),
)
