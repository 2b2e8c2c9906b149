"""Text cut where something in it has to be marked: the words of a question, the passage that answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from search_api.schemas import Correspondence, Highlight, HighlightKind, PassageHit, Span

HEADING_SEPARATOR = " › "
"""Between the headings of `PassageHit.heading`."""

PAIRS_SHOWN = 8


@dataclass(frozen=True)
class Piece:
    """A run of text that is marked in one way throughout."""

    start: int
    text: str
    kind: HighlightKind | None = None
    in_passage: bool = False
    in_answer: bool = False
    is_term: bool = False


@dataclass(frozen=True)
class Marks:
    """What to mark in a document; `highlights` in order and apart from each other, as `make_marks` leaves them.

    `answer` is the sentence that answers, `terms` are those whose translation is shown beside the text.
    """

    highlights: tuple[Highlight, ...] = ()
    passage: Span | None = None
    answer: Span | None = None
    terms: tuple[Span, ...] = ()

    @property
    def others(self) -> list[Span]:
        """All but the highlights."""
        return [span for span in (self.passage, self.answer, *self.terms) if span is not None]


def make_marks(highlights: Iterable[Highlight], passage: Span | None = None) -> Marks:
    """Put highlights in order; where two overlap, the first keeps its place and the second what is left of its own."""
    apart: list[Highlight] = []
    end = 0
    for highlight in sorted(highlights, key=lambda each: (each.start, each.end)):
        start = max(highlight.start, end)
        if start < highlight.end:
            apart.append(Highlight(start=start, end=highlight.end, kind=highlight.kind))
            end = highlight.end
    return Marks(tuple(apart), passage)


def cut_pieces(text: str, start: int, marks: Marks) -> list[Piece]:
    """`text`, which begins at `start` in its document, in pieces that join back to it."""
    end = start + len(text)
    near = _near(marks.highlights, start, end)
    spans: Sequence[Span] = [*near, *marks.others]
    cuts = sorted({start, end, *(cut for span in spans for cut in (span.start, span.end) if start < cut < end)})
    return [_piece(text[left - start : right - start], left, near, marks) for left, right in pairwise(cuts)]


def snippet_pieces(passage: PassageHit) -> list[list[Piece]]:
    """The snippets of a passage as `shown_spans` has them, in pieces."""
    marks = replace(make_marks(passage.highlights), answer=passage.answer, terms=tuple(passage.correspondences))
    return [
        cut_pieces(passage.text[span.start - passage.start : span.end - passage.start], span.start, marks)
        for span in shown_spans(passage)
    ]


def shown_spans(passage: PassageHit) -> list[Span]:
    """The snippets of a passage, or its whole text where it has none; without its heading, which stands beside it."""
    first = _body_start(passage)
    spans = [span for span in passage.snippets if span.end > first] or [Span(start=first, end=passage.end)]
    return [Span(start=max(span.start, first), end=span.end) for span in spans]


def shown_pairs(passage: PassageHit) -> list[Correspondence]:
    """The terms in what is shown of a passage, each once; those that were asked first, and not too many to read."""
    shown = shown_spans(passage)
    inside = [pair for pair in passage.correspondences if any(_covers(span, pair.start, pair.end) for span in shown)]
    distinct = {(pair.term.casefold(), pair.translation.casefold()): pair for pair in reversed(inside)}
    return sorted(distinct.values(), key=lambda pair: (not pair.asked, pair.start))[:PAIRS_SHOWN]


def _body_start(passage: PassageHit) -> int:
    """Where a passage goes on after its own heading; a heading with something to mark counts as body."""
    heading = passage.heading.rpartition(HEADING_SEPARATOR)[2]
    body = passage.text.removeprefix(heading).lstrip()
    start = passage.end - len(body)
    marked = any(highlight.start < start for highlight in passage.highlights)
    return passage.start if marked or not body else start


def _near(highlights: Sequence[Highlight], start: int, end: int) -> Sequence[Highlight]:
    first = max(bisect_right(highlights, start, key=lambda each: each.start) - 1, 0)
    last = bisect_right(highlights, end, key=lambda each: each.start)
    return highlights[first:last]


def _piece(text: str, start: int, highlights: Sequence[Highlight], marks: Marks) -> Piece:
    end = start + len(text)
    return Piece(
        start,
        text,
        kind=next((each.kind for each in highlights if _covers(each, start, end)), None),
        in_passage=_covers(marks.passage, start, end),
        in_answer=_covers(marks.answer, start, end),
        is_term=any(_covers(term, start, end) for term in marks.terms),
    )


def _covers(span: Span | None, start: int, end: int) -> bool:
    return span is not None and span.start <= start and end <= span.end
