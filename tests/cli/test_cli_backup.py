"""`passerelle backup` and `passerelle recover` on the embedded engine: what an operator meets."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from search_core.people import PeopleStore

pytestmark = pytest.mark.slow

Run = Callable[..., Any]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def backup(indexed: Path, passerelle: Run, place: Path) -> Path:
    """The folder of a backup of four documents, one removed, and two words of people."""
    assert passerelle("remove", "fr/vélo.txt").status == 0
    assert passerelle("pairs", "confirm", "fr/reseau.txt", "zh/电网.md").status == 0
    assert passerelle("language", "zh/自行车.txt", "other").status == 0
    assert passerelle("backup", place).status == 0
    (folder,) = place.glob("passerelle-*")
    return folder


@pytest.fixture
def on_empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "empty" / "data"
    monkeypatch.setenv("PASSERELLE_DATA", str(folder))
    return folder


def search(passerelle: Run, question: str) -> list[Any]:
    return [(hit["path"], hit["score"]) for hit in passerelle("search", "--json", question).json["hits"]]


def status(passerelle: Run) -> tuple[Any, Any]:
    facts = passerelle("status", "--json").json
    return facts["documents"], facts["removed"]


def test_backup_says_what_it_holds_and_is_its_owners_alone(backup: Path, passerelle: Run, place: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())

    assert sorted(manifest["files"]) == ["index.sqlite", "people.sqlite"]
    assert {path.stat().st_mode & 0o777 for path in backup.iterdir()} == {0o600}
    assert (backup.stat().st_mode & 0o777, place.stat().st_mode & 0o777) == (0o700, 0o700)
    (listed,) = passerelle("backup", place, "--list", "--json").json
    assert (listed["documents"], listed["passages"], listed["model"], listed["problem"]) == (4, 3, "hash", "")


def test_empty_machine_answers_as_before(
    backup: Path, passerelle: Run, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = search(passerelle, "réseau électrique 智能电网"), status(passerelle)
    listed = passerelle("pairs", "--json").json
    monkeypatch.setenv("PASSERELLE_DATA", str(tmp_path / "empty"))

    ended = passerelle("recover", place)

    assert (ended.status, "Replace" in ended.err) == (0, False), ended.err
    assert (search(passerelle, "réseau électrique 智能电网"), status(passerelle)) == asked
    assert passerelle("pairs", "--json").json == listed
    assert list(PeopleStore(tmp_path / "empty").languages().values()) == ["other"]
    assert passerelle("restore", "fr/vélo.txt").status == 0
    assert search(passerelle, "zanzibarite")[0][0] == "fr/vélo.txt"
    assert (tmp_path / "empty").stat().st_mode & 0o777 == 0o700


def test_one_backup_copied_elsewhere_is_recovered_from_its_own_folder(
    backup: Path, passerelle: Run, on_empty_machine: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "elsewhere" / "copy of monday"
    shutil.copytree(backup, copied)
    shutil.rmtree(backup)

    assert passerelle("recover", copied).status == 0
    assert status(passerelle) == ({"fr": 1, "zh": 2}, 1)


def test_living_index_is_replaced_after_asking_only_and_rollback_brings_it_back(
    backup: Path, passerelle: Run, place: Path, documents: Path, tmp_path: Path
) -> None:
    (documents / "neuf.txt").write_text("Un nouveau quai relie le parc à la Seine.")
    assert passerelle("index", documents / "neuf.txt").status == 0
    assert passerelle("pairs", "forget", "fr/reseau.txt", "zh/电网.md").status == 0
    before = status(passerelle)

    refused = passerelle("recover", place, answer="n\n")
    assert (refused.status, "Replace 5 documents in" in refused.err) == (1, True)
    assert status(passerelle) == before

    ended = passerelle("recover", place, "--yes")
    assert (ended.status, "passerelle rollback" in ended.out) == (0, True), ended.err
    assert status(passerelle) == ({"fr": 1, "zh": 2}, 1)
    assert passerelle("pairs", "--json").json[0]["state"] == "confirmed"
    (kept,) = (tmp_path / "data").glob("people-before-*.sqlite")
    assert (str(kept) in ended.out, kept.stat().st_mode & 0o777) == (True, 0o600)
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT count(*) FROM pair_verdicts").fetchone() == (0,)


def test_own_glossary_is_backed_up_and_never_written_over(
    indexed: Path, passerelle: Run, place: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("zanzibarite\t桑给巴尔石\n", "utf-8")
    monkeypatch.setenv("PASSERELLE_GLOSSARY", str(own))
    assert passerelle("backup", place).status == 0
    assert "glossary" not in passerelle("recover", place, "--yes").out

    own.write_text("quai\t码头\n", "utf-8")
    ended = passerelle("recover", place, "--yes")

    recovered = tmp_path / "data" / "recovered-glossary.tsv"
    assert str(recovered) in ended.out
    assert recovered.read_text("utf-8") == "zanzibarite\t桑给巴尔石\n"
    assert own.read_text("utf-8") == "quai\t码头\n"


def test_index_that_cannot_be_read_is_recovered_and_stays_beside(
    backup: Path, passerelle: Run, place: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "data" / "index-0001.sqlite"
    for leftover in (tmp_path / "data").glob("index-*"):
        leftover.unlink()
    damaged.write_bytes(b"nothing like a database " * 1000)

    ended = passerelle("recover", place, "--yes")

    assert (ended.status, "It stays where it is" in ended.err) == (0, True), ended.err
    assert status(passerelle) == ({"fr": 1, "zh": 2}, 1)
    assert damaged.exists()


@pytest.mark.parametrize("pointer", ["nonsense", "index-0009.sqlite"])
def test_lost_pointer_is_no_obstacle(backup: Path, passerelle: Run, place: Path, tmp_path: Path, pointer: str) -> None:
    (tmp_path / "data" / "CURRENT").write_text(pointer)
    assert passerelle("status").status == 3

    assert passerelle("recover", place, "--yes").status == 0
    assert status(passerelle) == ({"fr": 1, "zh": 2}, 1)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "harm", "told"),
    [
        ("index.sqlite", cut, "index.sqlite is missing or cut off"),
        ("index.sqlite", change, "index.sqlite is not what was written"),
        ("index.sqlite", Path.unlink, "index.sqlite is missing or cut off"),
        ("people.sqlite", change, "people.sqlite is not what was written"),
        ("manifest.json", cut, "its manifest.json cannot be read"),
        ("manifest.json", Path.unlink, "its manifest.json cannot be read"),
    ],
)
def test_backup_that_is_not_whole_is_refused_and_changes_nothing(
    backup: Path, passerelle: Run, place: Path, tmp_path: Path, name: str, harm: Callable[[Path], None], told: str
) -> None:
    before = status(passerelle)
    harm(backup / name)

    ended = passerelle("recover", place, backup.name, "--yes")

    assert (ended.status, told in ended.err) == (3, True), ended.err
    assert "nothing was changed" in ended.err
    assert status(passerelle) == before
    assert list((tmp_path / "data").glob("recovering*")) == []


def test_newest_whole_backup_is_taken(backup: Path, passerelle: Run, place: Path, on_empty_machine: Path) -> None:
    shutil.copytree(backup, place / "passerelle-99990101-000000-000")
    cut(place / "passerelle-99990101-000000-000" / "index.sqlite")

    ended = passerelle("recover", place)

    assert (ended.status, f"{backup.name} recovered: 4 documents" in ended.out) == (0, True), ended.err
    harmed, whole = passerelle("backup", place, "--list", "--json").json
    assert ("is missing or cut off" in harmed["problem"], whole["problem"]) == (True, "")


@pytest.mark.parametrize(
    ("fact", "value", "told"),
    [
        ("schema", 2, "newer Passerelle.*Upgrade"),
        ("format", 2, "newer Passerelle.*Upgrade"),
        ("schema", 0, "older Passerelle.*Recover it with Passerelle"),
        ("engine", "opensearch", "PASSERELLE_ENGINE=opensearch"),
    ],
)
def test_backup_of_another_kind_names_what_helps(
    backup: Path, passerelle: Run, place: Path, fact: str, value: Any, told: str
) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["backup"][fact] = value
    (backup / "manifest.json").write_text(json.dumps(manifest))

    ended = passerelle("recover", place, "--yes")

    assert ended.status == 3
    assert re.search(told, ended.err.replace("\n", " "))


def test_backup_of_another_model_is_recovered_and_says_what_it_needs(
    backup: Path, passerelle: Run, place: Path, on_empty_machine: Path
) -> None:
    with closing(sqlite3.connect(backup / "index.sqlite")) as connection, connection:
        (stored,) = connection.execute("SELECT value FROM state WHERE key = 'versions'").fetchone()
        other = stored.replace(b'"model": "', b'"model": "x')
        connection.execute("UPDATE state SET value = ? WHERE key = 'versions'", (other,))
    _sign(backup)

    ended = passerelle("recover", place)

    assert (ended.status, "another embedding model (hash)" in ended.out) == (0, True), ended.err + ended.out
    assert "passerelle reindex" in ended.out


def _sign(backup: Path) -> None:
    """Make the manifest true again."""
    manifest = json.loads((backup / "manifest.json").read_text())
    for name, told in manifest["files"].items():
        content = (backup / name).read_bytes()
        told |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (backup / "manifest.json").write_text(json.dumps(manifest))


def test_place_without_backups_is_told(passerelle: Run, tmp_path: Path) -> None:
    assert "no whole backup" in passerelle("recover", tmp_path, "--yes").err
    assert "No such file" in passerelle("recover", tmp_path / "nowhere", "--yes").err
    assert "There is no backup monday" in passerelle("recover", tmp_path, "monday", "--yes").err
    (tmp_path / "file").write_text("")
    assert passerelle("backup", tmp_path / "file").status == 3


def test_backups_of_several_collections_have_to_be_named(
    backup: Path, passerelle: Run, place: Path, on_empty_machine: Path, documents: Path
) -> None:
    assert passerelle("index", documents / "zh").status == 0
    assert passerelle("backup", place).status == 0

    ended = passerelle("recover", place, "--yes")

    assert (ended.status, "several collections" in ended.err) == (3, True)
    assert passerelle("recover", place, backup.name, "--yes").status == 0


def test_only_the_newest_are_kept(backup: Path, passerelle: Run, place: Path) -> None:
    for _ in range(3):
        assert passerelle("backup", place).status == 0

    ended = passerelle("backup", place, "--keep", "2")

    assert ended.status == 0
    left = sorted(path.name for path in place.glob("passerelle-*"))
    assert (len(left), backup.name in left, left[-1] in ended.out) == (2, False, True)


def test_empty_folder_has_nothing_to_back_up(passerelle: Run, place: Path) -> None:
    ended = passerelle("backup", place)

    assert (ended.status, "There is no index" in ended.err, place.exists()) == (3, True, False)


def test_people_entries_of_a_newer_passerelle_are_refused(backup: Path, passerelle: Run, place: Path) -> None:
    with closing(sqlite3.connect(backup / "people.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 99")
    _sign(backup)
    before = status(passerelle)

    ended = passerelle("recover", place, "--yes")

    assert (ended.status, "newer version of Passerelle" in ended.err) == (3, True)
    assert status(passerelle) == before


def test_full_disk_leaves_no_half_backup(
    indexed: Path, place: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """With no file allowed to grow beyond 64 KB, as a full disk would have it."""
    program = (
        "import resource, signal",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))",
        "from passerelle.cli import main",
        "main()",
    )
    command = "; ".join(program)
    ended = subprocess.run(
        [sys.executable, "-c", command, "backup", str(place)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3, ended.stderr
    assert "Error: " in ended.stderr
    assert [path.name for path in place.iterdir() if path.is_dir()] == []
