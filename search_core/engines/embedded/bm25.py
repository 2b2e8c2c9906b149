"""BM25 as FTS5 computes it, over the occurrences that its index holds.

The tables are read, not FTS5's own bm25(): that looks every row up again (1.3 µs each on two cores), where reading a
token's occurrences takes a third of it, and those of frequent tokens can be kept for the next search.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np

from search_core.engines.checks import is_token
from search_core.engines.embedded.memory import Ids, PassageTable, Postings, Snapshot
from search_core.engines.embedded.ranking import Scores
from search_core.engines.embedded.schema import vocabulary_table, write_token
from search_core.engines.weights import K1, B, token_weight
from search_core.model import Language


def score_tokens(
    connection: sqlite3.Connection, snapshot: Snapshot, language: Language, tokens: Iterable[str]
) -> tuple[Ids, Scores, float]:
    """Ascending positions of the passages with at least one of the tokens, their scores, and what a score can reach."""
    table = snapshot.tables[language]
    scores = np.zeros(len(table.ids))
    matched = np.zeros(len(table.ids), dtype=np.bool_)
    ceiling = 0.0
    for token in dict.fromkeys(tokens):
        postings = find_postings(connection, snapshot, language, token)
        weight = token_weight(table.living, len(postings))
        ceiling += weight * (K1 + 1)
        scores[postings.positions] += weight * _saturate(postings, table)
        matched[postings.positions] = True
    positions = np.flatnonzero(matched)
    return positions, scores[positions], ceiling


def find_postings(connection: sqlite3.Connection, snapshot: Snapshot, language: Language, token: str) -> Postings:
    """Those of an earlier search at the same commit, if they are still kept."""
    if not is_token(token):
        return Postings(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    return snapshot.postings.get((language, token), lambda: read_postings(connection, snapshot, language, token))


def read_postings(connection: sqlite3.Connection, snapshot: Snapshot, language: Language, token: str) -> Postings:
    """Which passages hold a token, at the snapshot's commit."""
    sql = f"SELECT doc FROM {vocabulary_table(language)} WHERE term = ?"
    found = connection.execute(sql, (write_token(token),))
    ids, counts = np.unique(np.fromiter((row[0] for row in found), dtype=np.int64), return_counts=True)
    return Postings(snapshot.tables[language].positions(ids), counts)


def _saturate(postings: Postings, table: PassageTable) -> Scores:
    """What the count of a token in a passage is worth, between 0 and k1 + 1: less in a long passage."""
    lengths = table.lengths[postings.positions] / table.average_length
    worth: Scores = postings.counts * (K1 + 1) / (postings.counts + K1 * (1 - B + B * lengths))
    return worth
