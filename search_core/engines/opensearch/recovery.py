"""A set of indices that comes from a snapshot, made the living one."""

from __future__ import annotations

from contextlib import suppress

from search_core.backups import Enclosed
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import Committer
from search_core.engines.opensearch.failures import is_gone
from search_core.engines.opensearch.head import HEAD, Head, View
from search_core.engines.opensearch.index import OpenSearchIndex
from search_core.engines.opensearch.lock import HeldLock, holding
from search_core.engines.opensearch.names import ROW_KINDS, IndexSet, alias, read_set
from search_core.engines.opensearch.sets import publish_next
from search_core.errors import IndexLocked, IndexOutdated, IndexUnavailable


class OpenSearchRecovery:
    """`backups.Recovery`, for as long as the lock of rebuilds is held."""

    def __init__(
        self, cluster: Cluster, names: IndexSet, lock: HeldLock, index: OpenSearchIndex, enclosed: Enclosed
    ) -> None:
        self.index = index
        self.enclosed = enclosed
        self.is_published = False
        self._cluster = cluster
        self._names = names
        self._lock = lock

    def publish(self) -> None:
        prefix = self._names.prefix
        with holding(self._cluster, prefix, "writer", "recovering a backup", soon_done=True) as writers:
            living = find_living(self._cluster, prefix)
            Committer(self._cluster, self._names, self._lock).raise_version(living.head.version if living else 0)
            writers.check()
            if living is None:
                self._cluster.point([*_lost_aliases(prefix), *self._names.aliases("add")])
                self.is_published = True
                return
            unneeded = publish_next(self._cluster, self._names, living.names)
            self.is_published = True
            with suppress(IndexLocked):  # what is in a snapshot that is being made goes with the next publication
                self._cluster.drop(unneeded)


def find_living(cluster: Cluster, prefix: str) -> View | None:
    """The living set, unless it cannot be read: then it is what a backup is recovered for."""
    try:
        stored = cluster.get(alias(prefix, "state"), HEAD)
        return View(cluster, read_set(stored.index), Head.from_source(stored.source)) if stored else None
    except IndexOutdated:
        return None
    except IndexUnavailable as error:
        if not is_gone(error):
            raise
        return None


def _lost_aliases(prefix: str) -> list[dict[str, dict[str, object]]]:
    """Aliases of a set that cannot be read; its indices stay."""
    return [
        {"remove": {"index": f"{prefix}-{kind}-v*", "alias": alias(prefix, kind), "must_exist": False}}
        for kind in ROW_KINDS
    ]
