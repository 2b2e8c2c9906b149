"""A file whose name is no UTF-8 is a document like others: the same after each run, moved, removed, handed out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from indexer.sync import SyncReport
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex


def test_file_with_an_unreadable_name_keeps_its_document_when_it_is_renamed(
    folder: Path, sync: Callable[..., SyncReport], index: EmbeddedIndex
) -> None:
    place = Path(os.fsdecode(os.fsencode(folder) + "/réunion.txt".encode("cp1252")))
    place.write_text("Le compte rendu de la réunion.", "utf-8")
    first = sync(folder)
    assert first.changes["added"] == 1
    (entry,) = first.files
    assert (entry.path, entry.status) == ("réunion.txt", "indexed")
    assert "no UTF-8" in entry.notes[0]
    assert not any(sync(folder).changes.values())

    (folder / "copie.txt").write_text("Le compte rendu de la réunion.", "utf-8")
    assert sync(folder).changes["added"] == 1
    place.rename(folder / "compte rendu.txt")
    assert sync(folder).changes == {"added": 0, "changed": 0, "moved": 1, "removed": 0, "held_back": 0}
    ids = {record.path: record.document_id for record in index.records(None, Scope.everything())}
    assert ids["compte rendu.txt"] == first.added[0]
