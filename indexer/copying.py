"""Documents copied from the living index to the next one, made anew from their text, while others write to the former.

A round compares the records of both and copies what differs; the next round finds what was written meanwhile. What a
document is, its record cannot tell: one may be written anew with the same checksum. So the next index remembers a
commit of the living one up to which it has caught up, and every document that was written later is copied again. The
commit is read before the records: what is written in between is copied twice rather than missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexer.beside import CaughtUp, read_caught_up, write_caught_up
from indexer.check_copy import identify
from indexer.documents import iter_batches
from indexer.pipeline import build_document_pipeline, run_documents
from indexer.report import FileEntry, FileStatus
from indexer.tools import IndexingTools
from search_core.engines.base import DocumentRecord, PassageIndex, Rebuild, Scope
from search_core.errors import DocumentsRefused, IndexOutdated, IndexUnavailable
from search_core.glossary import Glossary
from search_core.model import Document, IndexedDocument
from search_core.versions import Versions, read_versions, write_versions

_EVERYTHING = Scope.everything()

_READ_AT_ONCE = 16


@dataclass(frozen=True)
class Changes:
    """What the next index lacks of the living one at `version`: documents to copy, and those to erase."""

    version: int
    records: Mapping[str, DocumentRecord]
    stale: tuple[str, ...]
    gone: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.stale) + len(self.gone)


def begin_copying(index: PassageIndex, rebuild: Rebuild, wanted: Versions, glossary: Glossary) -> CaughtUp:
    """Go on with what an interrupted reindex made for the same versions; else begin with nothing."""
    try:
        made_for = read_versions(rebuild.index)
    except IndexOutdated:
        made_for = None
    if made_for == wanted:
        return read_caught_up(rebuild.index)
    rebuild.clear()
    caught_up = CaughtUp.beginning(index.status().version)
    with rebuild.hold_purges():
        write_caught_up(rebuild.writer, caught_up)
        write_versions(rebuild.writer, wanted, glossary)
    return caught_up


class Copier:
    """Copies to the index that `rebuild` makes, for which the `tools` are.

    `records` are those of the living index in the last round; `passages` says of each document in the next index how
    many were written.
    """

    def __init__(self, index: PassageIndex, rebuild: Rebuild, tools: IndexingTools, caught_up: CaughtUp) -> None:
        self._index = index
        self._rebuild = rebuild
        self._tools = tools
        self._caught_up = caught_up
        self._pipeline = build_document_pipeline(tools, writer=self)
        self._entries: dict[str, FileEntry] = {}
        self._met = 0
        self.records: Mapping[str, DocumentRecord] = {}
        self.passages = {record.document_id: record.passages for record in self._made()}

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """One a document: `unchanged` where an interrupted reindex had done it already."""
        return tuple(entry for name, entry in self._entries.items() if name in self.records)

    @property
    def is_behind(self) -> bool:
        """Whether the living index was written to since the last round."""
        return self._index.status().version != self._caught_up.version

    def find_changes(self) -> Changes:
        """Compare the records of both indexes."""
        version = self._index.status().version
        records = {record.document_id: record for record in self._index.records(None, _EVERYTHING)}
        made = {record.document_id: record for record in self._made()}
        stale = [name for name, record in records.items() if not self._is_copied(record, made.get(name))]
        return Changes(version, records, tuple(stale), tuple(name for name in made if name not in records))

    def copy(self, changes: Changes) -> None:
        """Make the next index what the living one was when the changes were found."""
        self.records = changes.records
        self._tell(changes)
        if changes.gone:
            with self._rebuild.hold_purges():
                self._rebuild.writer.purge(changes.gone)
            self.passages = {name: count for name, count in self.passages.items() if name in changes.records}
        for batch in iter_batches(self._iter_documents(changes.stale)):
            run_documents(self._pipeline, batch)
            for document in batch:
                self._note(document.document_id, unchanged=False)
        if changes.version != self._caught_up.version:
            self._set_caught_up(self._caught_up.at(changes.version))

    def replace(self, documents: Sequence[IndexedDocument]) -> None:
        """Write documents to the next index, less those that were purged from the living one meanwhile.

        Raises `IndexUnavailable` for one that the engine refuses: the next index would lack it.
        """
        with self._rebuild.hold_purges():
            names = [indexed.document.document_id for indexed in documents]
            there = self._index.documents(names, _EVERYTHING, removed_too=True)
            copied = [indexed for indexed in documents if indexed.document.document_id in there]
            try:
                self._rebuild.writer.replace(copied)
            except DocumentsRefused as error:
                raise IndexUnavailable(
                    f"The new index would lack documents, and was not published: {error.message}", remedy=error.remedy
                ) from error
            for at, removed in self._find_removed(there).items():
                self._rebuild.writer.remove(removed, at)
        self.passages |= {indexed.document.document_id: len(indexed.passages) for indexed in copied}

    def finish(self) -> None:
        """Forget the commit: it means nothing to what may become of the next index once it is the living one."""
        self._set_caught_up(CaughtUp())

    def _set_caught_up(self, caught_up: CaughtUp) -> None:
        with self._rebuild.hold_purges():
            write_caught_up(self._rebuild.writer, caught_up)
        self._caught_up = caught_up

    def _made(self) -> Iterator[DocumentRecord]:
        return self._rebuild.index.records(None, _EVERYTHING)

    def _is_copied(self, record: DocumentRecord, made: DocumentRecord | None) -> bool:
        if made is None or record.written > self._caught_up.version:
            return False
        if identify(record) != identify(made):  # killed after it was copied, before it was removed there too
            return False
        return self._tools.languages.get(made.document_id, made.language) == made.language

    def _iter_documents(self, ids: Sequence[str]) -> Iterator[Document]:
        for at in range(0, len(ids), _READ_AT_ONCE):
            part = ids[at : at + _READ_AT_ONCE]
            yield from self._index.documents(part, _EVERYTHING, removed_too=True).values()

    def _find_removed(self, ids: Mapping[str, Document]) -> dict[str, list[str]]:
        """Which of the documents are removed, by when they were."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in ids:
            at = self.records[name].removed_at
            if at is not None:
                found[at].append(name)
        return found

    def _tell(self, changes: Changes) -> None:
        """Say how many documents there are to do, and which ones need nothing at the first look."""
        stale = frozenset(changes.stale)
        done = [name for name in changes.records if name not in stale] if not self._met else []
        self._met += len(done) + len(stale)
        self._tools.progress.files_found(self._met)
        for name in done:
            self._note(name, unchanged=True)

    def _note(self, document_id: str, *, unchanged: bool) -> None:
        record = self.records[document_id]
        status: FileStatus = "unchanged" if unchanged else "indexed"
        self._entries[document_id] = FileEntry(record.path, record.source, status, document_id=document_id)
        self._tools.progress.file_done(self._entries[document_id])
