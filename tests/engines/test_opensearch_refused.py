"""What a real server refuses: a document that cannot be stored is told and left out, a full disk ends a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from search_core.engines.base import Scope
from search_core.engines.opensearch import OpenSearchIndex, ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.pace import STEADY
from search_core.errors import DocumentsRefused, IndexUnavailable

pytestmark = pytest.mark.opensearch

EVERYTHING = Scope.everything()


def with_number(indexed, number):
    """Its last passage counted by a number that the server's index may not hold."""
    *others, last = indexed.passages
    return replace(indexed, passages=(*others, replace(last, passage=replace(last.passage, number=number))))


@pytest.fixture
def refused(make_document):
    """A document of 600 passages, more than a batch, of which the last one is refused."""
    return with_number(make_document("refused", *(f"tram passage{n}" for n in range(600))), 2**70)


def count_rows(index: OpenSearchIndex, address: ServerAddress) -> dict[str, int]:
    with closing(Cluster(address)) as cluster:
        view = HeadReader(cluster, address.prefix).view()
        cluster.refresh(view.names.indices)
        bodies = {"size": 0, "track_total_hits": True}
        return {
            kind: view.search(kind, bodies)["hits"]["total"]["value"] for kind in ("passages", "documents", "texts")
        }


def test_document_of_which_a_row_is_refused_is_left_out_of_a_commit_whole(
    opensearch_index, opensearch_address, make_document, find, refused
):
    others = [make_document(name, "tram") for name in "ab"]

    with opensearch_index.writer("test") as writer, pytest.raises(DocumentsRefused) as caught:
        writer.replace([others[0], refused, others[1]])

    reasons = caught.value.reasons
    assert list(reasons) == ["refused"]
    assert "mapper_parsing_exception" in reasons["refused"]
    assert "[number]" in reasons["refused"]
    assert find(opensearch_index, "tram") == ["a", "b"]
    assert sorted(opensearch_index.documents(["a", "b", "refused"], EVERYTHING)) == ["a", "b"]
    assert count_rows(opensearch_index, opensearch_address) == {"passages": 2, "documents": 2, "texts": 2}


def test_document_whose_next_version_is_refused_stays_as_it_was(
    opensearch_index, opensearch_address, make_document, put, find, refused
):
    put(opensearch_index, make_document("refused", "bus", "métro"), make_document("a", "bus"))

    with opensearch_index.writer("test") as writer:
        with pytest.raises(DocumentsRefused, match="1 of the documents: refused"):
            writer.replace([refused, make_document("a", "tram")])
        assert (find(opensearch_index, "tram"), find(opensearch_index, "bus")) == (["a"], ["refused"])
        writer.replace([make_document("refused", "tram")])

    assert (find(opensearch_index, "tram"), find(opensearch_index, "bus")) == (["a", "refused"], [])
    assert count_rows(opensearch_index, opensearch_address) == {"passages": 2, "documents": 2, "texts": 2}


def test_text_larger_than_a_request_may_be_is_refused_with_the_setting_to_blame(opensearch_index, make_document, find):
    large = make_document("large", "tram")
    large = replace(large, document=replace(large.document, text="a" * 105_000_000))

    with opensearch_index.writer("test") as writer, pytest.raises(DocumentsRefused) as caught:
        writer.replace([large, make_document("a", "tram")])

    assert list(caught.value.reasons) == ["large"]
    assert "http.max_content_length" in caught.value.reasons["large"]
    assert find(opensearch_index, "tram") == ["a"]


@pytest.fixture
def blocking(opensearch_index, opensearch_address) -> Iterator[Cluster]:
    """Sets a block on the living passages; taken off afterwards."""
    with closing(Cluster(opensearch_address)) as cluster:
        name = HeadReader(cluster, opensearch_address.prefix).view().names.index("passages")

        def block(setting: str, value: bool | None) -> None:
            cluster._client.indices.put_settings(index=name, body={f"index.blocks.{setting}": value})

        yield block
        for setting in ("read_only_allow_delete", "write"):
            block(setting, None)


@pytest.mark.parametrize(
    ("setting", "said"),
    [("read_only_allow_delete", "its disk is nearly full"), ("write", "is set not to take writes")],
)
def test_index_that_takes_no_rows_ends_a_run_at_once_and_it_goes_on_later(
    opensearch_index, opensearch_address, make_document, put, find, blocking, setting, said
):
    def never(_: float) -> None:
        raise AssertionError("it is no use to wait")

    put(opensearch_index, make_document("a", "bus"))
    pace = replace(STEADY, writing=STEADY.writing.copy(sleep=never))
    index = open_opensearch_index(opensearch_address, pace=pace)
    with closing(index):
        blocking(setting, True)
        with index.writer("test") as writer, pytest.raises(IndexUnavailable, match=said):
            writer.replace([make_document("a", "tram")])
        assert find(index, "bus") == ["a"]

        blocking(setting, None)
        put(index, make_document("a", "tram"))

    assert (find(opensearch_index, "tram"), find(opensearch_index, "bus")) == (["a"], [])
