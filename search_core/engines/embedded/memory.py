"""The passages of one commit in memory, one table a language, caught up with what is new.

Passage numbers only grow and a passage never changes: what was added since the last look has higher numbers, what
went away has a tombstone. A reader of 300,000 passages (460 MB) so reads one document's passages after a commit
that wrote one document.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from search_core.engines.embedded.cache import ArrayCache
from search_core.model import LANGUAGES, Language, Matrix

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Kind = TypeVar("Kind", bound=np.generic)

_BATCH = 4096

# Dead passages cost time in every dense leg; below this many nobody would notice.
_COMPACT_FROM = 4096

_MASKED_KEPT = 32_000_000
"""Passages over all masks of a snapshot, one byte each."""

_POSTINGS_KEPT = 4_000_000
"""Passages over all tokens of a snapshot, 16 bytes each."""

_NEW_PASSAGES = """
SELECT p.language, p.id, p.document, p.length, p.passage_id, d.document_id, c.vector
FROM passages p JOIN documents d ON d.id = p.document JOIN passage_contents c ON c.passage = p.id
WHERE p.id > ? AND d.removed_at IS NULL ORDER BY p.id
"""


class NewerCommit(Exception):
    """A read transaction began before the commit that is in memory: it has to begin again."""


@dataclass(frozen=True)
class PassageTable:
    """One language's passages at one commit, in the order of their numbers; a document's lie together.

    All of length n; `vectors` has shape (n, dimension), `lengths` counts tokens. What lies here never changes: later
    commits lie behind n.
    """

    ids: Ids
    documents: Ids
    lengths: Ids
    alive: Mask
    vectors: Matrix
    passage_ids: Sequence[str]
    document_ids: Sequence[str]

    @cached_property
    def living(self) -> int:
        """How many passages are alive."""
        return int(self.alive.sum())

    @cached_property
    def average_length(self) -> float:
        """Tokens of a living passage; 1 where there is none."""
        return float(self.lengths[self.alive].mean()) if self.living else 1.0

    def positions(self, ids: Ids) -> Ids:
        """Where passages of these numbers stand; each has to be there."""
        return np.searchsorted(self.ids, ids)


@dataclass(frozen=True)
class Postings:
    """Which passages of a table hold a token: ascending positions, and how often each holds it."""

    positions: Ids
    counts: Ids

    def __len__(self) -> int:
        return len(self.positions)


@dataclass(frozen=True)
class Snapshot:
    """Everything searched at one commit, and what was worked out of it for earlier searches."""

    version: int
    tables: Mapping[Language, PassageTable]
    masks: ArrayCache[Mask] = field(default_factory=lambda: ArrayCache(_MASKED_KEPT, len))
    postings: ArrayCache[Postings] = field(default_factory=lambda: ArrayCache(_POSTINGS_KEPT, len))


class PassageMemory:
    """Holds the newest snapshot that any thread has asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[Language, _GrowingTable] = {}
        self._last_id = 0
        self._dimension: int | None = None
        self._snapshot: Snapshot | None = None
        self.passages_read = 0

    def at(self, connection: sqlite3.Connection) -> Snapshot:
        """The snapshot of this read transaction. Raises `NewerCommit` if it is older than the one in memory."""
        version, dimension, tombstones_from = connection.execute(
            "SELECT version, dimension, tombstones_from FROM head"
        ).fetchone()
        with self._lock:
            known = self._snapshot
            if known and known.version > version:
                raise NewerCommit
            if known and known.version == version:
                return known
            if known is None or known.version < tombstones_from or dimension != self._dimension:
                self._start_again(dimension)
            self._snapshot = None  # should reading fail half-way, the next one starts again
            self._catch_up(connection, known.version if known else 0)
            self._snapshot = Snapshot(version, {language: table.view() for language, table in self._tables.items()})
            return self._snapshot

    def _start_again(self, dimension: int | None) -> None:
        self._tables = {language: _GrowingTable(dimension or 0) for language in LANGUAGES}
        self._last_id = 0
        self._dimension = dimension

    def _catch_up(self, connection: sqlite3.Connection, since: int) -> None:
        dead = connection.execute("SELECT passage FROM tombstones WHERE version > ?", (since,))
        gone = np.fromiter((row[0] for row in dead), dtype=np.int64)
        fresh = connection.execute(_NEW_PASSAGES, (self._last_id,))
        batches = _by_language(fresh)
        for table in self._tables.values():
            table.bury(gone)
        for language, rows in batches:
            self._tables[language].append(rows)
            self._last_id = max(self._last_id, rows[-1][1])
            self.passages_read += len(rows)


