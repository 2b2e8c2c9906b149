"""What people entered, in a store of its own: no reindex, engine change or upgrade touches it.

For now: the language of a document where the detected one was wrong, and which documents are versions of each other, or
are not, where people said so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from search_core.errors import IndexOutdated, IndexUnavailable
from search_core.model import Language
from search_core.pairs import PairIds, Verdict

FILE_NAME = "people.sqlite"

_MIGRATIONS = (
    """
    CREATE TABLE document_languages (
        document_id TEXT PRIMARY KEY, language TEXT NOT NULL, entered_at TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE pair_verdicts (
        fr TEXT NOT NULL, zh TEXT NOT NULL, verdict TEXT NOT NULL, entered_at TEXT NOT NULL, PRIMARY KEY (fr, zh)
    ) WITHOUT ROWID;
    """,
)
"""Statement by statement what leads from an empty file to today's; a store of any older version goes on from there."""

SCHEMA_VERSION = len(_MIGRATIONS)


class PeopleStore:
    """The store of one data folder. Safe to use from several threads and processes: each call is one transaction."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME

    def languages(self) -> dict[str, Language]:
        """What people set, by document id."""
        if not self._file.exists():
            return {}
        with self._connect() as connection:
            rows = connection.execute("SELECT document_id, language FROM document_languages").fetchall()
        return {document_id: cast("Language", language) for document_id, language in rows}

    def set_language(self, document_id: str, language: Language | None) -> None:
        """Set a document's language; None goes back to the detected one."""
        with self._connect() as connection:
            if language is None:
                connection.execute("DELETE FROM document_languages WHERE document_id = ?", (document_id,))
                return
            connection.execute(
                "INSERT OR REPLACE INTO document_languages VALUES (?, ?, ?)", (document_id, language, _now())
            )

    def pair_verdicts(self) -> dict[PairIds, Verdict]:
        """What people said of two documents."""
        if not self._file.exists():
            return {}
        with self._connect() as connection:
            rows = connection.execute("SELECT fr, zh, verdict FROM pair_verdicts").fetchall()
        return {(fr, zh): cast("Verdict", verdict) for fr, zh, verdict in rows}

    def confirm_pair(self, pair: PairIds) -> list[PairIds]:
        """These two are versions of each other; what was confirmed of either and another document is taken back.

        Returns what was taken back.
        """
        with self._connect() as connection:
            replaced = connection.execute(
                "DELETE FROM pair_verdicts WHERE verdict = 'confirmed' AND (fr = ?1 OR zh = ?2) "
                "AND NOT (fr = ?1 AND zh = ?2) RETURNING fr, zh",
                pair,
            ).fetchall()
            connection.execute("INSERT OR REPLACE INTO pair_verdicts VALUES (?, ?, 'confirmed', ?)", (*pair, _now()))
        return replaced

    def refute_pair(self, pair: PairIds) -> None:
        """These two are no versions of each other, whatever the evidence says."""
        with self._connect() as connection:
            connection.execute("INSERT OR REPLACE INTO pair_verdicts VALUES (?, ?, 'refuted', ?)", (*pair, _now()))

    def forget_pair(self, pair: PairIds) -> bool:
        """Take back what was said of these two; False where nothing was."""
        with self._connect() as connection:
            return connection.execute("DELETE FROM pair_verdicts WHERE fr = ? AND zh = ?", pair).rowcount > 0

    def forget_documents(self, ids: Sequence[str]) -> None:
        """Erase everything that was said of these documents."""
        if not self._file.exists():
            return
        each = [(document_id,) for document_id in ids]
        with self._connect() as connection:
            connection.executemany("DELETE FROM document_languages WHERE document_id = ?", each)
            connection.executemany("DELETE FROM pair_verdicts WHERE fr = ?1 OR zh = ?1", each)

    def to_bytes(self) -> bytes:
        """All that people entered, as one SQLite file."""
        with closing(sqlite3.connect(":memory:")) as copy:
            if self._file.exists():
                with self._connect() as connection:
                    connection.backup(copy)
            _prepare(copy, self._file)
            return copy.serialize()

    def replace(self, stored: bytes) -> None:
        """Put what `to_bytes` gave in the place of all that there is, at once.

        Raises `IndexUnavailable` for something else, `IndexOutdated` for what a newer version gave.
        """
        with _open_stored(stored, self._file) as given, self._connect() as connection:
            given.backup(connection)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=10)) as connection:
                connection.execute("PRAGMA secure_delete = ON")
                _prepare(connection, self._file)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as cause:
            raise IndexUnavailable(
                f"What people entered cannot be reached in {self._file}: {cause}.",
                remedy="Check that the data folder is writable, or run `passerelle recover`.",
            ) from cause


@contextmanager
def _open_stored(stored: bytes, file: Path) -> Iterator[sqlite3.Connection]:
    """What people entered, in memory and of today's schema."""
    with closing(sqlite3.connect(":memory:")) as given:
        try:
            given.deserialize(stored)
            known = given.execute("SELECT 1 FROM sqlite_master WHERE name = 'document_languages'").fetchone()
        except (sqlite3.Error, OverflowError) as cause:
            raise _not_people(file) from cause
        if known is None:
            raise _not_people(file)
        _prepare(given, file)
        yield given


def _not_people(file: Path) -> IndexUnavailable:
    return IndexUnavailable(
        f"What is to take the place of {file} is not what people entered.", remedy="Recover another backup."
    )


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    """Bring an older store to today's schema, in one transaction with others kept out."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise IndexOutdated(
            f"{file} was written by a newer version of Passerelle (schema {version}).",
            remedy="Install that version, or recover an older backup.",
        )
    if version < SCHEMA_VERSION:
        _migrate(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        # Another process may have done it while this one waited.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for statements in _MIGRATIONS[version:]:
            connection.execute(statements)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
