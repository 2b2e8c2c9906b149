"""One leg of a search."""

from __future__ import annotations

import sqlite3

import numpy as np
import numpy.typing as npt

from search_core.engines.base import DenseLeg, Leg, LegResult, LexicalLeg, Scope
from search_core.engines.embedded.bm25 import score_tokens
from search_core.engines.embedded.filters import allowed_passages
from search_core.engines.embedded.memory import Ids, Mask, PassageTable, Snapshot
from search_core.engines.embedded.ranking import Scores, best_documents, shortlist
from search_core.model import Language, Vector

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
        self._matches: dict[tuple[Language, tuple[str, ...]], tuple[Ids, Scores, float]] = {}
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
            self._matches[key] = score_tokens(self._connection, self._snapshot, leg.language, tokens)
        positions, scores, ceiling = self._matches[key]
        allowed = self._allowed(leg)[positions]
        table = self._snapshot.tables[leg.language]
        hits, truncated = best_documents(table, positions[allowed], scores[allowed], leg.k, leg.passages_per_document)
        return LegResult(leg.name, leg.language, hits, truncated, ceiling)

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

    def _allowed(self, leg: Leg) -> Mask:
        return allowed_passages(self._connection, self._snapshot, leg.language, leg.filters, self._scope)


def check_vector(vector: Vector, table: PassageTable) -> None:
    """Raise `LegFailed` for a query vector that no stored vector can be compared with."""
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise LegFailed("The query's vector is not a row of finite numbers.")
    stored = table.vectors.shape[1]
    if len(table.ids) and len(vector) != stored:
        raise LegFailed(f"The query's vector has {len(vector)} dimensions, those of the index have {stored}.")
