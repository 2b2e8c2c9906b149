"""The index on OpenSearch as the rest of the product sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from search_core.engines.base import (
    BrowsePage,
    BrowseRequest,
    DocumentRecord,
    IndexStatus,
    Leg,
    SampledPassage,
    Scope,
    SearchReply,
    StoredPassage,
)
from search_core.engines.opensearch import reads
from search_core.engines.opensearch.address import ServerAddress
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.failures import RightMissing, is_gone
from search_core.engines.opensearch.head import HeadReader, View
from search_core.engines.opensearch.legs import EXACT_UP_TO
from search_core.engines.opensearch.lock import HeldLock, Role, holding
from search_core.engines.opensearch.names import IndexSet
from search_core.engines.opensearch.pace import STEADY, Pace
from search_core.engines.opensearch.rebuild import OpenSearchRebuild
from search_core.engines.opensearch.rollback import roll_back
from search_core.engines.opensearch.search import Searcher
from search_core.engines.opensearch.sets import OtherSets, create_set, find_others
from search_core.engines.opensearch.states import StateReader
from search_core.engines.opensearch.writer import OpenSearchWriter
from search_core.errors import IndexUnavailable
from search_core.model import Document, IndexedDocument, Language, Passage, Vector

_Found = TypeVar("_Found")


def open_opensearch_index(
    address: ServerAddress, *, exact_up_to: int = EXACT_UP_TO, pace: Pace = STEADY
) -> OpenSearchIndex:
    """Open the index of a collection, made empty if there is none. The caller closes it.

    `exact_up_to` passages of a language every vector is compared, beyond that HNSW's graph is walked.
    Raises `IndexUnavailable` for a server that cannot be reached or used, `IndexOutdated` for another schema.
    """
    cluster = Cluster(address, pace)
    try:
        cluster.version()
        _create_first(cluster, address.prefix)
    except BaseException:
        cluster.close()
        raise
    return OpenSearchIndex(cluster, address.prefix, exact_up_to)


class OpenSearchIndex:
    """`base.PassageIndex` and `base.RebuildingIndex` over the indices of one collection.

    With `names` it stays with that set of indices; without, it follows the aliases.
    """

    def __init__(self, cluster: Cluster, prefix: str, exact_up_to: int, names: IndexSet | None = None) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._exact_up_to = exact_up_to
        self._heads = HeadReader(cluster, prefix, names)
        self._searcher = Searcher(exact_up_to)
        self._states = StateReader(self._heads)
        self._closed = False

    def search(self, legs: Sequence[Leg], scope: Scope) -> SearchReply:
        return self._read(lambda view: self._searcher.search(view, legs, scope))

    def browse(self, request: BrowseRequest, scope: Scope) -> BrowsePage:
        return self._read(lambda view: reads.read_browse(view, request, scope))

    def documents(self, ids: Sequence[str], scope: Scope, *, removed_too: bool = False) -> dict[str, Document]:
        return self._read(lambda view: reads.read_documents(view, ids, scope, removed_too))

    def passages(self, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
        return self._read(lambda view: reads.read_passages(view, ids, scope))

    def contents(self, ids: Sequence[str], scope: Scope) -> dict[str, tuple[StoredPassage, ...]]:
        return self._read(lambda view: reads.read_contents(view, ids, scope))

    def indexed(self, ids: Sequence[str], scope: Scope) -> dict[str, IndexedDocument]:
        return self._read(lambda view: reads.read_indexed(view, ids, scope))

    def sample(self, language: Language, size: int, scope: Scope) -> list[SampledPassage]:
        return self._read(lambda view: reads.read_sample(view, language, size, scope))

    def vectors(self, embedding_keys: Sequence[str]) -> dict[str, Vector]:
        return self._read(lambda view: reads.read_vectors(view, embedding_keys))

    def records(self, source: str | None, scope: Scope) -> Iterator[DocumentRecord]:
        return iter(self._read(lambda view: reads.read_records(view, source, scope)))

    def state(self, key: str) -> bytes | None:
        self._check_open()
        return self._states.read(key)

    def state_keys(self) -> list[str]:
        return self._read(lambda view: sorted(view.head.states))

    def status(self) -> IndexStatus:
        return self._read(reads.read_status)

    @contextmanager
    def writer(self, purpose: str) -> Iterator[OpenSearchWriter]:
        with self._holding("writer", purpose) as lock:
            writer = OpenSearchWriter(self._cluster, self._heads.view().names, lock, is_living=True)
            writer.committer.finish_erasing()
            yield writer

    @contextmanager
    def rebuild(self, purpose: str) -> Iterator[OpenSearchRebuild]:
        with self._holding("rebuild", purpose) as lock:
            yield OpenSearchRebuild(self._cluster, self._prefix, purpose, lock, self._open_set)

    @contextmanager
    def unfinished(self) -> Iterator[OpenSearchIndex | None]:
        names = self._others().unfinished
        yield self._open_set(names) if names else None

    def discard(self) -> bool:
        purpose = "discarding what was not finished"
        with (
            self._holding("rebuild", purpose),
            holding(self._cluster, self._prefix, "purge", purpose, soon_done=True),
        ):
            others = self._others()
            dropped = [*filter(None, [others.unfinished]), *others.leftover]
            self._cluster.drop([index for names in dropped for index in names.indices])
        return others.unfinished is not None

    @contextmanager
    def kept(self) -> Iterator[OpenSearchIndex | None]:
        names = self._others().kept
        yield self._open_set(names) if names else None

    def roll_back(self, version: int) -> None:
        with self._holding("rebuild", "rolling back"), self._holding("writer", "rolling back") as lock:
            roll_back(self._cluster, self._prefix, version, lock)

    def close(self) -> None:
        self._closed = True
        self._cluster.close()

    def _read(self, ask: Callable[[View], _Found]) -> _Found:
        self._check_open()
        return self._heads.read(ask)

    @contextmanager
    def _holding(self, role: Role, purpose: str) -> Iterator[HeldLock]:
        self._check_open()
        if role == "rebuild":  # it ends by deleting indices: told now, not after hours of work
            self._cluster.require_delete(self._prefix)
        with holding(self._cluster, self._prefix, role, purpose) as lock:
            yield lock

    def _others(self) -> OtherSets:
        self._check_open()
        return find_others(self._cluster, self._heads.view().names)

    def _open_set(self, names: IndexSet) -> OpenSearchIndex:
        return OpenSearchIndex(self._cluster, self._prefix, self._exact_up_to, names)

    def _check_open(self) -> None:
        if self._closed:
            raise IndexUnavailable(f"The index on {self._cluster.name} was closed.", remedy="Open it again.")


def _create_first(cluster: Cluster, prefix: str) -> None:
    if _exists(cluster, prefix):
        return
    try:
        with holding(cluster, prefix, "writer", "making the index"):
            if not _exists(cluster, prefix):
                cluster.point(create_set(cluster, prefix).aliases("add"))
    except RightMissing as error:
        raise IndexUnavailable(
            f"There is no index {prefix} on {cluster.name} yet, and this user may not make it "
            f"(the right {error.right} is missing).",
            remedy="Run `passerelle index` first, as a user with the role passerelle_writer (docs/opensearch.md).",
        ) from error


def _exists(cluster: Cluster, prefix: str) -> bool:
    try:
        HeadReader(cluster, prefix).view()
    except IndexUnavailable as error:
        if not is_gone(error):
            raise
        return False
    return True
