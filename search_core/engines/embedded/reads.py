"""Everything that is read but searches, each inside a read transaction of the caller's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from search_core.engines.base import (
    BrowsePage,
    BrowseRequest,
    DocumentRecord,
    Filters,
    IndexStatus,
    SampledPassage,
    Scope,
    StoredPassage,
)
from search_core.engines.checks import check_fields
from search_core.engines.embedded.filters import browse_condition, document_condition, scope_condition
from search_core.engines.embedded.rows import (
    DOCUMENT_COLUMNS,
    read_vector,
    to_document,
    to_headings,
    to_pages,
    to_passage,
)
from search_core.engines.embedded.schema import read_tokens
from search_core.model import Document, IndexedDocument, IndexedPassage, Language, Passage, Vector

_PASSAGE_COLUMNS = (
    "p.passage_id, d.document_id, p.number, p.language, p.text_start, p.text_end, p.heading, p.page, p.document"
)
_LISTED = "(SELECT value FROM json_each(?))"

_ORDERS = {
    "newest": "d.date IS NULL, d.date DESC, d.document_id",
    "oldest": "d.date IS NULL, d.date, d.document_id",
}


def read_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT version FROM head").fetchone()[0])


def read_documents(
    connection: sqlite3.Connection, ids: Sequence[str], scope: Scope, removed_too: bool
) -> dict[str, Document]:
    condition, parameters = scope_condition(scope) if removed_too else document_condition(Filters(), scope)
    sql = f"""SELECT {DOCUMENT_COLUMNS}, text, pages, headings FROM documents d
              JOIN document_texts ON document = d.id WHERE d.document_id IN {_LISTED} AND {condition}"""
    rows = connection.execute(sql, (json.dumps(ids), *parameters))
    return {row[0]: _whole_document(row) for row in rows}


def read_passages(connection: sqlite3.Connection, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
    condition, parameters = document_condition(Filters(), scope)
    sql = f"""SELECT {_PASSAGE_COLUMNS} FROM passages p JOIN documents d ON d.id = p.document
              WHERE p.passage_id IN {_LISTED} AND {condition} ORDER BY p.document"""
    rows = connection.execute(sql, (json.dumps(ids), *parameters)).fetchall()
    return {passage.passage_id: passage for passage in _with_texts(connection, rows)}


def read_contents(
    connection: sqlite3.Connection, ids: Sequence[str], scope: Scope
) -> dict[str, tuple[StoredPassage, ...]]:
    condition, parameters = document_condition(Filters(), scope)
    sql = f"""SELECT {_PASSAGE_COLUMNS}, c.vector FROM documents d JOIN passages p ON p.document = d.id
              JOIN passage_contents c ON c.passage = p.id
              WHERE d.document_id IN {_LISTED} AND {condition} ORDER BY p.document, p.number"""
    rows = connection.execute(sql, (json.dumps(ids), *parameters)).fetchall()
    stored = map(StoredPassage, _with_texts(connection, rows), (read_vector(row[9]) for row in rows))
    grouped = groupby(stored, key=lambda each: each.passage.document_id)
    return {document_id: tuple(group) for document_id, group in grouped}


def read_indexed(connection: sqlite3.Connection, ids: Sequence[str], scope: Scope) -> dict[str, IndexedDocument]:
    documents = read_documents(connection, ids, scope, removed_too=True)
    sql = f"""SELECT {_PASSAGE_COLUMNS}, c.tokens, c.filter_tokens, p.embedding_key, c.vector
              FROM documents d JOIN passages p ON p.document = d.id JOIN passage_contents c ON c.passage = p.id
              WHERE d.document_id IN {_LISTED} ORDER BY p.document, p.number"""
    rows = connection.execute(sql, (json.dumps(list(documents)),)).fetchall()
    passages: dict[str, list[IndexedPassage]] = {name: [] for name in documents}
    for passage, (tokens, filter_tokens, key, vector) in zip(
        _with_texts(connection, rows), (row[9:] for row in rows), strict=True
    ):
        passages[passage.document_id].append(
            IndexedPassage(passage, read_tokens(tokens), read_tokens(filter_tokens), key, read_vector(vector))
        )
    return {name: IndexedDocument(documents[name], tuple(found)) for name, found in passages.items()}


def read_sample(connection: sqlite3.Connection, language: Language, size: int, scope: Scope) -> list[SampledPassage]:
    condition, parameters = document_condition(Filters(), scope)
    sql = f"""SELECT {_PASSAGE_COLUMNS}, json_extract(d.metadata, '$.title'), p.id
              FROM passages p JOIN documents d ON d.id = p.document
              WHERE p.language = ? AND {condition} ORDER BY p.sample_order, p.passage_id LIMIT ?"""
    drawn = connection.execute(sql, (language, *parameters, size)).fetchall()
    titles = {row[0]: row[9] for row in drawn}
    numbers = {row[0]: row[10] for row in drawn}
    passages = {p.passage_id: p for p in _with_texts(connection, sorted(drawn, key=lambda row: int(row[8])))}
    return [SampledPassage(passages[row[0]], titles[row[0]], _vector_of(connection, numbers[row[0]])) for row in drawn]


def read_vectors(connection: sqlite3.Connection, keys: Sequence[str]) -> dict[str, Vector]:
    sql = f"""SELECT p.embedding_key, c.vector FROM passages p JOIN passage_contents c ON c.passage = p.id
              WHERE p.embedding_key IN {_LISTED}"""
    return {key: read_vector(blob) for key, blob in connection.execute(sql, (json.dumps(keys),))}


def read_records(connection: sqlite3.Connection, source: str | None, scope: Scope) -> list[DocumentRecord]:
    condition, parameters = scope_condition(scope)
    sql = f"""SELECT d.document_id, d.source, d.path, d.checksum, d.fingerprint, d.status, d.reason, d.language,
              (SELECT count(*) FROM passages p WHERE p.document = d.id), d.removed_at, d.notes, d.changed
              FROM documents d WHERE (?1 IS NULL OR d.source = ?1) AND {condition} ORDER BY d.source, d.path"""
    rows = connection.execute(sql, (source, *parameters))
    return [replace(DocumentRecord(*row[:10]), notes=tuple(json.loads(row[10])), written=row[11]) for row in rows]


def read_browse(connection: sqlite3.Connection, request: BrowseRequest, scope: Scope) -> BrowsePage:
    condition, parameters = browse_condition(request.filters, scope)
    total = connection.execute(f"SELECT count(*) FROM documents d WHERE {condition}", parameters).fetchone()[0]
    sql = f"""SELECT {DOCUMENT_COLUMNS} FROM documents d WHERE {condition}
              ORDER BY {_ORDERS[request.order]} LIMIT ? OFFSET ?"""
    page = (max(request.limit, 0), max(request.offset, 0))
    documents = tuple(map(to_document, connection.execute(sql, (*parameters, *page))))
    facets = _count_values(connection, request, scope)
    return BrowsePage(documents, total, facets, read_version(connection))


def _count_values(connection: sqlite3.Connection, request: BrowseRequest, scope: Scope) -> dict[str, dict[str, int]]:
    """Facets. Fields without a filter of their own are counted in one go."""
    check_fields(request.facet_fields)
    free = [field for field in request.facet_fields if field not in request.filters.values]
    counts: dict[str, dict[str, int]] = {field: {} for field in request.facet_fields}
    for field, value, count in _count_fields(connection, free, request.filters, scope):
        counts[field][value] = count
    for field in set(request.facet_fields) - set(free):
        others = {name: wanted for name, wanted in request.filters.values.items() if name != field}
        for _, value, count in _count_fields(connection, [field], replace(request.filters, values=others), scope):
            counts[field][value] = count
    return counts


def _count_fields(
    connection: sqlite3.Connection, fields: Sequence[str], filters: Filters, scope: Scope
) -> sqlite3.Cursor:
    condition, parameters = browse_condition(filters, scope)
    sql = f"""SELECT field, value, count(*) FROM document_values
              WHERE field IN {_LISTED} AND document IN (SELECT d.id FROM documents d WHERE {condition})
              GROUP BY field, value ORDER BY field, count(*) DESC, value"""
    return connection.execute(sql, (json.dumps(fields), *parameters))


def _whole_document(row: Sequence[Any]) -> Document:
    text, pages, headings = row[-3:]
    return replace(to_document(row), text=text, pages=to_pages(pages), headings=to_headings(headings))


def _with_texts(connection: sqlite3.Connection, rows: Sequence[Any]) -> Iterator[Passage]:
    """Passages from `_PASSAGE_COLUMNS`, those of one document together: its text is read once."""
    for document, group in groupby(rows, key=lambda row: row[8]):
        sql = "SELECT text, pages FROM document_texts WHERE document = ?"
        text, pages = connection.execute(sql, (document,)).fetchone()
        spans = to_pages(pages)
        for row in group:
            yield to_passage(row[:8], text, spans)


def _vector_of(connection: sqlite3.Connection, passage: int) -> Vector:
    (blob,) = connection.execute("SELECT vector FROM passage_contents WHERE passage = ?", (passage,)).fetchone()
    return read_vector(blob)


def read_state(connection: sqlite3.Connection, key: str) -> bytes | None:
    row = connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])


def read_state_keys(connection: sqlite3.Connection) -> list[str]:
    return [key for (key,) in connection.execute("SELECT key FROM state ORDER BY key")]


def read_status(connection: sqlite3.Connection, location: str, size: int) -> IndexStatus:
    documents = "SELECT language, count(*) FROM documents WHERE removed_at IS NULL GROUP BY language"
    # All, counted in an index, less the few removed: asking every passage for its document takes ten times as long.
    passages = """SELECT language, sum(n) FROM (
                      SELECT language, count(*) AS n FROM passages GROUP BY language
                      UNION ALL
                      SELECT p.language, -count(*) FROM documents d CROSS JOIN passages p ON p.document = d.id
                      WHERE d.removed_at IS NOT NULL GROUP BY p.language
                  ) GROUP BY language HAVING sum(n) > 0"""
    removed = connection.execute("SELECT count(*) FROM documents WHERE removed_at IS NOT NULL").fetchone()[0]
    return IndexStatus(
        engine="embedded",
        location=location,
        version=read_version(connection),
        documents=dict(connection.execute(documents)),
        passages=dict(connection.execute(passages)),
        removed=removed,
        bytes=size,
    )
