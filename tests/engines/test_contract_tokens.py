"""What every engine promises of tokens: found exactly as given, whatever they look like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search_core.engines.base import Filters, LexicalLeg, Scope

EVERYTHING = Scope.everything()

TOKENS = [
    *["c++", "c", "c#", "3.5%", "3.5", "3", "5", "wi-fi", "wi", "fi", "été", "ete", "Été", "l’a", "l'a", "la"],
    *["城市", "城", "市", "乐山市", "５g", "5g", "NEAR", "near", "Near", "AND", "OR", "NOT", "and"],
    *[
        '"',
        '""',
        'a"b',
        '"a"',
        "'",
        "''",
        "*",
        "a*",
        "^",
        "^a",
        ":",
        "tokens:a",
        "-",
        "-a",
        "+",
        "a+b",
        "(",
        ")",
        "{a}",
    ],
    *["%", "_", "\\", "/", "a/b", "🚲", "é", "e\u0301", "ﬁ", "fi\u200b", "\ufeff", "\x01", "\x01a", "\x02", "\x1b[31m"],
    *["\x7f", "A", "a", "z" * 64, "城" * 64, "issy@leshan.cn", "http://a.b/c?d=e&f", "<script>", "--", ";", "\u10ff"],
]


@pytest.fixture
def collection(engine, make_document, put):
    """One document a token, each with a token that all have."""
    put(engine, *(make_document(f"d{n:03}", f"commun {token}") for n, token in enumerate(TOKENS)))
    return engine


def test_every_token_is_found_exactly_as_given(collection):
    legs = [LexicalLeg(token, "fr", (token,)) for token in TOKENS]

    results = collection.search(legs, EVERYTHING).legs

    found = {result.name: [hit.document_id for hit in result.hits] for result in results}
    assert found == {token: [f"d{n:03}"] for n, token in enumerate(TOKENS)}
    assert all(result.error is None for result in results)


def test_every_filter_token_is_found_exactly_as_given(collection, find):
    for n, token in enumerate(TOKENS):
        assert find(collection, "commun", filters=Filters(required=(token,))) == [f"d{n:03}"]
        assert len(find(collection, "commun", filters=Filters(excluded=((token,),)))) == len(TOKENS) - 1


def test_all_tokens_of_a_query_are_alternatives(collection):
    (result,) = collection.search([LexicalLeg("words", "fr", tuple(TOKENS), k=1000)], EVERYTHING).legs

    assert len(result.hits) == len(TOKENS)


@pytest.mark.parametrize(
    "token", ["", " ", "commun c++", "commun\n", "\0", "\ud800", "commun\u3000c", "absent", "x" * 40_000]
)
def test_token_that_cannot_be_stored_finds_nothing(collection, find, token):
    leg = LexicalLeg("words", "fr", (token,))

    (result,) = collection.search([leg], EVERYTHING).legs

    assert (result.hits, result.error) == ((), None)
    assert result.ceiling > 0
    assert find(collection, "commun", filters=Filters(required=(token,))) == []


def test_leg_without_tokens_finds_nothing(collection):
    (result,) = collection.search([LexicalLeg("words", "fr", ())], EVERYTHING).legs

    assert (result.hits, result.ceiling, result.error) == ((), 0, None)


def test_leg_of_thousands_of_tokens_is_answered(collection):
    tokens = (*(f"mot{n}" for n in range(3000)), "c++")

    (result,) = collection.search([LexicalLeg("words", "fr", tokens)], EVERYTHING).legs

    assert [hit.document_id for hit in result.hits] == [f"d{TOKENS.index('c++'):03}"]


def test_tokens_survive_removal_and_restoring(collection, find):
    names = [f"d{n:03}" for n in range(len(TOKENS))]
    with collection.writer("test") as writer:
        assert writer.remove(names, "2024-05-01T10:00:00+00:00") == len(TOKENS)
        assert find(collection, "commun") == []
        assert writer.restore(names) == len(TOKENS)

    for n, token in enumerate(TOKENS):
        (result,) = collection.search([LexicalLeg("words", "fr", (token,))], EVERYTHING).legs
        assert [hit.document_id for hit in result.hits] == [f"d{n:03}"]


@pytest.mark.parametrize("name", ["d'; DROP TABLE documents; --", "a\0b", "\ud800", "", "*", "é" * 5000])
def test_hostile_ids_are_simply_unknown(collection, name):
    assert collection.documents([name], EVERYTHING) == {}
    assert collection.passages([name], EVERYTHING) == {}
    assert collection.vectors([name]) == {}


def test_text_with_nul_and_control_characters_keeps_its_offsets(engine, make_document, put):
    indexed = make_document("d", "a\x00b\x1b", "après", "🚲\x07", language="fr")
    searchable = tuple(replace(passage, tokens=("mot",), filter_tokens=()) for passage in indexed.passages)
    put(engine, replace(indexed, passages=searchable))

    assert engine.documents(["d"], EVERYTHING) == {"d": indexed.document}
    found = engine.passages(["d-0", "d-1", "d-2"], EVERYTHING)
    assert [found[f"d-{n}"].text for n in range(3)] == ["a\x00b\x1b", "après", "🚲\x07"]
