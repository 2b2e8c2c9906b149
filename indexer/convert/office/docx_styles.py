"""Which styles of a Word document make headings, and which the lines of its table of contents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docx.document import Document as WordDocument
from docx.oxml.ns import qn

_HEADING_NAME = re.compile(r"(?:heading|titre|标题) ?([1-9])")
_TITLE_NAMES = frozenset(("title", "titre", "标题"))
_CONTENTS_NAME = re.compile(r"(?:toc|tm|目录) ?[1-9]")


class WordStyles:
    """Styles by id. The built-in ones have English names whatever the language; other programs translate them."""

    def __init__(self, document: WordDocument) -> None:
        self._styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self._levels = {name: level for name in self._styles if (level := self._find_level(name))}

    def find_level(self, paragraph: Any) -> int:
        """The heading level of a paragraph; 0 for other text."""
        outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        return _read_outline(outline) if outline is not None else self._levels.get(_style_id(paragraph), 0)

    def is_contents(self, paragraph: Any) -> bool:
        """Whether it is a line of the table of contents: the headings, once more."""
        style = self._styles.get(_style_id(paragraph))
        return style is not None and _CONTENTS_NAME.fullmatch(_read_name(style)) is not None

    def find_list(self, paragraph: Any) -> tuple[str | None, int]:
        """The id of the list that a paragraph belongs to and its level in that, from 0; None where it is in none."""
        own = _read_list(paragraph)
        if own[0] is not None:
            return own[0], own[1] or 0
        inherited = (_read_list(style) for style in self._iter_bases(_style_id(paragraph)))
        list_id, depth = next((found for found in inherited if found[0] is not None), (None, None))
        return list_id, own[1] or depth or 0

    def _find_level(self, name: str | None) -> int:
        return next((level for style in self._iter_bases(name) if (level := _read_level(style))), 0)

    def _iter_bases(self, name: str | None) -> Iterator[Any]:
        """The style, the one it is based on, and so on."""
        seen: set[str | None] = set()
        while name in self._styles and name not in seen:
            seen.add(name)
            yield self._styles[name]
            base = self._styles[name].find(qn("w:basedOn"))
            name = base.get(qn("w:val")) if base is not None else None


def _read_list(element: Any) -> tuple[str | None, int | None]:
    """Id and level that a paragraph or style itself has."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    number, level = (found.find(qn(tag)) if found is not None else None for tag in ("w:numId", "w:ilvl"))
    depth = level.get(qn("w:val"), "") if level is not None else ""
    return number.get(qn("w:val")) if number is not None else None, int(depth) if depth in set("012345678") else None


def _style_id(paragraph: Any) -> str | None:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return style.get(qn("w:val")) if style is not None else None


def _read_name(style: Any) -> str:
    name = style.find(qn("w:name"))
    return (name.get(qn("w:val")) or "").casefold() if name is not None else ""


def _read_level(style: Any) -> int:
    name = _read_name(style)
    found = _HEADING_NAME.fullmatch(name)
    if found or name in _TITLE_NAMES:
        return int(found[1]) if found else 1
    outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    return _read_outline(outline) if outline is not None else 0


def _read_outline(outline: Any) -> int:
    """Outline levels count from 0; 9 is body text."""
    value = outline.get(qn("w:val")) or ""
    return int(value) + 1 if value in set("012345678") else 0
