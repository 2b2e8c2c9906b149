"""A document's text to passages: along headings, paragraphs and sentences, within the model's token budget.

Pure functions over offsets. Passages hold every character that is not white space exactly once and in order; none
goes across a heading, and a heading stays with what it heads.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from indexer.context import HEADING_SEPARATOR, Context
from search_core.model import HeadingSpan, PageSpan, find_confidence
from search_core.sentences import HAN, sentence_spans, trim_span

SPLITTER_VERSION = 2
"""Raised with any change of where passages begin and end."""

PASSAGE_TOKENS = 128
"""Model tokens of a passage's text. Longer ones make vectors vague; shorter ones lose what a sentence refers to.

Against 256, 128 gained .02 to .04 nDCG@10 across languages on corpus/ and .04 to .06 on libreoffice_hard, where it lost
.01 to .02 within French and within Chinese; 96 did no better than 128 (docs/language-fairness.md).
"""

FEWEST_TOKENS = 32
"""What is left to the text where title and headings take nearly all that the model reads."""

CountTokens = Callable[[Sequence[str]], list[int]]

_CHARS_PER_TOKEN = 8
"""No text has longer tokens on average: a unit beyond this is cut before it is counted."""

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n")
_CUTS = (
    re.compile(r"\n"),
    re.compile(rf"[，、；：,;:)\]）】»”](?=[\s{HAN}])"),
    re.compile(r"\s"),
)
"""Where a sentence that is too long may be cut, best first."""

_CUT_WINDOW = 500
_JOINERS = frozenset("\u200d\ufe0e\ufe0f") | frozenset(map(chr, range(0x1F3FB, 0x1F400)))

_AFTER_PARAGRAPH, _AFTER_LINE, _AFTER_SENTENCE, _INSIDE_SENTENCE = 0.0, 0.1, 0.3, 1.0
"""What it costs to end a passage there; leaving a whole passage's budget unused costs 1."""


class Section(NamedTuple):
    """What stands under one heading path; `body` is where the headings at its beginning end."""

    start: int
    body: int
    end: int
    path: tuple[str, ...]


class Unit(NamedTuple):
    """The smallest piece that passages are made of; `cost` of ending a passage after it."""

    start: int
    end: int
    cost: float


class Piece(NamedTuple):
    """Where a passage lies, under which headings and on which page it begins; `confidence` as in `Passage`."""

    start: int
    end: int
    heading: str
    page: str | None
    confidence: float | None = None


def find_sections(text: str, headings: Sequence[HeadingSpan]) -> list[Section]:
    """Cut a text before each heading; a heading that is followed by another one directly stays with it."""
    sections: list[Section] = []
    path: list[HeadingSpan] = []
    start = body = 0
    for heading in (*headings, HeadingSpan(len(text), len(text), 0)):
        if text[body : heading.start].strip() or heading.start == len(text):
            titles = tuple(" ".join(text[above.start : above.end].split()) for above in path)
            sections.append(Section(start, body, heading.start, titles))
            start = heading.start
        path = [above for above in path if above.level < heading.level] + [heading]
        body = heading.end
    return [section for section in sections if text[section.start : section.end].strip()]


def make_heading(path: Sequence[str], title: str) -> str:
    """The heading path on one line, without the title where that is what it begins with."""
    repeated = bool(path) and path[0].casefold() == title.casefold()
    return HEADING_SEPARATOR.join(path[1:] if repeated else path)


def split_text(
    text: str,
    sections: Sequence[tuple[Section, Context]],
    pages: Sequence[PageSpan],
    count_tokens: CountTokens,
    max_tokens: int,
    budget: int = PASSAGE_TOKENS,
) -> list[Piece]:
    """The pieces of all sections, in order. `max_tokens` is what the model reads, title and headings among it."""
    budgets = [min(budget, max(FEWEST_TOKENS, max_tokens - context.tokens)) for _, context in sections]
    units = [list(find_units(text, section, limit)) for (section, _), limit in zip(sections, budgets, strict=True)]
    counted = fit_units(text, units, budgets, count_tokens)
    page_starts = [page.start for page in pages]
    pieces: list[Piece] = []
    for (_, context), limit, (fitting, sizes) in zip(sections, budgets, counted, strict=True):
        for first, last in pack_units(sizes, [unit.cost for unit in fitting], limit):
            start, end = fitting[first].start, fitting[last - 1].end
            page = pages[max(0, bisect_right(page_starts, start) - 1)].label if pages else None
            pieces.append(Piece(start, end, context.heading_path, page, find_confidence(pages, start, end)))
    return pieces


