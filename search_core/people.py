"""What people entered, in a store of its own: no reindex, engine change or upgrade touches it.

For now: the language of a document where the detected one was wrong.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from search_core.errors import IndexOutdated, IndexUnavailable
from search_core.model import Language

FILE_NAME = "people.sqlite"
SCHEMA_VERSION = 1

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE document_languages (
    document_id TEXT PRIMARY KEY, language TEXT NOT NULL, entered_at TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


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
                "INSERT OR REPLACE INTO document_languages VALUES (?, ?, ?)",
                (document_id, language, datetime.now(UTC).isoformat(timespec="seconds")),
            )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=10)) as connection:
                _prepare(connection, self._file)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as cause:
            raise IndexUnavailable(
                f"What people entered cannot be reached in {self._file}: {cause}.",
                remedy="Check that the data folder is writable, or restore a backup.",
            ) from cause


def _prepare(connection: sqlite3.Connection, file: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(_TABLES)
    elif version != SCHEMA_VERSION:
        raise IndexOutdated(
            f"{file} was written by a newer version of Passerelle (schema {version}).",
            remedy="Install that version, or restore an older backup of the data folder.",
        )
