"""OpenDocument presentations: the shapes of each slide from top to bottom, tables, charts, and notes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from indexer.convert.base import ConvertedFile, join_cells
from indexer.convert.family import Family
from indexer.convert.opendocument.odf import (
    MIMETYPE,
    has_kind,
    name,
    open_parts,
    parse_part,
    read_paragraphs,
    read_properties,
)
from indexer.convert.slides import Slide, show_chart, write_slides
from indexer.front_matter import Declared

VERSION = 1

_MOST_COLUMNS = 100

_GROUP, _OBJECT, _TABLE = name("draw:g"), name("draw:object"), name("table:table")
_NOTES, _CLASS = name("presentation:notes"), name("presentation:class")
_REPEATED = frozenset(("header", "footer", "date-time", "page-number"))
_SHAPES = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"

_LENGTH = re.compile(r"(-?[\d.]+)(cm|mm|in|pt|px)?")
_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 0.0353, "px": 0.0265}
_LINE_CM = 0.6
"""Shapes whose tops are nearer than that stand in one line, and are read from left to right."""


def convert_odp(data: bytes) -> ConvertedFile:
    """The text of a presentation. Raises `ConversionError` where it is none, is broken or needs a password."""
    with open_parts(data, "presentation", "a presentation program") as parts:
        content = parse_part(parts, "content.xml")
        hidden = _read_hidden_styles(content)
        pages = content.iter(name("draw:page"))
        written = write_slides(_read_slide(page, parts, hidden) for page in pages)
        declared = read_properties(parts)
    return ConvertedFile(
        text=written.text,
        declared=Declared(declared),
        pages=written.pages,
        headings=written.headings,
        media_type=f"{MIMETYPE}presentation",
        notes=written.notes,
        partial_reason=written.partial_reason,
    )


def _read_hidden_styles(content: Any) -> frozenset[str]:
    styles = content.iter(name("style:style"))
    return frozenset(
        style.get(name("style:name"), "")
        for style in styles
        if any(child.get(name("presentation:visibility")) == "hidden" for child in style)
    )


def _read_slide(page: Any, parts: zipfile.ZipFile, hidden: frozenset[str]) -> Slide:
    shapes = [shape for shape in page if isinstance(shape.tag, str) and shape.tag.startswith(_SHAPES)]
    titles = [shape for shape in shapes if shape.get(_CLASS) == "title"][:1]
    notes = page.find(_NOTES)
    return Slide(
        title=" ".join(line for shape in titles for line in read_paragraphs(shape)),
        blocks=list(_iter_blocks([shape for shape in shapes if shape not in titles], parts)),
        notes=_read_notes(notes) if notes is not None else [],
        is_hidden=page.get(name("draw:style-name")) in hidden,
    )


def _read_notes(notes: Any) -> list[str]:
    return [line for frame in notes if frame.get(_CLASS) not in _REPEATED for line in read_paragraphs(frame)]


def _iter_blocks(shapes: list[Any], parts: zipfile.ZipFile) -> Iterator[str]:
    """libxml2 reads no deeper than 256 elements: groups in groups end."""
    for shape in sorted(shapes, key=_reading_order):
        if shape.get(_CLASS) in _REPEATED:
            continue
        if shape.tag == _GROUP:
            yield from _iter_blocks([child for child in shape if isinstance(child.tag, str)], parts)
            continue
        table = shape.find(_TABLE)
        embedded = shape.find(_OBJECT)
        if table is not None:
            yield _read_table(table)
        elif embedded is not None:
            yield _read_object(embedded.get(name("xlink:href"), ""), parts)
        else:
            yield "\n".join(read_paragraphs(shape))


def _reading_order(shape: Any) -> tuple[int, float]:
    """A group begins where the first of its shapes does."""
    placed = [found for found in shape.iter() if found.get(name("svg:y"))] if shape.tag == _GROUP else [shape]
    tops = [_read_length(found.get(name("svg:y"))) for found in placed] or [0.0]
    lefts = [_read_length(found.get(name("svg:x"))) for found in placed] or [0.0]
    return int(min(tops) // _LINE_CM), min(lefts)


def _read_length(text: str | None) -> float:
    found = _LENGTH.match(text or "")
    return float(found[1]) * _CENTIMETRES[found[2] or "cm"] if found else 0.0


def _read_rows(table: Any) -> list[list[str]]:
    rows = table.iter(name("table:table-row"))
    return [[" ".join(read_paragraphs(cell)) for cell in row][:_MOST_COLUMNS] for row in rows]


def _read_table(table: Any) -> str:
    return "\n".join(line for cells in _read_rows(table) if (line := join_cells(cells)))


def _read_object(reference: str, parts: zipfile.ZipFile) -> str:
    """The title of a chart and the table it is drawn from; the tables and paragraphs of other OpenDocument objects."""
    path = f"{reference.removeprefix('./')}/content.xml"
    if path not in parts.namelist():
        return ""
    root = parse_part(parts, path)
    if next(root.iter(name("chart:chart")), None) is None:
        return "\n".join([_read_table(table) for table in root.iter(_TABLE)] or read_paragraphs(root))
    titles = [line for title in root.iter(name("chart:title")) for line in read_paragraphs(title)]
    return show_chart(titles[0] if titles else "", next(map(_read_rows, root.iter(_TABLE)), []))


def _is_presentation(data: bytes) -> bool:
    return has_kind(data, "presentation")


ODP = Family(
    "odp",
    (".odp", ".otp"),
    _is_presentation,
    convert_odp,
    VERSION,
    ("lxml",),
)
