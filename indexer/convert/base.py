"""What every converter gives: plain readable text with what is known about its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexer.front_matter import Declared
from search_core.model import HeadingSpan, Language, PageSpan, Shared

MAX_TEXT_CHARS = 10_000_000
"""Of a document. What is longer is cut; converters that can, stop reading there."""

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class ConvertedFile(Shared):
    """A file as text. Offsets of pages and headings are in code points of `text`.

    `declared` is what the file says about itself (`indexer.metadata` makes sense of it).
    `language_hint` decides only where the text is too short to tell. `notes` are worth telling; `partial_reason` says
    what could not be read, empty where everything was. `holds_title` is whether the first heading or line may be the
    document's title; the name of a sheet is none.
    """

    text: str
    declared: Declared = field(default_factory=Declared)
    pages: tuple[PageSpan, ...] = ()
    headings: tuple[HeadingSpan, ...] = ()
    media_type: str = "text/plain"
    notes: tuple[str, ...] = ()
    partial_reason: str = ""
    language_hint: Language | None = None
    holds_title: bool = True


class TextBuilder:
    """Puts blocks together, one blank line between them, and keeps where the headings are."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[HeadingSpan] = []

    def add_block(self, text: str) -> None:
        """A paragraph, list item, table or piece of code; nothing where there is only white space."""
        self._append(clean_text(text).strip("\n").rstrip(), separator="\n\n")

    def add_line(self, text: str) -> None:
        """A block that belongs to the one before: the next list item or table row."""
        self._append(clean_text(text).strip("\n").rstrip(), separator="\n")

    def add_heading(self, text: str, level: int) -> None:
        """A heading on one line; level 1 is the highest."""
        line = " ".join(clean_text(text).split())
        if line:
            self._append(line, separator="\n\n")
            self._headings.append(HeadingSpan(self._length - len(line), self._length, level))

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def length(self) -> int:
        """Of the text so far, in code points."""
        return self._length

    @property
    def headings(self) -> tuple[HeadingSpan, ...]:
        return tuple(self._headings)

    def _append(self, text: str, separator: str) -> None:
        if not text.strip():
            return
        piece = separator + text if self._parts else text
        self._parts.append(piece)
        self._length += len(piece)


def clean_text(text: str) -> str:
    """The text with `\\n` as its only line end, without what no text holds: NULs, control characters, lone surrogates.

    It is not normalised otherwise: NFD stays NFD, so that highlights fall on what the file says.
    """
    return _NOT_TEXT.sub("", _LINE_ENDS.sub("\n", text))


def join_cells(cells: list[str]) -> str:
    """One table row on one line; a row of empty cells is an empty line."""
    flat = [" ".join(cell.split()) for cell in cells]
    return " | ".join(flat) if any(flat) else ""
