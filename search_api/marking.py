"""Text cut where something in it has to be marked: the words of a question, the passage that answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from search_api.schemas import Highlight, HighlightKind, PassageHit, Span

HEADING_SEPARATOR = " › "
"""Between the headings of `PassageHit.heading`."""


@dataclass(frozen=True)
class Piece:
    """A run of text that is marked in one way throughout."""

    start: int
    text: str
    kind: HighlightKind | None = None
    in_passage: bool = False


@dataclass(frozen=True)
class Marks:
    """What to mark in a document; `highlights` in order and apart from each other, as `make_marks` leaves them."""

    highlights: tuple[Highlight, ...] = ()
    passage: Span | None = None


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
    spans: Sequence[Span] = [*near, marks.passage] if marks.passage else near
    cuts = sorted({start, end, *(cut for span in spans for cut in (span.start, span.end) if start < cut < end)})
    return [_piece(text, start, left, right, near, marks.passage) for left, right in pairwise(cuts)]


def snippet_pieces(passage: PassageHit) -> list[list[Piece]]:
    """The snippets of a passage, or its whole text where it has none; without its heading, which stands beside it."""
    marks = make_marks(passage.highlights)
    first = _body_start(passage)
    spans = [span for span in passage.snippets if span.end > first] or [Span(start=first, end=passage.end)]
    shown = [(max(span.start, first), span.end) for span in spans]
    return [cut_pieces(passage.text[start - passage.start : end - passage.start], start, marks) for start, end in shown]


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


def _piece(
    text: str, offset: int, left: int, right: int, highlights: Sequence[Highlight], passage: Span | None
) -> Piece:
    kind = next((each.kind for each in highlights if _covers(each, left, right)), None)
    in_passage = passage is not None and _covers(passage, left, right)
    return Piece(left, text[left - offset : right - offset], kind, in_passage)


def _covers(span: Span, start: int, end: int) -> bool:
    return span.start <= start and end <= span.end
