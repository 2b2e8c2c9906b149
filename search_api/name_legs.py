"""Names of a question as legs for the engine: one for each way of writing a name, and one for metadata that bear it.

A leg's name begins with its kind: `name0.2` looks for the third way of writing the first name, `named0.0` for documents
that bear it in the first of their metadata fields. `code0.0` looks for a reference number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Literal, NamedTuple, cast

import regex

from search_core.engines.base import DenseLeg, Filters, Leg, LexicalLeg
from search_core.model import Language, Vector
from search_core.names.book import NameMatch

Way = Literal["name", "named", "code"]

MAX_GROUPS = 16
"""Legs a name and language for the ways in which it is written."""

PASSAGES_CHECKED = 10
"""Passages a document in which a name is looked for."""

_KIND = regex.compile(r"(?P<way>named?|code)(?P<number>\d+)\.\d+")
_HAN = regex.compile(r"\p{Han}")


def iter_name_legs(
    names: Sequence[NameMatch], query: Vector | None, language: Language, place: str, filters: Filters
) -> Iterator[Leg]:
    """The legs of all names in one language; `place` ends the name of each leg."""
    for number, name in enumerate(names):
        way = "code" if name.is_reference else "name"
        for at, (group, tokens) in enumerate(islice(_iter_groups(name), MAX_GROUPS)):
            required = tuple(dict.fromkeys((*filters.required, *group)))
            held = replace(filters, required=required)
            yield LexicalLeg(
                f"{way}{number}.{at}{place}", language, tokens, held, passages_per_document=PASSAGES_CHECKED
            )
        if query is not None:
            for at, borne in enumerate(_bearing(name, filters)):
                yield DenseLeg(f"named{number}.{at}{place}", language, query, borne)


class NameKind(NamedTuple):
    """How a leg looks for a name, and for which: they are numbered in the order of the question."""

    way: Way
    number: int


def read_kind(leg_name: str) -> NameKind | None:
    """The kind of a leg by its name; None of a leg that looks for no name."""
    match = _KIND.match(leg_name)
    return NameKind(cast("Way", match["way"]), int(match["number"])) if match else None


def text_number(leg_name: str) -> int | None:
    """The number of the name that a leg looks for in texts."""
    kind = read_kind(leg_name)
    return kind.number if kind and kind.way != "named" else None


def share_of(name: NameMatch, tokens: Sequence[tuple[int, int]]) -> float:
    """How much of a question a name makes up; `tokens` are the spans of the question's."""
    inside = sum(name.start <= start and end <= name.end for start, end in tokens)
    return inside / len(tokens) if tokens else 1.0


def _iter_groups(name: NameMatch) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Filter tokens that a passage with the name must hold, and the tokens it is then scored by."""
    groups = dict.fromkeys(chain.from_iterable(form.token_groups for form in name.forms))
    for group in groups:
        characters = chain.from_iterable(map(_characters, group))
        yield group, tuple(dict.fromkeys((*group, "".join(group), *characters)))


def _characters(token: str) -> Sequence[str]:
    return token if _HAN.search(token) else ()


def _bearing(name: NameMatch, filters: Filters) -> Iterator[Filters]:
    """The filters with the metadata that bear a name, field by field; nothing where they exclude each other."""
    values: dict[str, set[str]] = {}
    for known in name.known:
        if known.field:
            values.setdefault(known.field, set()).add(known.value)
    for field_name, found in values.items():
        wanted = frozenset(found) & filters.values.get(field_name, frozenset(found))
        if wanted:
            yield replace(filters, values={**filters.values, field_name: wanted})
