"""The few queries that everything is made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Query = dict[str, Any]

NOTHING: Query = {"match_none": {}}

_TERMS_AT_ONCE = 50_000
"""The server takes 65,536 in one clause."""


def any_of(field: str, values: Iterable[str]) -> Query:
    """A query for rows whose field has one of these values; without any there is none."""
    known = sorted(value for value in values if is_text(value))
    if not known:
        return NOTHING
    parts = [known[at : at + _TERMS_AT_ONCE] for at in range(0, len(known), _TERMS_AT_ONCE)]
    queries: list[Query] = [{"terms": {field: part}} for part in parts]
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}


def all_of(clauses: Sequence[Query]) -> Query:
    return {"bool": {"filter": list(clauses)}}


def is_text(value: str) -> bool:
    """Whether a value can be sent: half of a surrogate pair cannot, and so is stored nowhere."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
