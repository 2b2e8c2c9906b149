"""Backups in a snapshot repository: what goes wrong at the server, and what a killed process leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import pytest

from search_core.engines.base import Scope
from search_core.engines.opensearch import (
    OpenSearchBackups,
    OpenSearchIndex,
    ServerAddress,
    open_opensearch_index,
)
from search_core.engines.opensearch import backups as backups_module
from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import IndexUnavailable
from tests.server import ServerUnderTest

pytestmark = pytest.mark.opensearch

EVERYTHING = Scope.everything()


@pytest.fixture
def backups(opensearch_address: ServerAddress, snapshot_place: str) -> Iterator[OpenSearchBackups]:
    with closing(OpenSearchBackups(opensearch_address, snapshot_place)) as found:
        yield found


def enclose():
    return {"people.sqlite": b"people"}


def names(address: ServerAddress) -> list[str]:
    with closing(Cluster(address)) as cluster:
        return cluster.names(f"{address.prefix}-*")


def test_repository_that_is_not_registered_names_what_helps(opensearch_index, opensearch_address):
    with closing(OpenSearchBackups(opensearch_address, "nightly")) as backups:
        with pytest.raises(IndexUnavailable, match=r"knows no snapshot repository nightly.*path\.repo"):
            backups.back_up(enclose)
        with pytest.raises(IndexUnavailable, match="knows no snapshot repository nightly"):
            backups.find()


def test_folder_that_the_server_does_not_allow_names_what_helps(opensearch_index, opensearch_address):
    with (
        closing(OpenSearchBackups(opensearch_address, "/nowhere/allowed")) as backups,
        pytest.raises(IndexUnavailable, match=r"may not keep snapshots in /nowhere/allowed.*opensearch\.yml"),
    ):
        backups.back_up(enclose)


def test_folder_that_another_cluster_may_write_to_is_registered_to_be_read_only(
    opensearch_index, opensearch_address, backups, snapshot_place
):
    name = backups.back_up(enclose).name
    with closing(ServerUnderTest(opensearch_address)) as cluster:
        repository = cluster.find_repository(snapshot_place, opensearch_address.prefix, to_write=True)
        cluster.unregister(repository)

        assert [backup.name for backup in backups.find()] == [name]
        assert cluster.is_read_only(repository)
        backups.back_up(enclose)
        assert not cluster.is_read_only(repository)
        assert cluster.find_repository(snapshot_place + "/", "another", to_write=True).name == repository.name


def test_nothing_but_the_snapshot_is_left_of_a_backup(opensearch_index, opensearch_address, backups):
    before = names(opensearch_address)

    backups.back_up(enclose)

    assert names(opensearch_address) == before


def test_partial_snapshot_is_listed_and_refused(
    opensearch_index, opensearch_address, backups, snapshot_place, make_document, put
):
    put(opensearch_index, make_document("d", "tram"))
    backup = backups.back_up(enclose)
    with closing(ServerUnderTest(opensearch_address)) as cluster:
        repository = cluster.find_repository(snapshot_place, opensearch_address.prefix, to_write=True)
        (told,) = cluster.list_snapshots(repository)
        lost = f"{opensearch_address.prefix}-lost"
        cluster.make_partial_snapshot(repository, f"{backup.name}-partial", lost, told["metadata"])

    found = {each.name: each.problem for each in backups.find()}

    assert found == {backup.name: "", f"{backup.name}-partial": "its state on the server is PARTIAL"}
    partial = next(each for each in backups.find() if each.problem)
    with pytest.raises(IndexUnavailable, match="PARTIAL"), backups.recover(partial):
        pass


@pytest.mark.parametrize("torn", [{"version": 1}, {"documents": 3}, {"passages": 0}])
def test_snapshot_of_two_commits_is_refused(opensearch_index, backups, make_document, put, monkeypatch, torn):
    """As a process leaves it that is killed before it has seen that somebody wrote meanwhile."""
    put(opensearch_index, make_document("d", "tram"))
    put(opensearch_index, make_document("e", "tram"))
    made = backups_module._make_metadata
    monkeypatch.setattr(
        backups_module, "_make_metadata", lambda *told: {"passerelle": made(*told)["passerelle"] | torn}
    )
    backups.back_up(enclose)

    (backup,) = backups.find()

    with pytest.raises(IndexUnavailable, match="does not hold one commit"), backups.recover(backup):
        pass
    assert [record.document_id for record in opensearch_index.records(None, EVERYTHING)] == ["d", "e"]


def test_index_that_was_lost_is_not_backed_up_but_recovered(opensearch_address, snapshot_place, make_document, put):
    address = replace(opensearch_address, prefix=f"{opensearch_address.prefix}-{uuid4().hex[:8]}")
    with closing(OpenSearchBackups(address, snapshot_place)) as backups:
        with closing(open_opensearch_index(address)) as index:
            put(index, make_document("d", "tram"))
            backup = backups.back_up(enclose)
        with closing(Cluster(address)) as cluster:
            (state,) = cluster.names(f"{address.prefix}-state-v*")
            cluster.drop([state])
        with pytest.raises(IndexUnavailable, match=r"gone.*passerelle recover"):
            backups.back_up(enclose)

        with backups.recover(backup) as recovery:
            recovery.publish()

    with closing(open_opensearch_index(address)) as index:
        assert [record.document_id for record in index.records(None, EVERYTHING)] == ["d"]
        put(index, make_document("e", "tram"))
        with index.rebuild("reindexing") as rebuild:
            rebuild.publish()


KILLED = """
import sys, time
from search_core.engines.opensearch import OpenSearchBackups
from search_core.opening import read_address
from search_core.settings import Settings
from dataclasses import replace
backups = OpenSearchBackups(replace(read_address(Settings()), prefix=sys.argv[1]), sys.argv[2])
def stop(*_):
    print("there", flush=True)
    time.sleep(600)
