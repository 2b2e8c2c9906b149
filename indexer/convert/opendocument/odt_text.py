"""The text of an OpenDocument paragraph as it stands now, and what hangs on it: notes, comments, boxes, formulas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from indexer.convert.opendocument.odf import name, read_count

NOTE, COMMENT = name("text:note"), name("office:annotation")

_CHARACTERS = {name("text:tab"): "\t", name("text:line-break"): "\n"}
_SPACE = name("text:s")
_MOST_SPACES = 100

_DRAWING = name("draw:frame").removesuffix("frame")
_SKIPPED = frozenset(
    map(
        name,
        (
            "text:tracked-changes", "text:note-citation", "text:ruby-text", "text:hidden-text", "text:page-number",
            "text:page-count", "text:table-of-content", "text:alphabetical-index", "text:illustration-index",
            "text:table-index", "text:object-index", "text:user-index", "office:forms", "office:annotation-end",
            "svg:title", "svg:desc",
        ),
    )
)  # fmt: skip
"""Deleted text, numbers of notes and pages, readings above characters, and lists of what is there once more."""


def is_skipped(element: Any) -> bool:
    """Whether nothing of it is text."""
    return element.tag in _SKIPPED or not isinstance(element.tag, str)


def is_drawing(element: Any) -> bool:
    return isinstance(element.tag, str) and element.tag.startswith(_DRAWING) and element.tag != name("draw:a")


def read_paragraph(paragraph: Any) -> tuple[str, list[Any]]:
    """Its text, and the notes, comments and drawings in it in their order."""
    pieces = list(_iter_pieces(paragraph))
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    return text.strip(), [piece for piece in pieces if not isinstance(piece, str)]


def _iter_pieces(element: Any) -> Iterator[Any]:
    yield element.text or ""
    for child in element:
        if child.tag == _SPACE:
            yield " " * min(read_count(child, "text:c"), _MOST_SPACES)
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag in (NOTE, COMMENT) or is_drawing(child):
            yield child
        elif not is_skipped(child):
            yield from _iter_pieces(child)
        yield child.tail or ""
