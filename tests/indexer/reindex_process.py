"""Run as a program: reindexes again and again, each time in a process that kills itself at some step.

    python -m tests.indexer.reindex_process PLACE

A step is a commit, a checkpoint or a change of files of the embedded engine, or a request to a server, counted by what
Python tells of them (audit events) and SQLite's trace. PLACE is a data folder, or `opensearch:PREFIX` on the server
that the settings name. For each line read, the number of a step or 0 for none, it runs once and prints `killed` or
`finished`.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import traceback
from typing import Any

from indexer.reindex import reindex
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.glossary import Glossary, GlossaryEntry
from tests.engines.writer_process import open_index

GLOSSARY = Glossary((GlossaryEntry(("ville intelligente",), ("智慧城市",)),))

_EVENTS = frozenset({"os.rename", "os.remove", "http.client.send"})
_STATEMENTS = ("BEGIN IMMEDIATE", "COMMIT", "VACUUM", "PRAGMA wal_checkpoint", "UPDATE head SET version = max")


class Steps:
    """Kills this process with SIGKILL at the step of the given number."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._taken = 0
        self._connect = sqlite3.connect
        sqlite3.connect = self._connect_traced  # type: ignore[assignment]
        sys.addaudithook(self._audit)

    def _audit(self, event: str, _: tuple[Any, ...]) -> None:
        if event in _EVENTS:
            self._take()

    def _connect_traced(self, *arguments: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = self._connect(*arguments, **named)
        connection.set_trace_callback(self._trace)
        return connection

    def _trace(self, statement: str) -> None:
        if statement.startswith(_STATEMENTS):
            self._take()

    def _take(self) -> None:
        self._taken += 1
        if self._taken == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def run(place: str, step: int) -> bool:
    """One run in a process of its own; whether it came to its end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            Steps(step)
            index = open_index(place)
            reindex(index, embedder=HashEmbedder(24), analyzer=Analyzer(GLOSSARY), glossary=GLOSSARY)  # type: ignore[arg-type]
            index.close()
            status = 0
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    if not os.WIFSIGNALED(ended) and os.waitstatus_to_exitcode(ended):
        raise SystemExit("the reindex failed")
    return os.WIFEXITED(ended)


def main(place: str) -> None:
    for line in sys.stdin:
        print("finished" if run(place, int(line)) else "killed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
