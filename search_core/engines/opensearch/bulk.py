"""Sending rows: by size, again with growing pauses what the server could not take now, never twice what it took."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.failures import explain
from search_core.errors import IndexUnavailable

Row = dict[str, Any]
"""`_index`, `_id` and `_source`. The id is the row's own, so sending it again changes nothing."""

_BATCH = 500
_ROUNDS = 8
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


def send_rows(cluster: Cluster, rows: Iterable[Row], still_ours: Callable[[], None]) -> None:
    """Write rows, read from `rows` as they are sent. `still_ours` is called before each request.

    Raises `IndexUnavailable` when the server stays unable, ValueError naming the row when it refuses one.
    """
    remaining = iter(rows)
    while batch := list(islice(remaining, _BATCH)):
        _send_batch(cluster, batch, still_ours)


def _send_batch(cluster: Cluster, batch: list[Row], still_ours: Callable[[], None]) -> None:
    for pause in _pauses():
        still_ours()
        results = list(zip(batch, cluster.bulk(batch), strict=True))
        for row, (status, reason) in results:
            if status >= 300 and not _is_passing(status):
                raise _refused(cluster, row, status, reason)
        failed = [(row, result) for row, result in results if _is_passing(result[0])]
        if not failed:
            return
        batch = [row for row, _ in failed]
        time.sleep(pause)
    status, reason = failed[0][1]
    raise explain(status or 503, reason, cluster.name)


def _is_passing(status: int) -> bool:
    """Whether it may work later: no answer (0), too busy, not ready."""
    return status in {0, 429} or status >= 500


def _refused(cluster: Cluster, row: Row, status: int, reason: str) -> IndexUnavailable | ValueError:
    if status == 400:
        return ValueError(f"{row['_id']} cannot be stored: {reason}")
    return explain(status, reason, cluster.name)


def _pauses() -> Iterator[float]:
    """Seconds, twice as long each time, spread so that writers that were refused together do not come back together."""
    for n in range(_ROUNDS):
        yield random.uniform(0.5, 1) * min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**n)  # noqa: S311
