"""A question as legs for the engine, and the engine's reply as what the legs of each language found.

Every filtered field needs its facet counted as if its own filter were not there. So the legs come in variants: one
with all filters (`""`), and one for each filtered field without that field's filter; all go in the same engine call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from search_api.name_legs import iter_name_legs, share_of
from search_api.naming import hold_references, join_names, raise_references
from search_api.question import Question
from search_api.schemas import SearchRequest
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import Background, Calibration
from search_core.engines.base import DenseLeg, Filters, Leg, LegResult, LexicalLeg, SearchReply
from search_core.fusion import LanguageLegs
from search_core.model import LANGUAGES, Language, Shared, Vector

ALL_FILTERS = ""

PHRASE_PASSAGES = 50
"""Passages a document that a leg returns for a query with phrases: each is checked on its text afterwards."""

_SEPARATOR = "/"


@dataclass(frozen=True)
class AskedLegs(Shared):
    """The legs of one question; `query` is the centred vector, or None when the model gave none.

    `language` is its own, None when undecided. `name_shares`: what each of its names makes up of the question.
    """

    legs: tuple[Leg, ...]
    query: Vector | None
    language: Language | None
    coverage: Mapping[Language, float]
    name_shares: tuple[float, ...] = ()


def find_languages(request: SearchRequest) -> tuple[Language, ...]:
    """The languages of documents that a request searches.

    `lang` is a filter on the document's language, unless the request filters by `language` itself.
    """
    asked = _asked_languages(request)
    return tuple(language for language in LANGUAGES if not asked or language in asked)


def _asked_languages(request: SearchRequest) -> tuple[str, ...]:
    return request.filters.get("language") or (() if request.lang == "both" else (request.lang,))


def make_filters(request: SearchRequest, question: Question, analyzer: Analyzer) -> Filters:
    """Filters of the request with the phrases and exclusions of the question."""
    values = {field: frozenset(found) for field, found in request.filters.items() if found}
    if asked := _asked_languages(request):
        values["language"] = frozenset(asked)
    phrases = (analyzer.phrase_tokens(phrase) for phrase in question.parsed.phrases)
    return Filters(
        values=values,
        date_from=request.date_from,
        date_to=request.date_to,
        required=tuple(dict.fromkeys(token for tokens in phrases for token in tokens)),
        excluded=tuple(tokens for word in question.parsed.excluded if (tokens := analyzer.phrase_tokens(word))),
        documents=request.only,
    )


def make_legs(question: Question, vector: Vector | None, filters: Filters, calibration: Calibration) -> AskedLegs:
    """All legs of a question: (lexical, dense, glossary, names) x (each document language) x (each filter variant)."""
    query = None if vector is None else calibration.centre(vector, question.mean_language)
    legs = tuple(
        replace(leg, passages_per_document=PHRASE_PASSAGES) if filters.required else leg
        for variant, varied in _vary(filters).items()
        for leg in _iter_legs(question, query, variant, varied)
    )
    spans = [(token.start, token.end) for token in question.tokens]
    shares = tuple(share_of(name, spans) for name in question.names)
    return AskedLegs(legs, query, question.mean_language, question.coverage, shares)


def read_reply(asked: AskedLegs, reply: SearchReply, calibration: Calibration) -> dict[str, list[LanguageLegs]]:
    """What the legs found, by variant."""
    results: dict[str, dict[Language, dict[str, LegResult]]] = {}
    for result in reply.legs:
        kind, _, variant = result.name.split(_SEPARATOR, 2)
        results.setdefault(variant, {}).setdefault(result.language, {})[kind] = result
    background = {
        language: calibration.background(language, _or_zero(asked.query, calibration), asked.language)
        for language in LANGUAGES
    }
    documents = {key: document.language for key, document in reply.documents.items()}
    return {
        variant: [
            _join_legs(language, background[language], kinds, asked, documents) for language, kinds in languages.items()
        ]
        for variant, languages in results.items()
    }


def _join_legs(
    language: Language,
    background: Background,
    kinds: Mapping[str, LegResult],
    asked: AskedLegs,
    documents: Mapping[str, Language],
) -> LanguageLegs:
    return LanguageLegs(
        language=language,
        background=background,
        coverage=asked.coverage.get(language, 0.0),
        asked=asked.language,
        documents=documents,
        references=hold_references(kinds),
        lexical=raise_references(kinds, asked.name_shares),
        dense=kinds.get("dense"),
        glossary=kinds.get("glossary"),
        name=join_names(kinds, language, asked.name_shares),
    )


def _vary(filters: Filters) -> dict[str, Filters]:
    variants = {ALL_FILTERS: filters}
    for field in filters.values:
        others = {name: found for name, found in filters.values.items() if name != field}
        variants[field] = replace(filters, values=others)
    return variants


def _iter_legs(question: Question, query: Vector | None, variant: str, filters: Filters) -> Iterator[Leg]:
    own = tuple(token.text for token in question.tokens)
    for language in LANGUAGES:
        place = f"{_SEPARATOR}{language}{_SEPARATOR}{variant}"
        if own:
            yield LexicalLeg(f"lexical{place}", language, own, filters)
        if query is not None:
            yield DenseLeg(f"dense{place}", language, query, filters)
        if translated := question.translations.get(language):
            yield LexicalLeg(f"glossary{place}", language, translated, filters)
        yield from iter_name_legs(question.names, query, language, place, filters)


def _or_zero(query: Vector | None, calibration: Calibration) -> Vector:
    return calibration.query_mean(None) * 0 if query is None else query


def failed_legs(reply: SearchReply) -> Sequence[LegResult]:
    """Legs that could not be run."""
    return [result for result in reply.legs if result.error]
