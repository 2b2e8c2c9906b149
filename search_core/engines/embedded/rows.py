"""Domain types to rows and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from search_core.engines.values import date_span, document_fields, sample_order
from search_core.model import (
    Document,
    HeadingSpan,
    IndexedPassage,
    Metadata,
    PageSpan,
    Passage,
    Vector,
    find_confidence,
)

DOCUMENT_COLUMNS = (
    "document_id, source, path, language, metadata, media_type, checksum, fingerprint, status, "
    "reason, notes, indexed_at"
)


def document_row(document: Document) -> dict[str, Any]:
    """The columns of `documents` but `id`, `removed_at` and `changed`."""
    date = document.metadata.date
    first, last = date_span(date) or (None, None)
    return {
        **document_fields(document),
        "notes": json.dumps(document.notes, ensure_ascii=False),
        "date": date if first else None,
        "date_first": first,
        "date_last": last,
    }


def text_row(document: Document) -> tuple[str, str, str]:
    """Text, pages and headings, as `document_texts` holds them."""
    pages = [(page.start, page.end, page.label, page.confidence) for page in document.pages]
    headings = [(heading.start, heading.end, heading.level) for heading in document.headings]
    return document.text, json.dumps(pages, ensure_ascii=False), json.dumps(headings)


def to_document(row: Sequence[Any]) -> Document:
    """A document from `DOCUMENT_COLUMNS`, without its text."""
    return Document(
        document_id=row[0],
        source=row[1],
        path=row[2],
        language=row[3],
        metadata=Metadata.from_json(row[4]),
        media_type=row[5],
        checksum=row[6],
        fingerprint=row[7],
        status=row[8],
        reason=row[9],
        notes=tuple(json.loads(row[10])),
        indexed_at=row[11],
    )


def to_pages(text: str) -> tuple[PageSpan, ...]:
    """What `text_row` wrote, now or before pages had a confidence."""
    return tuple(PageSpan(*page) for page in json.loads(text))


def to_headings(text: str) -> tuple[HeadingSpan, ...]:
    return tuple(HeadingSpan(*heading) for heading in json.loads(text))


def passage_row(passage: IndexedPassage) -> tuple[Any, ...]:
    """The columns of `passages` from `number` on."""
    piece = passage.passage
    return (
        piece.number,
        piece.language,
        len(passage.tokens),
        piece.start,
        piece.end,
        piece.heading,
        piece.page,
        passage.embedding_key,
        sample_order(piece.passage_id),
    )


def to_passage(row: Sequence[Any], text: str, pages: Sequence[PageSpan]) -> Passage:
    """A passage from passage_id, document_id, number, language, start, end, heading, page, and its document's text."""
    passage_id, document_id, number, language, start, end, heading, page = row
    confidence = find_confidence(pages, start, end)
    return Passage(passage_id, document_id, number, language, start, end, text[start:end], heading, page, confidence)


def write_vector(vector: Vector) -> bytes:
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def read_vector(blob: bytes) -> Vector:
    return np.frombuffer(blob, dtype="<f4")
