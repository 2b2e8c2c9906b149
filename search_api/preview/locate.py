"""Where a text stands among the characters of a page.

The text of a document is the page's text put in order: words cut at line ends are whole, lines are joined, running
headers are gone, columns and table cells may come in another order. Only letters and digits are compared, and the text
may lie on the page in several pieces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

SEED = 8
"""So many letters in a row, or the whole text where it is shorter, are a place to begin."""

LEAST_SHARE = 0.5
"""Less of a text than this found on the page, and it is elsewhere: an image, a layer of other words."""

_PLACES_TRIED = 50


class _Letters(NamedTuple):
    """Letters and digits of a text, folded; `places[i]` is where in it the letter `text[i]` stands."""

    text: str
    places: list[int]


def locate(wanted: str, page: str, before: str = "") -> list[range]:
    """Runs of characters of `page` that make up `wanted`, in the order of the page; empty where it is not there.

    `before`, the text ahead of it on the page, tells which of several equal places is meant.

    "l’eau potable", "… de l'eau po-\\ntable." -> the characters from "l'eau" to "table"
    """
    sought, found = _letters(wanted), _letters(page)
    seed = min(SEED, len(sought.text))
    runs: list[range] = []
    at, expected = 0, len(_letters(before).text)
    while seed and at + seed <= len(sought.text):
        run = _find_longest(sought.text[at:], found.text, seed, expected)
        runs.append(run)
        at, expected = (at + len(run), run.stop) if run else (at + 1, expected + 1)
    if sum(map(len, runs)) < LEAST_SHARE * max(len(sought.text), 1):
        return []
    return sorted((_on_page(run, found.places) for run in runs if run), key=lambda each: each.start)


def _letters(text: str) -> _Letters:
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        kept = [each for each in unicodedata.normalize("NFKD", character).casefold() if each.isalnum()]
        letters += kept
        places += [place] * len(kept)
    return _Letters("".join(letters), places)


def _find_longest(sought: str, text: str, seed: int, expected: int) -> range:
    """The longest stretch of `text` that `sought` begins with; of equal ones the nearest to where it is expected."""
    best = range(0)
    for start in islice(_iter_places(sought[:seed], text), _PLACES_TRIED):
        run = range(start, start + _common_length(sought, text[start : start + len(sought)]))
        if (len(run), -abs(start - expected)) > (len(best), -abs(best.start - expected)):
            best = run
    return best


def _iter_places(seed: str, text: str) -> Iterator[int]:
    start = text.find(seed)
    while start >= 0:
        yield start
        start = text.find(seed, start + 1)


def _common_length(one: str, other: str) -> int:
    return next(
        (count for count, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _on_page(run: range, places: list[int]) -> range:
    return range(places[run.start], places[run.stop - 1] + 1)
