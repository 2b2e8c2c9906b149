"""The embedded index as the rest of the product sees it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

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
from search_core.engines.embedded import reads
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.headers import HeaderMemory
from search_core.engines.embedded.legs import LegRunner
from search_core.engines.embedded.memory import NewerCommit, PassageMemory
from search_core.engines.embedded.rebuild import EmbeddedRebuild
from search_core.engines.embedded.rollback import roll_back
from search_core.engines.embedded.store import Store, check_features, check_file, create_file
from search_core.engines.embedded.writer import EmbeddedWriter, open_writer
from search_core.errors import IndexUnavailable
from search_core.model import Document, IndexedDocument, Language, Passage, Vector


def open_embedded_index(folder: Path) -> EmbeddedIndex:
    """Open the index of a data folder, made empty if there is none. The caller closes it.

    Raises `IndexUnavailable` for a folder, disk or file that cannot be used, `IndexOutdated` for another schema.
    """
    check_features()
    place = IndexFolder(folder)
    place.prepare()
    if place.current() is None:
        _create_first(place)
    return EmbeddedIndex(place)


class EmbeddedIndex:
    """`base.PassageIndex` and `base.RebuildingIndex` over the files of one data folder.

    With `file` it stays with that index file; without, it follows the folder's pointer.
    """

    def __init__(self, folder: IndexFolder, file: Path | None = None) -> None:
        self._folder = folder
        self._fixed = file
        self._lock = threading.Lock()
        self._closed = False
        self._living = _Living(file or _current(folder))

    @property
    def passages_read(self) -> int:
        """How many passages were read into memory since the living file was opened: a catch-up reads only new ones."""
        return self._living.memory.passages_read

    def search(self, legs: Sequence[Leg], scope: Scope) -> SearchReply:
        living = self._follow()
        while True:
            with living.store.reading() as connection:
                try:
                    snapshot = living.memory.at(connection)
                except NewerCommit:
                    continue
                results = tuple(map(LegRunner(connection, snapshot, scope).run, legs))
                found = {hit.document_id for result in results for hit in result.hits}
                return SearchReply(results, living.headers.read(connection, found), snapshot.version)

    def browse(self, request: BrowseRequest, scope: Scope) -> BrowsePage:
        with self._reading() as connection:
            return reads.read_browse(connection, request, scope)

    def documents(self, ids: Sequence[str], scope: Scope, *, removed_too: bool = False) -> dict[str, Document]:
        with self._reading() as connection:
            return reads.read_documents(connection, ids, scope, removed_too)

    def passages(self, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
        with self._reading() as connection:
            return reads.read_passages(connection, ids, scope)

    def contents(self, ids: Sequence[str], scope: Scope) -> dict[str, tuple[StoredPassage, ...]]:
        with self._reading() as connection:
            return reads.read_contents(connection, ids, scope)

    def indexed(self, ids: Sequence[str], scope: Scope) -> dict[str, IndexedDocument]:
        with self._reading() as connection:
            return reads.read_indexed(connection, ids, scope)

    def sample(self, language: Language, size: int, scope: Scope) -> list[SampledPassage]:
        with self._reading() as connection:
            return reads.read_sample(connection, language, size, scope)

    def vectors(self, embedding_keys: Sequence[str]) -> dict[str, Vector]:
        with self._reading() as connection:
            return reads.read_vectors(connection, embedding_keys)

    def records(self, source: str | None, scope: Scope) -> Iterator[DocumentRecord]:
        with self._reading() as connection:
            found = reads.read_records(connection, source, scope)
        return iter(found)

    def state(self, key: str) -> bytes | None:
        with self._reading() as connection:
            return reads.read_state(connection, key)

    def state_keys(self) -> list[str]:
        with self._reading() as connection:
            return reads.read_state_keys(connection)

    def status(self) -> IndexStatus:
        with self._reading() as connection:
            return reads.read_status(connection, str(self._folder.path), self._folder.size())

    @contextmanager
    def writer(self, purpose: str) -> Iterator[EmbeddedWriter]:
        with self._folder.holding("writer", purpose), open_writer(self._folder, self._follow().store.file) as writer:
            yield writer

    @contextmanager
    def rebuild(self, purpose: str) -> Iterator[EmbeddedRebuild]:
        with self._folder.holding("rebuild", purpose):
            build = EmbeddedRebuild(self._folder, purpose, lambda file: EmbeddedIndex(self._folder, file))
            with closing(build):
                yield build

    @contextmanager
    def unfinished(self) -> Iterator[EmbeddedIndex | None]:
        with self._opening(self._folder.unfinished()) as index:
            yield index

    def discard(self) -> bool:
        purpose = "discarding what was not finished"
        with self._folder.holding("rebuild", purpose), self._folder.holding("purge", purpose, soon_done=True):
            file = self._folder.unfinished()
            if file is not None:
                self._folder.delete(file)
        return file is not None

    @contextmanager
    def kept(self) -> Iterator[EmbeddedIndex | None]:
        with self._opening(self._folder.kept()) as index:
            yield index

    def roll_back(self, version: int) -> None:
        with self._folder.holding("rebuild", "rolling back"), self._folder.holding("writer", "rolling back"):
            roll_back(self._folder, version)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._living.store.close()

    @contextmanager
    def _opening(self, file: Path | None) -> Iterator[EmbeddedIndex | None]:
        """Another file of the folder, for reading."""
        if file is None:
            yield None
            return
        with closing(EmbeddedIndex(self._folder, file)) as index:
            yield index

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._follow().store.reading() as connection:
            yield connection

    def _follow(self) -> _Living:
        """The living file, another one once the pointer has moved."""
        file = self._fixed or _current(self._folder)
        with self._lock:
            if self._closed:
                raise IndexUnavailable(f"The index in {self._folder.path} was closed.", remedy="Open it again.")
            if file != self._living.store.file:
                previous, self._living = self._living, _Living(file)
                previous.store.close()
            return self._living


class _Living:
    """One index file and what is in memory of it."""

    def __init__(self, file: Path) -> None:
        check_file(file)
        self.store = Store(file)
        self.memory = PassageMemory()
        self.headers = HeaderMemory()


def _create_first(folder: IndexFolder) -> None:
    with folder.holding("writer", "making the index", wait_s=10):
        if folder.current() is not None:
            return
        file = folder.next_file()
        if any(other != file for other in folder.files()):
            raise IndexUnavailable(
                f"{folder.path} holds index files, but CURRENT, which names the living one, is missing.",
                remedy="Run `passerelle recover`, or move CURRENT and index-*.sqlite away and index again.",
            )
        create_file(file)
        folder.set_current(file, kept=None)


def _current(folder: IndexFolder) -> Path:
    file = folder.current()
    if file is None or not file.exists():
        raise IndexUnavailable(
            f"The index of {folder.path} is gone.",
            remedy="Run `passerelle recover`, or move CURRENT and index-*.sqlite away and index again.",
        )
    return file
