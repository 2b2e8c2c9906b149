"""Back to the set of indices before the last publication."""

from __future__ import annotations

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import Committer
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.lock import HeldLock
from search_core.engines.opensearch.sets import find_others, publish_set
from search_core.errors import IndexLocked, NotFound


def roll_back(cluster: Cluster, prefix: str, version: int, lock: HeldLock) -> None:
    """`base.RebuildingIndex.roll_back`, while `lock`, that of writers, and that of rebuilds are held."""
    living = HeadReader(cluster, prefix).view()
    others = find_others(cluster, living.names)
    if others.kept is None:
        raise NotFound(
            "No earlier index is kept.", remedy="`passerelle reindex` keeps the one that it takes the place of."
        )
    if living.head.version != version:
        raise IndexLocked("Another process wrote to the index meanwhile.", remedy="Run the same command again.")
    if others.unfinished:
        cluster.drop(others.unfinished.indices)
    Committer(cluster, others.kept, lock).raise_version(version)
    publish_set(cluster.guarded(lock.check), others.kept, living.names, others.kept)
