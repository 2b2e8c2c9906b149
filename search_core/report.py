"""What became of every file: the report of one run, and the latest state of all files ever met."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from search_core.copies import CopyTable, read_copies
from search_core.engines.base import DocumentRecord, PassageIndex, Scope

STATE_KEY = "report"

FileStatus = Literal["indexed", "unchanged", "partial", "failed", "skipped", "removed"]


@dataclass(frozen=True)
class FileEntry:
    """One file: `path` is relative to `source`; `reason` says why it is not simply indexed."""

    path: str
    source: str
    status: FileStatus
    reason: str = ""
    document_id: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunReport:
    """One entry a file that was met, in the order of the run; `notices` concern the whole run."""

    files: tuple[FileEntry, ...]
    notices: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(entry.status for entry in self.files))

    @property
    def ok(self) -> bool:
        """False where any file failed: the exit status of the command."""
        return not any(entry.status == "failed" for entry in self.files)

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "files": [asdict(entry) for entry in self.files],
            "counts": self.counts,
            "notices": list(self.notices),
            "ok": self.ok,
        }


def read_report(index: PassageIndex, scope: Scope) -> RunReport:
    """The latest state of every file met that a reader may know of, ordered by source and path.

    A run that was killed left no report; what it wrote is known from the records. Files of purged documents are gone.
    A file that is no document bears no access label: only who may read everything is told of it.
    """
    records = {record.document_id: record for record in index.records(None, scope)}
    sees_all = scope.labels is None or len(records) == sum(1 for _ in index.records(None, Scope.everything()))
    entries = [
        _make_current(entry, records.get(entry.document_id or ""))
        for entry in read_entries(index)
        if (sees_all if entry.document_id is None else entry.document_id in records)
    ]
    told = {entry.document_id for entry in entries}
    entries += [_make_entry(record) for record in records.values() if record.document_id not in told]
    entries = _note_copies(entries, records, read_copies(index))
    return RunReport(tuple(sorted(entries, key=lambda entry: (entry.source, entry.path))))


def _note_copies(
    entries: Sequence[FileEntry], records: Mapping[str, DocumentRecord], copies: CopyTable
) -> list[FileEntry]:
    """Entries that say in which other files their text is, as far as these are known to the reader."""
    noted: list[FileEntry] = []
    for entry in entries:
        others = [records[each] for each in copies.others(entry.document_id or "") if each in records]
        paths = ", ".join(record.path for record in others if record.removed_at is None)
        noted.append(replace(entry, notes=(*entry.notes, f"The same text as {paths}.")) if paths else entry)
    return noted


def _make_current(entry: FileEntry, record: DocumentRecord | None) -> FileEntry:
    """The stored entry, with what the record knows better."""
    if record is None:
        return entry
    current = _make_entry(record)
    settled = entry.status == "unchanged" and current.status == "indexed"
    notes = tuple(dict.fromkeys((*entry.notes, *current.notes)))
    return replace(current, status=entry.status if settled else current.status, notes=notes)


def _make_entry(record: DocumentRecord) -> FileEntry:
    removed = (f"Removed on {record.removed_at[:10]}.",) if record.removed_at else ()
    status: FileStatus = "removed" if record.removed_at else record.status
    return FileEntry(record.path, record.source, status, record.reason, record.document_id, (*record.notes, *removed))


def read_entries(index: PassageIndex) -> list[FileEntry]:
    """What the runs have saved, as it was then."""
    stored = index.state(STATE_KEY)
    rows = json.loads(stored) if stored else []
    return [FileEntry(**{**row, "notes": tuple(row["notes"])}) for row in rows]
