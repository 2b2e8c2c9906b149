"""A commit, step by step, and what a killed writer left. Why this is atomic stands in head.py."""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from search_core.engines.opensearch.bulk import Row, send_rows
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.erase import erase_traces
from search_core.engines.opensearch.failures import Refusal, WriteConflict
from search_core.engines.opensearch.head import HEAD, OWNERS, Head, HeadReader, View, superseded_rows
from search_core.engines.opensearch.lock import HeldLock, wait_for
from search_core.engines.opensearch.names import ROW_KINDS, IndexSet, RowKind
from search_core.engines.opensearch.queries import all_of, any_of
from search_core.engines.opensearch.rows import NewRow
from search_core.errors import IndexLocked

_FEW = 1000
"""Ids that every search may have to leave out; for more than that a refresh is worth its time."""


@dataclass(frozen=True)
class Change:
    """What one commit does. `rows` are read while they are sent; `superseded` are the owners of rows that end.

    `forgotten` are keys of state records that end.
    """

    rows: Iterable[NewRow] = ()
    superseded: Mapping[RowKind, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[str, bytes] = field(default_factory=dict)
    forgotten: tuple[str, ...] = ()
    erasing: bool = False


class Committer:
    """Writes commits to one set of indices, while the lock is held."""

    def __init__(self, cluster: Cluster, names: IndexSet, lock: HeldLock) -> None:
        self._cluster = cluster.guarded(lock.check)
        self._names = names
        self._lock = lock
        self._heads = HeadReader(self._cluster, names.prefix, names)
        self._is_clean = False

    def view(self) -> View:
        """The latest commit, without anything that a killed writer or a failed commit left."""
        self._lock.check()
        if not self._is_clean:
            self._clean_up()
        return self._heads.view()

    def commit(self, change: Change) -> dict[str, str]:
        """Write a commit. When it returns, readers of any process see it. It does not begin while a backup does.

        Returns why the server refused rows, by their owner: nothing of such an owner is in the commit.
        """
        wait_for(self._cluster, self._names.prefix, "backup")
        head = self.view().head
        version = head.version + 1
        self._is_clean = False
        written: set[RowKind] = set()
        rows = self._iter_actions(change, version, written)
        refused = _by_owner(send_rows(self._cluster, rows, self._lock.check))
        self._refresh(written | {kind for kind, ids in head.superseded.items() if ids})
        self._withdraw(written, refused, version)
        superseded = {kind: _without(ids, refused) for kind, ids in change.superseded.items()}
        renewed = _without(change.states, refused)
        ended = tuple(key for key in (*renewed, *change.forgotten) if key in head.states)
        self.set_head(
            lambda now: replace(
                now,
                version=version,
                superseded={**superseded, "state": ended},
                states=_renew(now.states, renewed, change.forgotten, version),
                erasing=now.erasing or change.erasing,
            )
        )
        self._delete_superseded()
        self._is_clean = True
        return refused

    def set_head(self, change: Callable[[Head], Head]) -> None:
        """Change the head, unless somebody else has written it."""
        stored = self._heads.stored()
        wanted = replace(change(Head.from_source(stored.source)), writer=self._lock.token)
        try:
            self._cluster.put(self._names.index("state"), HEAD, wanted.to_source(), stored)
        except WriteConflict as error:
            # The driver repeats a write whose answer was lost: then it is there already.
            if Head.from_source(self._heads.stored().source) != wanted:
                raise IndexLocked(
                    "Another process wrote to the index.", remedy="Run the same command again to go on."
                ) from error

    def raise_version(self, after: int) -> None:
        """Number the latest commit anew, later than `after`, for a set that is to live.

        Its rows are older than that number, and would be left out with what they replaced: that is gone first, seen by
        searches, and named no more.
        """
        self.view()
        self._refresh(ROW_KINDS)
        self.set_head(lambda head: replace(head, version=max(head.version, after) + 1, superseded={}))

    def set_dimension(self, dimension: int) -> None:
        """Say which vectors are the index's, which holds none yet."""
        self.set_head(lambda head: replace(head, dimension=dimension))

    def finish_erasing(self) -> None:
        """Rewrite the files without what was purged, if there was anything."""
        if self.view().head.erasing:
            erase_traces(self._cluster, self._names, self._lock)
            self.set_head(lambda head: replace(head, erasing=False))

    def _iter_actions(self, change: Change, version: int, written: set[RowKind]) -> Iterator[dict[str, Any]]:
        states: Iterator[NewRow] = (
            ("state", key, {"key": key, "value": base64.b64encode(value).decode("ascii")})
            for key, value in change.states.items()
        )
        for rows in (change.rows, states):
            for kind, row_id, fields in rows:
                written.add(kind)
                yield {
                    "_index": self._names.index(kind),
                    "_id": row_name(row_id, version),
                    "_source": {**fields, "since": version},
                }

    def _refresh(self, kinds: Iterable[RowKind]) -> None:
        indices = [self._names.index(kind) for kind in kinds]
        if indices:
            self._cluster.refresh(indices)

    def _withdraw(self, kinds: Iterable[RowKind], owners: Collection[str], version: int) -> None:
        """Delete what a commit under way has written of these owners: half of a document is none."""
        for kind in kinds if owners else ():
            of_commit = [any_of(OWNERS[kind], owners), {"term": {"since": version}}]
            self._cluster.delete_rows(self._names.index(kind), all_of(of_commit))

    def _delete_superseded(self) -> None:
        """The next commit's refresh makes it seen, and until then the head says that these rows do not count."""
        head = self._heads.view().head
        is_long = sum(map(len, head.superseded.values())) > _FEW
        for kind, ids in head.superseded.items():
            if ids:
                rows = superseded_rows(kind, ids, head.version)
                self._cluster.delete_rows(self._names.index(kind), rows, refresh=is_long)
        if is_long:
            self.set_head(lambda now: replace(now, superseded={}))

    def _clean_up(self) -> None:
        """Finish the last commit, and delete the rows of one that never was."""
        self._refresh(ROW_KINDS)
        self._delete_superseded()
        version = self._heads.view().head.version
        for kind in OWNERS:
            self._cluster.delete_rows(self._names.index(kind), {"range": {"since": {"gt": version}}})
        self._is_clean = True


def _renew(
    states: Mapping[str, int], renewed: Iterable[str], forgotten: Collection[str], version: int
) -> dict[str, int]:
    kept = {key: since for key, since in states.items() if key not in forgotten}
    return {**kept, **dict.fromkeys(renewed, version)}


def _by_owner(refused: Iterable[tuple[Row, Refusal]]) -> dict[str, str]:
    """The first reason for each owner."""
    reasons: dict[str, str] = {}
    for row, refusal in refused:
        fields = row["_source"]
        reasons.setdefault(fields["key"] if "key" in fields else fields["document_id"], refusal.reason)
    return reasons


def _without(ids: Iterable[str], refused: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in ids if name not in refused)


def row_name(row_id: str, version: int) -> str:
    """Old and new rows of one thing lie side by side for a while."""
    return f"{version}-{row_id}"


def make_first_head(cluster: Cluster, names: IndexSet) -> None:
    """The head of a set of empty indices, which nobody else knows of yet."""
    with suppress(WriteConflict):  # with itself: the driver repeats a write whose answer was lost
        cluster.put(names.index("state"), HEAD, Head().to_source(), None)
