"""What `passerelle doctor` finds in a data folder, without making or writing anything."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from search_core.engines.embedded import EmbeddedIndex, condition, examine_folder
from search_core.findings import Finding


def find(folder: Path) -> dict[str, Finding]:
    return {finding.subject: finding for finding in examine_folder(folder)}


def living(folder: Path) -> Path:
    return folder / "index-0001.sqlite"


def test_whole_index_is_well(embedded: EmbeddedIndex, folder: Path) -> None:
    findings = find(folder)

    assert list(findings) == ["file system", "index files", "write-ahead log", "soundness", "writer"]
    assert [subject for subject, finding in findings.items() if finding.remedy] == []
    assert "index-0001.sqlite" in findings["index files"].state
    assert "(living)" in findings["index files"].state
    assert findings["soundness"].state.startswith("index-0001.sqlite is whole")
    assert findings["writer"].state == "nobody writes"


def test_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    findings = find(tmp_path / "nowhere")

    assert findings["index files"] == Finding("index files", f"none in {tmp_path / 'nowhere'} yet")
    assert not (tmp_path / "nowhere").exists()


def test_who_writes_is_named(embedded: EmbeddedIndex, folder: Path) -> None:
    with embedded.writer("counting sheep"):
        assert f"process {os.getpid()}" in find(folder)["writer"].state
        assert "counting sheep" in find(folder)["writer"].state


def test_note_of_a_writer_that_was_killed_is_not_believed(embedded: EmbeddedIndex, folder: Path) -> None:
    with embedded.writer("dying"):
        note = (folder / "writer.json").read_text("utf-8")
    ended = 2**22 + 1  # no system gives such a number
    (folder / "writer.json").write_text(note.replace(str(os.getpid()), str(ended)), "utf-8")

    assert find(folder)["writer"].state == "nobody writes"


def test_what_a_rebuild_left_is_told(embedded: EmbeddedIndex, folder: Path) -> None:
    with embedded.rebuild("test") as rebuild:
        assert "(unfinished)" in find(folder)["index files"].state
        rebuild.publish()

    assert find(folder)["index files"].state.count("(kept for rollback)") == 1


def test_damaged_file_is_found(embedded: EmbeddedIndex, folder: Path, make_document, put) -> None:
    put(embedded, *(make_document(f"{n:016x}", *(" ".join([f"mot{i}"] * 50) for i in range(20))) for n in range(9)))
    embedded.close()
    with sqlite3.connect(living(folder)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with living(folder).open("r+b") as file:
        for page in range(10, 30):
            file.seek(page * 4096)
            file.write(os.urandom(4096))

    finding = find(folder)["soundness"]

    assert "damaged" in finding.state
    assert "passerelle recover" in finding.remedy


def test_log_that_nobody_folds_in_is_told(embedded: EmbeddedIndex, folder: Path) -> None:
    embedded.close()
    log = living(folder).with_name("index-0001.sqlite-wal")
    log.touch()
    os.truncate(log, 200 * 2**20)

    finding = find(folder)["write-ahead log"]

    assert finding.state == "200.0 MiB beside index-0001.sqlite"
    assert "passerelle serve" in finding.remedy


def test_pointer_to_nothing_is_told(embedded: EmbeddedIndex, folder: Path) -> None:
    (folder / "CURRENT").write_text("nothing\n")

    assert "does not name an index file" in find(folder)["index files"].state


def test_network_file_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = [SimpleNamespace(mountpoint="/", fstype="nfs4")]
    monkeypatch.setattr(condition.psutil, "disk_partitions", lambda **_: mounts)

    finding = find(tmp_path)["file system"]

    assert "nfs4" in finding.state
    assert "PASSERELLE_DATA" in finding.remedy
