"""One source made equal to its folder: what is new, changed, moved or gone there is so in the index afterwards.

Documents of other sources, and those that `index` added, are never removed or moved. Nothing is removed on a doubt: a
folder that is missing, unreadable or suddenly empty, a part of it that cannot be read, many files gone at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack

from indexer.find import FoundFile, Listing, make_place
from indexer.match import RecordBook
from indexer.report import RunReport
from indexer.run import FileRun, RunParts, open_run
from indexer.seen import SeenFiles
from indexer.sources import Sources, read_sources, write_sources
from indexer.unpack import find_files
from search_core.archives import Archives
from search_core.engines.base import DocumentRecord, IndexWriter, PassageIndex, Scope
from search_core.errors import InvalidRequest
from search_core.shown_paths import set_prefix

SECOND_LOOKS = 5
IN_USE_NOTE = "Open in another program: this is what was saved last."


@dataclass(frozen=True)
class SyncRules:
    """What `sync_folder` may do by itself.

    More than `most_removed_percent` of a source's documents at once, if these are `fewest_removed` or more, are
    removed only with `yes`. `settle_s` is how long a file that was written to just now is waited for. `shown_as` is the
    place that people know the folder by; None leaves that as it is.
    """

    yes: bool = False
    adopt: bool = False
    most_removed_percent: int = 20
    fewest_removed: int = 3
    settle_s: float = 1.0
    shown_as: str | None = None

    def allow(self, gone: int, documents: int) -> bool:
        is_much = gone >= self.fewest_removed and gone * 100 > documents * self.most_removed_percent
        return self.yes or not is_much


@dataclass(frozen=True)
class SyncReport(RunReport):
    """A run's report with what it changed: ids of documents. `held_back` are gone, and stay until somebody says yes."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    held_back: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return super().ok and not self.held_back

    @property
    def changes(self) -> dict[str, int]:
        names = ("added", "changed", "moved", "removed", "held_back")
        return {name: len(getattr(self, name)) for name in names}

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "changes": self.changes}


def sync_folder(
    folder: Path,
    *,
    index: PassageIndex,
    rules: SyncRules = SyncRules(),
    seen: SeenFiles | None = None,
    retry: bool = False,
    **parts: Unpack[RunParts],
) -> SyncReport:
    """Make the source that this folder is equal to it.

    Killed anywhere and run again, it ends as if it had not been. Raises `InvalidRequest`, having changed nothing, for a
    folder that is not there, cannot be read or has lost all its files; else as `index_paths` does.
    """
    seen = seen if seen is not None else SeenFiles()
    listing = list_source(folder, seen.archives)
    source = str(folder.resolve())
    with index.writer(f"syncing {source}") as writer:
        records = list(index.records(None, Scope.everything()))
        sources = _know_source(index, writer, source, records, adopt=rules.adopt)
        if rules.shown_as is not None:
            set_prefix(index, writer, source, rules.shown_as)
        mine = [record for record in records if record.source == source and sources.own(record)]
        check_not_emptied(source, listing, mine)
        unread = frozenset(listing.unread)
        own_ids = {record.document_id for record in mine if not _is_below(record, unread)}

        def make_book() -> RecordBook:
            known = index.records(None, Scope.everything())
            return RecordBook(known, lambda record: record.document_id in own_ids, seen.archives)

        with open_run(index, writer, make_book(), seen=seen, retry=retry, **parts) as (run, notices):
            run.index(listing)
            for changed in iter_changed(listing, seen, rules.settle_s):
                run.look_again(changed, make_book())
            gone = find_gone(index, source, sources, listing)
            living = sum(record.removed_at is None for record in mine)
            may_remove = rules.allow(len(gone), living)
            if gone and may_remove:
                writer.remove(gone, datetime.now(UTC).isoformat(timespec="seconds"))
    held_back = () if may_remove else tuple(gone)
    return SyncReport(
        files=_note_use(run, listing),
        notices=(*notices, *_explain_kept(held_back, living, listing)),
        added=tuple(run.added),
        changed=tuple(run.changed),
        moved=tuple(run.moved),
        removed=tuple(gone) if may_remove else (),
        held_back=held_back,
    )


