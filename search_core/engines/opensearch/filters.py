"""Filters and scope as queries. Passages carry what their document is filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search_core.engines.base import Filters, Scope
from search_core.engines.checks import check_date, check_fields, is_token
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.names import RowKind
from search_core.engines.opensearch.queries import NOTHING, Query, all_of, any_of
from search_core.engines.opensearch.rows import to_day

_GROUPS_AT_ONCE = 10_000


def readable(view: View, kind: RowKind, scope: Scope, *, removed_too: bool = False) -> list[Query]:
    """Clauses for what a reader may see at a commit."""
    clauses = [view.counting(kind)]
    if not removed_too:
        clauses.append({"term": {"removed": False}})
    if scope.labels is not None:
        clauses.append(any_of("access", scope.labels))
    return clauses


def document_clauses(filters: Filters, excluded: Mapping[tuple[str, ...], Sequence[str]]) -> list[Query]:
    """Clauses for what a document must satisfy, in its own row and those of its passages: everything but `required`.

    `excluded` are the documents that hold each group of tokens.
    """
    check_fields(filters.values)
    clauses = [any_of(f"fields.{name}", wanted) for name, wanted in filters.values.items()]
    if filters.documents is not None:
        clauses.append(any_of("document_id", filters.documents))
    if filters.date_from is not None:
        first = to_day(check_date("date_from", filters.date_from)[0])
        clauses.append({"range": {"date_last": {"gte": first}}})
    if filters.date_to is not None:
        last = to_day(check_date("date_to", filters.date_to)[1])
        clauses.append({"range": {"date_first": {"lte": last}}})
    clauses += [
        {"bool": {"must_not": [any_of("document_id", excluded[group])]}}
        for group in filters.excluded
        if excluded.get(group)
    ]
    return clauses


def holding_clauses(tokens: Iterable[str]) -> list[Query]:
    """Clauses for passages that hold all these filter tokens."""
    return [{"term": {"filter_tokens": token}} if is_token(token) else NOTHING for token in tokens]


def find_holders(view: View, groups: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[str]]:
    """The documents one of whose passages holds all tokens of a group, for each group that is not empty."""
    return {group: _find_documents(view, group) for group in dict.fromkeys(groups) if group}


def find_excluded(view: View, filters: Iterable[Filters]) -> dict[tuple[str, ...], list[str]]:
    """The documents that hold each group of tokens which one of these filters excludes."""
    return find_holders(view, (group for each in filters for group in each.excluded))


def _find_documents(view: View, tokens: tuple[str, ...]) -> list[str]:
    if not all(map(is_token, tokens)):
        return []
    groups: dict[str, Any] = {"size": _GROUPS_AT_ONCE, "sources": [{"id": {"terms": {"field": "document_id"}}}]}
    query = all_of([view.counting("passages"), {"term": {"removed": False}}, *holding_clauses(tokens)])
    found: list[str] = []
    while True:
        body = {"size": 0, "query": query, "aggs": {"documents": {"composite": groups}}}
        reply = view.search("passages", body)["aggregations"]["documents"]
        found += [bucket["key"]["id"] for bucket in reply["buckets"]]
        if "after_key" not in reply:
            return found
        groups["after"] = reply["after_key"]