def find_units(text: str, section: Section, budget: int) -> Iterator[Unit]:
    """The sentences of a section, its headings in one with the first of them."""
    spans = [
        (section.body + start, section.body + end) for start, end in sentence_spans(text[section.body : section.end])
    ] or [trim_span(text, section.start, section.end)]
    spans[0] = (trim_span(text, section.start, section.end)[0], spans[0][1])
    for number, (start, end) in enumerate(spans):
        gap = text[end : spans[number + 1][0]] if number + 1 < len(spans) else ""
        unit = Unit(start, end, _cut_cost(gap))
        yield from _halve_until(text, unit, lambda found: found.end - found.start <= budget * _CHARS_PER_TOKEN)


def fit_units(
    text: str, groups: Sequence[Sequence[Unit]], budgets: Sequence[int], count_tokens: CountTokens
) -> list[tuple[list[Unit], list[int]]]:
    """Each group with the token counts of its units, those above its budget halved until they fit."""
    flat = [(unit, group) for group, units in enumerate(groups) for unit in units]
    fitting: list[list[tuple[Unit, int]]] = [[] for _ in groups]
    while flat:
        sizes = count_tokens([text[unit.start : unit.end] for unit, _ in flat])
        following: list[tuple[Unit, int]] = []
        for (unit, group), size in zip(flat, sizes, strict=True):
            halves = halve_unit(text, unit) if size > budgets[group] else None
            if halves:
                following += [(half, group) for half in halves]
            else:
                fitting[group].append((unit, size))
        flat = following
    ordered = [sorted(group) for group in fitting]
    return [([unit for unit, _ in group], [size for _, size in group]) for group in ordered]


def pack_units(sizes: Sequence[int], costs: Sequence[float], budget: int) -> list[tuple[int, int]]:
    """Half-open ranges of units, none above the budget, that leave the least of it unused and cut at the best places.

    Filling greedily would leave a last passage of a few words after each full one.
    """
    best = [0.0]
    came_from = [0]
    for end in range(1, len(sizes) + 1):
        best.append(float("inf"))
        came_from.append(end - 1)
        total = 0
        for start in range(end - 1, -1, -1):
            total += sizes[start]
            if total > budget and start < end - 1:
                break
            cost = best[start] + (max(0, budget - total) / budget) ** 2 + costs[end - 1]
            if cost < best[end]:
                best[end], came_from[end] = cost, start
    ranges: list[tuple[int, int]] = []
    end = len(sizes)
    while end:
        ranges.append((came_from[end], end))
        end = came_from[end]
    return ranges[::-1]


def halve_unit(text: str, unit: Unit) -> tuple[Unit, Unit] | None:
    """Two units from one, cut near its middle: at a line break, a clause, a space, any character. None if nowhere."""
    cut = _find_cut(text, unit.start, unit.end)
    if cut is None:
        return None
    first, second = trim_span(text, unit.start, cut), trim_span(text, cut, unit.end)
    if first[0] == first[1] or second[0] == second[1]:
        return None
    return Unit(*first, _INSIDE_SENTENCE), Unit(*second, unit.cost)


def _halve_until(text: str, unit: Unit, fits: Callable[[Unit], bool]) -> Iterator[Unit]:
    waiting = [unit]
    while waiting:
        found = waiting.pop()
        halves = None if fits(found) else halve_unit(text, found)
        if halves:
            waiting += reversed(halves)
        else:
            yield found


def _find_cut(text: str, start: int, end: int) -> int | None:
    middle = (start + end) // 2
    reach = min((end - start) // 4, _CUT_WINDOW)
    for pattern in _CUTS:
        cuts = [match.end() for match in pattern.finditer(text, middle - reach, middle + reach)]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - middle))
    nearest_first = sorted(
        range(max(start + 1, middle - reach), min(end, middle + reach + 1)), key=lambda cut: abs(cut - middle)
    )
    return next((cut for cut in nearest_first if _may_cut(text, cut)), None)


def _may_cut(text: str, cut: int) -> bool:
    """Whether two characters that a reader sees as one would stay together."""
    return unicodedata.category(text[cut])[0] != "M" and text[cut] not in _JOINERS and text[cut - 1] != "\u200d"


def _cut_cost(gap: str) -> float:
    if not gap or _PARAGRAPH_END.search(gap):
        return _AFTER_PARAGRAPH
    return _AFTER_LINE if "\n" in gap else _AFTER_SENTENCE