def list_source(folder: Path, archives: Archives) -> Listing:
    """The files of a folder that can be synced. Raises `InvalidRequest` where it is not there or cannot be read."""
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.is_file() else "is not there"
        raise InvalidRequest(
            f"The folder {folder} {what}. Nothing was changed.",
            remedy="Check the path, and that the disk or network share is connected.",
            parameter="folder",
        )
    listing = find_files([folder], archives)
    if folder.resolve() in listing.unread:
        raise InvalidRequest(
            f"The folder {folder} cannot be read. Nothing was changed.",
            remedy="Check that you may read it, and that the disk or network share is connected.",
            parameter="folder",
        )
    return listing


def check_not_emptied(source: str, listing: Listing, mine: Sequence[DocumentRecord]) -> None:
    """Raise `InvalidRequest` where a folder that had documents has no file any more: a share that is not connected."""
    living = sum(record.removed_at is None for record in mine)
    if living and not (listing.files or listing.passed_over or listing.unopened):
        raise InvalidRequest(
            f"The folder {source} is empty, and {living} documents of it are indexed. Nothing was removed.",
            remedy=f"Connect the disk or network share; if it is meant, run `passerelle remove {source}`.",
            parameter="folder",
        )


def find_gone(index: PassageIndex, source: str, sources: Sources, listing: Listing) -> list[str]:
    """Ids of a source's own documents whose file is certainly not in its folder any more."""
    met = {found.place for found in listing.files} | {passed.place for passed in listing.passed_over}
    unread = frozenset(listing.unread)
    return [
        record.document_id
        for record in index.records(source, Scope.everything())
        if record.removed_at is None
        and sources.own(record)
        and make_place(record.source, record.path) not in met
        and not _is_below(record, unread)
    ]


def _know_source(
    index: PassageIndex, writer: IndexWriter, source: str, records: Sequence[DocumentRecord], *, adopt: bool
) -> Sources:
    """From its first sync on a source has its guests: what was there already."""
    sources = read_sources(index)
    if adopt:
        sources = sources.without_guests(source)
        write_sources(writer, sources)
    elif source not in sources.guests:
        guests = [record.document_id for record in records if record.source == source]
        sources = sources.with_guests(source, guests)
        write_sources(writer, sources)
    return sources


def _is_below(record: DocumentRecord, folders: frozenset[Path]) -> bool:
    return bool(folders) and not folders.isdisjoint(Path(make_place(record.source, record.path)).parents)


def iter_changed(listing: Listing, seen: SeenFiles, settle_s: float) -> Iterator[list[FoundFile]]:
    """Files that were written to while they were read or since, again and again until they stay as they are."""
    for _ in range(SECOND_LOOKS):
        fresh = [found for found in listing.files if seen.is_fresh(found)]
        if not fresh:
            return
        time.sleep(settle_s)
        changed = seen.find_changed(fresh)
        if not changed:
            return
        yield changed


def _note_use(run: FileRun, listing: Listing) -> tuple[Any, ...]:
    in_use = {found.place for found in listing.files if found.in_use}
    return tuple(
        replace(entry, notes=(*entry.notes, IN_USE_NOTE)) if make_place(entry.source, entry.path) in in_use else entry
        for entry in run.entries
    )


def _explain_kept(held_back: Sequence[str], living: int, listing: Listing) -> list[str]:
    notices = [f"{folder} cannot be read: nothing below it was removed." for folder in listing.unread]
    if held_back:
        notices.append(
            f"{len(held_back)} of {living} documents have no file any more, so many that nothing was removed. "
            "If that is right, run `passerelle sync` with --yes."
        )
    return notices
