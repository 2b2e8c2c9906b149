"""The next set of indices, built beside the living one, to which others write meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search_core.engines.base import PassageIndex
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.lock import HeldLock, holding
from search_core.engines.opensearch.names import IndexSet
from search_core.engines.opensearch.sets import create_set, find_others, publish_next
from search_core.engines.opensearch.writer import OpenSearchWriter


class OpenSearchRebuild:
    """`base.Rebuild`, for as long as the lock of rebuilds is held."""

    def __init__(
        self,
        cluster: Cluster,
        prefix: str,
        purpose: str,
        lock: HeldLock,
        open_index: Callable[[IndexSet], PassageIndex],
    ) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._purpose = purpose
        self._lock = lock
        self._writers: HeldLock | None = None
        self._open_index = open_index
        self._living = HeadReader(cluster, prefix)
        with self.hold_purges():
            others = find_others(cluster, self._living.view().names)
            self._open(others.unfinished or create_set(cluster, prefix))

    @property
    def index(self) -> PassageIndex:
        return self._index

    @property
    def writer(self) -> OpenSearchWriter:
        return self._writer

    def clear(self) -> None:
        with self.hold_purges():
            if self._writer.committer.view().head.version == 0:
                return
            self._cluster.drop(self._names.indices)
            self._open(create_set(self._cluster, self._prefix))

    @contextmanager
    def hold_purges(self) -> Iterator[None]:
        with holding(self._cluster, self._prefix, "purge", self._purpose, soon_done=True):
            yield

    @contextmanager
    def hold_writers(self) -> Iterator[None]:
        purpose = f"{self._purpose}: taking over the last changes"
        with holding(self._cluster, self._prefix, "writer", purpose, soon_done=True) as lock:
            self._writers = lock
            try:
                yield
            finally:
                self._writers = None

    def publish(self) -> None:
        """The head first: versions go on counting, so that nobody takes an answer of the old index for a new one."""
        if self._writers is None:
            with self.hold_writers():
                self.publish()
            return
        living = self._living.view()
        self._writer.committer.raise_version(living.head.version)
        ours = self._cluster.guarded(self._lock.check, self._writers.check)
        self._cluster.drop(publish_next(ours, self._names, living.names))

    def _open(self, names: IndexSet) -> None:
        self._names = names
        self._writer = OpenSearchWriter(self._cluster, names, self._lock, is_living=False)
        self._index = self._open_index(names)
