"""The embedded engine's BM25 is FTS5's own, to the last digit that counts."""

from __future__ import annotations

import random
import sqlite3

import pytest

from search_core.engines.base import LexicalLeg, Scope


@pytest.fixture
def words():
    chance = random.Random(7)
    return ["tram", *(f"mot{int(chance.paretovariate(0.6))}" for _ in range(4000))]


def test_scores_are_those_of_fts5(embedded, folder, make_document, put, words):
    chance = random.Random(8)
    documents = [make_document(f"d{n}", " ".join(chance.choices(words, k=chance.randint(1, 60)))) for n in range(300)]
    put(embedded, *documents)
    with embedded.writer("test") as writer:
        writer.remove([f"d{n}" for n in range(0, 300, 9)], "2024-05-01T10:00:00+00:00")
        writer.restore([f"d{n}" for n in range(0, 300, 18)])
        writer.replace(documents[100:150])

    for _ in range(20):
        tokens = tuple(dict.fromkeys(chance.choices(words, k=chance.randint(1, 6))))
        (result,) = embedded.search([LexicalLeg("words", "fr", tokens, k=1000)], Scope.everything()).legs
        found = {hit.document_id: pytest.approx(hit.score, rel=1e-9) for hit in result.hits}
        assert fts5_scores(folder, tokens) == found


def fts5_scores(folder, tokens):
    connection = sqlite3.connect(folder / "index-0001.sqlite")
    query = " OR ".join(f'"{token}"' for token in tokens)
    rows = connection.execute(
        """SELECT document_id, -bm25(tokens_fr) FROM tokens_fr JOIN passages p ON p.id = tokens_fr.rowid
           JOIN documents d ON d.id = p.document WHERE tokens_fr MATCH ?""",
        (query,),
    ).fetchall()
    connection.close()
    return dict(rows)
