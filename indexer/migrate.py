"""One engine's index into another's, as it is stored: nothing is analysed or embedded again.

It is built as the target's next index and published when it holds what the source holds; until then the target serves
what it served. An interrupted migration begins again. The source is read only, and nobody writes to it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from indexer.progress import RunProgress, SilentProgress
from indexer.report import FileEntry
from search_core.engines.base import DocumentRecord, LivingIndex, PassageIndex, Rebuild, Scope
from search_core.errors import IndexUnavailable
from search_core.versions import VERSIONS_KEY

_DOCUMENTS_AT_ONCE = 50
_PASSAGES_AT_ONCE = 1000

_EVERYTHING = Scope.everything()


def migrate_index(source: PassageIndex, target: LivingIndex, progress: RunProgress | None = None) -> int:
    """Put all that is in `source` in the place of what is in `target`. Returns how many documents that were.

    The target's earlier index is kept as after a reindex. Raises `IndexLocked` while another process writes to either,
    `IndexUnavailable` where the copy is not what the source is: nothing is published then.
    """
    progress = progress or SilentProgress()
    with source.writer("migrating to another engine"), target.rebuild("migrating from another engine") as rebuild:
        rebuild.clear()
        records = list(source.records(None, _EVERYTHING))
        progress.files_found(len(records))
        # First: the engine notes it in what it makes for the passages.
        _copy_states(source, rebuild, [VERSIONS_KEY])
        for batch in _iter_batches(records):
            indexed = source.indexed([record.document_id for record in batch], _EVERYTHING)
            rebuild.writer.replace(list(indexed.values()))
            for record in batch:
                progress.file_done(FileEntry(record.path, record.source, "indexed", document_id=record.document_id))
        _remove_again(rebuild, records)
        _copy_states(source, rebuild, source.state_keys())
        check_migrated(source, rebuild.index)
        rebuild.publish()
    return len(records)


def check_migrated(original: PassageIndex, copy: PassageIndex) -> None:
    """Raise `IndexUnavailable` unless both hold the same documents, passages and state records."""
    wanted, found = _take_stock(original), _take_stock(copy)
    different = [name for name in wanted if wanted[name] != found[name]]
    if different:
        raise IndexUnavailable(
            f"The copy was not published: its {' and '.join(different)} are not those of the original.",
            remedy="Run the same command again; it begins anew.",
        )


def _take_stock(index: PassageIndex) -> dict[str, object]:
    status = index.status()
    return {
        "counts": (status.documents, status.passages, status.removed),
        "documents": {record.document_id: record for record in index.records(None, _EVERYTHING)},
        "state records": {key: index.state(key) for key in index.state_keys()},
    }


def _iter_batches(records: Sequence[DocumentRecord]) -> Iterator[list[DocumentRecord]]:
    batch: list[DocumentRecord] = []
    passages = 0
    for record in records:
        if batch and (len(batch) >= _DOCUMENTS_AT_ONCE or passages + record.passages > _PASSAGES_AT_ONCE):
            yield batch
            batch, passages = [], 0
        batch.append(record)
        passages += record.passages
    if batch:
        yield batch


def _remove_again(rebuild: Rebuild, records: Sequence[DocumentRecord]) -> None:
    removed = sorted((record.removed_at, record.document_id) for record in records if record.removed_at)
    for at, group in groupby(removed, key=lambda each: each[0]):
        rebuild.writer.remove([document_id for _, document_id in group], at)


def _copy_states(source: PassageIndex, rebuild: Rebuild, keys: Sequence[str]) -> None:
    for key in keys:
        value = source.state(key)
        if value is not None and value != rebuild.index.state(key):
            rebuild.writer.put_state(key, value)
