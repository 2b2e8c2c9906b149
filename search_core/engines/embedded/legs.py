"""One leg of a search: scores of passages, and the best documents by their best passages."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby

import numpy as np
import numpy.typing as npt

from search_core.engines.base import DenseLeg, Leg, LegHit, LegResult, LexicalLeg, PassageScore, Scope
from search_core.engines.embedded.filters import allowed_passages
from search_core.engines.embedded.schema import is_token, match_any, ranking_table, vocabulary_table, write_token
from search_core.engines.embedded.vectors import Ids, PassageTable, Snapshot
from search_core.model import Language, Vector

Scores = npt.NDArray[np.float64]

Match = tuple[Ids, Scores, float]
"""Positions of the passages that hold a token, ascending, their scores, and the ceiling of a score."""

# What FTS5's bm25() has built in: k1, and the least weight of a token that most rows hold.
_K1 = 1.2
_LEAST_IDF = 1e-6

# Single precision loses about 1e-6 over some hundred products; ties and the last place are decided in double
# precision, row by row, because a matrix product's last bits depend on where a row stands.
_SLACK = 1e-5


class LegFailed(Exception):
    """The leg cannot be run; the sentence becomes `LegResult.error`."""


class LegRunner:
    """Runs the legs of one search inside its read transaction.

    Legs that differ in their filters only (facet counts need them) share what is costly: matches and products.
    """

    def __init__(self, connection: sqlite3.Connection, snapshot: Snapshot, scope: Scope) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._scope = scope
        self._matches: dict[tuple[Language, tuple[str, ...]], Match] = {}
        self._products: dict[tuple[Language, bytes], npt.NDArray[np.float32]] = {}

    def run(self, leg: Leg) -> LegResult:
        try:
            return self._lexical(leg) if isinstance(leg, LexicalLeg) else self._dense(leg)
        except LegFailed as error:
            return LegResult(leg.name, leg.language, error=str(error))
        except sqlite3.Error as error:
            return LegResult(leg.name, leg.language, error=f"The text index could not be read ({error}).")

    def _lexical(self, leg: LexicalLeg) -> LegResult:
        tokens = tuple(dict.fromkeys(leg.tokens))
        key = (leg.language, tokens)
        if key not in self._matches:
            self._matches[key] = self._match(leg.language, tokens)
        positions, scores, ceiling = self._matches[key]
        allowed = self._allowed(leg)[positions]
        table = self._snapshot.tables[leg.language]
        hits, truncated = best_documents(table, positions[allowed], scores[allowed], leg.k, leg.passages_per_document)
        return LegResult(leg.name, leg.language, hits, truncated, ceiling)

    def _match(self, language: Language, tokens: Sequence[str]) -> Match:
        ceiling = self._ceiling(language, tokens)
        storable = [token for token in tokens if is_token(token)]
        if not storable:
            return np.empty(0, dtype=np.int64), np.empty(0), ceiling
        name = ranking_table(language)
        sql = f"SELECT rowid, bm25({name}) FROM {name} WHERE {name} MATCH ?"
        rows = self._connection.execute(sql, (match_any(storable),))
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.float64).reshape(-1, 2)
        return self._snapshot.tables[language].positions(flat[:, 0].astype(np.int64)), -flat[:, 1], ceiling

    def _ceiling(self, language: Language, tokens: Sequence[str]) -> float:
        name = vocabulary_table(language)
        sql = f"SELECT doc FROM {name} WHERE term = ?"
        rows = int(self._snapshot.tables[language].alive.sum())
        total = 0.0
        for token in tokens:
            found = self._connection.execute(sql, (write_token(token),)).fetchone() if is_token(token) else None
            total += inverse_frequency(rows, found[0] if found else 0)
        return total * (_K1 + 1)

    def _dense(self, leg: DenseLeg) -> LegResult:
        table = self._snapshot.tables[leg.language]
        check_vector(leg.vector, table)
        positions = np.flatnonzero(self._allowed(leg))
        if not len(positions):
            return LegResult(leg.name, leg.language)
        scores = self._product(leg)[positions].astype(np.float64)
        slack = _SLACK * max(1.0, float(np.linalg.norm(leg.vector)))
        near, truncated = shortlist(table, positions, scores, leg.k, leg.passages_per_document, slack)
        exact = (table.vectors[positions[near]].astype(np.float64) * leg.vector.astype(np.float64)).sum(axis=1)
        hits, _ = best_documents(table, positions[near], exact, leg.k, leg.passages_per_document)
        return LegResult(leg.name, leg.language, hits, truncated)

    def _product(self, leg: DenseLeg) -> npt.NDArray[np.float32]:
        key = (leg.language, leg.vector.tobytes())
        if key not in self._products:
            self._products[key] = self._snapshot.tables[leg.language].vectors @ leg.vector.astype(np.float32)
        return self._products[key]

    def _allowed(self, leg: Leg) -> npt.NDArray[np.bool_]:
        return allowed_passages(self._connection, self._snapshot, leg.language, leg.filters, self._scope)


def inverse_frequency(rows: int, holding: int) -> float:
    """The weight that FTS5's bm25() gives a token which `holding` of `rows` rows hold."""
    return max(math.log((rows - holding + 0.5) / (holding + 0.5)), _LEAST_IDF)


