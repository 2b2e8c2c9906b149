"""The one writer: each call is one transaction and one commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from search_core.engines.checks import check_documents, check_text
from search_core.engines.embedded.change import Change, committing
from search_core.engines.embedded.erase import erase_traces, purge_beside, purge_documents
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.schema import TEXT_INDEXES
from search_core.engines.embedded.store import connect, driver_errors
from search_core.model import Document, IndexedDocument


class EmbeddedWriter:
    """`base.IndexWriter` on one index file, for as long as the writer's lock is held.

    That of the living file purges from the files `beside` it too.
    """

    def __init__(self, file: Path, beside: IndexFolder | None = None) -> None:
        self._file = file
        self._beside = beside
        with driver_errors(file):
            self._connection = connect(file)

    def replace(self, documents: Sequence[IndexedDocument]) -> None:
        check_documents(documents)
        latest = {indexed.document.document_id: indexed for indexed in documents}
        with self._commit() as change:
            for indexed in latest.values():
                change.replace(indexed)

    def mark(self, document: Document) -> None:
        check_text(document)
        with self._commit() as change:
            change.mark(document)

    def move(self, document_id: str, source: str, path: str) -> None:
        with self._commit() as change:
            change.move(document_id, source, path)

    def remove(self, ids: Sequence[str], at: str) -> int:
        with self._commit() as change:
            return sum(change.remove(document_id, at) for document_id in dict.fromkeys(ids))

    def restore(self, ids: Sequence[str]) -> int:
        with self._commit() as change:
            return sum(change.restore(document_id) for document_id in dict.fromkeys(ids))

    def purge(self, ids: Sequence[str], forget: Sequence[str] = ()) -> int:
        with driver_errors(self._file):
            if self._beside is None:
                return purge_documents(self._connection, self._file, ids)
            with self._beside.holding("purge", "purging documents", soon_done=True):
                purge_beside(self._beside, self._file, ids, forget)
                return purge_documents(self._connection, self._file, ids)

    def put_state(self, key: str, value: bytes) -> None:
        with self._commit() as change:
            change.put_state(key, value)

    def finish_erasing(self) -> None:
        """Go on with a purge whose process was killed."""
        with driver_errors(self._file):
            erase_traces(self._connection, self._file)

    def merge_text_indexes(self) -> None:
        """Make what was written in many commits as quick to search as what was written in one."""
        with driver_errors(self._file):
            for table in TEXT_INDEXES:
                self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")

    def finish(self, after: int) -> None:
        """Make an index ready to be the living one: its version later than `after`, all on disk.

        Versions go on counting, so that nobody takes an answer of the old index for one of the new.
        """
        with driver_errors(self._file):
            self._connection.execute("UPDATE head SET version = max(version, ?) + 1", (after,))
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _commit(self) -> Iterator[Change]:
        with driver_errors(self._file), committing(self._connection) as change:
            yield change


@contextmanager
def open_writer(folder: IndexFolder, file: Path) -> Iterator[EmbeddedWriter]:
    """The writer of the living index file; the caller holds the writer's lock."""
    writer = EmbeddedWriter(file, beside=folder)
    try:
        writer.finish_erasing()
        yield writer
    finally:
        writer.close()
