"""`_meta.yaml`: values for all files of a folder and below, nearer ones first, and a run that sees them change."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.find import list_files
from indexer.report import RunReport
from indexer.seen import SeenFiles
from indexer.sync import SyncReport
from search_core.model import Document, Metadata
from tests.indexer.counting import CountingEmbedder

Run = Callable[..., RunReport]
Sync = Callable[..., SyncReport]
ReadAll = Callable[[], dict[str, Document]]

TEXT = "Le réseau électrique intelligent du Fort d’Issy relie deux mille logements."


@pytest.fixture
def embedder() -> CountingEmbedder:
    return CountingEmbedder()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def metadata(read_all: ReadAll, path: str) -> Metadata:
    return read_all()[path].metadata


def test_values_hold_for_the_folder_and_below_and_the_nearer_folder_wins(
    folder: Path, run: Run, read_all: ReadAll
) -> None:
    write(folder / "_meta.yaml", "city: Leshan\nworking_group: Transports\naccess: bureau")
    write(folder / "in" / "_meta.yaml", "城市: 伊西")
    write(folder / "a.txt", TEXT)
    write(folder / "in" / "b.txt", TEXT)

    run(folder)

    assert metadata(read_all, "a.txt").values == {"city": ("leshan",), "working_group": ("transport",)}
    assert metadata(read_all, "in/b.txt").values == {"city": ("issy-les-moulineaux",), "working_group": ("transport",)}
    assert metadata(read_all, "in/b.txt").access == ("bureau",)


def test_the_file_overrides_its_folder_and_its_sidecar_both(folder: Path, run: Run, read_all: ReadAll) -> None:
    write(folder / "_meta.yaml", "city: Leshan\nkind: study\ndate: 2014")
    write(folder / "a.txt", f"---\nkind: report\ndate: 2015\n---\nIssy, le 3 mars 2011\n\n{TEXT}")
    write(folder / "a.txt.meta.yaml", "date: 2016")

    run(folder)

    found = metadata(read_all, "a.txt")
    assert (found.values, found.date) == ({"city": ("leshan",), "kind": ("report",)}, "2016")


def test_it_is_no_document_and_needs_no_line_in_the_report(folder: Path, run: Run) -> None:
    write(folder / "_meta.yaml", "city: Leshan")
    write(folder / "a.txt", TEXT)

    assert [entry.path for entry in run(folder).files] == ["a.txt"]
    assert [entry.reason for entry in run(folder / "_meta.yaml").files] == ["It describes the files of its folder."]


def test_a_file_given_by_itself_is_described_by_the_folders_above_it(folder: Path, run: Run, read_all: ReadAll) -> None:
    write(folder / "_meta.yaml", "access: bureau")
    write(folder / "in" / "a.txt", TEXT)

    run(folder / "in" / "a.txt")

    assert metadata(read_all, "a.txt").access == ("bureau",)


def test_a_change_reads_the_files_again_and_embeds_none(
    folder: Path, sync: Sync, read_all: ReadAll, embedder: CountingEmbedder
) -> None:
    write(folder / "a.txt", TEXT)
    write(folder / "in" / "b.txt", TEXT + " Bis.")
    seen = SeenFiles()
    sync(folder, seen=seen)
    embedded = embedder.embedded

    write(folder / "in" / "_meta.yaml", "city: Leshan")
    added = sync(folder, seen=seen)
    write(folder / "in" / "_meta.yaml", "city: Paris")
    changed = sync(folder, seen=seen)
    cities = metadata(read_all, "in/b.txt").values
    (folder / "in" / "_meta.yaml").unlink()
    gone = sync(folder, seen=seen)

    assert [len(report.changed) for report in (added, changed, gone)] == [1, 1, 1]
    assert cities == {"city": ("paris",)}
    assert "city" not in metadata(read_all, "in/b.txt").values
    assert embedder.embedded == embedded


def test_a_settled_file_is_looked_at_again_when_its_folder_is_described_otherwise(folder: Path) -> None:
    write(folder / "_meta.yaml", "city: Leshan")
    write(folder / "a.txt", TEXT)
    for path in folder.iterdir():
        os.utime(path, (1_400_000_000, 1_400_000_000))
    seen = SeenFiles()
    [found] = list_files([folder]).files
    seen.read(found)
    assert seen.is_same(found)

    write(folder / "_meta.yaml", "city: Paris")

    assert not seen.is_same(found)


@pytest.mark.parametrize("broken", [b"access: [bureau", b"\0\1\2" * 99, b"x" * 300_000, b"- une liste"])
def test_a_broken_one_hides_the_files_whose_access_labels_it_may_hold(
    folder: Path, run: Run, read_all: ReadAll, broken: bytes
) -> None:
    (folder / "_meta.yaml").write_bytes(broken)
    write(folder / "a.txt", TEXT)
    write(folder / "b.txt", TEXT)
    write(folder / "b.txt.meta.yaml", "access: bureau")

    report = run(folder)

    assert metadata(read_all, "a.txt").access == ()
    assert metadata(read_all, "b.txt").access == ("bureau",)
    assert all(any("_meta.yaml" in note for note in entry.notes) for entry in report.files)


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(folder: Path, run: Run, read_all: ReadAll) -> None:
    os.mkfifo(folder / "_meta.yaml")
    write(folder / "a.txt", TEXT)

    run(folder)

    assert metadata(read_all, "a.txt").access == ()


def test_a_link_that_leaves_the_folder_is_not_followed_and_hides(folder: Path, run: Run, read_all: ReadAll) -> None:
    write(folder.parent / "elsewhere.yaml", "access: public")
    (folder / "_meta.yaml").symlink_to(folder.parent / "elsewhere.yaml")
    write(folder / "a.txt", TEXT)

    [entry] = run(folder).files

    assert metadata(read_all, "a.txt").access == ()
    assert "not followed" in entry.notes[0]
