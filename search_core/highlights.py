"""Which words of a text answer a query: spans at exact offsets into the original text, none overlapping.

Both sides went through one analyzer, so the accents, apostrophes, width and variant in which either is written
make no difference, and what is marked is what was matched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from search_core.analysis.analyzer import Analyzer, Token
from search_core.glossary import GlossaryEntry, GlossaryMatcher
from search_core.names.book import NameMatch

MarkKind = Literal["phrase", "name", "word", "glossary", "stem"]
_PRIORITY: tuple[MarkKind, ...] = ("phrase", "name", "word", "stem", "glossary")


@dataclass(frozen=True)
class Mark:
    """A span worth marking, half-open, and why."""

    start: int
    end: int
    kind: MarkKind


@dataclass(frozen=True)
class Wanted:
    """What to mark: the query's tokens as typed and as stems, its glossary entries, its phrases, the names in it."""

    words: frozenset[str]
    stems: frozenset[str]
    entries: frozenset[GlossaryEntry]
    phrases: tuple[str, ...]
    names: tuple[NameMatch, ...] = ()


def make_wanted(
    tokens: Iterable[Token],
    entries: Iterable[GlossaryEntry],
    phrases: Iterable[str],
    names: Iterable[NameMatch] = (),
) -> Wanted:
    """Single Chinese characters (mostly 的, 了, 在) are left out beside longer words: marking them marks everything."""
    found = list(tokens)
    longer = [token for token in found if token.kind != "word" or len(token.text) > 1]
    kept = longer or found
    return Wanted(
        words=frozenset(token.text for token in kept if token.kind != "stem"),
        stems=frozenset(token.text for token in kept),
        entries=frozenset(entries),
        phrases=tuple(phrases),
        names=tuple(names),
    )


def find_marks(text: str, wanted: Wanted, analyzer: Analyzer, matcher: GlossaryMatcher) -> list[Mark]:
    """The marks of a text in its order. Where several overlap, phrases win, then names, words, stems, translations."""
    found = [
        *_iter_phrases(text, wanted, analyzer),
        *(Mark(start, end, "name") for name in wanted.names for start, end in name.find(text)),
        *_iter_words(text, wanted, analyzer),
        *_iter_translations(text, wanted, matcher),
    ]
    found.sort(key=lambda mark: (_PRIORITY.index(mark.kind), mark.start - mark.end, mark.start))
    taken: set[int] = set()
    kept: list[Mark] = []
    for mark in found:
        if taken.isdisjoint(range(mark.start, mark.end)):
            taken.update(range(mark.start, mark.end))
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)


def _iter_phrases(text: str, wanted: Wanted, analyzer: Analyzer) -> Iterator[Mark]:
    for phrase in wanted.phrases:
        yield from (Mark(start, end, "phrase") for start, end in analyzer.find_phrase(text, phrase))


def _iter_words(text: str, wanted: Wanted, analyzer: Analyzer) -> Iterator[Mark]:
    for token in analyzer.analyze(text):
        if token.kind != "stem" and token.text in wanted.words:
            yield Mark(token.start, token.end, "word")
        elif token.text in wanted.stems:
            yield Mark(token.start, token.end, "stem")


def _iter_translations(text: str, wanted: Wanted, matcher: GlossaryMatcher) -> Iterator[Mark]:
    if wanted.entries:
        yield from (
            Mark(match.start, match.end, "glossary") for match in matcher.match(text) if match.entry in wanted.entries
        )
