"""What people filled in: values of form fields, and text typed onto a page, as runs at their places."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

from pypdfium2 import raw

from indexer.convert.pdf.runs import Run

MAX_FIELDS = 3_000
"""Of one page."""

_TICKED, _EMPTY = "☑", "☐"
_LARGEST = 11.0
_LETTER = 0.5
_LINE = 1.2
_SECRET = 1 << 13
_HIDDEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_BOXES = {raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON}
_WRITTEN = {raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX}


def read_fields(page: Any, form: Any) -> list[Run]:
    """A run for each line of each value, and ☑ or ☐ for each box to tick. `form` is None where the file has no form."""
    runs: list[Run] = []
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            runs += _read_annotation(annotation, form)
            raw.FPDFPage_CloseAnnot(annotation)
    return runs


def _read_annotation(annotation: Any, form: Any) -> Iterator[Run]:
    box = raw.FS_RECTF()
    hidden = raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN
    if hidden or not raw.FPDFAnnot_GetRect(annotation, box):
        return
    kind = raw.FPDFAnnot_GetSubtype(annotation)
    if kind == raw.FPDF_ANNOT_FREETEXT:
        text = _read_string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size))
    elif kind == raw.FPDF_ANNOT_WIDGET and form:
        text = _read_field(annotation, form)
    else:
        return
    if text in (_TICKED, _EMPTY):
        _grow(box)
    yield from _make_runs(text, box)


def _read_field(annotation: Any, form: Any) -> str:
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _BOXES:
        return _TICKED if raw.FPDFAnnot_IsChecked(form, annotation) else _EMPTY
    if kind not in _WRITTEN or raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _SECRET:
        return ""
    return _read_string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, annotation, buffer, size))


def _read_string(read: Callable[[Any, int], int]) -> str:
    size = read(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    read(ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", errors="replace")


def _grow(box: Any) -> None:
    """A box to tick may be smaller than the letters of its label, and stand above or below their middle."""
    height = box.top - box.bottom
    box.bottom, box.top = box.bottom - height / 2, box.top + height / 2


def _make_runs(text: str, box: Any) -> Iterator[Run]:
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    height = (box.top - box.bottom) / max(1, len(lines))
    size = max(1.0, min(_LARGEST, height / _LINE))
    for number, line in enumerate(lines):
        middle = box.top - (number + 0.5) * height
        right = min(box.right, box.left + _LETTER * size * len(line))
        yield Run(line, box.left, right, middle - height / 2, middle + height / 2, middle - 0.3 * size, size)
