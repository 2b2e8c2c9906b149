"""Vectors kept from one evaluation to the next, by content: one SQLite file for all sets, models and configurations.

What is stored under a key never changes, so that several processes can read and write at once. The file is bounded:
what was used longest ago goes first. Nothing is lost with it but time; a damaged file is made anew.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from search_core.errors import PasserelleError

FORMAT = 1
"""Raised when what is stored under a key changes; an older file is made anew."""

MAX_BYTES = 4_000_000_000
"""About 2.5 million vectors of 384 dimensions, or the token vectors of 25,000 passages."""

_DAY_S = 86_400
_WAIT_S = 60

_TABLES = """
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS vectors_by_use ON vectors (used);
"""


class VectorStore:
    """Keys to values, both bytes. The caller closes it. Raises `PasserelleError` where the disk fails it."""

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._day = int(time.time()) // _DAY_S
        with self._translated_errors():
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open(file)

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known of these keys; from now on it counts as used today."""
        found: dict[bytes, bytes] = {}
        stale: list[tuple[int, bytes]] = []
        with self._translated_errors():
            for key in keys:
                row = self._connection.execute("SELECT value, used FROM vectors WHERE key = ?", (key,)).fetchone()
                if row:
                    found[key] = row[0]
                    stale += [(self._day, key)] if row[1] < self._day else []
            self._write("UPDATE vectors SET used = ? WHERE key = ?", stale)
        return found

    def put(self, values: Mapping[bytes, bytes]) -> None:
        """Keep these, in one transaction."""
        with self._translated_errors():
            rows = [(key, value, self._day) for key, value in values.items()]
            self._write("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)
            while self._bytes() > self._max_bytes:
                self._forget_oldest()

    def close(self) -> None:
        self._connection.close()

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            with self._connection:
                self._connection.executemany(sql, rows)

    def _bytes(self) -> int:
        pages, free, size = (
            self._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _forget_oldest(self) -> None:
        """A tenth of what there is, at least one."""
        [count] = self._connection.execute("SELECT count(*) FROM vectors").fetchone()
        with self._connection:
            self._connection.execute(
                "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors ORDER BY used, rowid LIMIT ?)",
                (count // 10 + 1,),
            )
        self._connection.execute("PRAGMA incremental_vacuum").fetchall()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise PasserelleError(
                f"The vectors kept in {self._file} cannot be used: {error}.",
                remedy="Free some space, or delete that file: it is made again.",
            ) from error


def _open(file: Path) -> sqlite3.Connection:
    try:
        return _open_current(file)
    except sqlite3.OperationalError:  # locked, full, not allowed: the file itself is good
        raise
    except sqlite3.DatabaseError:
        for left_over in (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm"))):
            left_over.unlink(missing_ok=True)
        return _open_current(file)


def _open_current(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_WAIT_S)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        [known] = connection.execute("PRAGMA user_version").fetchone()
        if known not in (0, FORMAT):
            raise sqlite3.DatabaseError(f"format {known}")
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {FORMAT}")
    except BaseException:
        connection.close()
        raise
    return connection
