"""One run over files and folders: what changed is indexed batch by batch, and each file gets its line in the report.

Haystack and the torch that it imports wait until something has changed: a run that finds nothing new ends at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypedDict, Unpack

from indexer.convert.registry import FAMILIES, find_family
from indexer.convert.unread import UNREAD
from indexer.convert_file import ChosenFile, Converter, DirectConverter
from indexer.copies import refresh_copies
from indexer.find import FoundFile, Listing
from indexer.match import Match, RecordBook, is_unchanged, make_fingerprints
from indexer.pairs.detect import refresh_pairs
from indexer.prepare import prepare_index
from indexer.progress import RunProgress, SilentProgress
from indexer.propose import MetadataProposer
from indexer.report import FileEntry, FileStatus, RunReport, save_report
from indexer.seen import SeenFiles
from indexer.sources import GuestBook
from indexer.tools import IndexingTools
from indexer.unpack import find_files
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import refresh_calibration
from search_core.embedding import Embedder
from search_core.engines.base import IndexWriter, PassageIndex, Scope
from search_core.errors import ConversionError
from search_core.glossary import Glossary
from search_core.model import Document
from search_core.people import PeopleStore
from search_core.vocabulary import Vocabulary

if TYPE_CHECKING:
    from haystack import Pipeline

BATCH_FILES = 16
BATCH_BYTES = 4_000_000
"""What is converted, embedded and committed at once: full batches for the model, little to lose when interrupted."""

_SUFFIXES = sorted(suffix for family in FAMILIES if family not in UNREAD for suffix in family.suffixes if suffix)
_UNSUPPORTED = f"Not a format that can be read ({', '.join(_SUFFIXES)})."


class RunParts(TypedDict):
    """What a run over files is made with.

    `analyzer` is that of `glossary`; an index that was made with another one keeps its own. Without a `converter` files
    are read in this process, which one that hangs or crashes takes along.
    """

    embedder: Embedder
    analyzer: Analyzer
    glossary: Glossary
    vocabulary: Vocabulary
    people: NotRequired[PeopleStore | None]
    converter: NotRequired[Converter | None]
    progress: NotRequired[RunProgress | None]


def index_paths(
    paths: Sequence[Path], *, index: PassageIndex, retry: bool = False, **parts: Unpack[RunParts]
) -> RunReport:
    """Index files and folders. A file that cannot be read is an entry of the report.

    Raises `InvalidRequest` for a path that does not exist, `IndexOutdated` for an index of another analysis or model,
    `IndexLocked` while another process writes.
    """
    seen = SeenFiles()
    listing = find_files(paths, seen.archives)
    with index.writer("indexing files") as writer:
        guests = GuestBook(index, writer)
        book = RecordBook(
            index.records(None, Scope.everything()),
            may_move=lambda record: not guests.sources.own(record),
            archives=seen.archives,
        )
        with open_run(index, writer, book, seen=seen, guests=guests, retry=retry, **parts) as (run, notices):
            run.index(listing)
    return RunReport(tuple(run.entries), notices)


@contextmanager
def open_run(
    index: PassageIndex,
    writer: IndexWriter,
    book: RecordBook,
    *,
    seen: SeenFiles,
    guests: GuestBook | None = None,
    retry: bool = False,
    **parts: Unpack[RunParts],
) -> Iterator[tuple[FileRun, tuple[str, ...]]]:
    """A run, and what is to be told of the index before it. Raises `IndexOutdated`.

    What it says of its files is saved however it ends; then what it leaves is calibrated and searched for versions.
    """
    embedder, glossary, vocabulary = parts["embedder"], parts["glossary"], parts["vocabulary"]
    people = parts.get("people")
    analyzer, notices = prepare_index(index, writer, embedder, parts["analyzer"], glossary, is_empty=not book)
    tools = IndexingTools(
        embedder=embedder,
        analyzer=analyzer,
        writer=writer,
        stored=(index,),
        languages=people.languages() if people else {},
        progress=parts.get("progress") or SilentProgress(),
    )
    converter = parts.get("converter") or DirectConverter(vocabulary)
    proposer = MetadataProposer(glossary, analyzer, vocabulary)
    run = FileRun(tools, book, converter, proposer, retry=retry, guests=guests, seen=seen)
    try:
        yield run, notices
    finally:
        save_report(index, writer, run.entries)
    # Also where nothing was written: an interrupted run may have left it behind, and it costs nothing then.
    refresh_calibration(index, writer, embedder)
    refresh_pairs(index, writer, people)
    refresh_copies(index, writer)


class FileRun:
    """Takes one file after the other and indexes what has to be, a batch at a time.

    What it adds to a synced folder is noted in `guests` before it is written; without them it is that folder's own.
    `seen` are the files of earlier rounds, which need not be read again while they look the same.
    """

    def __init__(
        self,
        tools: IndexingTools,
        book: RecordBook,
        converter: Converter,
        proposer: MetadataProposer,
        *,
        retry: bool = False,
        guests: GuestBook | None = None,
        seen: SeenFiles | None = None,
    ) -> None:
        # Ids of documents, in order: those that are new, read anew, and found at another place.
        self.added: dict[str, None] = {}
        self.changed: dict[str, None] = {}
        self.moved: dict[str, None] = {}
        self._entries: dict[tuple[str, str], FileEntry] = {}
        self._tools = tools
        self._book = book
        self._retry = retry
        self._converter = converter
        self._proposer = proposer
        self._guests = guests
        self._seen = seen if seen is not None else SeenFiles()
        self._batch: list[ChosenFile] = []

    @property
    def entries(self) -> list[FileEntry]:
        """One a file, in the order in which they were finished; a file that was looked at twice has its last one."""
        return list(self._entries.values())

    @property
    def writer(self) -> IndexWriter:
        return self._tools.writer

    def index(self, listing: Listing) -> None:
        self._tools.progress.files_found(len(listing.files) + len(listing.passed_over) + len(listing.unopened))
        for passed in listing.passed_over:
            self._tell(FileEntry(passed.path, passed.source, "skipped", passed.reason))
        for unopened in listing.unopened:
            self._tell(FileEntry(unopened.path, unopened.source, "failed", unopened.reason))
        self.take(listing.files)

    def look_again(self, files: Iterable[FoundFile], book: RecordBook) -> None:
        """At files that have changed since; `book` knows what was written meanwhile."""
        self._book = book
        self.take(files)

    def take(self, files: Iterable[FoundFile]) -> None:
        try:
            for found in files:
                self._take(found)
                if len(self._batch) >= BATCH_FILES or sum(len(file.read.data) for file in self._batch) >= BATCH_BYTES:
                    self._index_batch()
            self._index_batch()
        finally:
            self._seen.archives.close()

    def _take(self, found: FoundFile) -> None:
        if self._book.is_living(found) and self._seen.is_same(found):
            self._tell_unchanged(self._book.match_unread(found), found)
            return
        if self._seen.is_unsupported(found):
            self._tell(FileEntry(found.path, found.source, "skipped", _UNSUPPORTED))
            return
        try:
            read = self._seen.read(found)
        except ConversionError as error:
            self._mark_unread(found, str(error))
            return
        family = find_family(read.data, found.path)
        if family is None:
            self._seen.keep_unsupported(found)
            self._tell(FileEntry(found.path, found.source, "skipped", _UNSUPPORTED))
            return
        match = self._book.match(found, read)
        match = self._move(match, found) if match.moved else match
        fingerprints = make_fingerprints(read, family, self._tools.languages.get(match.document_id))
        if is_unchanged(match.record, fingerprints, retry=self._retry):
            self._tell_unchanged(match, found)
        else:
            self._choose(ChosenFile(found, read, family, match.document_id, fingerprints), match)

    def _choose(self, chosen: ChosenFile, match: Match) -> None:
        """Keep a document where it first lay: its source may be a folder above the one that is indexed now."""
        found = chosen.found
        if chosen.document_id not in self.added:
            (self.changed if match.record else self.added)[chosen.document_id] = None
        if match.record:
            found = replace(found, source=match.record.source, path=match.record.path)
        self._batch.append(replace(chosen, found=found, notes=(*match.notes, *found.notes)))
        self._converter.expect(len(self._batch))

    def _move(self, match: Match, found: FoundFile) -> Match:
        self.moved[match.document_id] = None
        self._announce({found.source: [match.document_id]})
        self._tools.writer.move(match.document_id, found.source, found.path)
        return match.at(found)

    def _index_batch(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        self._announce(_group_new(batch, self._book))
        from indexer.pipeline import run_files

        documents = {document.document_id: document for document in run_files(self._pipeline, batch)}
        for chosen in batch:
            document = documents[chosen.document_id]
            if document.status == "failed":
                self._tools.writer.mark(document)
            self._tell_document(document, chosen.notes)

    def _announce(self, arriving: Mapping[str, Sequence[str]]) -> None:
        """Documents by the source that they are new in."""
        for source, ids in arriving.items():
            if self._guests is not None:
                self._guests.note(ids, source)

    @cached_property
    def _pipeline(self) -> Pipeline:
        from indexer.pipeline import build_file_pipeline

        return build_file_pipeline(self._tools, self._converter, self._proposer)

    def _mark_unread(self, found: FoundFile, reason: str) -> None:
        """A file that could not even be opened: what is indexed of it stays, and it is tried again in the next run."""
        match = self._book.match_unread(found)
        if match.record is None:
            self._announce({found.source: [match.document_id]})
        document = Document(
            document_id=match.document_id,
            source=match.record.source if match.record else found.source,
            path=match.record.path if match.record else found.path,
            language="other",
            checksum=match.record.checksum if match.record else "",
            status="failed",
            reason=reason,
        )
        self._tools.writer.mark(document)
        self._tell_document(document, (*match.notes, *found.notes))

    def _tell_document(self, document: Document, notes: tuple[str, ...]) -> None:
        self._tell(
            FileEntry(
                path=document.path,
                source=document.source,
                status=document.status,
                reason=document.reason,
                document_id=document.document_id,
                notes=(*notes, *document.notes),
            )
        )

    def _tell_unchanged(self, match: Match, found: FoundFile) -> None:
        record = match.record
        if record is not None:
            status: FileStatus = "unchanged" if record.status == "indexed" else record.status
            notes = (*match.notes, *found.notes, *record.notes)
            self._tell(FileEntry(record.path, record.source, status, record.reason, record.document_id, notes))

    def _tell(self, entry: FileEntry) -> None:
        self._entries.pop((entry.source, entry.path), None)
        self._entries[entry.source, entry.path] = entry
        self._tools.progress.file_done(entry)


def _group_new(batch: Sequence[ChosenFile], book: RecordBook) -> dict[str, list[str]]:
    """Ids of documents that were not there when the run began, by source."""
    groups: dict[str, list[str]] = {}
    for chosen in batch:
        if not book.knows(chosen.document_id):
            groups.setdefault(chosen.found.source, []).append(chosen.document_id)
    return groups
