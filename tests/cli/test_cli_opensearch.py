"""Every command on an OpenSearch server does what it does on the embedded engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster

pytestmark = pytest.mark.opensearch

Run = Callable[..., Any]

QUESTIONS = ["réseau électrique", "智能电网", '"réseau électrique" -vélos', "zanzibarite", ""]


@pytest.fixture
def environment(environment: dict[str, str], own_collection: dict[str, str]) -> dict[str, str]:
    return environment | own_collection | {"PASSERELLE_ENGINE": "opensearch"}


def search(passerelle: Run, question: str) -> list[dict[str, Any]]:
    """The hits of a question, without what tells the engine."""
    ended = passerelle("search", "--json", question)
    assert ended.status == 0, ended.err
    hits: list[dict[str, Any]] = ended.json["hits"]
    return hits


def test_search_answers_alike_on_both_engines(
    passerelle: Run, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert passerelle("index", documents).status == 0
    found = {question: search(passerelle, question) for question in QUESTIONS}

    monkeypatch.setenv("PASSERELLE_ENGINE", "embedded")
    assert passerelle("index", documents).status == 0
    for question, hits in found.items():
        expected = search(passerelle, question)
        assert [_without_scores(hit) for hit in hits] == [_without_scores(hit) for hit in expected]
        assert [hit["score"] for hit in hits] == pytest.approx([hit["score"] for hit in expected], abs=1e-4)


def _without_scores(hit: dict[str, Any]) -> dict[str, Any]:
    """Lucene's are of single precision."""
    return {name: value for name, value in hit.items() if name not in {"score", "legs"}} | {
        "legs": [{name: value for name, value in leg.items() if name != "score"} for leg in hit["legs"]]
    }


def test_documents_come_go_and_come_back(passerelle: Run, documents: Path) -> None:
    assert passerelle("index", documents, "--json").status == 0
    assert passerelle("index", documents).status == 0
    report = passerelle("report", "--json").json["files"]
    assert sorted(each["status"] for each in report) == ["unchanged"] * 4

    assert passerelle("remove", documents / "fr" / "vélo.txt").status == 0
    assert search(passerelle, "zanzibarite") == []
    assert passerelle("restore", documents / "fr" / "vélo.txt").status == 0
    assert [hit["path"] for hit in search(passerelle, "zanzibarite")] == ["fr/vélo.txt"]

    (documents / "fr" / "vélo.txt").unlink()
    assert passerelle("sync", documents, "--adopt").status == 0
    assert search(passerelle, "zanzibarite") == []
    assert passerelle("status", "--json").json["documents"] == {"fr": 1, "zh": 2}


