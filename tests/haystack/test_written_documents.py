"""What is written comes back as it was, or is refused before anything is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from haystack import Document
from haystack.dataclasses import ByteStream, SparseEmbedding
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy

from passerelle.haystack import PasserelleDocumentStore

DIMENSION = 64

META: dict[str, Any] = {
    "none": None,
    "yes": True,
    "whole": 2**70,
    "real": 0.1,
    "one as real": 1.0,
    "infinite": float("inf"),
    "text": "L’été à Leshan 乐山 \x00 𠮷",
    "naive": datetime.fromisoformat("2016-03-14T09:26:53.589793"),
    "aware": datetime(2016, 3, 14, tzinfo=timezone(timedelta(hours=8))),
    "day": date(2016, 3, 14),
    "hour": time(9, 26, tzinfo=UTC),
    "bytes": b"\x00\xff",
    "list": [1, "1", 1.5, None, [date(2016, 1, 1)]],
    "tuple": (1, (2,)),
    "nested": {"person": {"name": "张伟", "seen": [datetime.fromisoformat("2016-01-01")]}, "": {}},
    "marked": {"$": ["date", "no date at all"]},
    "title": "Bilan",
    "kind": ["study", 3],
    "language": "klingon",
    "date": "un jour",
    "path": "ailleurs",
}

DOCUMENTS = {
    "text": Document(content="Le réseau électrique d’Issy. 伊西的智能电网。"),
    "metadata": Document(content="Métadonnées", meta=META),
    "nothing": Document(id="nothing"),
    "empty text": Document(id="empty", content=""),
    "long text": Document(content="Une phrase assez longue pour compter. " * 3000),
    "odd text": Document(content="\x00\ufeff \u2028 𠮷 \r\n"),
    "odd id": Document(id="é/../' OR 1=1 -- \n" + "x" * 3000, content="a"),
    "embedding of 32 bits": Document(content="a", embedding=[0.5] * DIMENSION),
    "embedding of 64 bits": Document(content="b", embedding=[0.1 * n for n in range(DIMENSION)]),
    "embedding without direction": Document(content="c", embedding=[0.0] * DIMENSION),
    "great embedding": Document(content="d", embedding=[1e300, *[1.0] * (DIMENSION - 1)]),
    "embedding alone": Document(id="picture", embedding=[1.0] * DIMENSION),
    "sparse embedding": Document(content="e", sparse_embedding=SparseEmbedding([1, 5], [0.25, 0.1])),
    "blob": Document(blob=ByteStream(b"\x89PNG\x00", meta={"made": date(2016, 1, 1)}, mime_type="image/png")),
    "score": Document(content="f", score=0.75),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back_as_it_was(store: PasserelleDocumentStore, name: str) -> None:
    document = DOCUMENTS[name]

    assert store.write_documents([document]) == 1

    (read,) = store.filter_documents()
    assert read == document
    assert {key: type(value) for key, value in read.meta.items()} == {
        key: type(value) for key, value in document.meta.items()
    }


def test_ids_that_look_alike_are_different_documents(store: PasserelleDocumentStore) -> None:
    documents = [Document(id=each, content=each) for each in ("é", "e\u0301", "E", "e")]

    assert store.write_documents(documents) == 4
    assert {document.id for document in store.filter_documents()} == {document.id for document in documents}


def test_another_store_on_the_same_index_reads_what_was_written(make_store: Callable[..., Any]) -> None:
    make_store().write_documents([DOCUMENTS["metadata"]])

    assert make_store().filter_documents() == [DOCUMENTS["metadata"]]


def nested(levels: int) -> list[Any]:
    return [nested(levels - 1)] if levels else []


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (Document(content="a", meta={"tags": {"a", "b"}}), r"meta\.tags is a set"),
        (Document(content="a", meta={"by": {1: "one"}}), r"meta\.by has a key that is no text: 1"),
        (Document(content="a", meta={"deep": nested(60)}), "more than 50"),
        (Document(id="half", content="\ud800"), "surrogates not allowed"),
        (Document(content="a", meta={"name": "\udcff"}), "surrogates not allowed"),
        (Document(content="a", embedding=[1.0, 2.0]), "2 numbers, this store's have 64"),
        (Document(content="a", embedding=[]), "0 numbers"),
        (Document(content="a", embedding=[float("nan")] * DIMENSION), "no finite number"),
        (Document(content="a", embedding=["1"] * DIMENSION), "no finite number"),  # type: ignore[list-item]
        (Document(blob=ByteStream(bytes(17 * 2**20))), "more than 16"),
    ],
)
def test_what_could_not_be_given_back_is_refused_and_nothing_is_written(
    store: PasserelleDocumentStore, document: Document, told: str
) -> None:
    good = [Document(id=f"good{number}", content="good") for number in range(70)]  # more than one transaction takes

    with pytest.raises(ValueError, match=told):
        store.write_documents([*good, document])

    assert store.count_documents() == 0


@pytest.mark.parametrize("policy", [DuplicatePolicy.NONE, DuplicatePolicy.FAIL])
def test_a_duplicate_is_refused_and_nothing_is_written(store: PasserelleDocumentStore, policy: DuplicatePolicy) -> None:
    store.write_documents([Document(id="known", content="old")])

    for documents in (["new", "known"], ["new", "new"]):
        with pytest.raises(DuplicateDocumentError, match="nothing was written"):
            store.write_documents([Document(id=each, content="text") for each in documents], policy)

    assert [document.content for document in store.filter_documents()] == ["old"]


def test_of_duplicates_in_one_list_the_first_is_kept_or_the_last_wins(store: PasserelleDocumentStore) -> None:
    twice = [Document(id="1", content="first"), Document(id="1", content="last")]

    assert store.write_documents(twice, DuplicatePolicy.SKIP) == 1
    assert [document.content for document in store.filter_documents()] == ["first"]
    assert store.write_documents(twice, DuplicatePolicy.OVERWRITE) == 2
    assert [document.content for document in store.filter_documents()] == ["last"]


def test_a_deleted_document_can_be_written_again(store: PasserelleDocumentStore) -> None:
    document = Document(id="1", content="text")
    store.write_documents([document])
    store.delete_documents(["1", "unknown"])

    assert store.filter_documents() == []
    assert store.write_documents([document], DuplicatePolicy.FAIL) == 1
    assert store.filter_documents() == [document]


@pytest.mark.parametrize("kept", [True, False])
def test_purging_erases_the_text_of_deleted_documents_from_the_files(tmp_path: Path, kept: bool) -> None:
    store = PasserelleDocumentStore(str(tmp_path), settings={"model": "hash"})
    store.write_documents([Document(id="1", content="zanzibarite"), Document(id="2", content="autre")])
    store.delete_documents(["1"])
    if not kept:
        assert store.purge_deleted() == 1
    store.close()

    held = any(b"zanzibarite" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert held == kept
    assert [document.id for document in store.filter_documents()] == ["2"]
    store.close()


def test_updating_keeps_what_it_does_not_name(store: PasserelleDocumentStore) -> None:
    document = Document(id="1", content="text", meta={"a": date(2016, 1, 1), "b": 1}, embedding=[0.1] * DIMENSION)
    store.write_documents([document])

    assert store.update_by_filter({"field": "id", "operator": "==", "value": "1"}, {"b": (2,)}) == 1

    assert store.filter_documents() == [dataclasses.replace(document, meta={"a": date(2016, 1, 1), "b": (2,)})]


SCHEMA = {
    "text": "str",
    "flag": "bool",
    "count": "int",
    "share": "float",
    "seen": "datetime",
    "day": "date",
    "any": "list",
    "names": "list[str]",
    "more": "dict",
}


@pytest.fixture
def declared(tmp_path: Path) -> Any:
    store = PasserelleDocumentStore(str(tmp_path / "data"), settings={"model": "hash"}, metadata_schema=SCHEMA)
    yield store
    store.close()


@pytest.mark.parametrize(
    "meta",
    [
        {
            "text": "a",
            "flag": False,
            "count": 1,
            "share": 0.5,
            "seen": datetime.fromisoformat("2016-01-01"),
            "day": date(2016, 1, 1),
        },
        {"any": [1, "a"], "names": ["a", "b"], "more": {"a": 1}},
        {"share": 1, "names": [], "more": {}},
        dict.fromkeys(SCHEMA),
        {"undeclared": b"free"},
    ],
)
def test_metadata_as_declared_is_kept(declared: PasserelleDocumentStore, meta: dict[str, Any]) -> None:
    document = Document(content="a", meta=meta)
    declared.write_documents([document])

    assert declared.filter_documents() == [document]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("flag", 1),
        ("count", True),
        ("count", 1.0),
        ("count", "1"),
        ("share", True),
        ("seen", date(2016, 1, 1)),
        ("seen", "2016-01-01"),
        ("day", datetime.fromisoformat("2016-01-01")),
        ("any", (1,)),
        ("names", ["a", 1]),
        ("names", "a"),
        ("more", []),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(declared: PasserelleDocumentStore, name: str, value: Any) -> None:
    told = rf"Document d1: meta\['{name}'\] is declared as .*, but is {type(value).__name__}"
    declared.write_documents([Document(id="known", content="a")])

    with pytest.raises(ValueError, match=told):
        declared.write_documents([Document(content="good"), Document(id="d1", meta={name: value})])
    with pytest.raises(ValueError, match=told.replace("d1", "known")):
        declared.update_by_filter({"field": "id", "operator": "==", "value": "known"}, {name: value})

    assert declared.filter_documents() == [Document(id="known", content="a")]


def test_a_strict_schema_refuses_other_names(tmp_path: Path) -> None:
    store = PasserelleDocumentStore(
        str(tmp_path), settings={"model": "hash"}, metadata_schema={"year": "int"}, strict_metadata=True
    )

    with pytest.raises(ValueError, match=r"meta\['yaer'\] is not declared"):
        store.write_documents([Document(content="a", meta={"year": 2016, "yaer": 2016})])
    assert store.count_documents() == 0
    store.close()


def test_a_type_that_there_is_not_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'year' cannot be 'integer'"):
        PasserelleDocumentStore(str(tmp_path), metadata_schema={"year": "integer"})
