"""Rankings for every question of a set: ours, each leg by itself, ours without the glossary, and the usual recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from passerelle.evaluation.judged_set import JudgedQuery
from search_api.legs import ALL_FILTERS
from search_api.pipeline import Answer, QueryPipeline
from search_api.question import QueryTools
from search_api.schemas import SearchRequest
from search_api.window import make_window
from search_core.embedding import Embedder
from search_core.engines.base import DenseLeg, LegResult, LexicalLeg, PassageIndex, Scope
from search_core.fusion import FusionSettings, LanguageLegs

OURS = "passerelle"
USUAL = "usual"

RRF_CONSTANT = 60
"""The one everybody uses."""

Change = Callable[[LanguageLegs], LanguageLegs]

VARIANTS: Mapping[str, Change] = {
    "leg:lexical": lambda legs: replace(legs, dense=None, glossary=None),
    "leg:dense": lambda legs: replace(legs, lexical=None, glossary=None),
    "leg:glossary": lambda legs: replace(legs, lexical=None, dense=None),
    "no-glossary": lambda legs: replace(legs, glossary=None),
}
"""Runs that see only a part of what the legs found, fused and merged in the same way."""


class Ranking(dict[str, list[str]]):
    """Query id to document ids, best first."""


def rank_ours(
    queries: Sequence[JudgedQuery], pipeline: QueryPipeline, tools: QueryTools, settings: FusionSettings
) -> tuple[dict[str, Ranking], dict[str, bool]]:
    """Our run and its variants, by name; and for each question whether anything was called close."""
    rankings = {name: Ranking() for name in (OURS, *VARIANTS)}
    close: dict[str, bool] = {}
    for query in queries:
        answer = pipeline.run(SearchRequest(q=query.text), tools)
        close[query.id] = any(answer.close.values())
        rankings[OURS][query.id] = [found.document_id for found in answer.windows[ALL_FILTERS].documents]
        for name, change in VARIANTS.items():
            rankings[name][query.id] = _rank_variant(answer, change, settings)
    return rankings, close


def rank_usual(queries: Sequence[JudgedQuery], usual: PassageIndex, embedder: Embedder, tools: QueryTools) -> Ranking:
    """Reciprocal rank fusion of BM25 over all tokens and plain cosine, languages not told apart.

    `usual` is an index whose passages all bear one language.
    """
    vectors = embedder.embed_queries([query.text for query in queries])
    # As deep as the collection: of the first 200 documents hardly one is in the other language.
    depth = sum(usual.status().documents.values())
    ranking = Ranking()
    for query, vector in zip(queries, vectors, strict=True):
        tokens = tuple(dict.fromkeys(token.text for token in tools.analyzer.analyze(query.text)))
        legs = (LexicalLeg("lexical", "other", tokens, k=depth), DenseLeg("dense", "other", vector, k=depth))
        ranking[query.id] = fuse_reciprocal_ranks(usual.search(legs, Scope.everything()).legs)
    return ranking


def fuse_reciprocal_ranks(legs: Sequence[LegResult]) -> list[str]:
    """Document ids by the sum of 1 / (60 + rank) over the legs; equal sums by id."""
    sums: dict[str, float] = {}
    for leg in legs:
        for rank, hit in enumerate(leg.hits, start=1):
            sums[hit.document_id] = sums.get(hit.document_id, 0.0) + 1 / (RRF_CONSTANT + rank)
    return sorted(sums, key=lambda document: (-sums[document], document))


def _rank_variant(answer: Answer, change: Change, settings: FusionSettings) -> list[str]:
    window = make_window([change(legs) for legs in answer.legs], settings)
    return [found.document_id for found in window.documents]
