"""What every engine promises of the order of hits: best passages, ties, cuts."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.engines.base import DenseLeg, LexicalLeg, Scope

EVERYTHING = Scope.everything()


def axis(number: int, length: float = 1.0) -> np.ndarray:
    vector = np.zeros(8, dtype=np.float32)
    vector[number] = length
    return vector


def test_leg_ranks_a_document_by_its_best_passage_and_returns_three(engine, make_document, put):
    vectors = [axis(0, length) for length in (0.2, 0.9, 0.4, 0.6, 0.1)]
    put(engine, make_document("report", "a", "b", "c", "d", "e", vectors=vectors))
    put(engine, make_document("note", "f", vectors=[axis(0, 0.95)]))

    (result,) = engine.search([DenseLeg("near", "fr", axis(0))], EVERYTHING).legs

    note, report = result.hits
    assert note.document_id == "note"
    assert report.score == report.passages[0].score == pytest.approx(0.9)
    assert [passage.passage_id for passage in report.passages] == ["report-1", "report-3", "report-2"]


@pytest.mark.parametrize("wanted", [1, 2, 50])
def test_leg_returns_as_many_passages_a_document_as_asked(engine, make_document, put, wanted):
    put(engine, make_document("report", *("tram" + " mot" * n for n in range(5))))
    legs = [
        LexicalLeg("words", "fr", ("tram",), passages_per_document=wanted),
        DenseLeg("near", "fr", axis(0), passages_per_document=wanted),
    ]

    for result in engine.search(legs, EVERYTHING).legs:
        assert len(result.hits[0].passages) == min(wanted, 5)


def test_long_document_does_not_fill_a_leg(engine, make_document, put, find, find_near):
    long = make_document("long", *["tram"] * 50, vectors=[axis(0)] * 50)
    put(engine, long, make_document("short", "tram bus", vectors=[axis(0, 0.5)]))

    assert find(engine, "tram", k=2) == ["long", "short"]
    assert find_near(engine, axis(0), k=2) == ["long", "short"]


@pytest.mark.parametrize(("k", "truncated"), [(1, True), (4, True), (5, False), (6, False)])
def test_leg_says_when_more_documents_matched_than_it_returns(engine, make_document, put, k, truncated):
    put(engine, *(make_document(f"d{n}", "tram", "tram bus") for n in range(5)), make_document("d5", "bus"))
    put(engine, make_document("zh", "tram", language="zh"))

    (lexical,) = engine.search([LexicalLeg("words", "fr", ("tram",), k=k)], EVERYTHING).legs
    (dense,) = engine.search([DenseLeg("near", "fr", axis(0), k=k + 1)], EVERYTHING).legs

    assert (len(lexical.hits), lexical.truncated) == (min(k, 5), truncated)
    assert (len(dense.hits), dense.truncated) == (min(k + 1, 6), truncated)


def test_equal_scores_are_ordered_by_id_even_at_the_cut(engine, make_document, put, find, find_near):
    names = ["m", "c", "x", "a", "k", "b", "z", "y", "l"]
    put(engine, *(make_document(name, "tram", vectors=[axis(0)]) for name in names))

    for k in range(1, 10):
        assert find(engine, "tram", k=k) == sorted(names)[:k]
        assert find_near(engine, axis(0), k=k) == sorted(names)[:k]


def test_equal_passages_of_a_document_are_ordered_by_id(engine, make_document, put):
    put(engine, make_document("d", *["tram"] * 5, vectors=[axis(0)] * 5))

    for leg in (LexicalLeg("words", "fr", ("tram",)), DenseLeg("near", "fr", axis(0))):
        (result,) = engine.search([leg], EVERYTHING).legs
        assert [passage.passage_id for passage in result.hits[0].passages] == ["d-0", "d-1", "d-2"]


def test_equal_vectors_score_alike_wherever_they_are_stored(engine, make_document, make_vector, put):
    same = make_vector("same")
    documents = [
        make_document(f"d{n:03}", "a", vectors=[same if n % 7 == 0 else make_vector(str(n))]) for n in range(203)
    ]
    put(engine, *documents)

    (result,) = engine.search([DenseLeg("near", "fr", make_vector("query"), k=203)], EVERYTHING).legs

    scores = {hit.document_id: hit.score for hit in result.hits}
    assert len({scores[f"d{n:03}"] for n in range(0, 203, 7)}) == 1
