"""Erasing what was deleted from the files of the server's indices.

A server keeps deleted rows for copies of a shard that may have missed the deletion, and looks every 30 seconds how far
they are; nothing makes it look sooner. Until then rewriting the files leaves the rows where they are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.lock import HeldLock
from search_core.engines.opensearch.names import IndexSet, RowKind, parse_sets
from search_core.engines.opensearch.queries import any_of
from search_core.errors import IndexUnavailable

_PATIENCE_S = 180
_PAUSE_S = 2.0

_HOLD_TEXT: tuple[RowKind, ...] = ("passages", "documents", "texts")
"""The state index always has a deleted row: its head is written anew again and again."""


def erase_traces(cluster: Cluster, names: IndexSet, lock: HeldLock) -> None:
    """Rewrite files until nothing deleted is left in them. Takes half a minute."""
    watched = _watched(names)
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        lock.check()
        cluster.expunge(names.indices)
        if not cluster.count_deleted(watched):
            return
        if time.monotonic() > deadline:
            raise IndexUnavailable(
                f"The documents are purged, but {cluster.name} keeps traces of them in its files.",
                remedy="The next command that writes goes on erasing; see that all copies of the index are allocated.",
            )
        time.sleep(_PAUSE_S)


def purge_beside(cluster: Cluster, living: IndexSet, lock: HeldLock, ids: Sequence[str]) -> None:
    """Erase documents from the sets that nobody searches: the one kept, and an unfinished one.

    The caller holds purges: what writes to an unfinished set waits.
    """
    for other in parse_sets(living.prefix, cluster.names(f"{living.prefix}-state-v*")):
        if other != living:
            for kind in _HOLD_TEXT:
                cluster.delete_rows(other.index(kind), any_of("document_id", ids))
            # Not only where rows were deleted now: a purge that was killed here is repeated.
            if cluster.count_deleted(_watched(other)):
                erase_traces(cluster, other, lock)


def _watched(names: IndexSet) -> list[str]:
    return [names.index(kind) for kind in _HOLD_TEXT]
