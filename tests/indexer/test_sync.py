"""A source made equal to its folder: what changes with it, what is never touched, and what is not believed."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.find import Listing
from indexer.report import RunReport, read_report
from indexer.seen import SeenFiles
from indexer.sources import read_sources
from indexer.sync import SyncReport, find_gone
from indexer.watch import Watcher
from search_core.engines.base import DocumentRecord, Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.errors import IndexLocked, InvalidRequest
from search_core.model import Document
from tests.indexer.counting import CountingEmbedder

Sync = Callable[..., SyncReport]
Run = Callable[..., RunReport]
ReadAll = Callable[[], dict[str, Document]]

TEXT = "Le réseau électrique intelligent du Fort d’Issy relie {} logements. 伊西的智能电网连接了{}户住宅。"


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def filled(folder: Path) -> Path:
    """Ten files, some of them in a folder below."""
    (folder / "sub").mkdir()
    for number in range(10):
        write(folder / ("sub" if number % 3 == 0 else "") / f"{number}.txt", number)
    return folder


def write(path: Path, number: int) -> None:
    path.write_text(TEXT.format(number, number), "utf-8")


def records(index: EmbeddedIndex) -> dict[str, DocumentRecord]:
    return {record.path: record for record in index.records(None, Scope.everything())}


def living(index: EmbeddedIndex) -> set[str]:
    return {path for path, record in records(index).items() if record.removed_at is None}


def test_sync_adds_changes_moves_and_removes(
    filled: Path, sync: Sync, index: EmbeddedIndex, embedder: CountingEmbedder
) -> None:
    first = sync(filled)
    assert (first.ok, first.changes["added"], len(first.files)) == (True, 10, 10)
    before = records(index)
    done = embedder.embedded

    write(filled / "new.txt", 100)
    write(filled / "1.txt", 101)
    (filled / "2.txt").rename(filled / "sub" / "renamed.txt")
    (filled / "4.txt").unlink()
    second = sync(filled)

    assert second.changes == {"added": 1, "changed": 1, "moved": 1, "removed": 1, "held_back": 0}
    assert records(index)["sub/renamed.txt"].document_id == before["2.txt"].document_id
    assert records(index)["1.txt"].document_id == before["1.txt"].document_id
    assert records(index)["4.txt"].removed_at is not None
    assert second.removed == (before["4.txt"].document_id,)
    assert embedder.embedded == done + 2
    assert sync(filled).changes == dict.fromkeys(second.changes, 0)


def test_removed_document_can_be_restored_and_comes_back_with_its_file(
    filled: Path, sync: Sync, index: EmbeddedIndex, embedder: CountingEmbedder
) -> None:
    sync(filled)
    kept = (filled / "4.txt").rename(filled.parent / "4.txt")
    (document_id,) = sync(filled).removed
    with index.writer("test") as writer:
        assert writer.restore([document_id]) == 1
    assert sync(filled).removed == (document_id,)

    done = embedder.embedded
    kept.rename(filled / "4.txt")
    sync(filled)
    assert records(index)["4.txt"].document_id == document_id
    assert "4.txt" in living(index)
    assert embedder.embedded == done


def test_other_sources_and_indexed_documents_are_never_touched(
    filled: Path, tmp_path: Path, sync: Sync, run: Run, index: EmbeddedIndex
) -> None:
    others = [tmp_path / "indexed", tmp_path / "synced"]
    for number, other in enumerate(others):
        other.mkdir()
        write(other / f"o{number}.txt", 50 + number)
    run(others[0])
    sync(others[1])
    sync(filled)
    before = records(index)
    for other in others:
        shutil.rmtree(other)
    for number in range(2):
        write(filled / f"same as o{number}.txt", 50 + number)
    (filled / "4.txt").unlink()
    sync(filled)

    after = records(index)
    assert {path: after[path] for path in ("o0.txt", "o1.txt")} == {path: before[path] for path in ("o0.txt", "o1.txt")}
    assert {"same as o0.txt", "same as o1.txt"} <= living(index)


def test_document_that_index_added_to_a_synced_folder_stays_when_its_file_goes(
    filled: Path, sync: Sync, run: Run, index: EmbeddedIndex
) -> None:
    (filled / "1.txt").rename(filled.parent / "1.txt")
    run(filled / "2.txt")
    sync(filled)
    (filled.parent / "1.txt").rename(filled / "1.txt")
    run(filled)
    for name in ("1.txt", "2.txt", "4.txt"):
        (filled / name).unlink()
    report = sync(filled, yes=True)

    assert [records(index)[name].removed_at is None for name in ("1.txt", "2.txt", "4.txt")] == [True, True, False]
    assert len(report.removed) == 1
    assert len(sync(filled, yes=True, adopt=True).removed) == 2


def test_folder_that_is_missing_or_emptied_changes_nothing_and_says_so(
    filled: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    sync(filled)
    away = filled.rename(filled.with_name("away"))
    with pytest.raises(InvalidRequest, match=r"is not there\. Nothing was changed.*share is connected"):
        sync(filled, yes=True)
    filled.mkdir()
    (filled / ".DS_Store").touch()
    with pytest.raises(InvalidRequest, match=r"is empty, and 10 documents of it are indexed\. Nothing was removed"):
        sync(filled, yes=True)
    assert len(living(index)) == 10

    shutil.rmtree(filled)
    away.rename(filled)
    assert sync(filled).changes["removed"] == 0


def test_file_in_place_of_the_folder_is_refused(filled: Path, sync: Sync) -> None:
    with pytest.raises(InvalidRequest, match="is a file, not a folder"):
        sync(filled / "1.txt")


def test_what_lies_in_a_folder_that_cannot_be_read_is_not_gone(filled: Path, sync: Sync, index: EmbeddedIndex) -> None:
    sync(filled)
    listing = Listing(files=[], unread=[filled / "sub"])
    gone = find_gone(index, str(filled), read_sources(index), listing)
    outside = {record.document_id for path, record in records(index).items() if not path.startswith("sub/")}
    assert set(gone) == outside
    assert len(outside) == 6


def test_many_deletions_at_once_need_a_yes(filled: Path, sync: Sync, index: EmbeddedIndex) -> None:
    sync(filled)
    for name in ("1.txt", "2.txt", "4.txt"):
        (filled / name).unlink()
    write(filled / "new.txt", 100)
    report = sync(filled)

    assert (report.changes["added"], report.removed, len(report.held_back), report.ok) == (1, (), 3, False)
    assert "3 of 10 documents have no file any more" in report.notices[0]
    assert "--yes" in report.notices[0]
    assert len(living(index)) == 11
    assert sync(filled, most_removed_percent=30).changes["removed"] == 3


def test_few_deletions_need_no_yes_however_small_the_folder(folder: Path, sync: Sync) -> None:
    for number in range(3):
        write(folder / f"{number}.txt", number)
    sync(folder)
    for number in range(2):
        (folder / f"{number}.txt").unlink()
    assert len(sync(folder).removed) == 2


def test_ignored_file_leaves_the_index_and_a_link_that_broke_does_not(
    filled: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    (filled / "link.txt").symlink_to(filled / "1.txt")
    sync(filled)
    (filled / ".passerelleignore").write_text("5.txt\n")
    (filled / "link.txt").unlink()
    (filled / "link.txt").symlink_to(filled / "nowhere")
    sync(filled)
    assert "5.txt" not in living(index)
    assert "link.txt" in living(index)


def test_file_that_is_written_to_meanwhile_is_read_again(folder: Path, sync: Sync, read_all: ReadAll) -> None:
    """Half of it is there at first; the rest comes while the run waits for it to settle."""
    write(folder / "other.txt", 0)
    (folder / "slow.txt").write_text("La première moitié du rapport. ", "utf-8")
    with (folder / "slow.txt").open("a", encoding="utf-8") as stream:
        seen = WritingMeanwhile(lambda: stream.write("La seconde moitié.") and stream.flush())
        report = sync(folder, seen=seen)

    assert read_all()["slow.txt"].text.strip() == "La première moitié du rapport. La seconde moitié."
    assert report.changes["added"] == len(report.files) == 2


class WritingMeanwhile(SeenFiles):
    """Another program that goes on with its file as soon as it has been read for the first time."""

    def __init__(self, go_on: Callable[[], object]) -> None:
        super().__init__()
        self._go_on: Callable[[], object] | None = go_on

    def read(self, found: Any) -> Any:
        read = super().read(found)
        if found.path == "slow.txt" and self._go_on:
            self._go_on()
            self._go_on = None
        return read


def test_file_that_a_program_has_open_is_read_and_said_to_be(folder: Path, sync: Sync) -> None:
    write(folder / "Rapport.txt", 1)
    (folder / "~$pport.txt").touch()
    write(folder / "Note.txt", 2)
    (folder / ".~lock.Note.txt#").touch()
    write(folder / "closed.txt", 3)
    report = sync(folder)
    assert {entry.path: "Open in another program" in " ".join(entry.notes) for entry in report.files} == {
        "Rapport.txt": True,
        "Note.txt": True,
        "closed.txt": False,
    }


def test_second_sync_is_told_who_syncs(filled: Path, sync: Sync, index: EmbeddedIndex) -> None:
    refused: list[str] = []

    class Meanwhile(SeenFiles):
        def read(self, found: Any) -> Any:
            if not refused:
                with pytest.raises(IndexLocked) as error:
                    sync(filled)
                refused.append(str(error.value))
            return super().read(found)

    sync(filled, seen=Meanwhile())
    assert f"process {os.getpid()}" in refused[0]
    assert f"syncing {filled}" in refused[0]


def test_report_says_what_was_removed(filled: Path, sync: Sync, index: EmbeddedIndex) -> None:
    sync(filled)
    (filled / "4.txt").unlink()
    sync(filled)
    assert read_report(index, Scope.everything()).counts == {"unchanged": 9, "removed": 1}


@pytest.mark.parametrize("way", ["index", "sync"])
def test_counts_of_the_report_add_up_to_the_files_of_a_messy_folder(
    way: str, folder: Path, sync: Sync, run: Run, index: EmbeddedIndex
) -> None:
    go = run if way == "index" else sync
    for name in ("a.txt", "copy of a.txt"):
        write(folder / name, 1)
    (folder / "vide.txt").touch()
    (folder / "cassé.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    (folder / "film.mkv").write_bytes(bytes(range(256)) * 10)
    (folder / "perdu.pdf.meta.yaml").write_text("title: T")
    (folder / "lien.txt").symlink_to(folder / "nulle part")
    (folder / "à plus tard.mkv").write_bytes(b"\0\1\2")
    go(folder)
    counts = {"indexed": 2, "failed": 2, "skipped": 4}
    assert read_report(index, Scope.everything()).counts == counts
    assert sum(counts.values()) == len(list(folder.iterdir()))

    (folder / "à plus tard.mkv").unlink()
    go(folder)
    assert read_report(index, Scope.everything()).counts == {"unchanged": 2, "failed": 2, "skipped": 3}


def test_unchanged_files_are_not_read_again_while_they_look_the_same(
    filled: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    age(filled)
    seen = CountingReads()
    sync(filled, seen=seen)
    write(filled / "1.txt", 101)
    report = sync(filled, seen=seen)
    assert (seen.reads, report.changes["changed"], len(report.files)) == (11, 1, 10)


def test_file_that_no_family_reads_is_read_once(folder: Path, sync: Sync) -> None:
    (folder / "film.mkv").write_bytes(bytes(range(256)) * 10)
    os.utime(folder / "film.mkv", (1_400_000_000, 1_400_000_000))
    seen = CountingReads()
    reports = [sync(folder, seen=seen) for _ in range(2)]
    assert [[entry.status for entry in report.files] for report in reports] == [["skipped"], ["skipped"]]
    assert seen.reads == 1


class CountingReads(SeenFiles):
    reads = 0

    def read(self, found: Any) -> Any:
        self.reads += 1
        return super().read(found)


def age(folder: Path) -> None:
    """Let the files be old, as most are: what was written just now is read again in any case."""
    for path in folder.rglob("*.txt"):
        os.utime(path, (1_400_000_000, 1_400_000_000))


def test_watcher_syncs_only_what_looks_otherwise_and_waits_for_a_folder_that_is_away(
    filled: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    age(filled)
    told: list[str] = []
    watcher = Watcher(filled, lambda seen: sync(filled, seen=seen), told.append)
    first = watcher.look()
    assert first is not None
    assert first.changes["added"] == 10
    assert watcher.look() is None

    away = filled.rename(filled.with_name("away"))
    assert [watcher.look(), watcher.look()] == [None, None]
    filled.mkdir()
    assert watcher.look() is None
    assert [sentence.split(". ")[0].split(str(filled))[1] for sentence in told] == [
        " is not there",
        " is empty, and 10 documents of it are indexed",
    ]
    assert len(living(index)) == 10

    filled.rmdir()
    away.rename(filled)
    (filled / "4.txt").unlink()
    report = watcher.look()
    assert report is not None
    assert report.changes["removed"] == 1


def test_watcher_waits_while_another_process_writes(filled: Path, sync: Sync, index: EmbeddedIndex) -> None:
    told: list[str] = []
    watcher = Watcher(filled, lambda seen: sync(filled, seen=seen), told.append)
    with index.writer("indexing something else"):
        looked = threading.Thread(target=watcher.look)
        looked.start()
        looked.join()
    assert "indexing something else" in told[0]
    report = watcher.look()
    assert report is not None
    assert report.changes["added"] == 10
