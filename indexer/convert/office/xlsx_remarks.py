"""What lies on a sheet of an Excel workbook and in no cell of it: comments and the texts of shapes.

They are in parts of their own, which the sheet's relations name; openpyxl does not look at them when it streams.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from openpyxl.xml.functions import fromstring

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_THREADED = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_SHAPES = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}"

_SUBSTITUTE = "[Threaded comment]"
"""Begins what Excel writes for older programs in the place of a conversation, which has a part of its own."""


def read_remarks(archive: zipfile.ZipFile, sheet_path: str) -> list[str]:
    """Comments with the cell that they are on, `B4 : Relevé contesté.`, then the texts of shapes, one each."""
    parts = dict(_iter_relations(archive, sheet_path))
    threads = [
        _read_thread(found) for found in _iter_all(archive, parts.get("threadedComment"), f"{_THREADED}threadedComment")
    ]
    comments = [_read_comment(found) for found in _iter_all(archive, parts.get("comments"), f"{_MAIN}comment")]
    shapes = [_read_shape(found) for found in _iter_all(archive, parts.get("drawing"), f"{_SHAPES}sp")]
    return [text for text in (*threads, *comments, *shapes) if text]


def _iter_relations(archive: zipfile.ZipFile, sheet_path: str) -> Iterator[tuple[str, str]]:
    """The last word of each relation's type, and the path of the part in the archive."""
    folder, name = posixpath.split(sheet_path.lstrip("/"))
    path = f"{folder}/_rels/{name}.rels"
    if path in archive.namelist():
        for relation in fromstring(archive.read(path)):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))
                yield relation.get("Type", "").rpartition("/")[2], target.lstrip("/")


def _iter_all(archive: zipfile.ZipFile, path: str | None, tag: str) -> Iterator[Any]:
    if path and path in archive.namelist():
        yield from fromstring(archive.read(path)).iter(tag)


def _read_thread(element: Any) -> str:
    return _place(element, "".join(found.text or "" for found in element.iter(f"{_THREADED}text")))


def _read_comment(element: Any) -> str:
    text = "".join(found.text or "" for found in element.iter(f"{_MAIN}t"))
    return "" if text.startswith(_SUBSTITUTE) else _place(element, text)


def _place(comment: Any, text: str) -> str:
    flat = " ".join(text.split())
    return f"{comment.get('ref', '')} : {flat}" if flat else ""


def _read_shape(element: Any) -> str:
    lines = ("".join(run.text or "" for run in found.iter(f"{_TEXT}t")) for found in element.iter(f"{_TEXT}p"))
    return "\n".join(line for line in lines if line.strip())
