"""Headings of PDF files without an outline: what is printed larger than the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

from indexer.convert.pdf.pages import Page
from indexer.convert.pdf.paragraphs import Paragraph
from indexer.convert.plain_headings import find_plain_headings
from search_core.model import HeadingSpan, PageSpan

_LARGER = 1.15
_LONGEST = 150
_MOST_LINES = 3
_LEVELS = 4
_MOST = 0.3
"""Share of the paragraphs: where more of them are large, the page is a poster or a slide."""

_NO_HEADING_ENDS = tuple(",;.。，；、:：")


def find_drawn_headings(text: str, pages: Sequence[Page], spans: Sequence[PageSpan]) -> tuple[HeadingSpan, ...]:
    """By the size of their letters, the largest above; where that tells a title at most, by their wording too."""
    found = {span: paragraph for span, paragraph in _place_paragraphs(pages, spans) if paragraph.is_text}
    sizes: Counter[float] = Counter()
    for paragraph in found.values():
        sizes[_round(paragraph.size)] += len(paragraph.text)
    body = max(sizes, key=lambda size: sizes[size], default=0.0)
    large = {span: _round(each.size) for span, each in found.items() if _is_heading(each, body)}
    if len(large) > max(1, _MOST * len(found)):
        large = {}
    ranks = sorted(set(large.values()), reverse=True)
    headings = [HeadingSpan(*span, min(_LEVELS, ranks.index(size) + 1)) for span, size in large.items()]
    if len(ranks) < 2:
        headings += _find_worded(text, headings)
    return tuple(sorted(headings, key=lambda heading: heading.start))


def _find_worded(text: str, known: Sequence[HeadingSpan]) -> list[HeadingSpan]:
    lowest = 2 if known else 1
    return [
        replace(found, level=max(lowest, found.level))
        for found in find_plain_headings(text)
        if all(found.end <= other.start or other.end <= found.start for other in known)
    ]


def _is_heading(paragraph: Paragraph, body: float) -> bool:
    short = len(paragraph.text) <= _LONGEST and paragraph.lines <= _MOST_LINES
    worded = sum(map(str.isalpha, paragraph.text)) > 1 and not paragraph.text.endswith(_NO_HEADING_ENDS)
    return short and worded and paragraph.size >= _LARGER * body


def _round(size: float) -> float:
    return round(size * 2) / 2


def _place_paragraphs(pages: Sequence[Page], spans: Sequence[PageSpan]) -> Iterator[tuple[tuple[int, int], Paragraph]]:
    """Where each paragraph stands in the text of all pages; nothing of pages that were left out of it."""
    for page, span in zip(pages, spans, strict=True):
        if span.end - span.start != len(page.text):
            continue
        gaps = [2 if paragraph.apart else 1 for paragraph in page.paragraphs[1:]]
        lengths = [len(paragraph.text) for paragraph in page.paragraphs]
        starts = accumulate((length + gap for length, gap in zip(lengths, gaps, strict=False)), initial=span.start)
        for start, paragraph in zip(starts, page.paragraphs, strict=False):
            yield (start, start + len(paragraph.text)), paragraph
