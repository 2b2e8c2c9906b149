"""A typed query as it is understood: its language, its tokens, the glossary terms in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search_api.query import ParsedQuery, parse_query
from search_api.schemas import QueryLanguage, SearchRequest
from search_core.analysis.analyzer import Analyzer, Token
from search_core.calibration import Calibration
from search_core.glossary import GlossaryMatcher, TermMatch
from search_core.language import detect_query_language
from search_core.model import Language, Shared
from search_core.names.book import NameBook, NameMatch
from search_core.pairs import PairTable

Translated = Mapping[Language, tuple[str, ...]]


@dataclass(frozen=True)
class QueryTools(Shared):
    """What queries are understood with, and which documents are versions of each other.

    `reindex_advised`: passages were analysed with an older glossary.
    """

    analyzer: Analyzer
    matcher: GlossaryMatcher
    names: NameBook
    calibration: Calibration
    pairs: PairTable
    reindex_advised: bool = False


@dataclass(frozen=True)
class Question(Shared):
    """`tokens` are the query's own, each text once; `translations` the glossary's tokens by document language.

    `names` may be meant in it (`search_core.names.book`); what is one of them counts as no term of the glossary.
    `coverage` is the share of the query's tokens that the glossary translates into a document language.
    """

    parsed: ParsedQuery
    language: QueryLanguage
    language_given: bool
    tokens: tuple[Token, ...]
    terms: tuple[TermMatch, ...]
    names: tuple[NameMatch, ...]
    translations: Translated
    coverage: Mapping[Language, float]

    @property
    def mean_language(self) -> Language | None:
        """The language whose mean centres the query; None when undecided."""
        return None if self.language == "both" else self.language


def read_question(request: SearchRequest, tools: QueryTools) -> Question:
    """Understand what was typed. Every text is a question, if only an empty one."""
    parsed = parse_query(request.q)
    tokens = tuple({token.text: token for token in tools.analyzer.analyze(parsed.text)}.values())
    terms, names = _settle(tools.matcher.match(parsed.text), tools.names.match(parsed.text))
    return Question(
        parsed=parsed,
        language=detect_query_language(parsed.text) if request.query_lang == "auto" else request.query_lang,
        language_given=request.query_lang != "auto",
        tokens=tokens,
        terms=terms,
        names=names,
        translations={language: _translate(terms, language, tokens, tools.analyzer) for language in ("fr", "zh")},
        coverage={language: _coverage(terms, language, tokens) for language in ("fr", "zh")},
    )


def _settle(
    terms: Sequence[TermMatch], names: Sequence[NameMatch]
) -> tuple[tuple[TermMatch, ...], tuple[NameMatch, ...]]:
    """What is both: a person rather than a term, but a term rather than any other name or a part of it."""
    kept = [name for name in names if name.is_reference or not any(_is_rather(term, name) for term in terms)]
    left = [term for term in terms if not any(_covers(name, term) for name in kept if not name.is_reference)]
    return tuple(left), tuple(kept)


def _is_rather(term: TermMatch, name: NameMatch) -> bool:
    same = (term.start, term.end) == (name.start, name.end)
    return _covers(term, name) and not (same and name.known and name.is_person)


def _covers(outer: TermMatch | NameMatch, inner: TermMatch | NameMatch) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _translate(
    terms: tuple[TermMatch, ...], into: Language, known: tuple[Token, ...], analyzer: Analyzer
) -> tuple[str, ...]:
    """Tokens of the other language's terms, without those that the query has anyway."""
    own = {token.text for token in known}
    written = [
        term
        for match in terms
        if match.language != into
        for term in (match.entry.fr if into == "fr" else match.entry.zh)
    ]
    found = (token.text for term in written for token in analyzer.analyze(term))
    return tuple(dict.fromkeys(text for text in found if text not in own))


def _coverage(terms: tuple[TermMatch, ...], into: Language, tokens: tuple[Token, ...]) -> float:
    spans = [(match.start, match.end) for match in terms if match.language != into]
    translated = sum(any(start <= token.start and token.end <= end for start, end in spans) for token in tokens)
    return translated / len(tokens) if tokens else 0.0
