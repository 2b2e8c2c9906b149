"""Files in archives are documents of their own: found, changed, moved, removed, accounted for as files in folders."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from indexer.report import RunReport, read_report
from indexer.seen import SeenFiles
from indexer.sync import SyncReport
from indexer.watch import Watcher
from search_core.engines.base import DocumentRecord, Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.model import Document
from tests.indexer.counting import CountingEmbedder
from tests.indexer.zips import ENCRYPTED, Entry, write_zip
from tools.fuzz_documents import PLAIN, mutate

Sync = Callable[..., SyncReport]
Run = Callable[..., RunReport]
ReadAll = Callable[[], dict[str, Document]]

TEXT = "Le compte rendu {} de la réunion du groupe de travail. 工作组第{}次会议纪要。"


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


def text(number: int) -> bytes:
    return TEXT.format(number, number).encode()


def put(path: Path, members: Mapping[str, bytes | Entry]) -> None:
    path.write_bytes(write_zip({name.encode(): content for name, content in members.items()}))


def numbered(*numbers: int) -> dict[str, bytes]:
    return {f"dossier/{number}.txt": text(number) for number in numbers}


def records(index: EmbeddedIndex) -> dict[str, DocumentRecord]:
    return {record.path: record for record in index.records(None, Scope.everything())}


def living(index: EmbeddedIndex) -> set[str]:
    return {path for path, record in records(index).items() if record.removed_at is None}


def statuses(report: RunReport) -> dict[str, str]:
    return {entry.path: entry.status for entry in report.files}


def test_members_are_added_changed_and_removed_with_their_archive(
    folder: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    put(folder / "a.zip", numbered(1, 2, 3, 4, 5))
    first = sync(folder)
    assert (first.changes["added"], len(first.files)) == (5, 6)
    assert statuses(first)["a.zip"] == "skipped"
    assert statuses(first)["a.zip/dossier/1.txt"] == "indexed"
    before = records(index)

    put(folder / "a.zip", {**numbered(1, 2, 3, 6), "dossier/4.txt": text(44)})
    second = sync(folder)
    assert second.changes == {"added": 1, "changed": 1, "moved": 0, "removed": 1, "held_back": 0}
    assert records(index)["a.zip/dossier/4.txt"].document_id == before["a.zip/dossier/4.txt"].document_id
    assert living(index) == {f"a.zip/dossier/{number}.txt" for number in (1, 2, 3, 4, 6)}
    assert sync(folder).changes == dict.fromkeys(second.changes, 0)


def test_archive_that_is_renamed_or_unpacked_moves_its_documents_without_embedding(
    folder: Path, sync: Sync, index: EmbeddedIndex, embedder: CountingEmbedder
) -> None:
    put(folder / "a.zip", numbered(1, 2, 3))
    sync(folder)
    before, done = records(index), embedder.embedded

    (folder / "a.zip").rename(folder / "b.zip")
    assert sync(folder).changes["moved"] == 3
    (folder / "b.zip").unlink()
    (folder / "dossier").mkdir()
    for name, content in numbered(1, 2, 3).items():
        (folder / name).write_bytes(content)
    report = sync(folder)

    assert (report.changes["moved"], report.removed, embedder.embedded) == (3, (), done)
    assert records(index)["dossier/1.txt"].document_id == before["a.zip/dossier/1.txt"].document_id


def test_copy_of_a_member_does_not_take_its_document(folder: Path, sync: Sync, index: EmbeddedIndex) -> None:
    put(folder / "z.zip", numbered(1))
    sync(folder)
    before = records(index)
    (folder / "copie.txt").write_bytes(text(1))
    report = sync(folder)

    assert (report.changes["added"], report.changes["moved"]) == (1, 0)
    assert records(index)["z.zip/dossier/1.txt"] == before["z.zip/dossier/1.txt"]


def test_archive_that_cannot_be_opened_is_one_failed_file_and_nothing_of_it_is_removed(
    folder: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    put(folder / "a.zip", numbered(1, 2, 3, 4))
    (folder / "note.txt").write_bytes(text(9))
    sync(folder)
    whole = (folder / "a.zip").read_bytes()
    (folder / "a.zip").write_bytes(whole[:-40])
    report = sync(folder, yes=True)

    assert statuses(report) == {"a.zip": "failed", "note.txt": "unchanged"}
    assert "damaged" in next(entry.reason for entry in report.files if entry.path == "a.zip")
    assert (report.removed, report.ok, len(living(index))) == ((), False, 5)
    assert "a.zip cannot be read: nothing below it was removed." in report.notices[0]

    (folder / "a.zip").write_bytes(whole)
    assert sync(folder).ok
    assert read_report(index, Scope.everything()).counts == {"unchanged": 5, "skipped": 1}


def test_archive_that_is_deleted_takes_its_documents_along_within_the_rules(
    folder: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    put(folder / "a.zip", numbered(1, 2, 3))
    (folder / "note.txt").write_bytes(text(9))
    sync(folder)
    (folder / "a.zip").unlink()

    assert len(sync(folder).held_back) == 3
    assert len(sync(folder, yes=True).removed) == 3
    assert living(index) == {"note.txt"}


@pytest.mark.parametrize("way", ["index", "sync"])
def test_every_file_of_a_messy_archive_is_accounted_for(
    way: str, folder: Path, sync: Sync, run: Run, index: EmbeddedIndex
) -> None:
    inner = write_zip({"内/纪要.txt".encode("gbk"): text(3)})
    put(
        folder / "a.zip",
        {
            "note.txt": text(1),
            "film.mkv": bytes(range(256)) * 10,
            "secret.txt": Entry(b"x", flags=ENCRYPTED),
            "lien.txt": Entry(b"/etc/passwd", system=3, mode=0o120777),
            "vide.txt": b"",
            "perdu.pdf.meta.yaml": b"title: T",
            "inner.zip": inner,
            "broken.zip": b"PK\x03\x04junk",
            "__MACOSX/._note.txt": b"\0\1",
            "sous/.DS_Store": b"\0\1",
            "sous/Thumbs.db": b"\0\1",
        },
    )
    go = run if way == "index" else sync
    expected = {
        "a.zip": "skipped",
        "a.zip/note.txt": "indexed",
        "a.zip/film.mkv": "skipped",
        "a.zip/secret.txt": "failed",
        "a.zip/lien.txt": "skipped",
        "a.zip/vide.txt": "failed",
        "a.zip/perdu.pdf.meta.yaml": "skipped",
        "a.zip/inner.zip": "skipped",
        "a.zip/inner.zip/内/纪要.txt": "indexed",
        "a.zip/broken.zip": "failed",
    }
    report = go(folder)
    assert statuses(report) == expected
    assert all(entry.reason for entry in report.files if entry.status in ("failed", "skipped"))
    notes = {entry.path: entry.notes for entry in report.files}
    assert notes["a.zip/inner.zip/内/纪要.txt"] == ("File names in the archive are taken for gb18030.",)

    again = {**expected, "a.zip/note.txt": "unchanged", "a.zip/inner.zip/内/纪要.txt": "unchanged"}
    assert statuses(go(folder)) == again
    assert {entry.path: entry.status for entry in read_report(index, Scope.everything()).files} == again


def test_skipped_member_that_vanishes_is_forgotten_and_one_elsewhere_is_not(
    folder: Path, sync: Sync, index: EmbeddedIndex
) -> None:
    for name in ("un", "deux"):
        (folder / name).mkdir()
        put(folder / name / "a.zip", {"film.mkv": b"\0\1\2" * 99, "note.txt": name.encode() * 30})
        sync(folder / name)
    put(folder / "un" / "a.zip", {"note.txt": b"un" * 30})
    sync(folder / "un")

    skipped = {
        (Path(entry.source).name, entry.path)
        for entry in read_report(index, Scope.everything()).files
        if entry.status == "skipped"
    }
    assert skipped == {("un", "a.zip"), ("deux", "a.zip"), ("deux", "a.zip/film.mkv")}


def test_sidecar_and_ignore_rules_hold_in_archives(folder: Path, sync: Sync, read_all: ReadAll) -> None:
    put(
        folder / "a.zip",
        {
            "note.txt": text(1),
            "note.txt.meta.yaml": "title: 第一次会议\naccess: [interne]".encode(),
            "brouillon.tmp": text(2),
            "vieux/note.txt": text(3),
        },
    )
    (folder / ".passerelleignore").write_text("*.tmp\nvieux/\n")
    sync(folder)
    (document,) = read_all().values()

    assert document.path == "a.zip/note.txt"
    assert (document.metadata.title, document.metadata.access) == ("第一次会议", ("interne",))


def test_folder_metadata_inside_and_outside_of_an_archive_holds(folder: Path, sync: Sync, read_all: ReadAll) -> None:
    inner = write_zip({b"c.txt": text(3)})
    put(
        folder / "a.zip",
        {
            "_meta.yaml": b"city: leshan",
            "x/_meta.yaml": b"kind: minutes\nworking_group: transport",
            "x/b.txt": text(1),
            "x/inner.zip": inner,
            "d.txt": text(2),
        },
    )
    (folder / "_meta.yaml").write_text("working_group: housing\ncity: paris")
    report = sync(folder)
    values = {path: found.metadata.values for path, found in read_all().items()}

    for path in ("a.zip/x/b.txt", "a.zip/x/inner.zip/c.txt"):
        assert {name: values[path][name] for name in ("city", "kind", "working_group")} == {
            "city": ("leshan",),
            "kind": ("minutes",),
            "working_group": ("transport",),
        }
    assert values["a.zip/d.txt"]["working_group"] == ("housing",)
    assert statuses(report)["a.zip/x/_meta.yaml"] == "skipped"


def test_member_that_disagrees_with_its_archive_is_failed_and_kept_as_it_was(
    folder: Path, sync: Sync, read_all: ReadAll
) -> None:
    put(folder / "a.zip", numbered(1, 2))
    sync(folder)
    before = read_all()["a.zip/dossier/1.txt"].text
    data = bytearray((folder / "a.zip").read_bytes())
    data[60:70] = bytes(10)
    (folder / "a.zip").write_bytes(data)
    report = sync(folder)

    assert statuses(report)["a.zip/dossier/1.txt"] == "failed"
    assert read_all()["a.zip/dossier/1.txt"].text == before


def test_archive_given_by_itself_is_indexed(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    put(folder / "a.zip", numbered(1, 2))
    run(folder / "a.zip")

    assert living(index) == {"a.zip/dossier/1.txt", "a.zip/dossier/2.txt"}


def test_watcher_looks_into_an_archive_only_when_it_has_changed(folder: Path, sync: Sync) -> None:
    put(folder / "a.zip", numbered(1, 2))
    os.utime(folder / "a.zip", (1_400_000_000, 1_400_000_000))
    seen: list[SeenFiles] = []
    watcher = Watcher(folder, lambda known: seen.append(known) or sync(folder, seen=known), lambda _: None)  # type: ignore[func-returns-value]
    assert watcher.look() is not None
    contents = seen[0].archives.look_into(folder / "a.zip")
    assert watcher.look() is None
    assert seen[0].archives.look_into(folder / "a.zip") is contents

    put(folder / "a.zip", numbered(1, 2, 3))
    report = watcher.look()
    assert report is not None
    assert report.changes["added"] == 1


@pytest.mark.slow
def test_run_over_mutated_archives_accounts_for_every_file(folder: Path, run: Run) -> None:
    inner = write_zip({"内/纪要.txt".encode("gbk"): text(3), b"b.md": text(4)})
    whole = write_zip({b"a/b.txt": text(1), b"in.zip": inner, b"a/b.txt.meta.yaml": b"title: T", b"page.html": text(2)})
    for number in range(150):
        mutant = mutate(whole, random.Random(number), PLAIN)
        (folder / f"{number}.zip").write_bytes(mutant or b"PK")
    report = run(folder)

    assert {entry.path.partition("/")[0] for entry in report.files} == {path.name for path in folder.iterdir()}
    assert all(entry.reason for entry in report.files if entry.status in ("failed", "partial", "skipped"))
    assert len({entry.path for entry in report.files}) == len(report.files)
    assert {"indexed", "failed", "skipped"} <= set(report.counts)
