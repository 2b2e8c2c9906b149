"""The controlled vocabulary: ids of kinds, working groups, cities and the like, with labels in both languages."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import regex

from search_core.analysis.normalize import fold

_BETWEEN_WORDS = regex.compile(r"[\s_'-]+")


@dataclass(frozen=True)
class Term:
    """The labels of an id, and other ways of writing the same value."""

    fr: str
    zh: str
    also: tuple[str, ...] = ()


class Vocabulary:
    """Ids and labels by field. Values that it does not know are kept as they were found."""

    def __init__(self, fields: Mapping[str, Term], values: Mapping[str, Mapping[str, Term]]) -> None:
        self._fields = fields
        self._values = values
        self._ids = {field: _make_ids(terms) for field, terms in values.items()}

    def resolve(self, field: str, value: str) -> str:
        """The id of a value given as id or label, in any spelling; the value as found, NFC and trimmed, otherwise."""
        found = unicodedata.normalize("NFC", value).strip()
        return self._ids.get(field, {}).get(_make_key(found), found)

    def known(self, field: str, value: str) -> bool:
        """Whether a value is an id of this field."""
        return value in self._values.get(field, {})

    def ids(self, field: str) -> tuple[str, ...]:
        """The ids of a field, in the order of the file."""
        return tuple(self._values.get(field, {}))

    def label(self, field: str, value: str) -> tuple[str, str]:
        """The French and the Chinese label of an id; the value itself, twice, where it is unknown."""
        return _make_labels(self._values.get(field, {}).get(value), value)

    def field_label(self, field: str) -> tuple[str, str]:
        """The French and the Chinese name of a field; its id, twice, where it is unknown."""
        return _make_labels(self._fields.get(field), field)


@cache
def load_vocabulary() -> Vocabulary:
    """The vocabulary that ships with Passerelle."""
    raw = tomllib.loads(resources.files("search_core").joinpath("vocabulary.toml").read_text("utf-8"))
    terms = {field: {name: _make_term(**term) for name, term in known.items()} for field, known in raw.items()}
    return Vocabulary(terms.pop("field"), terms)


def _make_term(fr: str, zh: str, also: Iterable[str] = ()) -> Term:
    return Term(fr, zh, tuple(also))


def _make_labels(term: Term | None, value: str) -> tuple[str, str]:
    return (term.fr, term.zh) if term else (value, value)


def _make_ids(terms: Mapping[str, Term]) -> dict[str, str]:
    """From every way of writing a value to its id."""
    spellings = {_make_key(text): name for name, term in terms.items() for text in (term.fr, term.zh, *term.also)}
    return spellings | {_make_key(name): name for name in terms}


def _make_key(text: str) -> str:
    return _BETWEEN_WORDS.sub(" ", fold(text)).strip()
