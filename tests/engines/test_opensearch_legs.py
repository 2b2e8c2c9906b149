"""Legs on OpenSearch where they are large: graph search, long documents, many tokens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from search_core.engines.base import DenseLeg, Filters, LexicalLeg, PassageIndex, Scope
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.legs import to_product

EVERYTHING = Scope.everything()


@pytest.fixture
def walking(opensearch_index: PassageIndex, opensearch_address: ServerAddress) -> Iterator[PassageIndex]:
    """The same empty index, read by walking HNSW's graph however small it is."""
    index = open_opensearch_index(opensearch_address, exact_up_to=0)
    yield index
    index.close()


@pytest.mark.parametrize("product", [-3.0, -1.0, -0.25, 0.0, 0.25, 1.0, 7.0])
def test_scores_are_undone(product):
    score = 1 + product if product >= 0 else 1 / (1 - product)

    assert to_product(score) == pytest.approx(product)


@pytest.mark.opensearch
@pytest.mark.parametrize("share", [1, 10, 100])
def test_graph_finds_what_comparing_every_vector_finds(walking, make_document, make_vector, put, share):
    vectors = {f"d{n:04}": make_vector(str(n), dimension=32) for n in range(2000)}
    documents = [
        make_document(name, "a", vectors=[vector], values={"kind": ("study",) if n % share == 0 else ()})
        for n, (name, vector) in enumerate(vectors.items())
    ]
    put(walking, *documents)
    wanted = [name for n, name in enumerate(vectors) if n % share == 0]
    filters = Filters({"kind": frozenset(["study"])}) if share > 1 else Filters()
    found = expected = 0

    for n in range(20):
        query = make_vector(f"query {n}", dimension=32)
        (result,) = walking.search([DenseLeg("near", "fr", query, filters, k=100)], EVERYTHING).legs
        best = sorted(wanted, key=lambda name: -float(vectors[name] @ query))[:100]
        found += len({hit.document_id for hit in result.hits} & set(best))
        expected += len(best)
        assert all(hit.score == pytest.approx(float(vectors[hit.document_id] @ query), abs=1e-5) for hit in result.hits)

    assert found / expected >= 0.98


@pytest.mark.opensearch
@pytest.mark.parametrize("reader", ["opensearch_index", "walking"])
def test_long_document_does_not_hide_others(request, opensearch_index, make_document, make_vector, put, reader):
    index = request.getfixturevalue(reader)
    near, far = make_vector("near"), make_vector("far")
    vectors = [near + np.float32(n * 1e-5) for n in range(1500)]
    put(opensearch_index, make_document("long", *(f"tram {n}" for n in range(1500)), vectors=vectors))
    put(opensearch_index, *(make_document(f"short{n}", "tram " + "mot " * 9 + "fin", vectors=[far]) for n in range(3)))
    legs = [LexicalLeg("words", "fr", ("tram",), k=3), DenseLeg("near", "fr", near, k=3)]

    for result in index.search(legs, EVERYTHING).legs:
        assert [hit.document_id for hit in result.hits] == ["long", "short0", "short1"]
        assert [len(hit.passages) for hit in result.hits] == [3, 1, 1]
        assert result.truncated


@pytest.mark.opensearch
def test_leg_of_more_tokens_than_the_server_takes_is_answered(opensearch_index, make_document, put):
    put(opensearch_index, *(make_document(f"d{n:02}", " ".join(f"mot{n}x{m}" for m in range(50))) for n in range(40)))
    tokens = tuple(f"mot{n}x{m}" for n in range(40) for m in range(50))

    (result,) = opensearch_index.search([LexicalLeg("words", "fr", tokens)], EVERYTHING).legs

    assert result.error is None
    assert result.hits
