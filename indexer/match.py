"""Which document a file is: known by its place, moved here from elsewhere, or new; and whether it must be read anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.convert.family import Family
from indexer.find import FoundFile, make_place
from indexer.metadata import METADATA_VERSION
from indexer.places import is_there
from indexer.read import ReadFile
from indexer.split import SPLITTER_VERSION
from search_core.archives import Archives
from search_core.engines.base import DocumentRecord
from search_core.model import Language, make_document_id


@dataclass(frozen=True)
class Fingerprints:
    """What a record is made from. `incomplete` adds the tools: better ones may read what these could not."""

    complete: str
    incomplete: str


@dataclass(frozen=True)
class Match:
    """The document of a file. `record` is what is known of it; `moved` when that lay at another place."""

    document_id: str
    record: DocumentRecord | None = None
    moved: bool = False
    notes: tuple[str, ...] = ()

    def at(self, found: FoundFile) -> Match:
        """The same document after it was moved to where this file is."""
        if self.record is None:
            return self
        note = f"Moved from {make_place(self.record.source, self.record.path)}."
        return replace(self, record=replace(self.record, source=found.source, path=found.path), notes=(note,))


def make_fingerprints(read: ReadFile, family: Family, language: Language | None) -> Fingerprints:
    """From bytes, metadata, the language a person set, and the versions of converter, splitter and metadata."""
    said = (read.sidecar_checksum, read.folders_checksum)
    made_from = [read.checksum, *said, language, family.identity, SPLITTER_VERSION, METADATA_VERSION]
    complete = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:32]
    return Fingerprints(complete, f"{complete} with {family.tools}")


def is_unchanged(record: DocumentRecord | None, fingerprints: Fingerprints, *, retry: bool) -> bool:
    """Whether the record already says what reading the file would give. With `retry`, only where nothing was lost."""
    if record is None or record.removed_at:
        return False
    if record.status == "indexed":
        return record.fingerprint == fingerprints.complete
    return record.fingerprint == fingerprints.incomplete and not retry


class RecordBook:
    """The records of an index by place and by content, as a run finds them.

    `may_move` says of which documents a file may be the new place; all, where it is not given. `archives` know what is
    in them.
    """

    def __init__(
        self,
        records: Iterable[DocumentRecord],
        may_move: Callable[[DocumentRecord], bool] | None = None,
        archives: Archives | None = None,
    ) -> None:
        self._may_move = may_move
        self._archives = archives or Archives()
        self._known: set[str] = set()
        self._by_place: dict[str, DocumentRecord] = {}
        self._by_checksum: dict[str, list[DocumentRecord]] = {}
        self._ids: set[str] = set()
        for record in records:
            self._ids.add(record.document_id)
            self._known.add(record.document_id)
            self._by_place[make_place(record.source, record.path)] = record
            self._by_checksum.setdefault(record.checksum, []).append(record)

    def __bool__(self) -> bool:
        return bool(self._ids)

    def knows(self, document_id: str) -> bool:
        """Whether there was such a document when the run began."""
        return document_id in self._known

    def is_living(self, found: FoundFile) -> bool:
        """Whether there is a document of this place that is not removed."""
        record = self._by_place.get(found.place)
        return record is not None and record.removed_at is None

    def match(self, found: FoundFile, read: ReadFile) -> Match:
        """The document of its place, else one with its content whose own file is gone, else a new one."""
        known = self._match_place(found)
        if known:
            return known
        moved = self._take_moved(read.checksum, Path(found.path).name)
        return Match(moved.document_id, moved, moved=True) if moved else Match(self._make_id(found))

    def match_unread(self, found: FoundFile) -> Match:
        """The document of a file whose content could not be read."""
        return self._match_place(found) or Match(self._make_id(found))

    def _match_place(self, found: FoundFile) -> Match | None:
        record = self._by_place.get(found.place)
        if record is None:
            return None
        notes = (f"It was removed on {record.removed_at[:10]}, and is indexed again.",) if record.removed_at else ()
        return Match(record.document_id, record, notes=notes)

    def _take_moved(self, checksum: str, name: str) -> DocumentRecord | None:
        """One with the same file name first."""
        known = self._by_checksum.get(checksum, [])
        candidates = [
            record
            for record in known
            if record.removed_at is None and (self._may_move is None or self._may_move(record))
            if is_gone(record, self._archives)
        ]
        if not candidates:
            return None
        moved = min(candidates, key=lambda record: (Path(record.path).name != name, record.document_id))
        known.remove(moved)
        del self._by_place[make_place(moved.source, moved.path)]
        return moved

    def _make_id(self, found: FoundFile) -> str:
        """The id of the place, unless a document that began here and moved away still has it."""
        document_id, number = make_document_id(found.source, found.path), 1
        while document_id in self._ids:
            number += 1
            document_id = make_document_id(found.source, f"{found.path}#{number}")
        self._ids.add(document_id)
        return document_id


def is_gone(record: DocumentRecord, archives: Archives) -> bool:
    """Whether the file of a document is no longer there; a source that is no folder has no files that could be gone."""
    return Path(record.source).is_absolute() and not is_there(record.source, record.path, archives)
