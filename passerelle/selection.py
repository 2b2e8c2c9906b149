"""Which documents somebody means: by id, by the path of a file, or by a folder above them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from search_core.engines.base import DocumentRecord, PassageIndex, Scope
from search_core.errors import NotFound


def select_documents(
    index: PassageIndex, wanted: Sequence[str], *, removed: bool | None = None
) -> list[DocumentRecord]:
    """The documents named, each once. `removed`: only those that are, or are not, removed.

    Raises `NotFound` for the first name that fits no document, so that nothing is done by half.
    """
    records = [
        record
        for record in index.records(None, Scope.everything())
        if removed is None or (record.removed_at is not None) == removed
    ]
    chosen: dict[str, DocumentRecord] = {}
    for name in wanted:
        found = _find_meant(records, name)
        if not found:
            raise NotFound(
                f"No {_describe(removed)} has the id or lies at the path {name!r}.",
                remedy="`passerelle report` lists every document with its path.",
            )
        chosen |= {record.document_id: record for record in found}
    return list(chosen.values())


def _find_meant(records: Sequence[DocumentRecord], name: str) -> list[DocumentRecord]:
    """By id; else what lies at or below this place on disk; else every document whose path in its source this is."""
    by_id = [record for record in records if record.document_id == name]
    places = {_compose(Path(name).absolute()), _compose(Path(name).resolve())} if name else set()
    return (
        by_id
        or [record for record in records if not places.isdisjoint(_iter_places(record))]
        or [record for record in records if record.path == unicodedata.normalize("NFC", name)]
    )


def _iter_places(record: DocumentRecord) -> Iterator[Path]:
    """Where a document lies, and the folders above it."""
    place = _compose(Path(record.source) / record.path)
    yield place
    yield from place.parents


def _compose(path: Path) -> Path:
    """Records have names in NFC; some disks and shells give them in NFD."""
    return Path(unicodedata.normalize("NFC", str(path)))


def _describe(removed: bool | None) -> str:
    return {None: "document", True: "removed document", False: "indexed document"}[removed]
