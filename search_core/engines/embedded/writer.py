"""The one writer: each call is one transaction and one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from search_core.engines.embedded.change import Change, committing
from search_core.engines.embedded.erase import erase_traces, purge_beside, purge_documents
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.schema import TEXT_INDEXES, is_token
from search_core.engines.embedded.store import connect, driver_errors
from search_core.model import Document, IndexedDocument, IndexedPassage


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

    def purge(self, ids: Sequence[str]) -> int:
        with driver_errors(self._file):
            if self._beside is not None:
                purge_beside(self._beside, self._file, ids)
            return purge_documents(self._connection, self._file, ids)

    def put_state(self, key: str, value: bytes) -> None:
        with self._commit() as change:
            change.put_state(key, value)

    def finish_erasing(self) -> None:
        """Go on with a purge whose process was killed."""
        with driver_errors(self._file):
            erase_traces(self._connection, self._file)

    def finish(self, after: int) -> None:
        """Make a built index ready to be read: its text indexes merged, its version later than `after`, all on disk.

        Versions go on counting, so that nobody takes an answer of the old index for one of the new.
        """
        with driver_errors(self._file):
            for table in TEXT_INDEXES:
                self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
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


def check_documents(documents: Iterable[IndexedDocument]) -> None:
    """Raise ValueError, naming the document, for what could not be found again: nothing has been written then."""
    for indexed in documents:
        check_text(indexed.document)
        names = Counter(passage.passage.passage_id for passage in indexed.passages)
        for passage in indexed.passages:
            problem = _problem(passage, indexed, names)
            if problem:
                name = f"Document {indexed.document.document_id}, passage {passage.passage.number}"
                raise ValueError(f"{name}: {problem}")


def check_text(document: Document) -> None:
    """Raise ValueError for text that cannot be stored: half of a surrogate pair, as undecodable file names have."""
    try:
        for text in (document.text, document.path, document.source, document.reason, document.metadata.to_json()):
            text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"Document {document.document_id}: {error}") from error


def _problem(passage: IndexedPassage, indexed: IndexedDocument, names: Counter[str]) -> str | None:
    vector, piece = passage.vector, passage.passage
    if vector.ndim != 1 or not len(vector) or len(vector) != len(indexed.passages[0].vector):
        return "its vector has another shape than the others."
    if not np.isfinite(vector).all():
        return "its vector is not finite."
    if piece.document_id != indexed.document.document_id:
        return f"it belongs to document {piece.document_id}."
    if names[piece.passage_id] > 1:
        return f"its id {piece.passage_id} is taken."
    bad = next((token for token in (*passage.tokens, *passage.filter_tokens) if not is_token(token)), None)
    return None if bad is None else f"{bad!r} is not a token."
