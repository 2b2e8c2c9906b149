"""Which words of a text a reader of the other language can be given: glossary terms with their translation.

question  Le Fort d'Issy et Leshan      text  乐山代表团参观了伊西堡
乐山 = Leshan (asked)   伊西堡 = Fort d'Issy (asked)   代表团 = délégation (not asked, but a help all the same)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from search_core.glossary import GlossaryEntry, GlossaryMatcher, TermLanguage, TermMatch

Asked = Mapping[tuple[GlossaryEntry, TermLanguage], str]
"""How a question wrote the terms it holds, by entry and language."""

_OTHER: Mapping[TermLanguage, TermLanguage] = {"fr": "zh", "zh": "fr"}


@dataclass(frozen=True)
class TermPair:
    """A term at its exact place in a text (half-open), the language of these words, and what they are in the other.

    `asked`: the question holds it, and `translation` is as the question wrote it.
    """

    start: int
    end: int
    language: TermLanguage
    translation: str
    asked: bool


def read_asked(text: str, terms: Iterable[TermMatch]) -> Asked:
    """The terms that were found in a question of this text."""
    return {(term.entry, term.language): text[term.start : term.end] for term in terms}


def find_pairs(text: str, asked: Asked, into: TermLanguage | None, matcher: GlossaryMatcher) -> list[TermPair]:
    """The terms of a text that are written in the other language than `into`, in their order, none overlapping.

    Where `into` is not known, only what was asked in the other language. A name that both write alike has no pair.
    """
    matches = groupby(matcher.match(text), key=lambda match: (match.start, match.end))
    return [pair for _, found in matches for pair in _iter_best(list(found), text, asked, into)]


def _iter_best(matches: list[TermMatch], text: str, asked: Asked, into: TermLanguage | None) -> Iterator[TermPair]:
    """The pair of the entries that share a span: one that was asked, else the first."""
    pairs = [pair for match in matches for pair in _iter_pair(match, text, asked, into)]
    if pairs:
        yield next((pair for pair in pairs if pair.asked), pairs[0])


def _iter_pair(match: TermMatch, text: str, asked: Asked, into: TermLanguage | None) -> Iterator[TermPair]:
    other = _OTHER[match.language]
    written = asked.get((match.entry, other))
    if written is None and other != into:
        return
    translation = written or (match.entry.fr if other == "fr" else match.entry.zh)[0]
    if translation.casefold() != text[match.start : match.end].casefold():
        yield TermPair(match.start, match.end, match.language, translation, written is not None)
