"""The controlled vocabulary: ids of kinds, working groups, cities and organisations with labels in both languages."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources

from search_core.analysis.normalize import fold

Labels = tuple[str, str]
"""The French and the Chinese label."""


class Vocabulary:
    """Ids and labels by field. Values that it does not know are kept as they were found."""

    def __init__(self, fields: Mapping[str, Labels], values: Mapping[str, Mapping[str, Labels]]) -> None:
        self._fields = fields
        self._values = values
        self._ids = {
            field: {_make_key(text): value for value, labels in known.items() for text in (value, *labels)}
            for field, known in values.items()
        }

    def resolve(self, field: str, value: str) -> str:
        """The id of a value given as id or label, in any spelling; the value as found where it is unknown."""
        found = unicodedata.normalize("NFC", value).strip()
        return self._ids.get(field, {}).get(_make_key(found), found)

    def known(self, field: str, value: str) -> bool:
        """Whether a value is an id of this field."""
        return value in self._values.get(field, {})

    def label(self, field: str, value: str) -> Labels:
        """The French and the Chinese label of an id; the value itself, twice, where it is unknown."""
        return self._values.get(field, {}).get(value, (value, value))

    def field_label(self, field: str) -> Labels:
        """The French and the Chinese name of a field; its id, twice, where it is unknown."""
        return self._fields.get(field, (field, field))


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary that ships with Passerelle."""
    raw = tomllib.loads(resources.files("search_core").joinpath("vocabulary.toml").read_text("utf-8"))
    fields = {field: _make_labels(labels) for field, labels in raw.pop("field").items()}
    values = {field: {name: _make_labels(labels) for name, labels in known.items()} for field, known in raw.items()}
    return Vocabulary(fields, values)


def _make_labels(raw: Mapping[str, str]) -> Labels:
    return raw["fr"], raw["zh"]


def _make_key(text: str) -> str:
    return " ".join(fold(text).replace("_", " ").replace("-", " ").split())
