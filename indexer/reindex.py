"""A new index from the texts of the old one, with the analysis, glossary and model of today.

It is built beside the old one, which serves until it is done. An interrupted reindex goes on where it stopped, unless
it was made for something else. Removed documents come along, removed; so do the reports. Only what has another
embedding key is embedded again. Which documents are versions of each other is worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from indexer.copies import STATE_KEY as SKETCHES_KEY
from indexer.documents import iter_batches
from indexer.pairs.detect import refresh_pairs
from indexer.pipeline import build_document_pipeline, run_documents
from indexer.prepare import make_versions
from indexer.progress import RunProgress, SilentProgress
from indexer.report import STATE_KEY as REPORT_KEY
from indexer.report import FileEntry, RunReport
from indexer.sources import STATE_KEY as SOURCES_KEY
from indexer.tools import IndexingTools
from search_core import calibration
from search_core.analysis.analyzer import Analyzer
from search_core.copies import STATE_KEY as COPIES_KEY
from search_core.embedding import Embedder
from search_core.engines.base import DocumentRecord, LivingIndex, PassageIndex, Rebuild, Scope
from search_core.errors import IndexOutdated
from search_core.glossary import Glossary
from search_core.model import Document, Language
from search_core.people import PeopleStore
from search_core.shown_paths import STATE_KEY as SHOWN_KEY
from search_core.versions import Versions, read_versions, write_versions

_READ_AT_ONCE = 16

_CARRIED_STATE = (
    REPORT_KEY,
    SOURCES_KEY,
    COPIES_KEY,
    SKETCHES_KEY,
    SHOWN_KEY,
    calibration.STATE_KEY,
    calibration.STATE_DIGEST_KEY,
)


def reindex(
    index: LivingIndex,
    *,
    embedder: Embedder,
    analyzer: Analyzer,
    glossary: Glossary,
    people: PeopleStore | None = None,
    progress: RunProgress | None = None,
) -> RunReport:
    """Make every document's passages anew from its stored text. `analyzer` is that of `glossary`.

    The report has an entry a document: `indexed`, or `unchanged` where an interrupted reindex had done it already.
    Raises `IndexLocked` while another process writes.
    """
    progress = progress or SilentProgress()
    languages = people.languages() if people else {}
    with index.rebuild("reindexing") as rebuild, rebuild.hold_writers():
        _begin(rebuild, make_versions(embedder, analyzer, glossary), glossary)
        records = {record.document_id: record for record in index.records(None, Scope.everything())}
        done = _find_done(rebuild, records, languages)
        progress.files_found(len(records))
        entries = [_make_entry(records[document_id], unchanged=True) for document_id in done]
        for entry in entries:
            progress.file_done(entry)
        tools = IndexingTools(embedder, analyzer, rebuild.writer, (rebuild.index, index), languages, progress)
        pipeline = build_document_pipeline(tools)
        waiting = [document_id for document_id in records if document_id not in done]
        for batch in iter_batches(_iter_documents(index, waiting)):
            run_documents(pipeline, batch)
            _remove_again(rebuild, [records[document.document_id] for document in batch])
            for document in batch:
                entries.append(_make_entry(records[document.document_id], unchanged=False))
                progress.file_done(entries[-1])
        _carry_state(index, rebuild)
        calibration.refresh_calibration(rebuild.index, rebuild.writer, embedder)
        refresh_pairs(rebuild.index, rebuild.writer, people)
        rebuild.publish()
    return RunReport(tuple(entries))


def _begin(rebuild: Rebuild, wanted: Versions, glossary: Glossary) -> None:
    """Go on with what an interrupted reindex made for the same versions; else begin with nothing."""
    try:
        made_for = read_versions(rebuild.index)
    except IndexOutdated:
        made_for = None
    if made_for != wanted:
        rebuild.clear()
        write_versions(rebuild.writer, wanted, glossary)


def _find_done(rebuild: Rebuild, records: Mapping[str, DocumentRecord], languages: Mapping[str, Language]) -> list[str]:
    """Documents of an interrupted reindex that are still what they were; those that are gone since are erased."""
    made = {record.document_id: record for record in rebuild.index.records(None, Scope.everything())}
    gone = [document_id for document_id in made if document_id not in records]
    if gone:
        rebuild.writer.purge(gone)
    return [
        document_id
        for document_id, record in made.items()
        if document_id in records
        and _identify(record) == _identify(records[document_id])
        and languages.get(document_id, record.language) == record.language
    ]


def _identify(record: DocumentRecord) -> tuple[object, ...]:
    return record.source, record.path, record.checksum, record.fingerprint, record.status, record.removed_at


def _iter_documents(index: PassageIndex, ids: Sequence[str]) -> Iterator[Document]:
    for at in range(0, len(ids), _READ_AT_ONCE):
        yield from index.documents(ids[at : at + _READ_AT_ONCE], Scope.everything(), removed_too=True).values()


def _remove_again(rebuild: Rebuild, records: Sequence[DocumentRecord]) -> None:
    for record in records:
        if record.removed_at:
            rebuild.writer.remove([record.document_id], record.removed_at)


def _carry_state(index: PassageIndex, rebuild: Rebuild) -> None:
    for key in _CARRIED_STATE:
        stored = index.state(key)
        if stored is not None:
            rebuild.writer.put_state(key, stored)


def _make_entry(record: DocumentRecord, *, unchanged: bool) -> FileEntry:
    return FileEntry(
        path=record.path,
        source=record.source,
        status="unchanged" if unchanged else "indexed",
        document_id=record.document_id,
    )
