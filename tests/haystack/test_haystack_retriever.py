"""The language-fair search over Haystack's own documents."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from haystack import Document, Pipeline
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder
from haystack.components.writers import DocumentWriter

from passerelle.haystack import PasserelleDocumentStore, PasserelleRetriever

DOCUMENTS = [
    Document(id="reseau", content="Le réseau électrique intelligent relie 1 600 logements.", meta={"year": 2016}),
    Document(id="dianwang", content="伊西的智能电网连接了一千六百户住宅。", meta={"year": 2016, "title": "智能电网"}),
    Document(id="velo", content="Les vélos en libre-service sont comptés à part.", meta={"year": 2015}),
    Document(id="zixingche", content="公共自行车单独统计。", meta={"year": 2015}),
]


@pytest.fixture
def filled(store: PasserelleDocumentStore) -> PasserelleDocumentStore:
    store.write_documents(DOCUMENTS)
    return store


def ids(answer: dict[str, Any]) -> list[str]:
    return [document.id for document in answer["documents"]]


@pytest.mark.parametrize("question", ["réseaux électriques intelligents", "智能电网"])
def test_a_question_in_either_language_finds_documents_in_both(filled: PasserelleDocumentStore, question: str) -> None:
    found = PasserelleRetriever(filled).run(question)["documents"]

    assert {document.id for document in found[:2]} == {"reseau", "dianwang"}
    for document in found:
        written = next(each for each in DOCUMENTS if each.id == document.id)
        assert (document.content, document.meta) == (written.content, written.meta)
    assert [document.score for document in found] == sorted((each.score for each in found), reverse=True)


def test_the_language_of_the_documents_can_be_chosen_once_or_for_a_run(filled: PasserelleDocumentStore) -> None:
    retriever = PasserelleRetriever(filled, lang="zh")

    assert ids(retriever.run("réseau électrique intelligent"))[0] == "dianwang"
    assert ids(retriever.run("réseau électrique intelligent", lang="fr"))[0] == "reseau"


def test_top_k_is_how_many_documents_are_given(filled: PasserelleDocumentStore) -> None:
    retriever = PasserelleRetriever(filled, top_k=1)

    assert len(retriever.run("réseau électrique")["documents"]) == 1
    assert len(retriever.run("", top_k=3)["documents"]) == 3


def test_a_preferred_language_comes_first_and_hides_nothing(filled: PasserelleDocumentStore) -> None:
    for prefer, first in (("fr", "reseau"), ("zh", "dianwang")):
        found = ids(PasserelleRetriever(filled, prefer=prefer).run("réseau électrique 智能电网"))  # type: ignore[arg-type]
        assert found[0] == first
        assert {"reseau", "dianwang"} <= set(found)


@pytest.mark.parametrize(
    "given",
    [{"top_k": 0}, {"passages_per_document": 0}, {"passages_per_document": 4}, {"lang": "de"}, {"prefer": "both"}],
)
def test_what_makes_no_sense_is_refused_when_the_retriever_is_made(
    store: PasserelleDocumentStore, given: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        PasserelleRetriever(store, **given)


def test_a_run_adds_to_the_filters_or_takes_their_place(filled: PasserelleDocumentStore) -> None:
    old = {"field": "meta.year", "operator": "==", "value": 2015}
    chinese = {"field": "id", "operator": "in", "value": ["dianwang", "zixingche"]}
    merging = PasserelleRetriever(filled, filters=old, filter_policy="merge")
    replacing = PasserelleRetriever(filled, filters=old)

    assert ids(merging.run("", filters=chinese)) == ["zixingche"]
    assert set(ids(replacing.run("", filters=chinese))) == {"dianwang", "zixingche"}
    assert set(ids(replacing.run(""))) == {"velo", "zixingche"}


def test_a_question_without_words_lists_whole_documents(filled: PasserelleDocumentStore) -> None:
    found = PasserelleRetriever(filled).run("")["documents"]

    assert sorted(document.content or "" for document in found) == sorted(each.content or "" for each in DOCUMENTS)


def test_an_empty_store_gives_nothing_and_says_why(store: PasserelleDocumentStore) -> None:
    answer = PasserelleRetriever(store).run("réseau")

    assert answer["documents"] == []
    assert [notice["code"] for notice in answer["notices"]] == ["empty_index"]
    assert all(notice["fr"] and notice["zh"] for notice in answer["notices"])


def test_a_long_document_is_found_by_its_end_and_given_whole(store: PasserelleDocumentStore) -> None:
    long = Document(content="Une phrase quelconque sur la ville. " * 400 + "La zanzibarite est rare.")
    store.write_documents([long])

    (found,) = PasserelleRetriever(store).run("zanzibarite")["documents"]
    assert found.content == long.content


def test_documents_with_embeddings_are_found_by_them(document_store: PasserelleDocumentStore) -> None:
    """The embedder gives every text a direction of its own: only the question's own is near."""
    near = MockTextEmbedder(dimension=768).run("Où est le tramway ?")["embedding"]
    fillers = [Document(id=f"filler{n}", content=f"Autre texte {n}, sans rapport.") for n in range(30)]
    scaled = [10 * number for number in near]
    document_store.write_documents([*fillers, Document(id="near", content="公共自行车单独统计。", embedding=scaled)])

    found = PasserelleRetriever(document_store, lang="zh").run("Où est le tramway ?")["documents"]
    assert [document.id for document in found] == ["near"]
    assert found[0].embedding == scaled


def test_an_embedder_of_the_pipeline_and_the_writer_fill_a_store(document_store: PasserelleDocumentStore) -> None:
    pipeline = Pipeline()
    pipeline.add_component("embedder", MockDocumentEmbedder(dimension=768, progress_bar=False))
    pipeline.add_component("writer", DocumentWriter(document_store))
    pipeline.connect("embedder.documents", "writer.documents")

    assert pipeline.run({"embedder": {"documents": DOCUMENTS}})["writer"]["documents_written"] == 4
    assert all(len(document.embedding or []) == 768 for document in document_store.filter_documents())


def test_an_asynchronous_pipeline_gives_the_same(filled: PasserelleDocumentStore) -> None:
    pipeline = Pipeline()
    pipeline.add_component("retriever", PasserelleRetriever(filled))
    asked = {"retriever": {"query": "réseau électrique"}}

    assert asyncio.run(pipeline.run_async(asked)) == pipeline.run(asked)


def test_an_embedder_that_fails_leaves_the_words_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = MockTextEmbedder(dimension=8)
    store = PasserelleDocumentStore(
        str(tmp_path),
        embedding_dim=8,
        text_embedder=embedder,
        document_embedder=MockDocumentEmbedder(dimension=8, progress_bar=False),
    )
    store.write_documents(DOCUMENTS)
    retriever = PasserelleRetriever(store)
    assert retriever.run("vélos")["notices"] == []
    embedder.dimension = 0

    answer = retriever.run("vélos")

    assert set(ids(answer)) == {"velo", "zixingche"}
    assert [notice["code"] for notice in answer["notices"]] == ["leg_unavailable"]
    store.close()


@pytest.mark.slow
@pytest.mark.model
def test_the_bundled_model_finds_a_chinese_document_by_its_meaning(tmp_path: Path) -> None:
    """No word of the question stands in the glossary or in the document."""
    store = PasserelleDocumentStore(str(tmp_path))
    store.write_documents([*DOCUMENTS, Document(id="faim", content="孩子们中午在学校食堂吃饭。")])

    assert store.collection().embedder.dimension == 384
    assert ids(PasserelleRetriever(store, lang="zh").run("Où les élèves déjeunent-ils ?"))[0] == "faim"
    store.close()