def test_reindex_with_another_glossary_keeps_every_document(
    passerelle: Run, documents: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    glossary = tmp_path / "own.tsv"
    glossary.write_text("zanzibarite\t桑给巴尔石\n", "utf-8")
    assert passerelle("index", documents).status == 0
    monkeypatch.setenv("PASSERELLE_GLOSSARY", str(glossary))
    assert passerelle("status", "--json").json["reindex_advised"]

    assert passerelle("reindex").status == 0

    status = passerelle("status", "--json").json
    assert (status["engine"], status["documents"], status["reindex_advised"]) == (
        "opensearch",
        {"fr": 2, "zh": 2},
        False,
    )
    assert [hit["path"] for hit in search(passerelle, "桑给巴尔石")][:1] == ["fr/vélo.txt"]


@pytest.fixture
def refusing(environment: dict[str, str], opensearch_address: ServerAddress) -> Iterator[Callable[[str], None]]:
    """Makes the server refuse new documents whose path holds a word; it takes them again where that is empty."""
    with closing(Cluster(opensearch_address)) as cluster:
        client = cluster._client
        prefix = environment["PASSERELLE_OPENSEARCH_PREFIX"]

        def refuse(word: str) -> None:
            blamed = f"ctx.status == 'indexed' && ctx.path.contains('{word}')"
            script = f"if ({blamed}) throw new IllegalArgumentException('no {word} here')"
            client.ingest.put_pipeline(id=prefix, body={"processors": [{"script": {"source": script}}]})
            used = {"index.final_pipeline": prefix if word else "_none"}
            client.indices.put_settings(index=f"{prefix}-documents", body=used)

        yield refuse
        refuse("")
        client.ingest.delete_pipeline(id=prefix)


def test_document_that_the_server_refuses_fails_alone_and_can_be_tried_again(
    passerelle: Run, documents: Path, refusing: Callable[[str], None]
) -> None:
    assert passerelle("index", documents / "zh").status == 0
    refusing("reseau")

    ended = passerelle("index", documents / "fr", "--json")
    assert ended.status == 1
    told = {each["path"]: each for each in ended.json["files"]}
    assert {path: each["status"] for path, each in told.items()} == {"reseau.txt": "failed", "vélo.txt": "indexed"}
    assert "no reseau here" in told["reseau.txt"]["reason"]
    assert [hit["path"] for hit in search(passerelle, "zanzibarite")] == ["vélo.txt"]
    listed = {each["path"]: each["reason"] for each in passerelle("report", "--json").json["files"]}
    assert listed["reseau.txt"] == told["reseau.txt"]["reason"]

    refusing("")
    assert passerelle("index", documents / "fr", "--json").json["files"][0]["status"] == "failed"
    assert passerelle("index", documents / "fr", "--retry").status == 0
    assert search(passerelle, "logements")[0]["path"] == "reseau.txt"


def test_wrong_password_is_a_sentence_without_the_password(passerelle: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if not passerelle("status").out.count("https://"):
        pytest.skip("the server has no logins")
    monkeypatch.setenv("PASSERELLE_OPENSEARCH_PASSWORD", "n0t-this-one")

    for command in (["status"], ["search", "vélo"], ["serve", "--port", "0"], ["index", "."]):
        ended = passerelle(*command)
        assert ended.status == 3
        assert "password is wrong" in ended.err
        assert "n0t-this-one" not in ended.err + ended.out


def test_doctor_finds_the_server_well(passerelle: Run, documents: Path) -> None:
    assert passerelle("index", documents).status == 0

    findings = {each["subject"]: each for each in passerelle("doctor", "--json").json}

    assert findings["index"] == {"subject": "index", "state": "4 documents, 4 passages", "remedy": ""}
    assert findings["server"]["state"].startswith("OpenSearch 3.")
    assert findings["health"]["state"].startswith("green: ")
    assert findings["k-NN plugin"]["state"] == "on every node"
    assert findings["write blocks"]["state"] == "none"
    assert findings["writer"]["state"] == "nobody writes"
    assert "% full" in findings["server disks"]["state"]
    engine = ("server", "encryption", "login", "health", "write blocks", "k-NN plugin", "writer", "index", "versions")
    assert [subject for subject in engine if findings[subject]["remedy"]] == []


def test_doctor_names_who_writes_and_what_blocks_writing(
    passerelle: Run, documents: Path, opensearch_address: ServerAddress, environment: dict[str, str]
) -> None:
    assert passerelle("index", documents).status == 0
    prefix = environment["PASSERELLE_OPENSEARCH_PREFIX"]
    index = open_opensearch_index(replace(opensearch_address, prefix=prefix))
    blocked = {"index.blocks.read_only_allow_delete": True}
    with closing(index), closing(Cluster(opensearch_address)) as cluster, index.writer("counting sheep"):
        cluster.ask("PUT", f"/{prefix}-passages/_settings", blocked)
        findings = {each["subject"]: each for each in passerelle("doctor", "--json").json}
        cluster.ask("PUT", f"/{prefix}-passages/_settings", dict.fromkeys(blocked))

    assert "counting sheep" in findings["writer"]["state"]
    assert findings["write blocks"]["state"] == "read_only_allow_delete"
    assert "Free some space" in findings["write blocks"]["remedy"]


def test_doctor_says_why_an_index_is_not_whole(
    passerelle: Run, documents: Path, opensearch_address: ServerAddress, environment: dict[str, str]
) -> None:
    assert passerelle("index", documents).status == 0
    prefix = environment["PASSERELLE_OPENSEARCH_PREFIX"]
    copies = {"index.auto_expand_replicas": False, "index.number_of_replicas": 9}
    with closing(Cluster(opensearch_address)) as cluster:
        cluster.ask("PUT", f"/{prefix}-texts/_settings", copies)

    finding = next(each for each in passerelle("doctor", "--json").json if each["subject"] == "health")

    assert finding["state"].startswith("yellow: ")
    assert f"such as {prefix}-texts-v" in finding["state"]
    assert "already allocated to this node" in finding["state"]
    assert "another node's failure" in finding["remedy"]
