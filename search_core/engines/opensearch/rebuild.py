"""The next set of indices, built beside the living one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from search_core.engines.base import PassageIndex
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import make_first_head
from search_core.engines.opensearch.erase import list_sets
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.lock import WriterLock
from search_core.engines.opensearch.mapping import documents_index, passages_index, state_index, texts_index
from search_core.engines.opensearch.names import IndexSet, make_set
from search_core.engines.opensearch.writer import OpenSearchWriter
from search_core.errors import IndexUnavailable


class OpenSearchRebuild:
    """`base.Rebuild`, for as long as the writer's lock is held."""

    def __init__(
        self, cluster: Cluster, living: IndexSet, lock: WriterLock, open_index: Callable[[IndexSet], PassageIndex]
    ) -> None:
        self._cluster = cluster
        self._living = living
        self._lock = lock
        self._open_index = open_index
        self._open(self._find_unfinished() or create_set(cluster, living.prefix, published=False))

    @property
    def index(self) -> PassageIndex:
        return self._index

    @property
    def writer(self) -> OpenSearchWriter:
        return self._writer

    def clear(self) -> None:
        if self._writer.committer.view().head.version == 0:
            return
        self._cluster.drop(self._names.indices)
        self._open(create_set(self._cluster, self._living.prefix, published=False))

    def publish(self) -> None:
        """The head first: versions go on counting, so that nobody takes an answer of the old index for a new one."""
        after = HeadReader(self._cluster, self._living.prefix).view().head.version
        self._writer.committer.view()
        self._writer.committer.set_head(
            lambda head: replace(head, version=max(head.version, after) + 1, published=True)
        )
        self._lock.check()
        self._cluster.point([*self._living.aliases("remove"), *self._names.aliases("add")])
        for other in list_sets(self._cluster, self._living.prefix):
            if other not in (self._living, self._names):
                self._cluster.drop(other.indices)

    def _open(self, names: IndexSet) -> None:
        self._names = names
        self._writer = OpenSearchWriter(self._cluster, names, self._lock, is_living=False)
        self._index = self._open_index(names)

    def _find_unfinished(self) -> IndexSet | None:
        """What an interrupted rebuild left; what one left that was killed while it made the indices is deleted."""
        found: IndexSet | None = None
        for names in list_sets(self._cluster, self._living.prefix):
            if names > self._living:
                try:
                    published = HeadReader(self._cluster, names.prefix, names).view().head.published
                except IndexUnavailable:
                    self._cluster.drop(names.indices)
                else:
                    found = found if published else names
        return found


def create_set(cluster: Cluster, prefix: str, *, published: bool) -> IndexSet:
    """A new set of empty indices. The state index is made last: a set that has one is whole, but for its head."""
    names = make_set(prefix)
    cluster.create(names.index("passages"), passages_index())
    cluster.create(names.index("documents"), documents_index())
    cluster.create(names.index("texts"), texts_index())
    cluster.create(names.index("state"), state_index())
    make_first_head(cluster, names, published=published)
    return names
