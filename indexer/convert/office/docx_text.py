"""The text of a Word paragraph as it stands now, and what hangs on it: boxes, notes, comments, diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.oxml.ns import qn

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
BOX, FOOTNOTE, ENDNOTE, COMMENT = map(
    qn, ("w:txbxContent", "w:footnoteReference", "w:endnoteReference", "w:commentReference")
)
_ATTACHED = frozenset((BOX, FOOTNOTE, ENDNOTE, COMMENT, DIAGRAM))

_TEXT = frozenset((qn("w:t"), f"{_MATH}t"))
_MARKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_OPERATORS = {f"{_MATH}f": "/", f"{_MATH}sSup": "^", f"{_MATH}sSub": "_"}
"""Between the parts of what a formula puts above and below the line."""

_SKIPPED = frozenset(
    map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:sectPr", "w:tblPr", "w:trPr", "w:tcPr", "w:rt"))
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
"""Deleted text, properties, field codes, readings above characters, and boxes once more for older programs."""

_PAGE_FIELD = re.compile(r"\s*(PAGE|NUMPAGES|SECTIONPAGES)\b")


def is_skipped(element: Any) -> bool:
    """Whether nothing of it is text."""
    return element.tag in _SKIPPED or not isinstance(element.tag, str)


def read_paragraph(paragraph: Any) -> tuple[str, list[Any]]:
    """Its text, and the elements attached to it in their order: those whose tags are the constants above."""
    pieces = list(_iter_pieces(paragraph))
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    return text.strip(), [piece for piece in pieces if not isinstance(piece, str)]


def drop_page_numbers(story: Any) -> None:
    """Take the fields that count pages out of a header or footer, as they are on one page only."""
    for field in list(story.iter(qn("w:fldSimple"))):
        if _PAGE_FIELD.match(field.get(qn("w:instr"), "")):
            field.getparent().remove(field)
    for run in list(_iter_page_number_runs(story)):
        run.getparent().remove(run)


def _iter_pieces(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _TEXT:
            yield child.text or ""
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag in _ATTACHED:
            yield child
        elif child.tag in _OPERATORS:
            yield from _iter_formula(child)
        elif not is_skipped(child) and not _is_hidden(child):
            yield from _iter_pieces(child)


def _iter_formula(formula: Any) -> Iterator[Any]:
    for number, part in enumerate(part for part in formula if not part.tag.endswith("Pr")):
        if number:
            yield _OPERATORS[formula.tag]
        yield from _iter_pieces(part)


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}") if run.tag == qn("w:r") else None
    return mark is not None and mark.get(qn("w:val"), "true") not in ("0", "false", "off")


def _iter_page_number_runs(story: Any) -> Iterator[Any]:
    """Runs between the marks of such a field: code and result."""
    code, is_result = "", False
    for run in story.iter(qn("w:r")):
        for mark in run.iterchildren(qn("w:instrText")):
            code += mark.text or ""
        kinds = [mark.get(qn("w:fldCharType")) for mark in run.iterchildren(qn("w:fldChar"))]
        if "begin" in kinds:
            code = ""
        if "separate" in kinds:
            is_result = _PAGE_FIELD.match(code) is not None
        if "end" in kinds:
            code, is_result = "", False
        if is_result:
            yield run
