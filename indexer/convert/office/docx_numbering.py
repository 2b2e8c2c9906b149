"""The numbers that Word puts before headings and list items, and counts itself: 2.1, Article 3, 第三条."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from indexer.convert.office.docx_styles import WordStyles
from indexer.convert.ordinals import join_number, write_ordinal

_PLACE = re.compile(r"%([1-9])")
_MOST = 10_000
_MOST_CHARS = 100


@dataclass(frozen=True)
class _Level:
    """`text` holds `%1` where the number of the first level stands, and so on; `start` is the first number.

    `is_plain`: the numbers of other levels stand in plain digits, whatever their own kind.
    """

    kind: str
    text: str
    start: int
    is_plain: bool


@dataclass(frozen=True)
class _List:
    """Lists that are the same `scheme` go on counting where the others have ended, but at the levels in `restarts`."""

    scheme: str | None
    levels: dict[int, _Level]
    restarts: dict[int, int]


class WordNumbering:
    """Counts along with the paragraphs: each has to be asked about once, in their order."""

    def __init__(self, document: WordDocument, styles: WordStyles) -> None:
        self._styles = styles
        self._lists: dict[str | None, _List] = {}
        self._counts: dict[str | None, dict[int, int]] = {}
        for relation in document.part.rels.values():
            if relation.reltype == RELATIONSHIP_TYPE.NUMBERING and not relation.is_external:
                self._lists |= _read_lists(parse_xml(relation.target_part.blob))

    def add_number(self, paragraph: Any, text: str) -> str:
        """The text with what stands before it; bullets are left out. Nothing is counted where there is no text."""
        list_id, depth = self._styles.find_list(paragraph)
        found = self._lists.get(list_id)
        level = found.levels.get(depth) if found and text else None
        if found is None or level is None:
            return text
        counts = self._count(found, depth)
        if level.kind in ("bullet", "none"):
            return text
        label = _PLACE.sub(lambda place: _write_place(int(place[1]) - 1, found, level, counts), level.text).strip()
        return join_number(label, text)

    def _count(self, found: _List, depth: int) -> dict[int, int]:
        counts = self._counts.setdefault(found.scheme, {})
        start = found.restarts.pop(depth, None)
        if start is None and depth in counts:
            counts[depth] = min(counts[depth] + 1, _MOST)
        else:
            counts[depth] = found.levels[depth].start if start is None else start
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return counts


def _write_place(depth: int, found: _List, shown: _Level, counts: dict[int, int]) -> str:
    level = found.levels.get(depth)
    return write_ordinal(counts.get(depth, level.start), "decimal" if shown.is_plain else level.kind) if level else ""


def _read_lists(numbering: Any) -> dict[str | None, _List]:
    schemes = {
        scheme.get(qn("w:abstractNumId")): {
            _read_number(level, "w:ilvl", 0): _read_level(level) for level in scheme.iterchildren(qn("w:lvl"))
        }
        for scheme in numbering.iterchildren(qn("w:abstractNum"))
    }
    return {
        each.get(qn("w:numId")): _List(scheme, schemes.get(scheme, {}), _read_restarts(each))
        for each in numbering.iterchildren(qn("w:num"))
        if (scheme := _read_value(each, "w:abstractNumId")) is not None
    }


def _read_level(level: Any) -> _Level:
    return _Level(
        kind=_read_value(level, "w:numFmt") or "decimal",
        text=(_read_value(level, "w:lvlText") or "")[:_MOST_CHARS],
        start=_parse_number(_read_value(level, "w:start"), 1),
        is_plain=level.find(qn("w:isLgl")) is not None,
    )


def _read_restarts(each: Any) -> dict[int, int]:
    return {
        _read_number(override, "w:ilvl", 0): _parse_number(start, 1)
        for override in each.iterchildren(qn("w:lvlOverride"))
        if (start := _read_value(override, "w:startOverride")) is not None
    }


def _read_value(element: Any, tag: str) -> str | None:
    child = element.find(qn(tag))
    value: str | None = child.get(qn("w:val")) if child is not None else None
    return value


def _read_number(element: Any, attribute: str, default: int) -> int:
    return _parse_number(element.get(qn(attribute)), default)


def _parse_number(text: str | None, default: int) -> int:
    return min(int(text), _MOST) if text and text.isdecimal() and len(text) < 10 else default
