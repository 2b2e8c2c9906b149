"""Sending rows: by size, again with growing pauses what the server could not take now, never twice what it took."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.failures import TOO_LARGE, PassingFailure, Refusal
from search_core.errors import IndexUnavailable

Row = dict[str, Any]
"""`_index`, `_id` and `_source`. The id is the row's own, so sending it again changes nothing."""

_BATCH = 500


def send_rows(cluster: Cluster, rows: Iterable[Row], still_ours: Callable[[], None]) -> Iterator[tuple[Row, Refusal]]:
    """Write rows, read from `rows` as they are sent. Yields those that the server will never take.

    `still_ours` is called before each request. Raises `IndexUnavailable` when the server stays unable, or is to blame.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        yield from _send_batch(cluster, batch, still_ours)


def _send_batch(cluster: Cluster, batch: Sequence[Row], still_ours: Callable[[], None]) -> list[tuple[Row, Refusal]]:
    refused: list[tuple[Row, Refusal]] = []

    def send() -> None:
        nonlocal batch
        still_ours()
        outcomes = list(_send_once(cluster, batch))
        refused.extend((row, outcome) for row, outcome in outcomes if isinstance(outcome, Refusal))
        batch = [row for row, outcome in outcomes if isinstance(outcome, PassingFailure)]
        failures = [outcome for _, outcome in outcomes if isinstance(outcome, IndexUnavailable)]
        lasting = [failure for failure in failures if not isinstance(failure, PassingFailure)]
        if failures:
            raise (lasting or failures)[0]

    cluster.pace.writing(send)
    return refused


def _send_once(cluster: Cluster, rows: Sequence[Row]) -> Iterator[tuple[Row, IndexUnavailable | Refusal | None]]:
    """Rows of a request that was too large (servers take 100 MB unless set otherwise) are sent one by one."""
    for row, outcome in zip(rows, cluster.bulk(rows), strict=True):
        if outcome == TOO_LARGE and len(rows) > 1:
            [outcome] = cluster.bulk([row])  # noqa: PLW2901
        yield row, outcome
