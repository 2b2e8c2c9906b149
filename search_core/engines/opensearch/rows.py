"""Domain types to rows and back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from search_core.engines.base import DocumentRecord
from search_core.engines.opensearch.mapping import VECTOR_FIELDS, vector_field
from search_core.engines.opensearch.names import RowKind
from search_core.engines.values import ACCESS, date_span, document_fields, sample_order, value_rows
from search_core.model import (
    Document,
    HeadingSpan,
    IndexedDocument,
    IndexedPassage,
    Metadata,
    PageSpan,
    Passage,
    Vector,
    find_confidence,
)

Fields = dict[str, Any]

NewRow = tuple[RowKind, str, Fields]
"""Kind, id and fields; the commit adds `since`."""

HEADER_FIELDS = [
    *("document_id", "source", "path", "language", "metadata", "media_type"),
    *("checksum", "fingerprint", "status", "reason", "notes", "indexed_at"),
]
PASSAGE_FIELDS = [
    "passage_id",
    "document_id",
    "number",
    "language",
    "start",
    "end",
    "text",
    "heading",
    "page",
    "confidence",
]
RECORD_FIELDS = [
    *("document_id", "source", "path", "checksum", "fingerprint", "status", "reason", "language"),
    *("passages", "removed_at", "notes", "since"),
]


def document_rows(indexed: IndexedDocument) -> Iterator[NewRow]:
    """All rows of a document."""
    document = indexed.document
    name = document.document_id
    yield "documents", name, header_fields(document, len(indexed.passages))
    yield "texts", name, text_fields(document)
    readable = _readable_fields(document)
    for passage in indexed.passages:
        yield "passages", passage.passage.passage_id, {**passage_fields(passage, document.pages), **readable}


def header_fields(document: Document, passages: int) -> Fields:
    """A document without its text."""
    date = document.metadata.date
    return {
        **_readable_fields(document),
        **document_fields(document),
        "notes": list(document.notes),
        "date": date if date_span(date) else None,
        "removed_at": None,
        "passages": passages,
    }


def text_fields(document: Document) -> Fields:
    return {
        "document_id": document.document_id,
        "text": document.text,
        "pages": [[page.start, page.end, page.label, page.confidence] for page in document.pages],
        "headings": [[heading.start, heading.end, heading.level] for heading in document.headings],
    }


def passage_fields(indexed: IndexedPassage, pages: Sequence[PageSpan]) -> Fields:
    """A passage, with the confidence of its document's `pages`."""
    piece = indexed.passage
    return {
        "passage_id": piece.passage_id,
        "number": piece.number,
        "language": piece.language,
        "start": piece.start,
        "end": piece.end,
        "text": piece.text,
        "heading": piece.heading,
        "page": piece.page,
        "confidence": find_confidence(pages, piece.start, piece.end),
        "embedding_key": indexed.embedding_key,
        "sample_order": sample_order(piece.passage_id),
        "filter_tokens": " ".join(indexed.filter_tokens),
        f"tokens_{piece.language}": " ".join(indexed.tokens),
        # Nine digits tell single-precision numbers apart; twice as many would double what is sent.
        vector_field(len(indexed.vector)): [float(f"{number:.9g}") for number in indexed.vector.tolist()],
    }


def _readable_fields(document: Document) -> Fields:
    """What filters and scopes look at; each passage has them too."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for field, value in sorted(value_rows(document)):
        values[field].append(value)
    first, last = date_span(document.metadata.date) or (None, None)
    return {
        "document_id": document.document_id,
        "removed": False,
        "access": values.pop(ACCESS, []),
        "fields": dict(values),
        "date_first": to_day(first),
        "date_last": to_day(last),
    }


def to_day(date: str | None) -> int | None:
    """A day as a number that grows with it: "2014-02-31" -> 20140231."""
    return None if date is None else int(date.replace("-", ""))


def to_document(fields: Mapping[str, Any]) -> Document:
    """A document from `HEADER_FIELDS`, without its text."""
    return Document(
        **{name: fields[name] for name in HEADER_FIELDS if name not in {"metadata", "notes"}},
        metadata=Metadata.from_json(fields["metadata"]),
        notes=tuple(fields["notes"]),
    )


def to_text(fields: Mapping[str, Any]) -> Fields:
    """What `text_fields` wrote, as fields of a document."""
    return {
        "text": fields["text"],
        "pages": tuple(PageSpan(*page) for page in fields["pages"]),
        "headings": tuple(HeadingSpan(*heading) for heading in fields["headings"]),
    }


def to_passage(fields: Mapping[str, Any]) -> Passage:
    return Passage(**{name: fields[name] for name in PASSAGE_FIELDS})


def to_indexed_passage(fields: Mapping[str, Any]) -> IndexedPassage:
    """What `passage_fields` was given."""
    passage = to_passage(fields)
    return IndexedPassage(
        passage,
        tokens=_split_tokens(fields[f"tokens_{passage.language}"]),
        filter_tokens=_split_tokens(fields["filter_tokens"]),
        embedding_key=fields["embedding_key"],
        vector=to_vector(fields),
    )


def _split_tokens(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(" ")) if joined else ()


def to_record(fields: Mapping[str, Any]) -> DocumentRecord:
    known = {name: fields[name] for name in RECORD_FIELDS if name not in {"notes", "since"}}
    return DocumentRecord(**known, notes=tuple(fields["notes"]), written=fields["since"])


def to_vector(fields: Mapping[str, Any]) -> Vector:
    (numbers,) = (value for name, value in fields.items() if name.startswith(VECTOR_FIELDS))
    return np.array(numbers, dtype=np.float32)


def to_title(fields: Mapping[str, Any]) -> str:
    return str(json.loads(fields["metadata"])["title"])
