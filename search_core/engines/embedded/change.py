"""What one commit does to the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from search_core.engines.embedded.rows import document_row, passage_row, text_row, write_vector
from search_core.engines.embedded.schema import FILTER_TABLE, ranking_table, write_tokens
from search_core.engines.values import value_rows
from search_core.errors import NotFound
from search_core.model import Document, IndexedDocument, IndexedPassage, Language

_TOMBSTONES_KEPT = 1000
"""Commits. A reader further behind loads everything again."""

_STORED_TOKENS = """
SELECT p.id, p.language, c.tokens, c.filter_tokens FROM passages p JOIN passage_contents c ON c.passage = p.id
WHERE p.document = ? ORDER BY p.id
"""


@contextmanager
def committing(connection: sqlite3.Connection) -> Iterator[Change]:
    """One transaction: all of it becomes the next commit, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("UPDATE head SET version = version + 1 RETURNING version").fetchone()
        yield Change(connection, version)
        connection.execute("DELETE FROM tombstones WHERE version <= ?", (version - _TOMBSTONES_KEPT,))
        connection.execute("UPDATE head SET tombstones_from = max(tombstones_from, ?)", (version - _TOMBSTONES_KEPT,))
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


class Change:
    """The statements of one commit."""

    def __init__(self, connection: sqlite3.Connection, version: int) -> None:
        self._connection = connection
        self._version = version

    def replace(self, indexed: IndexedDocument) -> None:
        self._check_dimension(indexed.passages)
        number = self._number(indexed.document.document_id)
        if number is not None:
            self._drop_passages(number)
        number = self._put_document(indexed.document, number)
        self._put_text(indexed.document, number)
        self._add_passages(indexed.passages, number)

    def mark(self, document: Document) -> None:
        number = self._number(document.document_id)
        if number is None:
            self._put_text(document, self._put_document(document, None))
            return
        self._connection.execute(
            """UPDATE documents SET status = ?, reason = ?, source = ?, path = ?, checksum = ?, fingerprint = ?,
               changed = ? WHERE id = ?""",
            (
                document.status,
                document.reason,
                document.source,
                document.path,
                document.checksum,
                document.fingerprint,
                self._version,
                number,
            ),
        )
        self._set_source(number, document.source)

    def move(self, document_id: str, source: str, path: str) -> None:
        number = self._number(document_id)
        if number is None:
            raise NotFound(f"There is no document {document_id}.", remedy="`passerelle status` lists what is indexed.")
        self._connection.execute(
            "UPDATE documents SET source = ?, path = ?, changed = ? WHERE id = ?", (source, path, self._version, number)
        )
        self._set_source(number, source)

    def remove(self, document_id: str, at: str) -> bool:
        number = self._number(document_id, removed=False)
        if number is None:
            return False
        self._hide_passages(number)
        self._set_removed(number, at)
        return True

    def restore(self, document_id: str) -> bool:
        number = self._number(document_id, removed=True)
        if number is None:
            return False
        self._set_removed(number, None)
        rows = self._connection.execute(_STORED_TOKENS, (number,)).fetchall()
        for (old, language, tokens, filter_tokens), new in zip(rows, self._take_numbers(len(rows)), strict=True):
            self._connection.execute("UPDATE passages SET id = ? WHERE id = ?", (new, old))
            self._connection.execute("UPDATE passage_contents SET passage = ? WHERE passage = ?", (new, old))
            self._index_tokens(new, language, tokens, filter_tokens)
        return True

    def erase(self, document_id: str) -> bool:
        """Delete all rows of a document; traces stay in the file until `erase.erase_traces`."""
        number = self._number(document_id)
        if number is None:
            return False
        self._drop_passages(number)
        self._connection.execute("DELETE FROM documents WHERE id = ?", (number,))
        self._connection.execute("DELETE FROM document_texts WHERE document = ?", (number,))
        self._connection.execute("DELETE FROM document_values WHERE document = ?", (number,))
        self._connection.execute("UPDATE head SET erasing = 1")
        return True

    def forget_states(self, keys: Iterable[str]) -> None:
        deleted = self._connection.executemany("DELETE FROM state WHERE key = ?", [(key,) for key in keys])
        if deleted.rowcount > 0:
            self._connection.execute("UPDATE head SET erasing = 1")

    def put_state(self, key: str, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))

    def _number(self, document_id: str, removed: bool | None = None) -> int | None:
        row = self._connection.execute(
            "SELECT id, removed_at IS NOT NULL FROM documents WHERE document_id = ?", (document_id,)
        ).fetchone()
        return None if row is None or (removed is not None and bool(row[1]) != removed) else int(row[0])

    def _check_dimension(self, passages: Sequence[IndexedPassage]) -> None:
        if not passages:
            return
        given = len(passages[0].vector)
        self._connection.execute(
            "UPDATE head SET dimension = ? WHERE dimension IS NULL OR NOT EXISTS (SELECT 1 FROM passages)", (given,)
        )
        (stored,) = self._connection.execute("SELECT dimension FROM head").fetchone()
        if given != stored:
            raise ValueError(f"A vector of {given} dimensions does not fit an index of {stored}: reindex instead.")

    def _put_document(self, document: Document, number: int | None) -> int:
        row = {"id": number, "changed": self._version, **document_row(document)}
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self._connection.execute("DELETE FROM documents WHERE id = ?", (number,))
        cursor = self._connection.execute(f"INSERT INTO documents ({names}) VALUES ({marks})", row)
        number = int(cursor.lastrowid or 0)
        self._connection.execute("DELETE FROM document_values WHERE document = ?", (number,))
        values = [(field, value, number) for field, value in value_rows(document)]
        self._connection.executemany("INSERT INTO document_values VALUES (?, ?, ?)", values)
        return number

    def _put_text(self, document: Document, number: int) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO document_texts VALUES (?, ?, ?, ?)", (number, *text_row(document))
        )

    def _set_removed(self, number: int, at: str | None) -> None:
        sql = "UPDATE documents SET removed_at = ?, changed = ? WHERE id = ?"
        self._connection.execute(sql, (at, self._version, number))

    def _set_source(self, number: int, source: str) -> None:
        self._connection.execute(
            "UPDATE document_values SET value = ? WHERE field = 'source' AND document = ?", (source, number)
        )

    def _add_passages(self, passages: Sequence[IndexedPassage], document: int) -> None:
        for passage, number in zip(passages, self._take_numbers(len(passages)), strict=True):
            tokens, filter_tokens = write_tokens(passage.tokens), write_tokens(passage.filter_tokens)
            self._connection.execute(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, passage.passage.passage_id, document, *passage_row(passage)),
            )
            self._connection.execute(
                "INSERT INTO passage_contents VALUES (?, ?, ?, ?)",
                (number, tokens, filter_tokens, write_vector(passage.vector)),
            )
            self._index_tokens(number, passage.passage.language, tokens, filter_tokens)

    def _take_numbers(self, count: int) -> range:
        (following,) = self._connection.execute(
            "UPDATE head SET next_passage = next_passage + ? RETURNING next_passage", (count,)
        ).fetchone()
        return range(following - count, following)

    def _index_tokens(self, number: int, language: Language, tokens: str, filter_tokens: str) -> None:
        for table, text in ((ranking_table(language), tokens), (FILTER_TABLE, filter_tokens)):
            self._connection.execute(f"INSERT INTO {table} (rowid, tokens) VALUES (?, ?)", (number, text))

    def _drop_passages(self, document: int) -> None:
        self._hide_passages(document)
        self._connection.execute(
            "DELETE FROM passage_contents WHERE passage IN (SELECT id FROM passages WHERE document = ?)", (document,)
        )
        self._connection.execute("DELETE FROM passages WHERE document = ?", (document,))

    def _hide_passages(self, document: int) -> None:
        """Take passages out of the text indexes and of every reader's memory, unless they are out already."""
        hidden = self._connection.execute("SELECT removed_at FROM documents WHERE id = ?", (document,)).fetchone()[0]
        if hidden is not None:
            return
        for number, language, tokens, filter_tokens in self._connection.execute(_STORED_TOKENS, (document,)).fetchall():
            for table, text in ((ranking_table(language), tokens), (FILTER_TABLE, filter_tokens)):
                self._connection.execute(
                    f"INSERT INTO {table} ({table}, rowid, tokens) VALUES ('delete', ?, ?)",
                    (number, text),
                )
            self._connection.execute("INSERT INTO tombstones VALUES (?, ?)", (self._version, number))
