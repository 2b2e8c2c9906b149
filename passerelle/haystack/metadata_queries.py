"""What a store tells of the metadata of its documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from haystack import Document as HaystackDocument

from passerelle.haystack.values import to_json


def field_name(given: str) -> str:
    """`meta.year` and `year` are one field."""
    return given.removeprefix("meta.")


def describe_fields(documents: Iterable[HaystackDocument]) -> dict[str, dict[str, str]]:
    """The type of each field that has a value, in the words of Haystack's own store; the last value decides."""
    types: dict[str, dict[str, str]] = {}
    for document in documents:
        for name, value in document.meta.items():
            if value is not None:
                types[name] = {"type": _describe(value)}
    return types


def find_extremes(documents: Iterable[HaystackDocument], field: str) -> dict[str, Any]:
    """The least and the greatest value of a field: None where no document has one.

    Raises ValueError where values cannot be compared with each other.
    """
    name = field_name(field)
    values = [value for document in documents if (value := document.meta.get(name)) is not None]
    try:
        return {"min": min(values, default=None), "max": max(values, default=None)}
    except TypeError as cause:
        raise ValueError(f"The values of meta[{name!r}] cannot be compared with each other: {cause}.") from cause


def find_values(documents: Iterable[HaystackDocument], field: str) -> list[Any]:
    """The different values of a field, by how they are shown; 1, 1.0, True and "1" are four."""
    name = field_name(field)
    values: dict[tuple[str, str], Any] = {}
    for document in documents:
        value = document.meta.get(name)
        if value is not None:
            values.setdefault((str(value), _identify(value)), value)
    return [values[key] for key in sorted(values)]


def count_values(documents: Iterable[HaystackDocument], fields: Iterable[str]) -> dict[str, int]:
    """How many different values each field has."""
    found: Mapping[str, set[str]] = {field_name(field): set() for field in fields}
    for document in documents:
        for name, values in found.items():
            value = document.meta.get(name)
            if value is not None:
                values.add(_identify(value))
    return {name: len(values) for name, values in found.items()}


def _describe(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "int"
        case float():
            return "float"
        case date():
            return "date"
        case _:
            return "keyword"


def _identify(value: Any) -> str:
    return f"{type(value).__name__} {json.dumps(to_json(value, 'value'), sort_keys=True)}"
