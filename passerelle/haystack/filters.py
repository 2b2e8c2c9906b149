"""Haystack's filters: checked, evaluated as Haystack does, and given to the engine as far as it can take them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from haystack import Document as HaystackDocument
from haystack.errors import FilterError
from haystack.utils.filters import COMPARISON_OPERATORS, LOGICAL_OPERATORS, document_matches_filter

from passerelle.haystack.records import make_id
from search_core.engines.base import Filters
from search_core.model import METADATA_FIELDS

HaystackFilter = Mapping[str, Any]

_DEEPEST = 50

_DAY = re.compile(r"\d{4}-")

_DENYING = ("!=", "not in")

_LONGEST_VALUE = 1000
"""In code points. Engines filter by no longer values than some thousands."""


def check_filters(filters: HaystackFilter, depth: int = 0) -> None:
    """Raise `FilterError` for what is no filter, also where no document would have shown it."""
    if not isinstance(filters, Mapping):
        raise FilterError(f"A filter is a dictionary, not {filters!r}.")
    if depth > _DEEPEST:
        raise FilterError(f"The filter has more than {_DEEPEST} conditions inside each other.")
    needed = ("operator", "value") if "field" in filters else ("operator", "conditions")
    for key in needed:
        if key not in filters:
            raise FilterError(f"{key!r} is missing in {dict(filters)}.")
    known = COMPARISON_OPERATORS if "field" in filters else LOGICAL_OPERATORS
    if filters["operator"] not in known:
        raise FilterError(f"There is no operator {filters['operator']!r}. Use one of {', '.join(known)}.")
    if "field" in filters:
        _check_comparison(filters)
    elif not isinstance(filters["conditions"], list):
        raise FilterError(f"'conditions' is a list, not {filters['conditions']!r}.")
    else:
        for condition in filters["conditions"]:
            check_filters(condition, depth + 1)


def matches(filters: HaystackFilter, document: HaystackDocument, *, any_value: bool) -> bool:
    """Whether a document satisfies checked filters. Raises `FilterError` for values that cannot be compared.

    With `any_value` it is enough that one of a field's several values satisfies a condition (and `!=` and `not in`
    mean that none is so): documents of `passerelle index` may have several kinds, cities and authors.
    """
    if "field" in filters:
        return _satisfies(filters, document, any_value)
    found = (matches(condition, document, any_value=any_value) for condition in filters["conditions"])
    match filters["operator"]:
        case "AND":
            return all(found)
        case "OR":
            return any(found)
        case _:
            return not all(found)


def push_down(filters: HaystackFilter) -> Filters:
    """What an engine can take of it: everything that satisfies the filters satisfies these, and maybe more."""
    values: dict[str, frozenset[str]] = {}
    documents: frozenset[str] | None = None
    for condition in _required(filters):
        wanted = _wanted(condition)
        name = condition["field"].removeprefix("meta.")
        if wanted is None:
            continue
        if condition["field"] == "id":
            named = frozenset(each for text in wanted for each in (text, make_id(text)))
            documents = named if documents is None else documents & named
        elif name in METADATA_FIELDS:
            values.setdefault(name, wanted)  # one of several values may satisfy each of two conditions
    return Filters(values, documents=documents)


def _check_comparison(condition: HaystackFilter) -> None:
    if not isinstance(condition["field"], str):
        raise FilterError(f"'field' is a name, not {condition['field']!r}.")
    if condition["operator"] in ("in", "not in") and not isinstance(condition["value"], list):
        raise FilterError(f"The value of {condition['operator']!r} is a list, not {condition['value']!r}.")


def _satisfies(condition: HaystackFilter, document: HaystackDocument, any_value: bool) -> bool:
    name = condition["field"].removeprefix("meta.")
    if any_value and name in METADATA_FIELDS:
        each = (
            _compare(condition, replace(document, meta={**document.meta, name: value}))
            for value in document.meta.get(name) or [None]
        )
        return all(each) if condition["operator"] in _DENYING else any(each)
    return _compare(condition, document)


def _compare(condition: HaystackFilter, document: HaystackDocument) -> bool:
    try:
        return document_matches_filter(dict(condition), document)
    except (TypeError, ValueError, OverflowError) as cause:
        raise FilterError(f"Document {document.id} cannot be compared with {dict(condition)}: {cause}") from cause


def _required(filters: HaystackFilter) -> Iterator[HaystackFilter]:
    """The comparisons that every match satisfies."""
    if "field" in filters:
        yield filters
    elif filters["operator"] == "AND":
        for condition in filters["conditions"]:
            yield from _required(condition)


def _wanted(condition: HaystackFilter) -> frozenset[str] | None:
    """The texts of which the field must be one; None where that cannot be told.

    Haystack takes two ways of writing a day as equal: what looks like one is left to it.
    """
    match condition["operator"]:
        case "==":
            wanted = [condition["value"]]
        case "in":
            wanted = condition["value"]
        case _:
            return None
    return frozenset(wanted) if all(map(_is_plain, wanted)) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_VALUE and not _DAY.match(value)
