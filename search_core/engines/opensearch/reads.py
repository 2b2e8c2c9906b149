"""Everything that is read but searches, each at one commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from search_core.engines.opensearch.filters import document_clauses, find_excluded, find_holders, readable
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.mapping import DEEPEST_PAGE, VECTOR_FIELDS
from search_core.engines.opensearch.names import RowKind
from search_core.engines.opensearch.queries import Query, all_of, any_of
from search_core.engines.opensearch.rows import (
    HEADER_FIELDS,
    PASSAGE_FIELDS,
    RECORD_FIELDS,
    to_document,
    to_indexed_passage,
    to_passage,
    to_record,
    to_text,
    to_title,
    to_vector,
)
from search_core.errors import IndexUnavailable
from search_core.model import LANGUAGES, Document, IndexedDocument, IndexedPassage, Language, Passage, Vector

_IDS_AT_ONCE = 1000
_TEXTS_AT_ONCE = 50
_VECTORS_AT_ONCE = 500
_RECORDS_AT_ONCE = 5000
_VALUES_COUNTED = 10_000

_ORDERS = {"newest": "desc", "oldest": "asc"}


def read_headers(view: View, ids: Sequence[str]) -> dict[str, Document]:
    """Documents without their text."""
    rows = _find_rows(view, "documents", "document_id", ids, [view.counting("documents")], HEADER_FIELDS)
    return {row["document_id"]: to_document(row) for row in rows}


def read_documents(view: View, ids: Sequence[str], scope: Scope, removed_too: bool) -> dict[str, Document]:
    """Whole documents."""
    clauses = readable(view, "documents", scope, removed_too=removed_too)
    headers = {
        row["document_id"]: to_document(row)
        for row in _find_rows(view, "documents", "document_id", ids, clauses, HEADER_FIELDS)
    }
    counting = [view.counting("texts")]
    texts = _find_rows(view, "texts", "document_id", list(headers), counting, True, at_once=_TEXTS_AT_ONCE)
    return {row["document_id"]: replace(headers[row["document_id"]], **to_text(row)) for row in texts}


def read_passages(view: View, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
    clauses = readable(view, "passages", scope)
    rows = _find_rows(view, "passages", "passage_id", ids, clauses, PASSAGE_FIELDS)
    return {row["passage_id"]: to_passage(row) for row in rows}


def read_contents(view: View, ids: Sequence[str], scope: Scope) -> dict[str, tuple[StoredPassage, ...]]:
    rows = _iter_passages(view, ids, readable(view, "passages", scope), [*PASSAGE_FIELDS, f"{VECTOR_FIELDS}*"])
    grouped = groupby(rows, key=lambda row: row["document_id"])
    return {
        document_id: tuple(StoredPassage(to_passage(row), to_vector(row)) for row in group)
        for document_id, group in grouped
    }


def iter_stored_passages(view: View, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All fields of all passages of documents, removed ones too."""
    return _iter_passages(view, ids, [view.counting("passages")], True)


def read_indexed(view: View, ids: Sequence[str], scope: Scope) -> dict[str, IndexedDocument]:
    documents = read_documents(view, ids, scope, removed_too=True)
    passages: dict[str, list[IndexedPassage]] = {name: [] for name in documents}
    for row in iter_stored_passages(view, list(documents)):
        passages[row["document_id"]].append(to_indexed_passage(row))
    return {name: IndexedDocument(documents[name], tuple(found)) for name, found in passages.items()}


def read_sample(view: View, language: Language, size: int, scope: Scope) -> list[SampledPassage]:
    query = all_of([*readable(view, "passages", scope), {"term": {"language": language}}])
    body = {
        "query": query,
        "sort": ["sample_order", "passage_id"],
        "_source": [*PASSAGE_FIELDS, f"{VECTOR_FIELDS}*"],
    }
    rows = _take(view, body, size)
    titles = _read_titles(view, {row["document_id"] for row in rows})
    return [SampledPassage(to_passage(row), titles[row["document_id"]], to_vector(row)) for row in rows]


def read_vectors(view: View, keys: Sequence[str]) -> dict[str, Vector]:
    clauses = [view.counting("passages")]
    wanted = ["embedding_key", f"{VECTOR_FIELDS}*"]
    rows = _find_rows(view, "passages", "embedding_key", keys, clauses, wanted, at_once=_VECTORS_AT_ONCE, one_each=True)
    return {row["embedding_key"]: to_vector(row) for row in rows}


def read_records(view: View, source: str | None, scope: Scope) -> list[DocumentRecord]:
    """Every document, removed ones too, by source and path."""
    clauses = readable(view, "documents", scope, removed_too=True)
    if source is not None:
        clauses.append(any_of("source", [source]))
    body = {"query": all_of(clauses), "sort": ["source", "path", "document_id"], "_source": RECORD_FIELDS}
    hits = view.cluster.search_pages(view.names.index("documents"), body, _RECORDS_AT_ONCE)
    return [to_record(hit["_source"]) for hit in hits]


