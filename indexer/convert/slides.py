"""Presentations as documents: each slide a page under its title, the speaker's notes after what the slide shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from indexer.convert.base import TextBuilder, clean_text
from indexer.convert.tables.cells import Cell
from indexer.convert.tables.lines import show_row
from indexer.workers.alive import tell_alive
from search_core.model import HeadingSpan, PageSpan
from search_core.sentences import HAN

MAX_SLIDES = 5_000

_LONGEST_TITLE = 120
_SENTENCE_END = tuple(".。!！?？;；")
_HAN = re.compile(f"[{HAN}]")


class Slide(NamedTuple):
    """`blocks` are what it shows besides its title, in reading order; a block may have several lines.

    `is_partial` where a part of it could not be read.
    """

    title: str
    blocks: Sequence[str]
    notes: Sequence[str] = ()
    is_hidden: bool = False
    is_partial: bool = False


class SlideText(NamedTuple):
    text: str
    pages: tuple[PageSpan, ...]
    headings: tuple[HeadingSpan, ...]
    notes: tuple[str, ...]
    partial_reason: str


def show_chart(title: str, rows: Sequence[Sequence[str]]) -> str:
    """The title of a chart, and each category with its values; the first row names the series.

    `Janvier | Avant : 820 | Après : 510`
    """
    names, *points = rows or [[]]
    labels = dict(enumerate(names))
    cells = [{column: Cell(text) for column, text in enumerate(point) if text} for point in points]
    lines = [line for row in cells for line in show_row(row, labels)] or [" | ".join(filter(None, names))]
    return "\n".join(filter(None, [title, *lines]))


def write_slides(slides: Iterable[Slide]) -> SlideText:
    """The text of all slides, hidden ones too. A slide's page is labelled with its number."""
    builder = TextBuilder()
    pages: list[PageSpan] = []
    hidden: list[str] = []
    partial: list[str] = []
    reasons: list[str] = []
    for number, slide in enumerate(slides, 1):
        if number > MAX_SLIDES:
            reasons.append(f"Only the first {MAX_SLIDES} slides were read.")
            break
        pages.append(_write_slide(builder, slide, str(number)))
        hidden += [str(number)] if slide.is_hidden else []
        partial += [str(number)] if slide.is_partial else []
        tell_alive()
    notes = (f"Hidden slides were read too: {', '.join(hidden)}.",) if hidden else ()
    if partial:
        reasons.append(f"Not all groups, tables, charts and diagrams could be read on slides {', '.join(partial)}.")
    return SlideText(builder.text, tuple(pages), builder.headings, notes, " ".join(reasons))


def _write_slide(builder: TextBuilder, slide: Slide, label: str) -> PageSpan:
    before = builder.length
    title, blocks = _choose_heading(slide, label)
    builder.add_heading(title, 1)
    for block in blocks:
        builder.add_block(block)
    if slide.notes:
        builder.add_heading("备注" if _HAN.search("".join(slide.notes)) else "Notes", 2)
        builder.add_block("\n".join(slide.notes))
    separator = 2 if before and builder.length > before else 0
    return PageSpan(before + separator, builder.length, label)


def _choose_heading(slide: Slide, label: str) -> tuple[str, list[str]]:
    """The slide's title, else its first line where that is short, else its number; and what is left to show.

    A slide without a heading would stand under that of the slide before.
    """
    title = " ".join(clean_text(slide.title).split())
    blocks = [cleaned for block in slide.blocks if (cleaned := clean_text(block).strip())]
    if title or not (blocks or slide.notes):
        return title, blocks
    first, _, rest = (blocks[0] if blocks else "").partition("\n")
    if first and len(first) <= _LONGEST_TITLE and not first.endswith(_SENTENCE_END):
        return first, [*([rest] if rest.strip() else []), *blocks[1:]]
    is_chinese = _HAN.search("".join((*blocks, *slide.notes))) is not None
    return (f"第{label}张幻灯片" if is_chinese else f"Diapositive {label}"), blocks
