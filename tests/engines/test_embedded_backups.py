"""Backups of a data folder: what a killed process leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedBackups

EVERYTHING = Scope.everything()

KILLED = """
import sys, time
from pathlib import Path
from search_core.engines.embedded import EmbeddedBackups
backups = EmbeddedBackups(Path(sys.argv[1]), Path(sys.argv[2]))
def stop():
    print("there", flush=True)
    time.sleep(600)
if sys.argv[3] == "backing up":
    backups.back_up(stop)
else:
    with backups.recover(backups.find()[0]):
        stop()
"""


def enclose():
    return {"people.sqlite": b"people"}


def kill_while(doing: str, folder: Path, place: Path) -> None:
    arguments = [sys.executable, "-c", KILLED, str(folder), str(place), doing]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def test_what_a_killed_backup_left_is_none_and_goes_with_the_next(embedded, folder, place, make_document, put):
    put(embedded, make_document("d", "tram"))

    kill_while("backing up", folder, place)

    backups = EmbeddedBackups(folder, place)
    assert (len(list(place.glob(".passerelle-*.part"))), backups.find()) == (1, [])
    name = backups.back_up(enclose).name
    assert [path.name for path in place.iterdir() if path.is_dir()] == [name]


def test_killed_recovery_changes_nothing_and_the_next_one_succeeds(embedded, folder, place, make_document, put, find):
    put(embedded, make_document("old", "tram"))
    backups = EmbeddedBackups(folder, place)
    backup = backups.back_up(enclose)
    put(embedded, make_document("new", "tram"))

    kill_while("recovering", folder, place)

    assert find(embedded, "tram") == ["new", "old"]
    with embedded.unfinished() as unfinished:
        assert unfinished is None
    with backups.recover(backup) as recovery:
        recovery.publish()
    assert find(embedded, "tram") == ["old"]
    assert not list(folder.glob("recovering*"))
