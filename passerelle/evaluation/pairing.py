"""Versions of one document in an evaluation: how well they are found, and a run in which they share a place.

Every other run scores each document by itself; this one counts for no figure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from indexer.pairs.detect import refresh_pairs
from passerelle.evaluation.runs import Ranking
from search_core.engines.base import PassageIndex, Scope
from search_core.pairs import PairIds, PairTable, read_pairs

PAIRED = "with_pairs"


def find_pairs(index: PassageIndex) -> PairTable:
    """The pairs of a scratch index by today's method, which may be another than when it was filled."""
    with index.writer("evaluating a judged set") as writer:
        refresh_pairs(index, writer)
    return read_pairs(index, Scope.everything())


def join_versions(ranking: Ranking, pairs: PairTable) -> Ranking:
    """The ranking with every document's other version right behind it, whether it was found or not."""
    return Ranking({query: _join(documents, pairs) for query, documents in ranking.items()})


def _join(documents: Collection[str], pairs: PairTable) -> list[str]:
    joined = ((document, pairs.counterpart(document)) for document in documents)
    return list(dict.fromkeys(each for both in joined for each in both if each is not None))


def score_pairs(pairs: PairTable, names: Mapping[str, str], known: Collection[PairIds]) -> dict[str, float | None]:
    """Precision and recall of the pairs found, by the ids of the set."""
    found = {(names[pair.fr], names[pair.zh]) for pair in pairs.pairs}
    right = len(found.intersection(known))
    return {
        "found": len(found),
        "known": len(known),
        "precision": round(right / len(found), 4) if found else None,
        "recall": round(right / len(known), 4) if known else None,
    }
