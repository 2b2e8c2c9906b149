"""What the indices hold. Everything is named here: a field that is not is refused by the server.

Tokens are given, joined by single spaces, and cut at those only: what is white space to Java is so to Python, and no
token holds any. BM25 is a script that takes the weight of a token from the query: Lucene's own would count rows that
are deleted but not merged away yet, and weighs frequent tokens unlike FTS5. So scores are those of the embedded
engine, but for the lengths of passages, which Lucene keeps in one byte (exact to 40 tokens, then within 7 %), and for
their average, which does count such rows: a script has no other.

k-NN names Lucene and hnsw outright: what the server would choose by itself needs native libraries.
"""

from __future__ import annotations

from typing import Any

from search_core.engines.weights import K1, B
from search_core.model import FILTER_FIELDS, LANGUAGES

SCHEMA_VERSION = 1
"""Stands in the name of each index. A change of the stored form changes it."""

LONGEST_TOKEN = 4000
"""In code points; the tokenizer would cut a longer one."""

LONGEST_VALUE = 8000
"""In UTF-16 units, three bytes each at most: a longer value of a field cannot be filtered by."""

VECTOR_FIELDS = "vector_"

DEEPEST_PAGE = 1_000_000

_SCORE = (
    "double average = field.sumTotalTermFreq / (double) field.docCount;"
    f"return query.boost * doc.freq * {K1 + 1} / (doc.freq + {K1} * ({1 - B} + {B} * doc.length / average));"
)

_KEYWORD = {"type": "keyword", "ignore_above": LONGEST_VALUE}
_UNSORTED = {**_KEYWORD, "doc_values": False}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}
_KEPT_OBJECT = {"type": "object", "enabled": False}
_NUMBER = {"type": "long"}
_KEPT_NUMBER = {"type": "long", "index": False, "doc_values": False}
_DAY = {"type": "integer"}
_FLAG = {"type": "boolean"}
_TOKENS = {"type": "text", "analyzer": "given", "similarity": "weighed"}
_FILTER_TOKENS = {"type": "text", "analyzer": "given", "index_options": "docs", "norms": False}

# `since` is the commit that wrote the row (head.py).
_ROW = {"since": _NUMBER}
_READABLE = {
    "document_id": _KEYWORD,
    "removed": _FLAG,
    "access": _UNSORTED,
    "date_first": _DAY,
    "date_last": _DAY,
}

_PASSAGES = {
    **_ROW,
    **_READABLE,
    "fields": {"properties": dict.fromkeys(FILTER_FIELDS, _UNSORTED)},
    "passage_id": _KEYWORD,
    "number": _NUMBER,
    "language": _UNSORTED,
    "start": _KEPT_NUMBER,
    "end": _KEPT_NUMBER,
    "text": _KEPT,
    "heading": _KEPT,
    "page": _KEPT,
    "confidence": {"type": "double", "index": False, "doc_values": False},
    "embedding_key": _KEYWORD,
    "sample_order": _NUMBER,
    "filter_tokens": _FILTER_TOKENS,
    **{f"tokens_{language}": _TOKENS for language in LANGUAGES},
}

_DOCUMENTS = {
    **_ROW,
    **_READABLE,
    "fields": {"properties": dict.fromkeys(FILTER_FIELDS, _KEYWORD)},
    "source": _KEYWORD,
    "path": _KEYWORD,
    "language": _KEYWORD,
    "metadata": _KEPT,
    "media_type": _KEPT,
    "checksum": _KEPT,
    "fingerprint": _KEPT,
    "status": _KEPT,
    "reason": _KEPT,
    "notes": _KEPT_OBJECT,
    "indexed_at": _KEPT,
    "date": _KEYWORD,
    "removed_at": _KEPT,
    "passages": _KEPT_NUMBER,
}

_TEXTS = {**_ROW, "document_id": _KEYWORD, "text": _KEPT, "pages": _KEPT_OBJECT, "headings": _KEPT_OBJECT}

_STATE = {**_ROW, "key": _KEYWORD, "value": {"type": "binary"}, "head": _KEPT_OBJECT}


def passages_index() -> dict[str, Any]:
    """The vectors are added once their dimension is known."""
    return _index(
        _PASSAGES,
        knn=True,
        analysis={
            "analyzer": {"given": {"type": "custom", "tokenizer": "given"}},
            "tokenizer": {"given": {"type": "whitespace", "max_token_length": 2 * LONGEST_TOKEN}},
        },
        similarity={"weighed": {"type": "scripted", "script": {"source": _SCORE}}},
    )


def documents_index() -> dict[str, Any]:
    return _index(_DOCUMENTS, max_result_window=DEEPEST_PAGE)


def texts_index() -> dict[str, Any]:
    return _index(_TEXTS)


def state_index() -> dict[str, Any]:
    return _index(_STATE)


def lock_index_body() -> dict[str, Any]:
    return _index({"holder": _KEPT_OBJECT})


def enclosed_index_body() -> dict[str, Any]:
    return _index({"value": {"type": "binary"}})


def vector_field(dimension: int) -> str:
    """Vectors of another dimension are another field: a field's dimension cannot change."""
    return f"{VECTOR_FIELDS}{dimension}"


def vector_mapping(dimension: int) -> dict[str, Any]:
    method = {
        "name": "hnsw",
        "engine": "lucene",
        "space_type": "innerproduct",
        "parameters": {"m": 16, "ef_construction": 128},
    }
    return {"properties": {vector_field(dimension): {"type": "knn_vector", "dimension": dimension, "method": method}}}


def describing(facts: dict[str, Any]) -> dict[str, Any]:
    """What an index was made with, for whoever looks at it on the server."""
    return {"_meta": {"schema": SCHEMA_VERSION, **facts}}


def _index(fields: dict[str, Any], **settings: Any) -> dict[str, Any]:
    return {
        "settings": {
            "index": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
                # A commit refreshes when it is whole; nothing else has to become searchable.
                "refresh_interval": "-1",
                # A purge rewrites every segment that holds something deleted, not only those that hold much.
                "merge.policy.expunge_deletes_allowed": 0,
                **settings,
            }
        },
        "mappings": {"dynamic": "strict", "_meta": {"schema": SCHEMA_VERSION}, "properties": fields},
    }