def _by_language(rows: sqlite3.Cursor) -> Iterator[tuple[Language, list[Any]]]:
    while batch := rows.fetchmany(_BATCH):
        for language in LANGUAGES:
            if chosen := [row for row in batch if row[0] == language]:
                yield language, chosen


class _GrowingTable:
    """What a `PassageTable` is a view of."""

    def __init__(self, dimension: int) -> None:
        self._ids = _GrowingArray(np.empty(0, dtype=np.int64))
        self._documents = _GrowingArray(np.empty(0, dtype=np.int64))
        self._lengths = _GrowingArray(np.empty(0, dtype=np.int64))
        self._vectors = _GrowingArray(np.empty((0, dimension), dtype=np.float32))
        self._alive = np.empty(0, dtype=np.bool_)
        self._passage_ids: list[str] = []
        self._document_ids: list[str] = []

    def append(self, rows: Sequence[Any]) -> None:
        _, ids, documents, lengths, passage_ids, document_ids, blobs = zip(*rows, strict=True)
        vectors = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(rows), -1)
        self._ids.extend(np.array(ids, dtype=np.int64))
        self._documents.extend(np.array(documents, dtype=np.int64))
        self._lengths.extend(np.array(lengths, dtype=np.int64))
        self._vectors.extend(vectors)
        self._alive = np.concatenate([self._alive, np.ones(len(rows), dtype=np.bool_)])
        self._passage_ids.extend(passage_ids)
        self._document_ids.extend(document_ids)

    def bury(self, ids: Ids) -> None:
        """Take these passages out, those of other languages ignored; published views keep them."""
        if not len(ids) or not len(self._alive):
            return
        self._alive = self._alive & ~np.isin(self._ids.view(), ids)
        if len(self._alive) >= _COMPACT_FROM and self._alive.mean() < 0.5:
            self._compact()

    def view(self) -> PassageTable:
        return PassageTable(
            self._ids.view(),
            self._documents.view(),
            self._lengths.view(),
            self._alive,
            self._vectors.view(),
            self._passage_ids,
            self._document_ids,
        )

    def _compact(self) -> None:
        keep = self._alive
        self._ids = _GrowingArray(self._ids.view()[keep])
        self._documents = _GrowingArray(self._documents.view()[keep])
        self._lengths = _GrowingArray(self._lengths.view()[keep])
        self._vectors = _GrowingArray(self._vectors.view()[keep])
        self._passage_ids = [self._passage_ids[i] for i in np.flatnonzero(keep)]
        self._document_ids = [self._document_ids[i] for i in np.flatnonzero(keep)]
        self._alive = np.ones(len(self._ids.view()), dtype=np.bool_)


class _GrowingArray(Generic[Kind]):
    """An array that rows are appended to; earlier views stay as they are. Its room doubles when it is full."""

    def __init__(self, rows: npt.NDArray[Kind]) -> None:
        self._room = rows
        self._used = len(rows)

    def extend(self, rows: npt.NDArray[Kind]) -> None:
        needed = self._used + len(rows)
        if needed > len(self._room):
            larger = np.empty((max(needed, 2 * len(self._room)), *self._room.shape[1:]), dtype=self._room.dtype)
            larger[: self._used] = self.view()
            self._room = larger
        self._room[self._used : needed] = rows
        self._used = needed

    def view(self) -> npt.NDArray[Kind]:
        return self._room[: self._used]
