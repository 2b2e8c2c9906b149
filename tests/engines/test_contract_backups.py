"""What every engine promises of backups."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from search_core.backups import Backups
from search_core.engines.base import LivingIndex, Scope
from search_core.engines.embedded import EmbeddedBackups, EmbeddedIndex, open_embedded_index
from search_core.engines.opensearch import (
    OpenSearchBackups,
    OpenSearchIndex,
    ServerAddress,
    open_opensearch_index,
)
from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import IndexLocked
from tests.engines.writer_process import make_version

EVERYTHING = Scope.everything()

WRITER = Path(__file__).with_name("writer_process.py")

ENCLOSED = {"people.sqlite": bytes(range(256)) * 100, "glossary.tsv": "法\tfrançais\n".encode()}


@dataclass
class Collection:
    """An index and the backups of its collection."""

    index: LivingIndex
    backups: Backups


@dataclass
class Pair:
    """A collection, and another one that is empty, with one place for backups."""

    own: Collection
    other: Collection


@pytest.fixture
def embedded_pair(folder: Path, embedded: EmbeddedIndex, tmp_path: Path) -> Iterator[Pair]:
    place = tmp_path / "backups"
    with closing(open_embedded_index(tmp_path / "other")) as other:
        yield Pair(
            Collection(embedded, EmbeddedBackups(folder, place)),
            Collection(other, EmbeddedBackups(tmp_path / "other", place)),
        )


@pytest.fixture
def opensearch_pair(
    opensearch_address: ServerAddress, opensearch_index: OpenSearchIndex, snapshot_place: str
) -> Iterator[Pair]:
    elsewhere = replace(opensearch_address, prefix=f"{opensearch_address.prefix}-{uuid4().hex[:8]}")
    with (
        closing(open_opensearch_index(elsewhere)) as other,
        closing(OpenSearchBackups(opensearch_address, snapshot_place)) as own_backups,
        closing(OpenSearchBackups(elsewhere, snapshot_place)) as other_backups,
    ):
        yield Pair(Collection(opensearch_index, own_backups), Collection(other, other_backups))
    with closing(Cluster(elsewhere)) as cluster:
        cluster.drop(cluster.names(f"{elsewhere.prefix}-*"))


@pytest.fixture(
    params=[pytest.param("embedded_pair"), pytest.param("opensearch_pair", marks=pytest.mark.opensearch)],
    ids=["embedded", "opensearch"],
)
def pair(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def opened_place(request: pytest.FixtureRequest, pair: Pair) -> str:
    """What a writer in another process is told to open."""
    if isinstance(pair.own.index, EmbeddedIndex):
        return str(request.getfixturevalue("folder"))
    return f"opensearch:{request.getfixturevalue('opensearch_address').prefix}"


def make(collection: Collection) -> str:
    return collection.backups.back_up(lambda: ENCLOSED).name


def recover(collection: Collection, name: str) -> None:
    backups = {backup.name: backup for backup in collection.backups.find()}
    with collection.backups.recover(backups[name]) as recovery:
        assert recovery.enclosed == ENCLOSED
        recovery.publish()


def known(index: LivingIndex) -> list[str]:
    return [record.document_id for record in index.records(None, EVERYTHING)]


def test_everything_comes_back_in_another_collection(pair, make_document, put, find, find_near):
    documents = make_document("a", "tram bus", "城市", languages=["fr", "zh"]), make_document("b", "vélo")
    put(pair.own.index, *documents)
    with pair.own.index.writer("test") as writer:
        writer.put_state("versions", b'{"model_name": "hash"}')
        writer.remove(["b"], "2026-01-01T00:00:00+00:00")

    recover(pair.other, make(pair.own))

    found = pair.other.index
    assert list(found.records(None, EVERYTHING)) == list(pair.own.index.records(None, EVERYTHING))
    assert (found.state("versions"), found.state_keys()) == (b'{"model_name": "hash"}', ["versions"])
    assert (find(found, "tram"), find(found, "城市", "zh"), find(found, "vélo")) == (["a"], ["a"], [])
    assert find_near(found, documents[0].passages[0].vector) == ["a"]
    with found.writer("test") as writer:
        assert writer.restore(["b"]) == 1
        writer.replace([make_document("c", "tram")])
    assert (find(found, "vélo"), find(found, "tram")) == (["b"], ["c", "a"])
    assert known(pair.own.index) == ["a", "b"]


def test_backup_is_what_it_was_when_it_was_made(pair, make_document, put):
    put(pair.own.index, make_document("early", "tram"))
    name = make(pair.own)
    put(pair.own.index, make_document("late", "tram"), make_document("early", "bus"))

    recover(pair.other, name)

    assert known(pair.other.index) == ["early"]
    assert pair.other.index.documents(["early"], EVERYTHING)["early"].text == "tram"


def test_backups_are_listed_newest_first_and_can_be_deleted(pair, make_document, put):
    names = [make(pair.own), make(pair.own)]
    put(pair.own.index, make_document("d", "tram", "bus"))
    names.append(make(pair.own))

    found = pair.own.backups.find()

    assert [backup.name for backup in found] == names[::-1]
    assert [(backup.documents, backup.passages, backup.problem) for backup in found] == [(1, 2, ""), *[(0, 0, "")] * 2]
    pair.own.backups.delete(found[1])
    assert [backup.name for backup in pair.own.backups.find()] == [names[2], names[0]]


def test_recovery_can_be_undone(pair, make_document, put, find):
    put(pair.own.index, make_document("old", "tram"))
    name = make(pair.own)
    put(pair.own.index, make_document("new", "tram"))
    before = pair.own.index.status().version

    recover(pair.own, name)

    assert (find(pair.own.index, "tram"), pair.own.index.status().version > before) == (["old"], True)
    pair.own.index.roll_back(pair.own.index.status().version)
    assert find(pair.own.index, "tram") == ["new", "old"]


def test_recovery_that_is_not_published_leaves_nothing(pair, make_document, put):
    put(pair.own.index, make_document("d", "tram"))
    name = make(pair.own)
    put(pair.own.index, make_document("e", "tram"))

    (backup,) = pair.own.backups.find()
    with pair.own.backups.recover(backup) as recovery:
        assert (backup.name, known(recovery.index)) == (name, ["d"])

    assert known(pair.own.index) == ["d", "e"]
    with pair.own.index.unfinished() as unfinished, pair.own.index.kept() as kept:
        assert (unfinished, kept) == (None, None)


def test_recovery_and_rebuild_exclude_each_other_and_writers_go_on(pair, make_document, put):
    make(pair.own)
    (backup,) = pair.own.backups.find()

    with (
        pair.own.index.rebuild("reindexing"),
        pytest.raises(IndexLocked, match="reindexing"),
        pair.own.backups.recover(backup),
    ):
        pass
    with pair.own.backups.recover(backup):
        put(pair.own.index, make_document("d", "tram"))
        with pytest.raises(IndexLocked, match="recovering a backup"), pair.own.index.rebuild("reindexing"):
            pass

    assert known(pair.own.index) == ["d"]


def test_interrupted_backup_leaves_nothing(pair):
    def enclose():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pair.own.backups.back_up(enclose)

    make(pair.own)
    assert len(pair.own.backups.find()) == 1


@pytest.mark.slow
def test_backup_beside_a_writer_is_one_commit(pair, opened_place):
    """The writer replaces documents in commits of seven; all it says of a document tells its version."""
    with subprocess.Popen(
        [sys.executable, WRITER, opened_place, "churn", "14", "1"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            while process.stdout.readline() != "version 2\n":
                pass
            made = []
            for _ in range(3):
                made.append(make(pair.own))
                written = max(read_versions(pair.own.index))
                while int(process.stdout.readline().removeprefix("version ")) <= written:
                    pass
        finally:
            process.kill()

    seen = set()
    for name in made:
        recover(pair.other, name)
        versions = read_versions(pair.other.index)
        assert [len(set(versions[start : start + 7])) for start in (0, 7)] == [1, 1]
        seen.add(tuple(versions))
    assert len(seen) == len(made)


def read_versions(index: LivingIndex) -> list[int]:
    """The version of each document, from its text and from each of its passages, which have to agree."""
    ids = [f"d{n}" for n in range(14)]
    found = index.indexed(ids, EVERYTHING)
    versions = []
    for n, document_id in enumerate(ids):
        indexed = found[document_id]
        (version,) = {int(word[7:]) for word in indexed.document.text.split() if word.startswith("version")}
        expected = make_version(n, version)
        assert [each.passage.text for each in indexed.passages] == [each.passage.text for each in expected.passages]
        versions.append(version)
    return versions
