"""What filters, facets, scopes, dates and samples look at, the same in every engine."""

from __future__ import annotations

import hashlib
import re

from search_core.model import METADATA_FIELDS, Document

ACCESS = "access"
"""The field under which engines keep access labels: not one that a filter may name."""

_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def document_fields(document: Document) -> dict[str, str]:
    """What every engine keeps of a document as it is, by name."""
    return {
        "document_id": document.document_id,
        "source": document.source,
        "path": document.path,
        "language": document.language,
        "metadata": document.metadata.to_json(),
        "media_type": document.media_type,
        "checksum": document.checksum,
        "fingerprint": document.fingerprint,
        "status": document.status,
        "reason": document.reason,
        "indexed_at": document.indexed_at,
    }


def value_rows(document: Document) -> set[tuple[str, str]]:
    """What filters, facets and scopes look at: (field, value)."""
    metadata = document.metadata
    rows = {(field, value) for field in METADATA_FIELDS for value in metadata.values.get(field, ())}
    rows |= {(ACCESS, label) for label in metadata.access}
    rows |= {("language", document.language), ("source", document.source)}
    rows.add(("illustrative", "true" if metadata.illustrative else "false"))
    return rows


def sample_order(passage_id: str) -> int:
    """A place in the order in which samples are drawn: unrelated to what the passage says or where it stands."""
    return int.from_bytes(hashlib.sha256(passage_id.encode()).digest()[:8]) >> 1


def date_span(date: str | None) -> tuple[str, str] | None:
    """First and last day that an ISO date of any precision covers, None for what is no such date.

    Days are compared as text, so February may end on the 31st: "2014-02" -> ("2014-02-01", "2014-02-31").
    """
    if date is None or not _ISO_DATE.fullmatch(date):
        return None
    missing = 3 - len(date.split("-"))
    return date + "-01" * missing, date + ("-31" if missing == 1 else "-12-31" if missing else "")
