"""Sending rows: what the server cannot take now is sent again, what it refuses is told, what is its fault ends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from search_core.engines.opensearch.bulk import send_rows
from search_core.engines.opensearch.failures import TOO_LARGE, PassingFailure, Refusal, explain_row
from search_core.engines.opensearch.pace import Pace
from search_core.errors import IndexLocked, IndexUnavailable

Outcome = IndexUnavailable | Refusal | None

TAKEN = (201, "")
BUSY = (429, "rejected_execution_exception")
FULL = (429, "index [p] blocked by: [TOO_MANY_REQUESTS/12/..., index has read-only-allow-delete block]")

AT_ONCE = Retrying(retry=retry_if_exception_type(PassingFailure), stop=stop_after_attempt(8), reraise=True)


class PickyCluster:
    """Answers each row as the script of its id says; the last answer stays."""

    name = "http://picky"
    pace = Pace(read_s=1, write_s=1, reading=AT_ONCE, writing=AT_ONCE)

    def __init__(self, **scripts: Sequence[tuple[int, str]]) -> None:
        self._scripts = {name: list(script) for name, script in scripts.items()}
        self.sent: list[list[str]] = []

    def bulk(self, actions: Sequence[dict[str, Any]]) -> Iterator[Outcome]:
        names = [action["_id"] for action in actions]
        self.sent.append(names)
        for name in names:
            script = self._scripts.get(name, [TAKEN])
            yield explain_row(*(script.pop(0) if len(script) > 1 else script[0]), self.name)


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"_index": "p", "_id": name, "_source": {}} for name in names]


def send(cluster: PickyCluster, *names: str) -> list[tuple[str, str]]:
    """Which rows were refused, and why."""
    refused = send_rows(cluster, rows(*names), lambda: None)  # type: ignore[arg-type]
    return [(row["_id"], refusal.reason) for row, refusal in refused]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_only_what_was_not_taken_is_sent_again(status: int) -> None:
    cluster = PickyCluster(b=[(status, "busy"), (status, "busy"), TAKEN])

    assert send(cluster, "a", "b", "c") == []
    assert cluster.sent == [["a", "b", "c"], ["b"], ["b"]]


def test_server_that_stays_busy_is_given_up_with_its_reason() -> None:
    cluster = PickyCluster(a=[BUSY])

    with pytest.raises(IndexUnavailable, match="too busy"):
        send(cluster, "a")

    assert len(cluster.sent) == 8


def test_refused_row_is_told_and_not_sent_again_while_others_are() -> None:
    cluster = PickyCluster(b=[(400, "strict_dynamic_mapping_exception: no such field")], c=[BUSY, TAKEN])

    assert send(cluster, "a", "b", "c") == [("b", "strict_dynamic_mapping_exception: no such field")]
    assert cluster.sent == [["a", "b", "c"], ["c"]]


def test_rows_of_a_request_that_is_too_large_are_sent_one_by_one() -> None:
    cluster = PickyCluster(a=[(413, ""), TAKEN], b=[(413, ""), (413, "")], c=[(413, ""), TAKEN])

    assert send(cluster, "a", "b", "c") == [("b", TOO_LARGE.reason)]
    assert cluster.sent == [["a", "b", "c"], ["a"], ["b"], ["c"]]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((403, "no permissions for [indices:data/write/index] and User [name=reader]"), "write/index is missing"),
        ((404, "index_not_found_exception: no such index [p]"), "gone"),
        (FULL, "disk is nearly full"),
    ],
)
def test_what_waiting_does_not_mend_ends_it_at_once(answer: tuple[int, str], said: str) -> None:
    cluster = PickyCluster(a=[BUSY], b=[answer])

    with pytest.raises(IndexUnavailable, match=said):
        send(cluster, "a", "b")

    assert len(cluster.sent) == 1


def test_nothing_is_sent_once_the_lock_is_lost() -> None:
    def lost() -> None:
        raise IndexLocked("lost", remedy="again")

    cluster = PickyCluster()

    with pytest.raises(IndexLocked):
        list(send_rows(cluster, rows("a"), lost))  # type: ignore[arg-type]

    assert cluster.sent == []


def test_rows_are_read_as_they_are_sent() -> None:
    cluster = PickyCluster()
    read: list[int] = []

    def iter_rows() -> Iterator[dict[str, Any]]:
        for n in range(1200):
            read.append(len(cluster.sent))
            yield from rows(str(n))

    assert list(send_rows(cluster, iter_rows(), lambda: None)) == []  # type: ignore[arg-type]

    assert [len(names) for names in cluster.sent] == [500, 500, 200]
    assert read[600] == 1
