"""Rankings for every question of a set: ours, each leg by itself, ours without the glossary, and the usual recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from passerelle.evaluation.judged_set import JudgedQuery
from search_api.first_reader import FirstReader
from search_api.legs import ALL_FILTERS
from search_api.pipeline import Answer, QueryPipeline
from search_api.query import parse_query
from search_api.question import QueryTools
from search_api.schemas import SearchRequest
from search_api.window import make_window
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import Background
from search_core.embedding import Embedder
from search_core.engines.base import DenseLeg, LegResult, LexicalLeg, PassageIndex, Scope
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs

OURS = "passerelle"
USUAL = "usual"

RRF_CONSTANT = 60
"""The one everybody uses."""

_NO_BACKGROUND = Background(mean=0.0, deviation=1.0, reach=1.0)

Change = Callable[[LanguageLegs], LanguageLegs]

SINGLE: Mapping[str, Change] = {
    "leg:lexical": lambda legs: replace(legs, dense=None, glossary=None),
    "leg:dense": lambda legs: replace(legs, lexical=None, glossary=None),
    "leg:glossary": lambda legs: replace(legs, lexical=None, dense=None),
}
"""Runs that see only what one leg found, fused and merged in the same way; nothing is read."""

NO_GLOSSARY = "no-glossary"
"""Ours in every way but that."""


class Ranking(dict[str, list[str]]):
    """Query id to document ids, best first."""


def embed_questions(queries: Sequence[JudgedQuery], embedder: Embedder) -> None:
    """Have the vectors of all questions made in full batches: one by one they take far longer."""
    embedder.embed_queries([parse_query(query.text).text for query in queries])


def rank_ours(
    queries: Sequence[JudgedQuery],
    pipeline: QueryPipeline,
    tools: QueryTools,
    settings: FusionSettings,
    reader: FirstReader,
) -> tuple[dict[str, Ranking], dict[str, bool]]:
    """Our run and its variants, by name; and for each question whether anything was called close."""
    rankings = {name: Ranking() for name in (OURS, *SINGLE, NO_GLOSSARY)}
    close: dict[str, bool] = {}
    for query in queries:
        answer = pipeline.run(SearchRequest(q=query.text), tools)
        close[query.id] = any(answer.close.values())
        found = {name: _fuse_changed(answer, change, settings) for name, change in SINGLE.items()}
        found[OURS] = answer.windows[ALL_FILTERS].documents
        merged = _fuse_changed(answer, lambda legs: replace(legs, glossary=None), settings)
        worths = reader.read(answer.question.parsed.text, merged, answer.titles)
        found[NO_GLOSSARY] = reader.order(merged, worths, answer.question.mean_language)
        for name, documents in found.items():
            rankings[name][query.id] = [document.document_id for document in documents]
    return rankings, close


def rank_usual(queries: Sequence[JudgedQuery], usual: PassageIndex, embedder: Embedder, tools: QueryTools) -> Ranking:
    """Reciprocal rank fusion of BM25 over all tokens and plain cosine, languages not told apart.

    `usual` is an index whose passages all bear one language.
    """
    return Ranking(
        {
            query.id: fuse_reciprocal_ranks(list_legs(search_usual(query, usual, embedder, tools.analyzer)))
            for query in queries
        }
    )


def search_usual(query: JudgedQuery, usual: PassageIndex, embedder: Embedder, analyzer: Analyzer) -> list[LanguageLegs]:
    """What BM25 over all tokens and plain cosine find, as deep as the collection is.

    Of the first 200 documents hardly one is in the other language.
    """
    depth = sum(usual.status().documents.values())
    [vector] = embedder.embed_queries([query.text])
    tokens = tuple(dict.fromkeys(token.text for token in analyzer.analyze(query.text)))
    asked = (LexicalLeg("lexical", "other", tokens, k=depth), DenseLeg("dense", "other", vector, k=depth))
    lexical, dense = usual.search(asked, Scope.everything()).legs
    return [LanguageLegs("other", _NO_BACKGROUND, dense=dense, lexical=lexical)]


def fuse_reciprocal_ranks(legs: Sequence[LegResult]) -> list[str]:
    """Document ids by the sum of 1 / (60 + rank) over the legs; equal sums by id."""
    sums: dict[str, float] = {}
    for leg in legs:
        for rank, hit in enumerate(leg.hits, start=1):
            sums[hit.document_id] = sums.get(hit.document_id, 0.0) + 1 / (RRF_CONSTANT + rank)
    return sorted(sums, key=lambda document: (-sums[document], document))


def list_legs(legs: Sequence[LanguageLegs]) -> list[LegResult]:
    return [leg for each in legs for leg in each.by_kind().values()]


def _fuse_changed(answer: Answer, change: Change, settings: FusionSettings) -> Sequence[FusedDocument]:
    return make_window([change(legs) for legs in answer.legs], settings).documents
