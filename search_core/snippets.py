"""The part of a passage to show: whole sentences around what was marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from search_core.highlights import Mark
from search_core.sentences import Span, sentence_spans

MAX_WIDTH = 320
"""Columns: a full-width character takes two, an accent by itself none."""


def choose_snippet(
    text: str, marks: Sequence[Mark], max_width: int = MAX_WIDTH, answer: Span | None = None
) -> Span | None:
    """The run of whole sentences with most distinct marked words that fits, or the best sentence if none does.

    With an `answer`, a sentence of the text, only runs that hold it. Equal runs: the first. None for a text without
    words.
    """
    sentences = sentence_spans(text)
    runs = [_extend(text, sentences, first, max_width) for first in range(len(sentences))]
    if answer is not None:
        runs = [run for run in runs if run[0] <= answer[0] and answer[1] <= run[1]]
    if not runs:
        return None
    return max(runs, key=lambda run: (_worth(text, run, marks), -run[0]))


def _extend(text: str, sentences: Sequence[Span], first: int, max_width: int) -> Span:
    start, end = sentences[first]
    for _, later in sentences[first + 1 :]:
        if display_width(text[start:later]) > max_width:
            break
        end = later
    return start, end


def _worth(text: str, run: Span, marks: Sequence[Mark]) -> int:
    start, end = run
    return len({text[mark.start : mark.end].casefold() for mark in marks if start <= mark.start and mark.end <= end})


def display_width(text: str) -> int:
    """Columns on a page with fixed-width characters."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