def check_vector(vector: Vector, table: PassageTable) -> None:
    """Raise `LegFailed` for a query vector that no stored vector can be compared with."""
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise LegFailed("The query's vector is not a row of finite numbers.")
    stored = table.vectors.shape[1]
    if len(table.ids) and len(vector) != stored:
        raise LegFailed(f"The query's vector has {len(vector)} dimensions, those of the index have {stored}.")


def best_documents(
    table: PassageTable, positions: Ids, scores: Scores, k: int, per_document: int
) -> tuple[tuple[LegHit, ...], bool]:
    """The best `k` documents by their best passage, ties by id, and whether there were more.

    `positions` of passages in `table`, ascending; `scores`, of the same length, belong to them.
    """
    near, truncated = shortlist(table, positions, scores, k, per_document, slack=0.0)
    chosen, values = positions[near].tolist(), scores[near].tolist()
    found = [
        _document_hit(table, list(group), per_document)
        for _, group in groupby(zip(chosen, values, strict=True), key=lambda one: table.document_ids[one[0]])
    ]
    found.sort(key=lambda hit: (-hit.score, hit.document_id))
    return tuple(found[:k]), truncated


def shortlist(
    table: PassageTable, positions: Ids, scores: Scores, k: int, per_document: int, slack: float
) -> tuple[Ids, bool]:
    """Which of the passages can be in the answer if every score is wrong by less than half of `slack`.

    Returns ascending indices into `positions`, and whether more than `k` documents have a passage.
    """
    if not len(positions) or k < 1:
        return np.empty(0, dtype=np.int64), len(positions) > 0
    starts, document = _runs(table.documents[positions])
    best = np.maximum.reduceat(scores, starts)
    truncated = len(best) > k
    if truncated:
        worst = np.partition(best, -k)[-k]
        kept = np.flatnonzero((best >= worst - slack)[document])
    else:
        kept = np.arange(len(positions))
    return kept[_best_of_each(document[kept], scores[kept], per_document, slack)], truncated


def _runs(documents: Ids) -> tuple[Ids, Ids]:
    """Where each document's passages start, and which of these documents each passage belongs to."""
    first = np.ones(len(documents), dtype=np.bool_)
    first[1:] = documents[1:] != documents[:-1]
    return np.flatnonzero(first), np.cumsum(first) - 1


def _best_of_each(document: Ids, scores: Scores, per_document: int, slack: float) -> npt.NDArray[np.bool_]:
    """Which passages reach the `per_document`-th best score of their own document."""
    order = np.lexsort((-scores, document))
    starts, run = _runs(document[order])
    sizes = np.diff(np.append(starts, len(document)))
    last = starts + np.minimum(sizes, max(per_document, 1)) - 1
    enough = np.empty(len(document), dtype=np.bool_)
    enough[order] = scores[order] >= scores[order][last][run] - slack
    return enough


def _document_hit(table: PassageTable, found: Sequence[tuple[int, float]], per_document: int) -> LegHit:
    passages = [PassageScore(table.passage_ids[position], score) for position, score in found]
    passages.sort(key=lambda passage: (-passage.score, passage.passage_id))
    return LegHit(table.document_ids[found[0][0]], passages[0].score, tuple(passages[:per_document]))


def found_documents(results: Sequence[LegResult]) -> Iterator[str]:
    """Ids of all documents found, each once."""
    hits: Mapping[str, None] = dict.fromkeys(hit.document_id for result in results for hit in result.hits)
    return iter(hits)
