"""One writer at a time on OpenSearch: who writes is told, and the lock of a dead writer is free."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from search_core.engines.opensearch import lock as locking
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.lock import Holder, holding
from search_core.engines.opensearch.names import lock_index
from search_core.errors import IndexLocked

pytestmark = pytest.mark.opensearch

PROGRAM = Path(__file__).with_name("writer_process.py")


@pytest.fixture
def cluster(opensearch_index, opensearch_address):
    with closing(Cluster(opensearch_address)) as opened:
        yield opened


def put_lock(cluster, address, **change):
    """Make somebody else the holder of the lock, elsewhere."""
    holder = Holder("other", 1, 0.0, "elsewhere", "elsewhere", "indexing", "today", cluster.clock())
    index = lock_index(address.prefix)
    stored = cluster.get(index, "writer")
    cluster.put(index, "writer", {"holder": asdict(replace(holder, **change))}, stored)


def test_second_process_is_told_who_writes_and_a_dead_one_does_not_lock(opensearch_index, opensearch_address):
    place = f"opensearch:{opensearch_address.prefix}"
    with subprocess.Popen([sys.executable, str(PROGRAM), place, "hold"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "writing\n"
            with (
                pytest.raises(IndexLocked, match=rf"process {process.pid} on .*test: hold"),
                opensearch_index.writer("other"),
            ):
                pass
        finally:
            process.kill()

    with opensearch_index.writer("other"):
        pass


def test_lock_of_another_machine_is_respected_while_it_is_renewed(opensearch_index, opensearch_address, cluster):
    put_lock(cluster, opensearch_address)

    with pytest.raises(IndexLocked, match="process 1 on elsewhere"), opensearch_index.writer("other"):
        pass

    put_lock(cluster, opensearch_address, renewed=cluster.clock() - 61)
    with opensearch_index.writer("other"):
        pass


def test_writer_whose_lock_was_taken_writes_nothing_more(
    opensearch_index, opensearch_address, cluster, make_document, put, monkeypatch
):
    monkeypatch.setattr(locking, "_RENEWED_EVERY_S", 0.05)
    put(opensearch_index, make_document("d", "tram"))
    before = opensearch_index.status()

    with opensearch_index.writer("first") as writer:
        while not writer_is_lost(writer):
            put_lock_over(cluster, opensearch_address)
            time.sleep(0.1)
        with pytest.raises(IndexLocked, match="lost the right"):
            writer.replace([make_document("d", "bus")])

    assert opensearch_index.status() == before
    put_lock(cluster, opensearch_address, renewed=0)


def writer_is_lost(writer):
    try:
        writer.committer.view()
    except IndexLocked:
        return True
    return False


def put_lock_over(cluster, address):
    """A renewal may come in between: then it is tried again."""
    with suppress(locking.WriteConflict):
        put_lock(cluster, address)


def test_lock_is_renewed_while_it_is_held(opensearch_address, cluster, monkeypatch):
    monkeypatch.setattr(locking, "_RENEWED_EVERY_S", 0.05)
    index = lock_index(opensearch_address.prefix)

    with holding(cluster, opensearch_address.prefix, "writer", "test") as lock:
        first = cluster.get(index, "writer").seq_no
        while cluster.get(index, "writer").seq_no < first + 2:
            time.sleep(0.05)
        lock.check()

    assert cluster.get(index, "writer") is None


def test_writer_goes_on_once_its_lock_is_renewed_after_a_long_silence(opensearch_address, cluster, monkeypatch):
    monkeypatch.setattr(locking, "_RENEWED_EVERY_S", 0.5)

    with holding(cluster, opensearch_address.prefix, "writer", "test") as lock:
        lock._renewed -= 100
        lock.check()

        assert time.monotonic() - lock._renewed < 40
