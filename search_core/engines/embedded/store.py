"""One SQLite index file: its connections, its transactions, its errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from search_core.engines.embedded.schema import APPLICATION_ID, SCHEMA_VERSION, schema_statements
from search_core.errors import IndexOutdated, IndexUnavailable, PasserelleError

_BUSY_TIMEOUT_S = 30.0

# Kept small: every reading thread has its own, and the system caches the file for all of them.
_CACHE_KIB = 8192

# What a writer leaves of its write-ahead log between checkpoints.
LOG_LIMIT_BYTES = 64 * 2**20


class Store:
    """A pool of connections to one index file: each serves one thread at a time."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read transaction: everything read inside is of one commit."""
        with driver_errors(self.file):
            connection = self._borrow()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def close(self) -> None:
        """Close what is idle now; what is in use, or still asked for, is closed when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = connect(self.file)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error):
            connection.rollback()
        with self._lock:
            keep = not self._closed and not connection.in_transaction
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()


def connect(file: Path) -> sqlite3.Connection:
    """Open an index file that exists. The caller closes the connection."""
    connection = sqlite3.connect(
        f"{file.as_uri()}?mode=rw",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT_BYTES}")
        # A commit survives the death of the process; after a power cut the last ones may be missing, never torn.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def create_file(file: Path) -> None:
    """Make an empty index file; one that is complete already stays as it is."""
    with driver_errors(file):
        file.touch()
        connection = connect(file)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                connection.executescript(schema_statements())
        finally:
            connection.close()


def check_file(file: Path) -> None:
    """Raise unless this is an index file that this version of Passerelle reads."""
    with driver_errors(file):
        connection = connect(file)
        try:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            schema = connection.execute("PRAGMA user_version").fetchone()[0]
        finally:
            connection.close()
    if application != APPLICATION_ID:
        raise IndexUnavailable(
            f"{file} is not an index of Passerelle.", remedy="Set PASSERELLE_DATA to another folder."
        )
    if schema != SCHEMA_VERSION:
        raise _outdated(file, schema)


def read_file_version(file: Path) -> int:
    """The number of a file's last commit."""
    with driver_errors(file), closing(connect(file)) as connection:
        return int(connection.execute("SELECT version FROM head").fetchone()[0])


def check_features() -> None:
    """Raise unless this Python's SQLite has what the engine needs."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5 (tokens, content='')")
        connection.execute("SELECT value FROM json_each('[1]')")
        connection.execute("CREATE TABLE numbered (n)")
        connection.execute("INSERT INTO numbered VALUES (1) RETURNING n")
    except sqlite3.OperationalError as error:
        raise IndexUnavailable(
            f"SQLite {sqlite3.sqlite_version} of this Python lacks what the embedded engine needs ({error}).",
            remedy="Use a Python built with SQLite 3.35 or later, FTS5 and JSON, or the opensearch engine.",
        ) from error
    finally:
        connection.close()


@contextmanager
def driver_errors(file: Path) -> Iterator[None]:
    """Translate what SQLite and the disk raise."""
    try:
        yield
    except PasserelleError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise translate(error, file) from error


def translate(error: sqlite3.Error | OSError, file: Path) -> IndexUnavailable:
    """The error of our family for one of SQLite's or of the disk."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    sentence, remedy = _MEANINGS.get(
        code, ("cannot be used", "Look at the cause; `passerelle doctor` checks the folder.")
    )
    return IndexUnavailable(f"The index {file} {sentence} ({error}).", remedy=remedy)


_WRITABLE = "Make the folder and its files writable, or set PASSERELLE_DATA to another folder."
_DAMAGED = "Run `passerelle recover`, or move CURRENT and index-*.sqlite away and index again."

_MEANINGS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("cannot grow", "Free some disk space and try again: what was committed before is intact."),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "Check the disk and its free space, then try again."),
    sqlite3.SQLITE_BUSY: ("is busy", "Try again when the other process has finished."),
    sqlite3.SQLITE_LOCKED: ("is busy", "Try again when the other process has finished."),
    sqlite3.SQLITE_READONLY: ("cannot be written", _WRITABLE),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _WRITABLE),
    sqlite3.SQLITE_PERM: ("cannot be opened", _WRITABLE),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _DAMAGED),
    sqlite3.SQLITE_NOTADB: ("is damaged", _DAMAGED),
}


def _outdated(file: Path, schema: int) -> IndexOutdated:
    if schema > SCHEMA_VERSION:
        return IndexOutdated(
            f"{file} was made by a newer Passerelle (schema {schema}, this one reads {SCHEMA_VERSION}).",
            remedy="Upgrade Passerelle, or set PASSERELLE_DATA to another folder.",
        )
    return IndexOutdated(
        f"{file} was made by an older Passerelle (schema {schema}, this one reads {SCHEMA_VERSION}).",
        remedy=f"Use that version; or move CURRENT and index-*.sqlite out of {file.parent} and run `passerelle index` "
        "or `passerelle sync` again: what people entered stays.",
    )
