"""PowerPoint presentations: the shapes of each slide from top to bottom, tables, charts, diagrams, and notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.etree import LxmlError
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.opc.package import PartFactory
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.package import Package
from pptx.parts.presentation import PresentationPart
from pptx.shapes.group import GroupShape

from indexer.convert.base import ConvertedFile, join_cells
from indexer.convert.containers import check_archive, part_names
from indexer.convert.family import Family
from indexer.convert.office.pptx_chart import read_chart
from indexer.convert.properties import declare_properties
from indexer.convert.slides import Slide, show_chart, write_slides
from indexer.front_matter import Declared
from indexer.metadata import parse_language
from search_core.errors import ConversionError

VERSION = 1

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

MAX_DEPTH = 30
"""Of groups in groups."""

_LINE_EMU = 228_600
"""A quarter of an inch: shapes whose tops are nearer than that stand in one line, and are read from left to right."""

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE, PP_PLACEHOLDER.VERTICAL_TITLE)
"""By type: python-pptx takes the placeholder numbered 0 for the title, a number that LibreOffice gives others too."""

_REPEATED = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER)
"""What stands on every slide."""

PartFactory.part_type_for.update(
    {
        f"application/vnd.ms-powerpoint.{kind}.macroEnabled.main+xml": PresentationPart
        for kind in ("slideshow", "template")
    }
)
"""What python-pptx does not know are presentations too; and `pptx.Presentation` refuses shows and templates."""

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"

_ERRORS = (PythonPptxError, LxmlError, zipfile.BadZipFile, KeyError, ValueError, AttributeError, TypeError, OSError)


def convert_pptx(data: bytes) -> ConvertedFile:
    """The text of a presentation. Raises `ConversionError` where it is none, is broken or unfolds to gigabytes."""
    check_archive(data, "PowerPoint presentation")
    try:
        presentation = Package.open(io.BytesIO(data)).main_document_part.presentation
        written = write_slides(_read_slide(slide) for slide in presentation.slides)
        properties = presentation.core_properties
    except _ERRORS as cause:
        raise ConversionError(
            "The PowerPoint presentation is damaged.", remedy="Open it in a presentation program and save it again."
        ) from cause
    return ConvertedFile(
        text=written.text,
        declared=Declared(
            declare_properties(
                title=properties.title,
                author=properties.author,
                created=properties.created,
                keywords=properties.keywords,
            )
        ),
        pages=written.pages,
        headings=written.headings,
        media_type=MEDIA_TYPE,
        notes=written.notes,
        partial_reason=written.partial_reason,
        language_hint=parse_language(properties.language),
    )


def _read_slide(slide: Any) -> Slide:
    _unwrap_alternatives(slide.element)
    shapes = list(slide.shapes)
    titles = [shape for shape in shapes if shape.is_placeholder and shape.placeholder_format.type in _TITLES][:1]
    notes = slide.notes_slide.shapes if slide.has_notes_slide else ()
    unread: list[Any] = []
    return Slide(
        title=" ".join(line for title in titles for line in _read_lines(title.text_frame)),
        blocks=list(_iter_blocks((shape for shape in shapes if shape not in titles), unread)),
        notes=[line for block in _iter_blocks(notes, unread) for line in block.split("\n") if line],
        is_hidden=slide.element.get("show") in ("0", "false"),
        is_partial=bool(unread),
    )


def _unwrap_alternatives(root: Any) -> None:
    """Put what newer programs show in the place of the choice between that and what older ones would.

    python-pptx passes over such choices, in which text boxes with formulas stand.
    """
    for choice in list(root.iter(f"{_MC}AlternateContent")):
        parent = choice.getparent()
        chosen = next((found for tag in ("Choice", "Fallback") for found in choice.iterchildren(_MC + tag)), None)
        if parent is not None:
            position = parent.index(choice)
            parent[position : position + 1] = list(chosen) if chosen is not None else []


def _iter_blocks(shapes: Iterable[Any], unread: list[Any], depth: int = 0) -> Iterator[str]:
    """The texts of shapes in reading order; those that cannot be read are added to `unread`."""
    for shape in sorted(shapes, key=_reading_order):
        if shape.is_placeholder and shape.placeholder_format.type in _REPEATED:
            continue
        if isinstance(shape, GroupShape):
            if depth < MAX_DEPTH:
                yield from _iter_blocks(shape.shapes, unread, depth + 1)
            else:
                unread.append(shape)
        elif shape.has_text_frame:
            yield "\n".join(_read_lines(shape.text_frame))
        else:
            try:
                yield _read_graphic(shape)
            except _ERRORS:  # of one chart, whose part may be missing: the other shapes are there
                unread.append(shape)


def _reading_order(shape: Any) -> tuple[int, int]:
    return (shape.top or 0) // _LINE_EMU, shape.left or 0


def _read_lines(frame: Any) -> list[str]:
    """One line a paragraph."""
    texts = (_read_paragraph(paragraph._p) for paragraph in frame.paragraphs)
    return [text for text in texts if text.strip()]


def _read_paragraph(element: Any) -> str:
    """Runs, fields and formulas."""
    parts = (
        "\n" if found.tag == qn("a:br") else found.text or ""
        for found in element.iter(qn("a:t"), qn("a:br"), _MATH_TEXT)
    )
    return "".join(parts).strip()


def _read_graphic(shape: Any) -> str:
    """A table, chart or diagram; nothing of pictures."""
    if shape.has_table:
        return _read_table(shape.table)
    if shape.has_chart:
        return show_chart(*read_chart(shape.chart.part._element))
    return _read_diagram(shape)


def _read_table(table: Any) -> str:
    rows = ([" ".join(_read_lines(cell.text_frame)) for cell in row.cells] for row in table.rows)
    return "\n".join(line for cells in rows if (line := join_cells(cells)))


def _read_diagram(shape: Any) -> str:
    """The texts of a SmartArt diagram, from the part of the file that its frame names."""
    ids = next(shape.element.iter(f"{_DIAGRAM}relIds"), None)
    relation = shape.part.rels.get(ids.get(qn("r:dm"))) if ids is not None else None
    if relation is None or relation.is_external:
        return ""
    points = parse_xml(relation.target_part.blob).iter(f"{_DIAGRAM}pt")
    texts = (" ".join(map(_read_paragraph, point.iter(qn("a:p")))).strip() for point in points)
    return "\n".join(text for text in texts if text)


def _is_presentation(data: bytes) -> bool:
    return "ppt/presentation.xml" in part_names(data)


PPTX = Family(
    "pptx",
    (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"),
    _is_presentation,
    convert_pptx,
    VERSION,
    ("python-pptx",),
)
