"""Haystack's filters: each finds exactly what Haystack itself says that it matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from haystack import Document
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder
from haystack.errors import FilterError
from haystack.utils.filters import document_matches_filter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passerelle.haystack import PasserelleDocumentStore, PasserelleRetriever, reading
from passerelle.haystack.filters import push_down
from search_core.engines.base import BrowseRequest

METAS: list[dict[str, Any]] = [
    {"kind": "study", "n": 1, "seen": datetime.fromisoformat("2016-03-14")},
    {"kind": "minutes", "n": 2, "seen": "2016-03-14", "place": {"city": "Leshan"}},
    {"kind": ["study", "report"], "n": 2.5, "seen": "2016-03-14T00:00:00"},
    {"kind": None, "n": None, "author": "2016-03-14"},
    {"kind": "study", "n": True, "author": "张伟", "city": "leshan", "place": {"city": "Issy"}},
    {"author": "2016-03-14T00:00:00", "city": ["leshan", "issy"]},
    {},
]
DOCUMENTS = [Document(id=f"d{number}", content=f"texte {number}", meta=meta) for number, meta in enumerate(METAS)]

FIELDS = ["meta.kind", "kind", "meta.n", "meta.seen", "meta.author", "meta.city", "meta.place.city", "id", "content"]
VALUES: list[Any] = [
    *("study", "minutes", "张伟", "leshan", "Leshan", "d1", "d4", "texte 2", "2016-03-14", "2016-03-14T00:00:00"),
    *(1, 2, 2.5, True, None, ["study", "report"], datetime.fromisoformat("2016-03-14")),
]


def compare(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def join(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    operators = st.sampled_from(["AND", "AND", "OR", "NOT"])
    return st.fixed_dictionaries({"operator": operators, "conditions": st.lists(inner, max_size=3)})


one_value = st.sampled_from(VALUES)
equalities = st.builds(compare, st.sampled_from(FIELDS), st.sampled_from(["==", "!="]), one_value)
memberships = st.builds(
    compare, st.sampled_from(FIELDS), st.sampled_from(["in", "not in"]), st.lists(one_value, max_size=3)
)
orders = st.builds(
    compare, st.just("meta.n"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([0, 1, 2, 2.5, None])
)
filters = st.recursive(equalities | memberships | orders, join, max_leaves=6)


@pytest.fixture
def filled(store: PasserelleDocumentStore) -> PasserelleDocumentStore:
    store.write_documents(DOCUMENTS)
    return store


@pytest.fixture(scope="module")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PasserelleDocumentStore]:
    """The same, for hundreds of filters on the engine that answers them at once."""
    store = PasserelleDocumentStore(tmp_path_factory.mktemp("filters"), settings={"model": "hash"})
    store.write_documents(DOCUMENTS)
    yield store
    store.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=filters)
def test_a_filter_finds_what_haystack_says_that_it_matches(
    filled_once: PasserelleDocumentStore, chosen: dict[str, Any]
) -> None:
    expected = [document for document in DOCUMENTS if document_matches_filter(chosen, document)]

    assert filled_once.filter_documents(chosen) == expected
    assert filled_once.count_documents_by_filter(chosen) == len(expected)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=filters)
def test_what_the_engine_is_asked_for_holds_all_that_match(
    filled_once: PasserelleDocumentStore, chosen: dict[str, Any]
) -> None:
    opened = filled_once.collection()
    asked = BrowseRequest(push_down(chosen), limit=100)
    found = {document.path for document in opened.index.browse(asked, opened.scope).documents}

    assert {document.id for document in DOCUMENTS if document_matches_filter(chosen, document)} <= found


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"field": "meta.kind", "operator": "==", "value": "study"}, 3),
        ({"field": "meta.kind", "operator": "in", "value": ["minutes", "report"]}, 2),
        ({"field": "id", "operator": "==", "value": "d1"}, 1),
        (
            {
                "operator": "AND",
                "conditions": [
                    {"field": "meta.n", "operator": ">", "value": 1},
                    {
                        "operator": "AND",
                        "conditions": [
                            {"field": "meta.kind", "operator": "in", "value": ["study", "minutes"]},
                            {"field": "id", "operator": "in", "value": ["d1", "d4", "d6"]},
                        ],
                    },
                ],
            },
            2,
        ),
    ],
)
def test_the_engine_narrows_by_what_it_knows(
    filled: PasserelleDocumentStore, chosen: dict[str, Any], found: int
) -> None:
    opened = filled.collection()
    expected = [document for document in DOCUMENTS if document_matches_filter(chosen, document)]

    assert filled.filter_documents(chosen) == expected
    assert opened.index.browse(BrowseRequest(push_down(chosen)), opened.scope).total == found


def test_more_documents_than_are_browsed_at_once_are_filtered_alike(
    filled: PasserelleDocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"field": "meta.kind", "operator": "==", "value": "study"}
    before = filled.filter_documents(chosen)
    monkeypatch.setattr(reading, "MOST_BROWSED", 2)
    monkeypatch.setattr(reading, "_READ_AT_ONCE", 2)

    assert filled.filter_documents(chosen) == before == [DOCUMENTS[0], DOCUMENTS[4]]
    assert filled.filter_documents() == DOCUMENTS


@pytest.mark.parametrize(
    "malformed",
    [
        "meta.kind == study",
        ["AND"],
        {"field": "meta.n"},
        {"field": 3, "operator": "==", "value": 1},
        {"field": "meta.n", "operator": "=", "value": 1},
        {"field": "meta.n", "operator": "in", "value": "abc"},
        {"operator": "XOR", "conditions": []},
        {"operator": "AND", "conditions": {"field": "meta.n", "operator": "==", "value": 1}},
        {"operator": "OR", "conditions": [{"operator": "AND"}]},
        {"operator": "AND", "conditions": [None]},
    ],
)
def test_what_is_no_filter_is_refused_even_where_nothing_is_stored(
    store: PasserelleDocumentStore, malformed: Any
) -> None:
    for ask in (store.filter_documents, store.count_documents_by_filter, store.delete_by_filter):
        with pytest.raises(FilterError):
            ask(malformed)


def test_a_filter_without_end_is_refused(store: PasserelleDocumentStore) -> None:
    endless: dict[str, Any] = {"operator": "NOT", "conditions": []}
    endless["conditions"].append(endless)

    with pytest.raises(FilterError, match="inside each other"):
        store.filter_documents(endless)


@pytest.mark.parametrize("value", ["un", [1], {"a": 1}, date(2016, 1, 1)])
def test_values_that_cannot_be_compared_are_told(filled: PasserelleDocumentStore, value: Any) -> None:
    with pytest.raises(FilterError):
        filled.filter_documents({"field": "meta.n", "operator": ">", "value": value})


def test_a_retriever_finds_only_what_satisfies_its_filters_however_many_match_the_question(
    store: PasserelleDocumentStore,
) -> None:
    """Without the filter in the engine, 300 nearer documents would fill the window of 200."""
    near = [Document(id=f"near{n}", content="réseau électrique", meta={"n": n}) for n in range(300)]
    far = [Document(id=f"far{n}", content=f"réseau {'mot ' * 40} {n}", meta={"n": -1}) for n in range(3)]
    store.write_documents(near + far)
    retriever = PasserelleRetriever(store, filters={"field": "meta.n", "operator": "<", "value": 0})

    assert {document.id for document in retriever.run("réseau électrique")["documents"]} == {"far0", "far1", "far2"}

    store.delete_documents(["far1"])
    assert {document.id for document in retriever.run("réseau électrique")["documents"]} == {"far0", "far2"}
    none = {"field": "meta.n", "operator": ">", "value": 1000}
    assert retriever.run("réseau électrique", filters=none)["documents"] == []


@pytest.mark.slow
def test_ten_thousand_documents_are_no_limit(make_store: Callable[..., PasserelleDocumentStore]) -> None:
    embedders = MockTextEmbedder(dimension=4), MockDocumentEmbedder(dimension=4, progress_bar=False)
    store = make_store(embedding_dim=4, text_embedder=embedders[0], document_embedder=embedders[1])
    documents = [
        Document(id=f"{number:05}", content=f"vélo {number}", meta={"n": number}, embedding=[1.0, 0.0, 0.0, number])
        for number in range(10_500)
    ]
    assert store.write_documents(documents) == 10_500

    assert store.count_documents() == 10_500
    assert store.filter_documents() == documents
    found = store.filter_documents({"field": "meta.n", "operator": ">=", "value": 100})
    assert found == documents[100:]
    last = {"field": "meta.n", "operator": ">=", "value": 10_499}
    assert PasserelleRetriever(store, filters=last).run("vélo")["documents"][0].id == "10499"
    assert store.delete_by_filter({"field": "meta.n", "operator": "<", "value": 10_400}) == 10_400
    assert store.filter_documents() == documents[10_400:]
