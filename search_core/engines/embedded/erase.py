"""Purging: rows, text index and every trace in the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from search_core.engines.embedded.schema import TEXT_INDEXES
from search_core.engines.embedded.store import connect, driver_errors
from search_core.engines.embedded.writer import committing
from search_core.errors import IndexUnavailable


def purge_documents(file: Path, ids: Sequence[str]) -> int:
    """Erase documents from one index file. Returns how many there were.

    Rows go in one transaction; a process killed after it leaves `head.erasing` set, and the next writer goes on.
    """
    with driver_errors(file):
        connection = connect(file)
        try:
            with committing(connection) as change:
                erased = sum(change.erase(document_id) for document_id in dict.fromkeys(ids))
            erase_traces(connection, file)
        finally:
            connection.close()
    return erased


def erase_traces(connection: sqlite3.Connection, file: Path) -> None:
    """Rewrite the file without what deletions left in it, if there were any."""
    if not connection.execute("SELECT erasing FROM head").fetchone()[0]:
        return
    for table in TEXT_INDEXES:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    # secure_delete overwrites freed cells; copies that lie in the gaps of pages only go when all is written anew.
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise IndexUnavailable(
            f"The documents are purged, but a reader still holds {file}, whose log keeps traces of them.",
            remedy="End long-running readers; the next writing command goes on erasing.",
        )
    connection.execute("UPDATE head SET erasing = 0")