def read_facts(view: View, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The stored fields of documents, removed ones too, without their text."""
    rows = _find_rows(view, "documents", "document_id", ids, [view.counting("documents")], True)
    return {row["document_id"]: {name: row[name] for name in row if name != "since"} for row in rows}


def read_browse(view: View, request: BrowseRequest, scope: Scope) -> BrowsePage:
    check_fields(request.facet_fields)
    own = [name for name in request.facet_fields if name in request.filters.values]
    free = [name for name in request.facet_fields if name not in own]
    browsing = _Browsing(view, request.filters, scope)
    order = _ORDERS[request.order]
    offset = max(request.offset, 0)
    page = {
        "query": browsing.query(request.filters),
        "sort": [{"date": {"order": order, "missing": "_last"}}, "document_id"],
        "from": offset,
        "size": min(max(request.limit, 0), max(DEEPEST_PAGE - offset, 0)),
        "track_total_hits": True,
        "_source": HEADER_FIELDS,
        "aggs": {name: _values_of(name) for name in free},
    }
    others = [
        {"size": 0, "query": browsing.query(_without(request.filters, name)), "aggs": {name: _values_of(name)}}
        for name in own
    ]
    first, *rest = _search_documents(view, [page, *others])
    counted = {name: reply for reply in (first, *rest) for name in reply.get("aggregations", {})}
    return BrowsePage(
        tuple(to_document(hit["_source"]) for hit in first["hits"]["hits"]),
        first["hits"]["total"]["value"],
        {name: _read_values(counted[name]["aggregations"][name]) for name in request.facet_fields},
        view.head.version,
    )


def read_status(view: View) -> IndexStatus:
    by_language = {"languages": {"terms": {"field": "language", "size": 10}}}
    living = all_of(readable(view, "documents", Scope.everything()))
    removed = all_of([view.counting("documents"), {"term": {"removed": True}}])
    documents, gone = _search_documents(
        view,
        [{"size": 0, "query": living, "aggs": by_language}, {"size": 0, "query": removed, "track_total_hits": True}],
    )
    return IndexStatus(
        engine="opensearch",
        location=f"{view.cluster.name} ({view.names.prefix})",
        version=view.head.version,
        documents=_read_values(documents["aggregations"]["languages"]),
        passages=_count_by_language(view),
        removed=gone["hits"]["total"]["value"],
        bytes=view.cluster.size(view.names.indices),
    )


def count_passages(view: View) -> int:
    """Of all documents, removed ones too."""
    body = {"size": 0, "query": view.counting("passages"), "track_total_hits": True}
    return int(view.search("passages", body)["hits"]["total"]["value"])


class _Browsing:
    """What browsing looks for; documents that hold tokens are found once for all its queries."""

    def __init__(self, view: View, filters: Filters, scope: Scope) -> None:
        self._clauses = readable(view, "documents", scope)
        self._excluded = find_excluded(view, [filters])
        self._holders = find_holders(view, [filters.required])

    def query(self, filters: Filters) -> Query:
        clauses = [*self._clauses, *document_clauses(filters, self._excluded)]
        if filters.required:
            clauses.append(any_of("document_id", self._holders[filters.required]))
        return all_of(clauses)


def _without(filters: Filters, name: str) -> Filters:
    return replace(filters, values={each: wanted for each, wanted in filters.values.items() if each != name})


def _values_of(name: str) -> Query:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {"terms": {"field": f"fields.{name}", "size": _VALUES_COUNTED, "order": order}}


def _read_values(aggregation: Mapping[str, Any]) -> dict[Any, int]:
    return {bucket["key"]: bucket["doc_count"] for bucket in aggregation["buckets"]}


def _count_by_language(view: View) -> dict[str, int]:
    """Passages. Their field cannot be counted by its values: it keeps no columns for that."""
    query = all_of(readable(view, "passages", Scope.everything()))
    filters = {language: {"term": {"language": language}} for language in LANGUAGES}
    body = {"size": 0, "query": query, "aggs": {"languages": {"filters": {"filters": filters}}}}
    buckets = view.search("passages", body)["aggregations"]["languages"]["buckets"]
    return {language: bucket["doc_count"] for language, bucket in buckets.items() if bucket["doc_count"]}


def _search_documents(view: View, bodies: Sequence[Query]) -> list[dict[str, Any]]:
    index = view.names.index("documents")
    replies = view.cluster.search_all([(index, body) for body in bodies])
    return [_whole(reply) for reply in replies]


def _whole(reply: dict[str, Any] | IndexUnavailable) -> dict[str, Any]:
    if isinstance(reply, IndexUnavailable):
        raise reply
    return reply


def _find_rows(
    view: View,
    kind: RowKind,
    field: str,
    values: Sequence[str],
    clauses: Sequence[Query],
    wanted: Sequence[str] | bool,
    *,
    at_once: int = _IDS_AT_ONCE,
    one_each: bool = False,
) -> Iterator[dict[str, Any]]:
    """The rows whose field has one of the values, a row a value: one at most, or any `one_each`."""
    values = list(dict.fromkeys(values))
    for at in range(0, len(values), at_once):
        part = values[at : at + at_once]
        body = {
            "query": all_of([any_of(field, part), *clauses]),
            "size": len(part),
            "_source": wanted,
            "track_total_hits": False,
            **({"collapse": {"field": field}} if one_each else {}),
        }
        for hit in view.search(kind, body)["hits"]["hits"]:
            yield hit["_source"]


def _iter_passages(
    view: View, ids: Sequence[str], clauses: Sequence[Query], wanted: Sequence[str] | bool
) -> Iterator[dict[str, Any]]:
    """Passages of documents, those of one document together in reading order."""
    body = {
        "query": all_of([any_of("document_id", ids), *clauses]),
        "sort": ["document_id", "number", "passage_id"],
        "_source": wanted,
    }
    for hit in view.cluster.search_pages(view.names.index("passages"), body, _VECTORS_AT_ONCE):
        yield hit["_source"]


def _take(view: View, body: Query, size: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if size < 1:
        return found
    for hit in view.cluster.search_pages(view.names.index("passages"), body, min(size, _VECTORS_AT_ONCE)):
        found.append(hit["_source"])
        if len(found) == size:
            break
    return found


def _read_titles(view: View, ids: Iterable[str]) -> dict[str, str]:
    wanted = ["document_id", "metadata"]
    rows = _find_rows(view, "documents", "document_id", sorted(ids), [view.counting("documents")], wanted)
    return {row["document_id"]: to_title(row) for row in rows}
