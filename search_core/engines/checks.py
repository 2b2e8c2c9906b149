"""What every engine refuses, to be written or to be asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import numpy as np

from search_core.engines.values import date_span
from search_core.errors import InvalidRequest
from search_core.model import FILTER_FIELDS, Document, IndexedDocument, IndexedPassage

_NEVER_IN_A_TOKEN = re.compile(r"[\s\0\ud800-\udfff]")


def is_token(token: str) -> bool:
    """Whether a token can be stored: not empty, no white space, no NUL, no half of a surrogate pair."""
    return bool(token) and not _NEVER_IN_A_TOKEN.search(token)


def check_fields(names: Iterable[str]) -> None:
    """Raise unless each is a field that may be filtered by and counted: access labels are none."""
    for name in names:
        if name not in FILTER_FIELDS:
            raise InvalidRequest(f"There is no field {name!r}.", remedy=f"Use one of {', '.join(FILTER_FIELDS)}.")


def check_date(parameter: str, date: str) -> tuple[str, str]:
    """First and last day of a date that bounds a range. Raises `InvalidRequest` naming the parameter."""
    span = date_span(date)
    if span is None:
        raise InvalidRequest(
            f"{date!r} is not a date.", remedy="Write YYYY, YYYY-MM or YYYY-MM-DD.", parameter=parameter
        )
    return span


def check_documents(documents: Iterable[IndexedDocument]) -> None:
    """Raise ValueError, naming the document, for what could not be found again: nothing has been written then."""
    for indexed in documents:
        check_text(indexed.document)
        names = Counter(passage.passage.passage_id for passage in indexed.passages)
        for passage in indexed.passages:
            problem = _problem(passage, indexed, names)
            if problem:
                name = f"Document {indexed.document.document_id}, passage {passage.passage.number}"
                raise ValueError(f"{name}: {problem}")


def check_text(document: Document) -> None:
    """Raise ValueError for text that cannot be stored: half of a surrogate pair, as undecodable file names have."""
    try:
        for text in (document.text, document.path, document.source, document.reason, document.metadata.to_json()):
            text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"Document {document.document_id}: {error}") from error


def _problem(passage: IndexedPassage, indexed: IndexedDocument, names: Counter[str]) -> str | None:
    vector, piece = passage.vector, passage.passage
    if vector.ndim != 1 or not len(vector) or len(vector) != len(indexed.passages[0].vector):
        return "its vector has another shape than the others."
    if not np.isfinite(vector).all():
        return "its vector is not finite."
    if piece.document_id != indexed.document.document_id:
        return f"it belongs to document {piece.document_id}."
    if names[piece.passage_id] > 1:
        return f"its id {piece.passage_id} is taken."
    bad = next((token for token in (*passage.tokens, *passage.filter_tokens) if not is_token(token)), None)
    return None if bad is None else f"{bad!r} is not a token."
