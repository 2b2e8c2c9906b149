"""What every engine promises of a search: legs, scores, statistics, failures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from search_core.engines.base import DenseLeg, LexicalLeg, Scope

EVERYTHING = Scope.everything()


def axis(number: int, length: float = 1.0) -> np.ndarray:
    vector = np.zeros(8, dtype=np.float32)
    vector[number] = length
    return vector


def test_search_answers_all_legs_in_their_order_from_one_commit(engine, make_document, put):
    put(engine, make_document("fr1", "vélo tram"), make_document("zh1", "乐山 城市", language="zh"))
    legs = [
        DenseLeg("near", "zh", axis(0)),
        LexicalLeg("words", "fr", ("tram",)),
        LexicalLeg("words", "zh", ("城市",)),
    ]

    reply = engine.search(legs, EVERYTHING)

    assert [(leg.name, leg.language) for leg in reply.legs] == [("near", "zh"), ("words", "fr"), ("words", "zh")]
    assert [[hit.document_id for hit in leg.hits] for leg in reply.legs] == [["zh1"], ["fr1"], ["zh1"]]
    assert set(reply.documents) == {"fr1", "zh1"}
    assert reply.version == engine.status().version


def test_search_of_no_legs_finds_nothing(engine):
    reply = engine.search([], EVERYTHING)

    assert (reply.legs, dict(reply.documents)) == ((), {})


@pytest.mark.parametrize("leg", [LexicalLeg("words", "fr", ("tram",)), DenseLeg("near", "fr", axis(0))])
def test_search_of_an_empty_index_finds_nothing(engine, leg):
    (result,) = engine.search([leg], EVERYTHING).legs

    assert (result.hits, result.truncated, result.error) == ((), False, None)


def test_search_finds_one_language_when_there_is_no_other(engine, make_document, put):
    put(engine, make_document("fr1", "vélo tram"))
    legs = [LexicalLeg("words", "zh", ("vélo",)), DenseLeg("near", "zh", axis(0)), LexicalLeg("words", "fr", ("vélo",))]

    reply = engine.search(legs, EVERYTHING)

    assert [len(leg.hits) for leg in reply.legs] == [0, 0, 1]
    assert [leg.error for leg in reply.legs] == [None, None, None]


def test_reply_documents_carry_metadata_without_their_text(engine, make_document, put):
    document = make_document("d1", "vélo tram", title="Le tram", date="2014-11", values={"city": ("leshan",)})
    put(engine, document)

    reply = engine.search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING)

    found = reply.documents["d1"]
    assert (found.metadata, found.path, found.text) == (document.document.metadata, "d1.txt", "")


def test_reply_documents_follow_a_change_of_the_document(engine, make_document, put):
    leg = LexicalLeg("words", "fr", ("tram",))
    put(engine, make_document("d1", "tram", title="Avant"))
    before = engine.search([leg], EVERYTHING).documents["d1"]
    put(engine, make_document("d1", "tram", title="Après"))

    after = engine.search([leg], EVERYTHING).documents["d1"]

    assert (before.metadata.title, after.metadata.title) == ("Avant", "Après")


def test_lexical_leg_prefers_the_rare_token_and_the_short_passage(engine, make_document, put, find):
    put(
        engine,
        make_document("rare", "tram bilan rapport"),
        make_document("frequent", "vélo bilan rapport"),
        make_document("long", "tram " + "mot " * 30 + "fin"),
        *(make_document(f"other{n}", "vélo tramway bus") for n in range(5)),
    )

    found = find(engine, "tram vélo")

    assert found[:2] == ["rare", "long"]
    assert set(found[2:]) == {"frequent", *(f"other{n}" for n in range(5))}


def test_lexical_leg_counts_every_token_once(engine, make_document, put):
    put(engine, make_document("d1", "tram"), make_document("d2", "bus"), make_document("d3", "bus"))

    once, twice = engine.search(
        [LexicalLeg("once", "fr", ("tram",)), LexicalLeg("twice", "fr", ("tram", "tram"))], EVERYTHING
    ).legs

    assert once.hits == twice.hits
    assert once.ceiling == twice.ceiling


def test_lexical_ceiling_is_the_sum_over_all_tokens_present_or_not(engine, make_document, put):
    documents = [make_document(f"d{n}", "tram bus" if n < 2 else "bus") for n in range(10)]
    put(engine, *documents)

    (result,) = engine.search([LexicalLeg("words", "fr", ("tram", "bus", "absent"))], EVERYTHING).legs

    tram, bus, absent = math.log((10 - 2 + 0.5) / 2.5), 1e-6, math.log(10.5 / 0.5)
    assert result.ceiling == pytest.approx((tram + bus + absent) * 2.2)
    assert 0 < result.hits[0].score < result.ceiling


def test_lexical_statistics_are_those_of_the_language(engine, make_document, put):
    french = [make_document(f"fr{n}", "smart ville") for n in range(9)]
    put(engine, *french, make_document("zh1", "smart 城市", language="zh"), make_document("zh2", "城市", language="zh"))

    fr, zh = engine.search(
        [LexicalLeg("words", "fr", ("smart",)), LexicalLeg("words", "zh", ("smart",))], EVERYTHING
    ).legs

    assert fr.ceiling == pytest.approx(1e-6 * 2.2)
    assert zh.ceiling == pytest.approx(1e-6 * 2.2)
    put(engine, make_document("zh3", "城市", language="zh"))
    fr, zh = engine.search(
        [LexicalLeg("words", "fr", ("smart",)), LexicalLeg("words", "zh", ("smart",))], EVERYTHING
    ).legs
    assert fr.ceiling == pytest.approx(1e-6 * 2.2)
    assert zh.ceiling == pytest.approx(math.log(2.5 / 1.5) * 2.2)


def test_dense_leg_returns_the_plain_dot_product(engine, make_document, put):
    half = (axis(0) + axis(1)) / np.sqrt(np.float32(2))
    put(engine, make_document("same", "a", vectors=[axis(0)]), make_document("half", "b", vectors=[half]))

    (result,) = engine.search([DenseLeg("near", "fr", axis(0, length=0.5))], EVERYTHING).legs

    assert [(hit.document_id, pytest.approx(hit.score)) for hit in result.hits] == [
        ("same", 0.5),
        ("half", pytest.approx(0.5 / math.sqrt(2))),
    ]
    assert result.ceiling == 0


def test_dense_leg_finds_opposite_vectors_too(engine, make_document, put, find_near):
    put(engine, make_document("with", "a", vectors=[axis(0)]), make_document("against", "b", vectors=[-axis(0)]))

    assert find_near(engine, axis(0)) == ["with", "against"]


def test_dense_leg_agrees_with_numpy(engine, make_document, make_vector, put):
    vectors = {f"d{n:03}": make_vector(str(n)) for n in range(300)}
    put(engine, *(make_document(name, "a", vectors=[vector]) for name, vector in vectors.items()))
    query = make_vector("query")

    (result,) = engine.search([DenseLeg("near", "fr", query, k=20)], EVERYTHING).legs

    expected = sorted(vectors, key=lambda name: -float(vectors[name].astype(float) @ query.astype(float)))[:20]
    assert [hit.document_id for hit in result.hits] == expected


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (np.ones(5, dtype=np.float32), "5 dimensions"),
        (np.full(8, np.nan, dtype=np.float32), "finite"),
        (np.full(8, np.inf, dtype=np.float32), "finite"),
        (np.ones((2, 8), dtype=np.float32), "row"),
    ],
)
def test_failed_leg_is_a_value_and_leaves_the_others_alone(engine, make_document, put, vector, said):
    put(engine, make_document("d", "tram"))

    dense, lexical = engine.search(
        [DenseLeg("near", "fr", vector), LexicalLeg("words", "fr", ("tram",))], EVERYTHING
    ).legs

    assert dense.hits == ()
    assert said in dense.error
    assert [hit.document_id for hit in lexical.hits] == ["d"]


@pytest.mark.parametrize("chinese", [0, 1, 3])
def test_few_chinese_documents_among_many_french_ones_are_found_sanely(
    engine, make_document, make_vector, put, chinese
):
    french = [make_document(f"fr{n:03}", f"ville tram{n % 50} 乐山") for n in range(500)]
    texts = ["乐山 旅游 报告", "智慧 城市 乐山", "公共 交通 乐山"][:chinese]
    put(engine, *french, *(make_document(f"zh{n}", text, language="zh") for n, text in enumerate(texts)))
    legs = [
        LexicalLeg("words", "fr", ("tram7", "乐山")),
        LexicalLeg("words", "zh", ("旅游", "乐山")),
        DenseLeg("near", "fr", make_vector("ville tram7 乐山")),
        DenseLeg("near", "zh", make_vector("乐山 旅游 报告")),
    ]

    reply = engine.search(legs, EVERYTHING)

    found = [[hit.document_id for hit in leg.hits] for leg in reply.legs]
    assert found[0][:10] == [f"fr{n:03}" for n in range(7, 500, 50)]
    assert found[1] == ["zh0", "zh1", "zh2"][:chinese]
    assert found[2][:10] == [f"fr{n:03}" for n in range(7, 500, 50)]
    assert sorted(found[3]) == ["zh0", "zh1", "zh2"][:chinese]
    assert found[3][:1] == ["zh0"][:chinese]
    for leg in reply.legs[:2]:
        assert all(0 < hit.score <= leg.ceiling for hit in leg.hits)
