"""Filters and scope: as SQL over documents, and as masks over the passages in memory."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from search_core.engines.base import Filters, Scope
from search_core.engines.checks import check_date, check_fields, is_token
from search_core.engines.embedded.memory import Ids, Mask, Snapshot
from search_core.engines.embedded.schema import FILTER_TABLE, match_all
from search_core.engines.values import ACCESS
from search_core.model import Language

Condition = tuple[str, list[Any]]
"""A piece of SQL over `documents d`, and its parameters."""

_HOLDS_VALUE = (
    "d.id IN (SELECT document FROM document_values WHERE field = ? AND value IN (SELECT value FROM json_each(?)))"
)
_IS_LISTED = "d.document_id IN (SELECT value FROM json_each(?))"
_HOLDS_TOKENS = (
    f"(SELECT p.document FROM {FILTER_TABLE} f CROSS JOIN passages p ON p.id = f.rowid WHERE {FILTER_TABLE} MATCH ?)"
)


def document_condition(filters: Filters, scope: Scope) -> Condition:
    """What a document itself must satisfy: everything but `required`."""
    conditions = [("d.removed_at IS NULL", []), scope_condition(scope), *_date_conditions(filters)]
    check_fields(filters.values)
    conditions.extend(_holds(name, wanted) for name, wanted in filters.values.items())
    if filters.documents is not None:
        conditions.append((_IS_LISTED, [json.dumps(sorted(filters.documents))]))
    held = [match_all(group) for group in filters.excluded if group and all(map(is_token, group))]
    conditions.extend((f"d.id NOT IN {_HOLDS_TOKENS}", [query]) for query in held)
    return _joined(conditions)


def scope_condition(scope: Scope) -> Condition:
    """What the reader may see, removed documents among it."""
    return ("1", []) if scope.labels is None else _holds(ACCESS, scope.labels)


def browse_condition(filters: Filters, scope: Scope) -> Condition:
    """What a document must satisfy, one of its passages holding all of `required`."""
    condition = document_condition(filters, scope)
    if not filters.required:
        return condition
    if not all(map(is_token, filters.required)):
        return "0", []
    return _joined([condition, (f"d.id IN {_HOLDS_TOKENS}", [match_all(filters.required)])])


def allowed_passages(
    connection: sqlite3.Connection, snapshot: Snapshot, language: Language, filters: Filters, scope: Scope
) -> Mask:
    """Which of a language's passages a leg may find: shape (n,), as `snapshot.tables[language]`."""
    key = (language, _key(filters), scope.labels)
    return snapshot.masks.get(key, lambda: _make_mask(connection, snapshot, language, filters, scope))


def _make_mask(
    connection: sqlite3.Connection, snapshot: Snapshot, language: Language, filters: Filters, scope: Scope
) -> Mask:
    table = snapshot.tables[language]
    if filters.required:
        # Legs of one question often differ in this only: the documents are asked for once.
        allowed = allowed_passages(connection, snapshot, language, replace(filters, required=()), scope)
        return allowed & np.isin(table.ids, _passages_with(connection, filters.required))
    if filters == Filters() and scope.labels is None:
        return table.alive
    condition, parameters = document_condition(filters, scope)
    documents = connection.execute(f"SELECT d.id FROM documents d WHERE {condition}", parameters)
    return table.alive & np.isin(table.documents, _numbers(documents))


def _passages_with(connection: sqlite3.Connection, tokens: tuple[str, ...]) -> Ids:
    if not all(map(is_token, tokens)):
        return np.empty(0, dtype=np.int64)
    sql = f"SELECT rowid FROM {FILTER_TABLE} WHERE {FILTER_TABLE} MATCH ?"
    return _numbers(connection.execute(sql, (match_all(tokens),)))


def _date_conditions(filters: Filters) -> list[Condition]:
    conditions: list[Condition] = []
    if filters.date_from is not None:
        conditions.append(("d.date_last >= ?", [check_date("date_from", filters.date_from)[0]]))
    if filters.date_to is not None:
        conditions.append(("d.date_first <= ?", [check_date("date_to", filters.date_to)[1]]))
    return conditions


def _holds(name: str, wanted: Iterable[str]) -> Condition:
    return _HOLDS_VALUE, [name, json.dumps(sorted(wanted))]


def _joined(conditions: Iterable[Condition]) -> Condition:
    pieces, parameters = zip(*conditions, strict=True)
    return " AND ".join(pieces), [value for some in parameters for value in some]


def _numbers(rows: sqlite3.Cursor) -> Ids:
    return np.fromiter((row[0] for row in rows), dtype=np.int64)


def _key(filters: Filters) -> tuple[Any, ...]:
    values = tuple(sorted((name, tuple(sorted(wanted))) for name, wanted in filters.values.items()))
    return values, filters.date_from, filters.date_to, filters.required, filters.excluded, filters.documents
