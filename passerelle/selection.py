"""Which documents somebody means: by id, by the path of a file, or by a folder above them."""

from __future__ import annotations

from collections.abc import Sequence
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
        found = [record for record in records if _is_meant(record, name)]
        if not found:
            raise NotFound(
                f"No {_describe(removed)} has the id or lies at the path {name!r}.",
                remedy="`passerelle report` lists every document with its path.",
            )
        chosen |= {record.document_id: record for record in found}
    return list(chosen.values())


def _is_meant(record: DocumentRecord, name: str) -> bool:
    if name in (record.document_id, record.path):
        return True
    file, meant = Path(record.source) / record.path, Path(name).absolute()
    return file == meant or meant in file.parents


def _describe(removed: bool | None) -> str:
    return {None: "document", True: "removed document", False: "indexed document"}[removed]
