"""`passerelle migrate`, with a real server at one end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from search_core.engines.base import PassageIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import ServerAddress, open_opensearch_index

pytestmark = pytest.mark.opensearch

Run = Callable[..., Any]

EVERYTHING = Scope.everything()


@pytest.fixture
def environment(environment: dict[str, str], own_collection: dict[str, str]) -> dict[str, str]:
    return environment | own_collection


def hold(index: PassageIndex) -> dict[str, Any]:
    """All that an index holds, as values that can be compared."""
    ids = [record.document_id for record in index.records(None, EVERYTHING)]
    documents = index.indexed(ids, EVERYTHING)
    return {
        "records": list(index.records(None, EVERYTHING)),
        "documents": {name: each.document for name, each in documents.items()},
        "passages": {
            each.passage.passage_id: (each.passage, each.tokens, each.filter_tokens, each.embedding_key)
            for indexed in documents.values()
            for each in indexed.passages
        },
        "vectors": {
            each.passage.passage_id: each.vector.tobytes()
            for indexed in documents.values()
            for each in indexed.passages
        },
        "states": {key: index.state(key) for key in index.state_keys()},
    }


def open_and_hold(index: PassageIndex) -> dict[str, Any]:
    with closing(index):
        return hold(index)


@pytest.fixture
def lived(indexed: Path, passerelle: Run) -> Path:
    """An embedded index that has lived: a removed document, a failed one, a confirmed pair."""
    (indexed / "vide.txt").write_bytes(b"")
    passerelle("index", indexed)
    assert passerelle("remove", "fr/vélo.txt").status == 0
    assert passerelle("pairs", "confirm", "fr/reseau.txt", "zh/电网.md").status == 0
    return indexed


def answers(passerelle: Run) -> list[Any]:
    """What is found, without scores: Lucene's are of single precision."""
    questions = ["réseau électrique", "智能电网", '"réseau électrique" -vélos', "zanzibarite", ""]
    found = [passerelle("search", "--json", question).json["hits"] for question in questions]
    return [[(hit["document_id"], [each["passage_id"] for each in hit["passages"]]) for hit in hits] for hits in found]


def test_migration_there_and_back_changes_nothing(
    lived: Path,
    passerelle: Run,
    tmp_path: Path,
    server_address: ServerAddress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = open_and_hold(open_embedded_index(tmp_path / "data"))
    asked = answers(passerelle)
    monkeypatch.setenv("PASSERELLE_MODEL", "a model that is not there")  # nothing is embedded

    ended = passerelle("migrate", "--from", "embedded", "--to", "opensearch")

    assert ended.status == 0, ended.err
    assert ended.out.startswith("5 documents copied from ")
    assert "PASSERELLE_ENGINE=opensearch" in ended.out
    assert open_and_hold(open_opensearch_index(server_address)) == before
    assert open_and_hold(open_embedded_index(tmp_path / "data")) == before

    shutil.move(tmp_path / "data", tmp_path / "old")
    (tmp_path / "data").mkdir()
    ended = passerelle("migrate", "--from", "opensearch", "--to", "embedded")

    assert ended.status == 0, ended.err
    assert open_and_hold(open_embedded_index(tmp_path / "data")) == before
    monkeypatch.setenv("PASSERELLE_MODEL", "hash")
    assert answers(passerelle) == asked
    monkeypatch.setenv("PASSERELLE_ENGINE", "opensearch")
    assert answers(passerelle) == asked
    assert passerelle("restore", "fr/vélo.txt").status == 0
    assert [hit["path"] for hit in passerelle("search", "--json", "zanzibarite").json["hits"]] == ["fr/vélo.txt"]


def test_target_that_holds_something_is_replaced_after_asking_only(
    indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch, server_address: ServerAddress
) -> None:
    monkeypatch.setenv("PASSERELLE_ENGINE", "opensearch")
    assert passerelle("index", indexed / "zh").status == 0
    before = open_and_hold(open_opensearch_index(server_address))

    refused = passerelle("migrate", "--from", "embedded", "--to", "opensearch", answer="n\n")

    assert (refused.status, "holds 2 documents. Replace them?" in refused.err) == (1, True)
    assert open_and_hold(open_opensearch_index(server_address)) == before
    assert passerelle("migrate", "--from", "embedded", "--to", "opensearch", "--yes").status == 0
    assert passerelle("status", "--json").json["documents"] == {"fr": 2, "zh": 2}


def test_empty_source_is_no_reason_to_replace_anything(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("migrate", "--from", "opensearch", "--to", "embedded", "--yes")

    assert (ended.status, "nothing to migrate" in ended.err) == (3, True)
    assert passerelle("status", "--json").json["documents"] == {"fr": 2, "zh": 2}
