"""Hits and documents with their paths as people know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from search_api.schemas import Hit, Place, Version
from search_core.shown_paths import show_path

Located = TypeVar("Located", Hit, Version, Place)


def add_display_paths(hits: Sequence[Hit], prefixes: Mapping[str, str]) -> list[Hit]:
    """Also for the other versions and places of a hit."""
    return [
        _locate(
            hit,
            prefixes,
            versions=[_locate(version, prefixes) for version in hit.versions],
            places=[_locate(place, prefixes) for place in hit.places],
        )
        for hit in hits
    ]


def _locate(found: Located, prefixes: Mapping[str, str], **others: Any) -> Located:
    shown = show_path(found.path, found.source, prefixes)
    return found.model_copy(update={"display_path": shown, **others})
