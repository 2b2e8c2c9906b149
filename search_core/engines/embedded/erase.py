"""Purging: rows, text indexes and every trace in the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from search_core.engines.embedded.change import committing
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.schema import TEXT_INDEXES
from search_core.engines.embedded.store import check_file, connect, driver_errors
from search_core.errors import IndexOutdated, IndexUnavailable


def purge_documents(connection: sqlite3.Connection, file: Path, ids: Sequence[str], forget: Sequence[str] = ()) -> int:
    """Erase documents, and state records, from one file. Returns how many documents it held.

    Rows go in one transaction; if the process is killed after it, the next writer goes on with the traces.
    """
    with committing(connection) as change:
        erased = sum(change.erase(document_id) for document_id in dict.fromkeys(ids))
        change.forget_states(forget)
    erase_traces(connection, file)
    return erased


def purge_beside(folder: IndexFolder, living: Path, ids: Sequence[str], forget: Sequence[str]) -> None:
    """Erase documents, and state records, from the files that are kept or unfinished.

    One that cannot be purged is given up altogether.

    The caller holds purges: what writes to an unfinished file waits.
    """
    for file in folder.files():
        if file == living:
            continue
        try:
            check_file(file)
            with driver_errors(file), closing(connect(file)) as connection:
                purge_documents(connection, file, ids, forget)
        except (IndexOutdated, IndexUnavailable):
            folder.delete(file)


def erase_traces(connection: sqlite3.Connection, file: Path) -> None:
    """Rewrite the file without what deletions left in it, if there were any."""
    if not connection.execute("SELECT erasing FROM head").fetchone()[0]:
        return
    for table in TEXT_INDEXES:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
    # secure_delete overwrites freed cells; copies in the gaps of pages only go when everything is written anew.
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise IndexUnavailable(
            f"The documents are purged, but a reader still holds {file}, and traces of them lie in its log.",
            remedy="End long-running readers; the next command that writes goes on erasing.",
        )
    connection.execute("UPDATE head SET erasing = 0")
