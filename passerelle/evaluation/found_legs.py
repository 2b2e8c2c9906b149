"""What the legs found, changed: a leg switched off, a document's meaning pooled otherwise, answers taken away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from search_core.engines.base import LegHit, LegResult
from search_core.fusion import LanguageLegs, LegKind

FoundLegs = Sequence[LanguageLegs]
"""What one question found, by language."""

POOLED: Mapping[str, int] = {"best": 1, "mean2": 2, "mean3": 3}
"""Of how many best passages the mean is a document's score; a leg returns three."""


def keep_legs(legs: FoundLegs, kinds: Collection[LegKind]) -> list[LanguageLegs]:
    """The legs of these kinds only."""
    return [_change(each, lambda kind, leg: leg if kind in kinds else None) for each in legs]


def pool_passages(legs: FoundLegs, pooling: str) -> list[LanguageLegs]:
    """Dense legs in which a document's score is the mean of its best passages; fewer ones are a smaller mean."""
    count = POOLED[pooling]
    return [_change(each, lambda kind, leg: _pool(leg, count) if kind == "dense" else leg) for each in legs]


def leave_out(legs: FoundLegs, documents: Collection[str]) -> list[LanguageLegs]:
    """As if the collection did not have these documents. Languages without any of them are the objects given."""
    return [each if _has_none(each, documents) else _leave_out(each, documents) for each in legs]


def _has_none(legs: LanguageLegs, documents: Collection[str]) -> bool:
    return not any(hit.document_id in documents for leg in legs.by_kind().values() for hit in leg.hits)


def _leave_out(legs: LanguageLegs, documents: Collection[str]) -> LanguageLegs:
    return _change(
        legs, lambda _, leg: replace(leg, hits=tuple(hit for hit in leg.hits if hit.document_id not in documents))
    )


def _change(legs: LanguageLegs, change: Callable[[LegKind, LegResult], LegResult | None]) -> LanguageLegs:
    found = {kind: change(kind, leg) for kind, leg in legs.by_kind().items()}
    return replace(
        legs,
        lexical=found.get("lexical"),
        dense=found.get("dense"),
        glossary=found.get("glossary"),
        name=found.get("name"),
    )


def _pool(leg: LegResult, count: int) -> LegResult:
    hits = [replace(hit, score=_mean_of_best(hit, count)) for hit in leg.hits]
    return replace(leg, hits=tuple(sorted(hits, key=lambda hit: (-hit.score, hit.document_id))))


def _mean_of_best(hit: LegHit, count: int) -> float:
    best = [passage.score for passage in hit.passages[:count]]
    return sum(best) / len(best)
