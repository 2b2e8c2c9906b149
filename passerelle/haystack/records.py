"""Haystack's documents as documents of an index, and back.

All of a Haystack document but its text is kept in one record, in the metadata that Passerelle keeps as it is
(`Metadata.extra`): so it comes back as it was written, and no engine has to know of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from numbers import Real
from typing import Any

import numpy as np
from haystack import Document as HaystackDocument
from haystack.dataclasses import ByteStream, SparseEmbedding

from passerelle.haystack.values import from_json, to_json
from search_core.engines.values import date_span
from search_core.model import LANGUAGES, METADATA_FIELDS, Document, Language, Metadata, Vector

SOURCE = "haystack"
"""The source of what a store wrote."""

_RECORD = "haystack"

MOST_BYTES = 16 * 2**20
"""Of a document's record: engines read it with each header. The server takes texts of up to 50 MB."""


def make_id(haystack_id: str) -> str:
    """The id under which an index keeps a Haystack document: any text may be one there."""
    return hashlib.sha256(f"{SOURCE}\0{haystack_id}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_own(document: Document) -> bool:
    """Whether a store wrote it. (A file's own metadata may have any name, that of the record too.)"""
    return document.source == SOURCE


def to_document(written: HaystackDocument, access: tuple[str, ...]) -> Document:
    """Raises ValueError, naming the document, for what could not be given back as it is."""
    record = _make_record(written)
    size = len(json.dumps(record))
    if size > MOST_BYTES:
        raise ValueError(
            f"Document {written.id}: its metadata, blob and embedding take {size // 2**20} MB, more than "
            f"{MOST_BYTES // 2**20}. Keep the data elsewhere, and where it lies in meta."
        )
    text = written.content or ""
    return Document(
        document_id=make_id(written.id),
        source=SOURCE,
        path=written.id,
        language="other",
        text=text,
        metadata=_make_metadata(written.meta, access, record),
        checksum=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        indexed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def from_document(document: Document) -> HaystackDocument:
    """The document that a store wrote; of any other its text and what is known of it."""
    if not is_own(document):
        return HaystackDocument(document.document_id, document.text, meta=describe(document))
    record: Mapping[str, Any] = document.metadata.extra[_RECORD]
    blob, sparse = record.get("blob"), record.get("sparse_embedding")
    return HaystackDocument(
        id=record["id"],
        content=document.text if record["has_content"] else None,
        meta=from_json(record["meta"]),
        score=from_json(record.get("score")),
        embedding=_read_embedding(record.get("embedding")),
        blob=ByteStream(**from_json(blob)) if blob else None,
        sparse_embedding=SparseEmbedding(**from_json(sparse)) if sparse else None,
    )


def describe(document: Document) -> dict[str, Any]:
    """What is known of a document that `passerelle index` made; the fields that Passerelle does not know come first."""
    metadata = document.metadata
    return {
        **metadata.extra,
        "document_id": document.document_id,
        "path": document.path,
        "source": document.source,
        "title": metadata.title or document.path,
        "language": document.language,
        "date": metadata.date,
        "media_type": document.media_type,
        "illustrative": metadata.illustrative,
        **{name: list(found) for name, found in metadata.values.items() if found},
    }


def read_vector(written: HaystackDocument) -> Vector:
    """The embedding as a unit vector, which is what engines compare; one without direction is the first axis."""
    vector = np.array(written.embedding, dtype=np.float64)
    greatest = float(np.abs(vector).max())
    if greatest == 0:
        vector[0] = greatest = 1.0
    vector /= greatest  # squares of great numbers would be infinite
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _make_record(written: HaystackDocument) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": written.id,
        "has_content": written.content is not None,
        "meta": to_json(written.meta, f"Document {written.id}: meta"),
    }
    if written.score is not None:
        record["score"] = to_json(written.score, f"Document {written.id}: score")
    if written.embedding is not None:
        record["embedding"] = _write_embedding(written.embedding)
    if written.blob is not None:
        blob = {"data": written.blob.data, "meta": written.blob.meta, "mime_type": written.blob.mime_type}
        record["blob"] = to_json(blob, f"Document {written.id}: blob")
    if written.sparse_embedding is not None:
        record["sparse_embedding"] = to_json(written.sparse_embedding.to_dict(), f"Document {written.id}: sparse")
    return record


def _write_embedding(embedding: list[float]) -> list[str]:
    """As binary numbers: in text they would take three times the room. Models give 32 bits, if anything."""
    numbers = np.array(embedding, dtype="<f8")
    with np.errstate(over="ignore"):
        short = numbers.astype("<f4")
    kept = short if np.array_equal(short.astype("<f8"), numbers) else numbers
    return [kept.dtype.str, base64.b64encode(kept.tobytes()).decode()]


def _read_embedding(stored: list[str] | None) -> list[float] | None:
    if stored is None:
        return None
    kind, numbers = stored
    embedding: list[float] = np.frombuffer(base64.b64decode(numbers), dtype=kind).astype(np.float64).tolist()
    return embedding


def check_embedding(written: HaystackDocument, dimension: int) -> None:
    """Raise ValueError for an embedding that could not be compared with the others."""
    embedding = written.embedding
    if embedding is None:
        return
    if len(embedding) != dimension:
        raise ValueError(
            f"Document {written.id}: its embedding has {len(embedding)} numbers, this store's have {dimension}. "
            "Embed it with the model of the store, or give the store embedding_dim and embedders that fit."
        )
    if not all(isinstance(number, Real) and math.isfinite(number) for number in embedding):
        raise ValueError(f"Document {written.id}: its embedding holds something that is no finite number.")


def _make_metadata(meta: Mapping[str, Any], access: tuple[str, ...], record: dict[str, Any]) -> Metadata:
    """What Passerelle searches, filters and counts by, where metadata bears its names."""
    title = meta.get("title")
    return Metadata(
        title=title if isinstance(title, str) else "",
        date=_read_date(meta.get("date")),
        values={name: found for name in METADATA_FIELDS if (found := _read_values(meta.get(name)))},
        language=_read_language(meta.get("language")),
        access=access,
        extra={_RECORD: record},
    )


def _read_values(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(dict.fromkeys(each for each in values if isinstance(each, str)))


def _read_language(value: Any) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)


def _read_date(value: Any) -> str | None:
    """An ISO date as it is; the day of a moment."""
    if isinstance(value, date):
        return value.isoformat()[:10]
    if not isinstance(value, str) or date_span(value):
        return value if isinstance(value, str) else None
    try:
        return datetime.fromisoformat(value).date().isoformat()
    except ValueError:
        return None
