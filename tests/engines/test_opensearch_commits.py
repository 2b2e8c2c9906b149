"""A commit on OpenSearch is there wholly or not at all, wherever its writer is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

import pytest
from opensearchpy.exceptions import ConnectionError as Cut

from search_core.engines.base import LexicalLeg, PassageIndex, Scope
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.lock import holding
from search_core.engines.opensearch.pace import Pace
from search_core.engines.opensearch.sets import find_others
from search_core.engines.opensearch.writer import OpenSearchWriter
from search_core.errors import IndexUnavailable

pytestmark = pytest.mark.opensearch

EVERYTHING = Scope.everything()

OLD = ("vieux tram", "vieux bus", "vieux vélo")
NEW = ("neuf tram", "neuf métro")


class CutCluster(Cluster):
    """Servers that answer so many requests and no more; the last one is done or not, but not answered."""

    def __init__(self, address: ServerAddress, pace: Pace, requests: int, *, last_is_done: bool) -> None:
        super().__init__(address, pace)
        self.is_cut = False
        perform = self._client.transport.perform_request

        def count(*args: Any, **kwargs: Any) -> Any:
            nonlocal requests
            requests -= 1
            if requests >= 0:
                return perform(*args, **kwargs)
            if last_is_done and not self.is_cut:
                perform(*args, **kwargs)
            self.is_cut = True
            raise Cut("N/A", "cut", OSError("cut"))

        self._client.transport.perform_request = self._reader.transport.perform_request = count


def texts(index: PassageIndex) -> set[str]:
    """The texts of all passages that a search finds."""
    leg = LexicalLeg("all", "fr", ("vieux", "neuf"), passages_per_document=9)
    (result,) = index.search([leg], EVERYTHING).legs
    ids = [passage.passage_id for hit in result.hits for passage in hit.passages]
    return {passage.text for passage in index.passages(ids, EVERYTHING).values()}


def rows(address: ServerAddress) -> dict[str, int]:
    """How many rows the living indices hold, whether they count or not."""
    with closing(Cluster(address)) as cluster:
        names = HeadReader(cluster, address.prefix).view().names
        kinds = ("passages", "documents", "texts")
        cluster.refresh(names.indices)
        found = {}
        for kind in kinds:
            reply = cluster.search(names.index(kind), {"size": 0, "track_total_hits": True})
            found[kind] = reply["hits"]["total"]["value"]
        return found


@pytest.mark.parametrize("last_is_done", [False, True])
def test_writer_cut_off_after_any_request_leaves_the_old_or_the_new(
    opensearch_index, opensearch_address, make_document, put, no_second_try, last_is_done
):
    old, new = (make_document("d", *lines) for lines in (OLD, NEW))
    outcomes = []
    for requests in range(100):
        put(opensearch_index, old)
        cut = CutCluster(opensearch_address, no_second_try, requests, last_is_done=last_is_done)
        with (
            closing(Cluster(opensearch_address)) as whole,
            closing(cut),
            holding(whole, opensearch_address.prefix, "writer", "test") as lock,
            suppress(IndexUnavailable),
        ):
            names = HeadReader(whole, opensearch_address.prefix).view().names
            OpenSearchWriter(cut, names, lock, is_living=True).replace([new])
        found = texts(opensearch_index)
        outcomes.append(found == set(NEW))
        assert found in (set(OLD), set(NEW)), requests
        assert opensearch_index.documents(["d"], EVERYTHING)["d"].text == "\n".join(NEW if outcomes[-1] else OLD)
        if not cut.is_cut:
            break

    assert not cut.is_cut
    assert outcomes == sorted(outcomes), "once committed, always committed"
    put(opensearch_index, old)
    assert rows(opensearch_address) == {"passages": 3, "documents": 1, "texts": 1}


def test_commit_refreshes_once(opensearch_index, opensearch_address, make_document):
    refreshes = []

    class CountedCluster(Cluster):
        def refresh(self, indices):
            refreshes.append(list(indices))
            super().refresh(refreshes[-1])

        def delete_rows(self, index, query, *, refresh=True):
            refreshes.extend([[index]] * refresh)
            return super().delete_rows(index, query, refresh=refresh)

    changes = {
        "new": lambda writer: writer.replace([make_document("d", *OLD), make_document("e", *OLD)]),
        "anew": lambda writer: writer.replace([make_document("d", *NEW)]),
        "removed": lambda writer: writer.remove(["d", "e"], "2024-05-01T10:00:00+00:00"),
        "restored": lambda writer: writer.restore(["d", "e"]),
        "moved": lambda writer: writer.move("d", "archive", "d.txt"),
        "state": lambda writer: writer.put_state("key", b"value"),
        "state anew": lambda writer: writer.put_state("key", b"other"),
    }
    with (
        closing(CountedCluster(opensearch_address)) as cluster,
        holding(cluster, opensearch_address.prefix, "writer", "test") as lock,
    ):
        names = HeadReader(cluster, opensearch_address.prefix).view().names
        writer = OpenSearchWriter(cluster, names, lock, is_living=True)
        writer.committer.view()  # cleans up first
        for name, change in changes.items():
            refreshes.clear()
            change(writer)
            assert len(refreshes) == 1, name
            status = opensearch_index.status()
            assert sum(status.documents.values()) + status.removed == 2

    assert texts(opensearch_index) == {*OLD, *NEW}


def test_reader_that_a_commit_overtakes_reads_again(opensearch_index, opensearch_address, make_document, put):
    put(opensearch_index, make_document("d", *OLD))
    asked = []

    def ask(view):
        asked.append(view.head.version)
        if len(asked) == 1:
            put(opensearch_index, make_document("d", *NEW))
        reply = view.search("passages", {"query": view.counting("passages")})
        return {hit["_source"]["text"] for hit in reply["hits"]["hits"]}

    with closing(Cluster(opensearch_address)) as cluster:
        found = HeadReader(cluster, opensearch_address.prefix).read(ask)

    assert found == set(NEW)
    assert asked == [asked[0], asked[0] + 1]


def test_reader_that_every_commit_overtakes_gives_up(opensearch_index, opensearch_address, make_document, put):
    def ask(_):
        put(opensearch_index, make_document("d", "tram"))

    with closing(Cluster(opensearch_address)) as cluster, pytest.raises(IndexUnavailable, match="faster"):
        HeadReader(cluster, opensearch_address.prefix).read(ask)


def test_purge_leaves_nothing_deleted_in_the_files(opensearch_index, opensearch_address, make_document, put):
    put(opensearch_index, *(make_document(name, "tram", "bus") for name in "abc"))
    with opensearch_index.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document(name, "tram", "bus") for name in "abc"])
        rebuild.publish()

    with opensearch_index.writer("test") as writer:
        writer.purge(["a"])

    with closing(Cluster(opensearch_address)) as cluster:
        living = HeadReader(cluster, opensearch_address.prefix).view().names
        indices = [name for names in (living, *find_others(cluster, living).all) for name in names.indices]
        assert len(indices) == 8
        for name in indices:
            if "-state-" not in name:  # its head is written anew with each commit
                counts = cluster._client.indices.stats(index=name, metric="docs")["_all"]["primaries"]["docs"]
                assert (counts["deleted"], counts["count"] % 2) == (0, 0), name


@pytest.fixture
def other_collection(opensearch_address: ServerAddress) -> Iterator[PassageIndex]:
    index = open_opensearch_index(replace(opensearch_address, prefix=f"{opensearch_address.prefix}-other"))
    yield index
    index.close()


def test_two_collections_on_one_server_do_not_meet(
    opensearch_index, other_collection, make_document, put, find: Callable[..., list[str]]
):
    put(opensearch_index, make_document("d", "tram"))
    with opensearch_index.writer("indexing"):
        put(other_collection, make_document("e", "tram"))

    assert (find(opensearch_index, "tram"), find(other_collection, "tram")) == (["d"], ["e"])
