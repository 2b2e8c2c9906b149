"""One leg as a query, its reply as a result.

A leg asks for its best passages, more than enough for its documents, with nothing but their score and their ids;
they are put together by document here. (Collapsing by document on the server asks again for each document found,
200 searches a leg.) Where a few long documents fill the answer the leg is asked again, that time collapsed: so a leg's
documents and their best passages are always exact; a document's further passages come from the first answer, and may
be fewer where it was cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from search_core.engines.base import DenseLeg, Leg, LegHit, LegResult, LexicalLeg, PassageScore, Scope
from search_core.engines.opensearch.filters import document_clauses, holding_clauses, readable
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.mapping import vector_field
from search_core.engines.opensearch.queries import Query, all_of
from search_core.engines.opensearch.statistics import Counts
from search_core.engines.weights import K1, token_weight

_FEWEST_ASKED = 1000
"""HNSW keeps as many candidates as neighbours are asked for: see docs/opensearch.md for the recall that this gives."""

_PASSAGES_A_DOCUMENT = 4
MOST_ASKED = 10_000
"""What the server returns at most, and the most neighbours that it looks for."""

_MOST_TOKENS = 900
"""The server takes 1,024 clauses in a query, those of filters among them; the rarest tokens decide."""

EXACT_UP_TO = 20_000
"""Passages of a language up to which every vector is compared: no graph is needed there, and nothing is missed."""


class LegFailed(Exception):
    """The leg cannot be run; the sentence becomes `LegResult.error`."""


@dataclass(frozen=True)
class AskedLeg:
    """A leg with what is sent for it; without a `query` there is nothing to ask."""

    leg: Leg
    query: Query | None = None
    ceiling: float = 0.0
    error: str | None = None

    @property
    def size(self) -> int:
        return min(max(_FEWEST_ASKED, _PASSAGES_A_DOCUMENT * self.leg.k), MOST_ASKED)

    def body(self) -> Query:
        """The best passages."""
        return {
            "size": self.size,
            "query": self.query,
            "sort": [{"_score": "desc"}, {"document_id": "asc"}, {"passage_id": "asc"}],
            "track_total_hits": False,
            "_source": False,
            "stored_fields": "_none_",
        }

    def collapsed_body(self) -> Query:
        """The best documents, each by its best passage."""
        query: Any = self.query
        if "knn" in query:
            ((field, neighbours),) = query["knn"].items()
            query = {"knn": {field: {**neighbours, "k": MOST_ASKED}}}
        size = min(self.leg.k + 1, MOST_ASKED)
        return {**self.body(), "query": query, "size": size, "collapse": {"field": "document_id"}}

    def result(self, hits: Sequence[Hit]) -> LegResult:
        """From passages, best first; those that were collapsed come before the others."""
        documents = group_hits(hits)
        best = islice(documents.items(), max(self.leg.k, 0))
        return LegResult(
            self.leg.name,
            self.leg.language,
            tuple(
                LegHit(name, passages[0].score, tuple(passages[: self.leg.passages_per_document]))
                for name, passages in best
            ),
            len(documents) > self.leg.k,
            self.ceiling,
        )

    def failure(self, error: str) -> LegResult:
        return LegResult(self.leg.name, self.leg.language, error=error)


@dataclass(frozen=True)
class Hit:
    """A passage that the server found."""

    score: float
    document_id: str
    passage_id: str


def ask_leg(
    leg: Leg,
    view: View,
    scope: Scope,
    counts: Counts,
    excluded: Mapping[tuple[str, ...], Sequence[str]],
    exact_up_to: int,
) -> AskedLeg:
    """What is sent for a leg. Raises `InvalidRequest` for a filter that cannot be."""
    allowed = all_of(
        [
            *readable(view, "passages", scope),
            {"term": {"language": leg.language}},
            *document_clauses(leg.filters, excluded),
            *holding_clauses(leg.filters.required),
        ]
    )
    if isinstance(leg, LexicalLeg):
        return _ask_lexical(leg, allowed, counts)
    return _ask_dense(leg, allowed, view, counts.passages[leg.language], exact_up_to)


def read_hits(asked: AskedLeg, reply: Mapping[str, Any]) -> list[Hit]:
    """The passages of a reply, best first, with scores as the seam has them."""
    hits = [Hit(*hit["sort"]) for hit in reply["hits"]["hits"]]
    if isinstance(asked.leg, LexicalLeg):
        return hits
    return [Hit(to_product(hit.score), hit.document_id, hit.passage_id) for hit in hits]


def is_cut(asked: AskedLeg, reply: Mapping[str, Any]) -> bool:
    """Whether a few documents filled the whole answer, so that others may be missing."""
    hits = read_hits(asked, reply)
    return len(hits) == asked.size and len({hit.document_id for hit in hits}) <= asked.leg.k


def group_hits(hits: Sequence[Hit]) -> dict[str, list[PassageScore]]:
    """Passages by document, each once, in the order of each document's first."""
    found: dict[str, dict[str, PassageScore]] = {}
    for hit in hits:
        found.setdefault(hit.document_id, {}).setdefault(hit.passage_id, PassageScore(hit.passage_id, hit.score))
    return {name: list(passages.values()) for name, passages in found.items()}


def to_product(score: float) -> float:
    """The dot product that Lucene made a score of: 1 + p where p >= 0, else 1 / (1 - p)."""
    return score - 1 if score >= 1 else 1 - 1 / score


def _ask_lexical(leg: LexicalLeg, allowed: Query, counts: Counts) -> AskedLeg:
    passages = counts.passages[leg.language]
    holding = {token: counts.holding[leg.language, token] for token in dict.fromkeys(leg.tokens)}
    weights = {token: token_weight(passages, count) for token, count in holding.items()}
    ceiling = sum(weights.values()) * (K1 + 1)
    present = sorted((token for token in weights if holding[token]), key=lambda token: -weights[token])
    if not present:
        return AskedLeg(leg, ceiling=ceiling)
    field = f"tokens_{leg.language}"
    should = [{"term": {field: {"value": token, "boost": weights[token]}}} for token in present[:_MOST_TOKENS]]
    query = {"bool": {"filter": [allowed], "should": should, "minimum_should_match": 1}}
    return AskedLeg(leg, query, ceiling)


def _ask_dense(leg: DenseLeg, allowed: Query, view: View, passages: int, exact_up_to: int) -> AskedLeg:
    problem = _problem(leg, view.head.dimension, passages)
    if problem or not passages:
        return AskedLeg(leg, error=problem)
    vector = [float(f"{number:.9g}") for number in leg.vector.tolist()]
    field = vector_field(len(vector))
    if passages <= exact_up_to:
        parameters = {"field": field, "query_value": vector, "space_type": "innerproduct"}
        script = {"lang": "knn", "source": "knn_score", "params": parameters}
        return AskedLeg(leg, {"script_score": {"query": allowed, "script": script}})
    neighbours = {"vector": vector, "k": AskedLeg(leg).size, "filter": allowed}
    return AskedLeg(leg, {"knn": {field: neighbours}})


def _problem(leg: DenseLeg, dimension: int | None, passages: int) -> str | None:
    if leg.vector.ndim != 1 or not np.isfinite(leg.vector).all():
        return "The query's vector is not a row of finite numbers."
    if passages and len(leg.vector) != dimension:
        return f"The query's vector has {len(leg.vector)} dimensions, those of the index have {dimension}."
    return None
