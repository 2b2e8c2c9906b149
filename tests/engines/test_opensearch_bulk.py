"""Sending rows: what the server cannot take now is sent again, what it refuses is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from search_core.engines.opensearch import bulk
from search_core.engines.opensearch.bulk import send_rows
from search_core.errors import IndexLocked, IndexUnavailable

TAKEN = (201, "")
BUSY = (429, "rejected_execution_exception")


class PickyCluster:
    """Answers each row as the script of its id says; the last answer stays."""

    name = "http://picky"

    def __init__(self, **scripts: Sequence[tuple[int, str]]) -> None:
        self._scripts = {name: list(script) for name, script in scripts.items()}
        self.sent: list[list[str]] = []

    def bulk(self, actions: Sequence[dict[str, Any]]) -> Iterator[tuple[int, str]]:
        names = [action["_id"] for action in actions]
        self.sent.append(names)
        for name in names:
            script = self._scripts.get(name, [TAKEN])
            yield script.pop(0) if len(script) > 1 else script[0]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_S", 0.0)


def rows(*names: str) -> list[dict[str, Any]]:
    return [{"_index": "p", "_id": name, "_source": {}} for name in names]


def nothing() -> None:
    pass


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_only_what_was_not_taken_is_sent_again(status: int) -> None:
    cluster = PickyCluster(b=[(status, "busy"), (status, "busy"), TAKEN])

    send_rows(cluster, rows("a", "b", "c"), nothing)  # type: ignore[arg-type]

    assert cluster.sent == [["a", "b", "c"], ["b"], ["b"]]


def test_server_that_stays_busy_is_given_up_with_its_reason() -> None:
    cluster = PickyCluster(a=[BUSY])

    with pytest.raises(IndexUnavailable, match="too busy"):
        send_rows(cluster, rows("a"), nothing)  # type: ignore[arg-type]

    assert len(cluster.sent) == 8


def test_refused_row_is_named_and_not_sent_again() -> None:
    cluster = PickyCluster(b=[(400, "strict_dynamic_mapping_exception: no such field")])

    with pytest.raises(ValueError, match="b cannot be stored: strict_dynamic"):
        send_rows(cluster, rows("a", "b"), nothing)  # type: ignore[arg-type]

    assert cluster.sent == [["a", "b"]]


def test_missing_right_is_told() -> None:
    cluster = PickyCluster(a=[(403, "no permissions for [indices:data/write/index]")])

    with pytest.raises(IndexUnavailable, match="indices:data/write/index is missing"):
        send_rows(cluster, rows("a"), nothing)  # type: ignore[arg-type]


def test_nothing_is_sent_once_the_lock_is_lost() -> None:
    def lost() -> None:
        raise IndexLocked("lost", remedy="again")

    cluster = PickyCluster()

    with pytest.raises(IndexLocked):
        send_rows(cluster, rows("a"), lost)  # type: ignore[arg-type]

    assert cluster.sent == []


def test_rows_are_read_as_they_are_sent() -> None:
    cluster = PickyCluster()
    read: list[int] = []

    def iter_rows() -> Iterator[dict[str, Any]]:
        for n in range(1200):
            read.append(len(cluster.sent))
            yield from rows(str(n))

    send_rows(cluster, iter_rows(), nothing)  # type: ignore[arg-type]

    assert [len(names) for names in cluster.sent] == [500, 500, 200]
    assert read[600] == 1
