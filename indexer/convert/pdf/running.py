"""Running headers and footers: what stands at one place of several pages, page numbers aside, is no text of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

from indexer.convert.pdf.rows import Row
from indexer.convert.pdf.runs import Run

FEWEST_PAGES = 3
"""What two pages have in common may be their text."""

_EDGE_ROWS = 3
_EDGE_SHARE = 0.15
"""Of the page's height, at its head and at its foot."""

_STEP = 3.0
_MANY = 0.25
_BLANK = 0.7
_MOST_NUMBERS = 3
_NUMBER = re.compile(r"\d+")
_AROUND_NUMBER = re.compile(r"page|pages|p|pg|folio|sur|de|of|[第页頁共总總之]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_LONG_WORDS = 15
"""Letters beside a page number that make a title of the line. "Étape 1", "Étape 2" on two slides are none."""


class PageRows(NamedTuple):
    """The rows of a page, from the top down, and where the page ends. `number` counts from 1."""

    number: int
    label: str
    bottom: float
    top: float
    rows: list[Row]


class _Edge(NamedTuple):
    """What stands where: `place` is the distance from the page's edge in steps."""

    side: str
    place: int
    words: str


class RunningLines:
    """Knows what the pages so far had at their edges; pages are given in batches, in their order."""

    def __init__(self) -> None:
        self._pages = 0
        self._edges: Counter[_Edge] = Counter()
        self._places: Counter[tuple[str, int]] = Counter()
        self._told: set[str] = set()
        self._text = ""

    def drop(self, pages: Sequence[PageRows]) -> list[list[Row]]:
        """The rows of each page without its running headers and footers.

        One that says what no page says otherwise (a reference, a name) stays where it comes first.
        """
        self._learn(pages)
        running = [self._find_running(page) for page in pages]
        self._text += "".join(
            _squeeze(run.text)
            for page, dropped in zip(pages, running, strict=True)
            for number, row in enumerate(page.rows)
            if number not in dropped
            for run in row.runs
        )
        return [
            [row for number, row in enumerate(page.rows) if number not in dropped or self._is_news(row)]
            for page, dropped in zip(pages, running, strict=True)
        ]

    def _learn(self, pages: Sequence[PageRows]) -> None:
        for page in pages:
            self._edges.update({edge for side, _, row in _edge_rows(page) for edge in _describe(row, side, page)})
        for page in pages:
            self._places.update(
                {
                    (side, _place(row, side, page))
                    for side, _, row in _edge_rows(page)
                    if any(self._is_repeated(run, side, page) for run in row.runs)
                }
            )
        self._pages += len(pages)

    def _find_running(self, page: PageRows) -> set[int]:
        """The numbers of its rows that run over the pages, from both edges inwards."""
        running: set[int] = set()
        reached: set[str] = set()
        for side, number, row in _edge_rows(page):
            repeated = all(self._is_repeated(run, side, page) for run in row.runs)
            if side not in reached and (repeated or self._stands_where_others_run(row, number, side, page)):
                running.add(number)
            else:
                reached.add(side)
        return running

    def _is_repeated(self, run: Run, side: str, page: PageRows) -> bool:
        return any(
            sum(self._edges[edge._replace(place=edge.place + step)] for step in (-1, 0, 1)) >= FEWEST_PAGES
            for edge in _describe_run(run, side, page)
        )

    def _stands_where_others_run(self, row: Row, number: int, side: str, page: PageRows) -> bool:
        """A header that names the chapter stands where others are repeated, and apart from the text."""
        place = _place(row, side, page)
        often = sum(self._places[side, place + step] for step in (-1, 0, 1))
        above, below = page.rows[number - 1 : number], page.rows[number + 1 : number + 2]
        blanks = (
            [row.bottom - inner.top for inner in below]
            if side == "head"
            else [inner.bottom - row.top for inner in above]
        )
        apart = all(blank > _BLANK * row.size for blank in blanks)
        return apart and often >= max(FEWEST_PAGES, _MANY * self._pages)

    def _is_news(self, row: Row) -> bool:
        said = [_squeeze(run.text) for run in row.runs if not _is_around_number(run.text)]
        news = [words for words in said if words not in self._text and words not in self._told]
        self._told.update(news)
        return bool(news)


def _edge_rows(page: PageRows) -> Iterator[tuple[str, int, Row]]:
    """The outermost rows of a page with their sides and numbers, from both edges inwards."""
    zone = _EDGE_SHARE * (page.top - page.bottom)
    numbered = list(enumerate(page.rows))
    head = [(number, row) for number, row in numbered if row.bottom > page.top - zone]
    foot = [(number, row) for number, row in numbered if page.bottom <= row.bottom < page.bottom + zone]
    yield from (("head", number, row) for number, row in head[:_EDGE_ROWS])
    yield from (("foot", number, row) for number, row in foot[: -_EDGE_ROWS - 1 : -1])


def _place(what: Row | Run, side: str, page: PageRows) -> int:
    return round((page.top - what.top if side == "head" else what.bottom - page.bottom) / _STEP)


def _describe(row: Row, side: str, page: PageRows) -> Iterator[_Edge]:
    for run in row.runs:
        yield from _describe_run(run, side, page)


def _describe_run(run: Run, side: str, page: PageRows) -> Iterator[_Edge]:
    """What stands there, its page number as the distance to the number of the page."""
    for words in _name_numbers(run.text.strip(), page):
        yield _Edge(side, _place(run, side, page), words)


def _name_numbers(text: str, page: PageRows) -> Iterator[str]:
    if text == page.label:
        yield "(label)"
        return
    may_number = _is_around_number(text) or len(_squeeze(text)) >= _LONG_WORDS
    numbers = [int(found) for found in _NUMBER.findall(text) if len(found) < 7]
    if not numbers or len(numbers) > _MOST_NUMBERS or not may_number:
        if any(map(str.isalpha, text)):
            yield text
        return
    between = _NUMBER.split(text)
    for chosen in product(*((str(number), f"({number - page.number})") for number in numbers)):
        if any(map(str.isalpha, text)) or any(part.startswith("(") for part in chosen):
            yield "".join(part + number for part, number in zip(between, [*chosen, ""], strict=False))


def _is_around_number(text: str) -> bool:
    return all(map(_AROUND_NUMBER.fullmatch, _WORD.findall(text)))


def _squeeze(text: str) -> str:
    """The letters alone: a program that has no room for a chapter's title puts dots for the rest of it."""
    return "".join(_WORD.findall(text.casefold()))
