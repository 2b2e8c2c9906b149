"""Purging from the sets beside the living one: the one kept for a rollback, and an unfinished one."""

from __future__ import annotations

from collections.abc import Sequence

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.filters import any_of
from search_core.engines.opensearch.names import IndexSet, find_sets


def purge_beside(cluster: Cluster, living: IndexSet, ids: Sequence[str]) -> None:
    """Erase documents from the other sets, with every trace in their files. Nobody reads those."""
    for other in list_sets(cluster, living.prefix):
        if other != living:
            deleted = [
                cluster.delete_rows(other.index(kind), any_of("document_id", ids))
                for kind in ("passages", "texts", "documents")
            ]
            if any(deleted):
                cluster.expunge(other.indices)


def list_sets(cluster: Cluster, prefix: str) -> list[IndexSet]:
    """All sets of a collection, oldest first."""
    return find_sets(prefix, cluster.names(f"{prefix}-state-v*"))