if sys.argv[3] == "enclosing":
    backups.back_up(stop)
elif sys.argv[3] == "writing":
    backups._wait = stop
    backups.back_up(lambda: {"people.sqlite": b"people"})
else:
    with backups.recover(backups.find()[0]):
        stop()
"""


def kill_at(step: str, address: ServerAddress, place: str) -> None:
    """Kill a process when it has come to a step."""
    arguments = [sys.executable, "-c", KILLED, address.prefix, place, step]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        os.kill(process.pid, signal.SIGKILL)


def wait_for_server(backups: OpenSearchBackups) -> None:
    """The server goes on with a snapshot whose process is gone."""
    deadline = time.monotonic() + 60
    while any("still being made" in each.problem for each in backups.find()):
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["enclosing", "writing"])
def test_killed_backup_is_whole_or_not_there_and_the_next_one_succeeds(
    opensearch_index, opensearch_address, backups, snapshot_place, make_document, put, step
):
    put(opensearch_index, make_document("d", "tram"))

    kill_at(step, opensearch_address, snapshot_place)

    wait_for_server(backups)
    left = {each.name for each in backups.find()}
    put(opensearch_index, make_document("e", "tram"))
    name = backups.back_up(enclose).name
    assert {each.name: each.problem for each in backups.find()} == dict.fromkeys({*left, name}, "")
    assert not [each for each in names(opensearch_address) if "enclosed" in each]


@pytest.mark.slow
def test_killed_recovery_changes_nothing_and_the_next_one_succeeds(
    opensearch_index: OpenSearchIndex, opensearch_address, backups, snapshot_place, make_document, put, find
):
    put(opensearch_index, make_document("old", "tram"))
    backup = backups.back_up(enclose)
    put(opensearch_index, make_document("new", "tram"))

    kill_at("recovering", opensearch_address, snapshot_place)

    assert find(opensearch_index, "tram") == ["new", "old"]
    with backups.recover(backup) as recovery:
        recovery.publish()
    assert find(opensearch_index, "tram") == ["old"]
    with closing(Cluster(opensearch_address)) as cluster:
        assert len(cluster.names(f"{opensearch_address.prefix}-passages-v*")) == 2
