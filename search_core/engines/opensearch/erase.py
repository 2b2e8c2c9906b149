"""Erasing what was deleted from the files of the server's indices.

A server keeps deleted rows for copies of a shard that may have missed the deletion, and looks every 30 seconds how far
they are; nothing makes it look sooner. Until then rewriting the files leaves the rows where they are.
"""

from __future__ import annotations

import time

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.lock import HeldLock
from search_core.engines.opensearch.names import IndexSet, RowKind
from search_core.errors import IndexUnavailable

_PATIENCE_S = 180
_PAUSE_S = 2.0

_HOLD_TEXT: tuple[RowKind, ...] = ("passages", "documents", "texts")
"""The state index always has a deleted row: its head is written anew again and again."""


def erase_traces(cluster: Cluster, names: IndexSet, lock: HeldLock) -> None:
    """Rewrite files until nothing deleted is left in them. Takes half a minute."""
    watched = [names.index(kind) for kind in _HOLD_TEXT]
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
