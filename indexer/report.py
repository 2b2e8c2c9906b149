"""What a run says of its files is kept beside the index; `search_core.report` reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from indexer.find import make_place
from indexer.places import is_there
from search_core.archives import Archives
from search_core.engines.base import IndexWriter, PassageIndex
from search_core.report import STATE_KEY, FileEntry, FileStatus, RunReport, read_entries, read_report

__all__ = ["STATE_KEY", "FileEntry", "FileStatus", "RunReport", "forget_documents", "read_report", "save_report"]


def save_report(index: PassageIndex, writer: IndexWriter, entries: Iterable[FileEntry]) -> None:
    """Put these entries in place of what was known of the same files and documents.

    A file that is no document, and is there no more, is forgotten: the counts are those of the files that there are.
    """
    fresh, archives = list(entries), Archives()
    places = {(entry.source, entry.path) for entry in fresh}
    ids = {entry.document_id for entry in fresh if entry.document_id}
    kept = [
        entry
        for entry in read_entries(index)
        if (entry.source, entry.path) not in places and entry.document_id not in ids
        if entry.document_id is not None or _is_there(entry, archives)
    ]
    _write_entries(writer, kept + fresh)


def _is_there(entry: FileEntry, archives: Archives) -> bool:
    """Also a link that leads nowhere is."""
    return os.path.lexists(make_place(entry.source, entry.path)) or is_there(entry.source, entry.path, archives)


def forget_documents(index: PassageIndex, writer: IndexWriter, ids: Sequence[str]) -> None:
    """Erase what the report says of purged documents."""
    _write_entries(writer, [entry for entry in read_entries(index) if entry.document_id not in ids])


def _write_entries(writer: IndexWriter, entries: Sequence[FileEntry]) -> None:
    writer.put_state(STATE_KEY, json.dumps([asdict(entry) for entry in entries], ensure_ascii=False).encode())
