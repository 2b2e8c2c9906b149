"""Documents without their text, pages and headings, kept in memory as long as they stay the same."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from search_core.engines.embedded.rows import DOCUMENT_COLUMNS, to_document
from search_core.model import Document

_KEPT = 50_000


class HeaderMemory:
    """A search finds hundreds of documents; making them from rows would take longer than finding them."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Document]] = {}

    def read(self, connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Document]:
        """Documents by id, as they are at the connection's commit."""
        listed = json.dumps(list(ids))
        sql = "SELECT document_id, changed FROM documents WHERE document_id IN (SELECT value FROM json_each(?))"
        changed = dict(connection.execute(sql, (listed,)))
        known = {name: self._known.get(name, (-1, None)) for name in changed}
        new = [name for name, (version, _) in known.items() if version != changed[name]]
        found = {name: document for name, (_, document) in known.items() if document is not None}
        return found | self._load(connection, new)

    def _load(self, connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Document]:
        if not ids:
            return {}
        if len(self._known) + len(ids) > _KEPT:
            self._known.clear()
        sql = f"""SELECT {DOCUMENT_COLUMNS}, changed FROM documents
                  WHERE document_id IN (SELECT value FROM json_each(?))"""
        rows = {row[0]: (row[-1], to_document(row)) for row in connection.execute(sql, (json.dumps(list(ids)),))}
        self._known.update(rows)
        return {name: document for name, (_, document) in rows.items()}
