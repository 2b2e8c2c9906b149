"""What is recovered or migrated answers all questions of corpus/ as before, with what people said of its documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from starlette.datastructures import QueryParams

from indexer.run import index_paths
from passerelle.backing_up import make_backup
from passerelle.migrating import run_migration
from passerelle.pairing import judge_pair, list_pairs
from passerelle.recovering import recover_backup
from passerelle.workspace import Workspace
from search_api.inputs import read_request
from search_api.opening import open_service
from search_core.engines.base import Scope
from search_core.engines.opensearch import ServerAddress
from search_core.engines.opensearch.cluster import Cluster
from search_core.people import PeopleStore
from search_core.settings import Settings

CORPUS = Path(__file__).parents[2] / "corpus"

SLOW_MODEL = pytest.param("bundled", marks=[pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(1800)])


@pytest.fixture(scope="module", params=[pytest.param("hash", marks=pytest.mark.slow), SLOW_MODEL])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An embedded index of corpus/ with a document removed, a language set, a pair confirmed and one refuted.

    Without the cross-encoder, which reads what an index returned, keeps nothing, and takes most of a search.
    """
    data = tmp_path_factory.mktemp("lived") / "data"
    settings = Settings(data=data, engine="embedded", model=request.param, cross_encoder="none")
    with closing(Workspace(settings)) as workspace:
        index_paths([CORPUS / "fr", CORPUS / "zh"], **workspace.file_tools())
        first, second = (
            [each for each in workspace.index.records(None, Scope.everything()) if each.language == language][:3]
            for language in ("fr", "zh")
        )
        workspace.people.set_language(second[1].document_id, "other")
        index_paths([CORPUS / "zh"], **workspace.file_tools())
        judge_pair(workspace, "confirm", [first[0].document_id, second[0].document_id])
        judge_pair(workspace, "refute", [first[2].document_id, second[2].document_id])
        with workspace.index.writer("test") as writer:
            writer.remove([first[1].document_id], "2026-01-01T00:00:00+00:00")
    return settings


def read_questions(settings: Settings) -> list[str]:
    """Every question of corpus/; one in four for the real model, which embeds the sentences of each hit."""
    lines = (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines[:: 4 if settings.model == "bundled" else 1]]


def ask_all(settings: Settings) -> dict[str, Any]:
    """The hits of each question."""
    with closing(open_service(settings)) as service:
        return {
            text: service.search(read_request(QueryParams([("q", text)]))).model_dump()["hits"]
            for text in read_questions(settings)
        }


def tell_people(settings: Settings) -> tuple[Any, ...]:
    """What people said, and the pairs that follow from it."""
    people = PeopleStore(settings.data)
    with closing(Workspace(settings)) as workspace:
        return people.languages(), people.pair_verdicts(), list_pairs(workspace)


@pytest.fixture(scope="module")
def answers(settings: Settings) -> dict[str, Any]:
    return ask_all(settings)


def refuse(question: str) -> None:
    raise AssertionError(f"An empty machine was asked: {question}")


def recover_elsewhere(settings: Settings, place: str, **elsewhere: Any) -> Settings:
    """Back up, and recover where there is nothing."""
    make_backup(settings, place, keep=None)
    empty = settings.model_copy(update=elsewhere)
    with closing(Workspace(empty)) as workspace:
        recover_backup(workspace, place, None, refuse)
    return empty


def test_recovered_folder_answers_as_before(settings: Settings, answers: dict[str, Any], tmp_path: Path) -> None:
    said = tell_people(settings)

    empty = recover_elsewhere(settings, str(tmp_path / "backups"), data=tmp_path / "empty")

    assert list(answers) == list(dict.fromkeys(read_questions(settings)))
    assert len(answers) > 40
    assert list(said[0].values()) == ["other"]
    assert {"confirmed", "refuted"} <= {pair.state for pair in said[2]}
    assert ask_all(empty) == answers
    assert tell_people(empty) == said


@pytest.fixture(scope="module")
def migrated(settings: Settings, opensearch_address: ServerAddress) -> Iterator[Settings]:
    """The same on a server."""
    prefix = f"{opensearch_address.prefix}-{uuid4().hex[:8]}"
    named = settings.model_copy(update={"opensearch_prefix": prefix})
    run_migration(named, "embedded", "opensearch", refuse)
    yield named.model_copy(update={"engine": "opensearch"})
    drop_all(replace(opensearch_address, prefix=prefix))


def drop_all(address: ServerAddress) -> None:
    with closing(Cluster(address)) as cluster:
        cluster.drop(cluster.names(f"{address.prefix}-*"))


@pytest.mark.opensearch
def test_migrated_index_answers_alike(migrated: Settings, answers: dict[str, Any]) -> None:
    """Lucene keeps lengths in one byte, so hits with nearly equal scores may change places."""
    found = ask_all(migrated)

    shares = [len(ids(hits) & ids(found[text])) / len(ids(hits)) for text, hits in answers.items() if hits]
    firsts = [hits[0]["document_id"] == found[text][0]["document_id"] for text, hits in answers.items() if hits]
    assert [text for text in answers if bool(answers[text]) != bool(found[text])] == []
    assert sum(shares) / len(shares) >= 0.9
    assert sum(firsts) / len(firsts) >= 0.9


def ids(hits: list[dict[str, Any]]) -> set[str]:
    return {hit["document_id"] for hit in hits}


@pytest.mark.opensearch
def test_index_that_was_migrated_back_answers_as_before(
    migrated: Settings, answers: dict[str, Any], tmp_path: Path
) -> None:
    back = migrated.model_copy(update={"data": tmp_path / "back"})
    run_migration(back, "opensearch", "embedded", refuse)

    assert ask_all(back.model_copy(update={"engine": "embedded"})) == answers


@pytest.mark.opensearch
def test_recovered_snapshot_answers_as_before(
    migrated: Settings, snapshot_place: str, opensearch_address: ServerAddress, tmp_path: Path
) -> None:
    prefix = f"{opensearch_address.prefix}-{uuid4().hex[:8]}"
    before, said = ask_all(migrated), tell_people(migrated)

    empty = recover_elsewhere(migrated, snapshot_place, data=tmp_path / "empty", opensearch_prefix=prefix)

    assert ask_all(empty) == before
    assert tell_people(empty) == said
    drop_all(replace(opensearch_address, prefix=prefix))
