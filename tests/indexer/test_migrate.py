"""One index into another, with real files at both ends; tests/cli/test_cli_migrate.py has a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.migrate import migrate_index
from indexer.progress import SilentProgress
from indexer.report import FileEntry
from search_core.engines.base import PassageIndex, Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.errors import IndexLocked, IndexUnavailable

EVERYTHING = Scope.everything()


class Interrupted(Exception):
    """What ends a migration in the middle."""


@pytest.fixture
def source(folder: Path, run: Callable[..., Any], index: EmbeddedIndex) -> EmbeddedIndex:
    """Two documents and a file that failed."""
    (folder / "fr.txt").write_text("La ligne de tramway relie la gare au centre.")
    (folder / "zh.txt").write_text("伊西代表团昨天访问了乐山高新区。")
    (folder / "vide.txt").write_bytes(b"")
    run(folder)
    return index


@pytest.fixture
def target(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    """An empty index."""
    with closing(open_embedded_index(tmp_path / "other")) as opened:
        yield opened


def test_interrupted_migration_leaves_the_target_and_begins_again(source: EmbeddedIndex, target: EmbeddedIndex) -> None:
    class Progress(SilentProgress):
        def file_done(self, entry: FileEntry) -> None:
            raise Interrupted(entry.path)

    with pytest.raises(Interrupted):
        migrate_index(source, target, Progress())

    assert list(target.records(None, EVERYTHING)) == []
    assert migrate_index(source, target) == 3
    assert list(target.records(None, EVERYTHING)) == list(source.records(None, EVERYTHING))


def test_source_that_is_being_written_is_not_migrated(source: EmbeddedIndex, target: EmbeddedIndex) -> None:
    with source.writer("indexing files"), pytest.raises(IndexLocked, match="indexing files"):
        migrate_index(source, target)


class Losing:
    """An index that gives back less than it says it has."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index

    def indexed(self, ids: list[str], scope: Scope) -> dict[str, Any]:
        return self._index.indexed(ids[1:], scope)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def test_copy_that_lacks_a_document_is_not_published(source: EmbeddedIndex, target: EmbeddedIndex) -> None:
    with pytest.raises(IndexUnavailable, match="not published"):
        migrate_index(Losing(source), target)  # type: ignore[arg-type]

    assert list(target.records(None, EVERYTHING)) == []
