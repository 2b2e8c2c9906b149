"""A sync that is killed anywhere and started again ends in the same index as one that was left in peace."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from indexer.sources import read_sources
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index

PROGRAM = Path(__file__).with_name("sync_process.py")
FILES = 90
KILLS = 50


@contextmanager
def syncing() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(PROGRAM.parents[2])},
    ) as program:
        yield program


def run(program: subprocess.Popen[str], data: Path, folder: Path, kill_after_s: float | None = None) -> str:
    assert program.stdin
    assert program.stdout
    program.stdin.write(f"{data}\t{folder}\n")
    program.stdin.flush()
    child = int(program.stdout.readline())
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return program.stdout.readline().strip()


def fill(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        write(folder / f"{number}.txt", number)
    for name, numbers in (("a.zip", range(200, 212)), ("b.zip", range(220, 226))):
        pack(folder / name, numbers)


def pack(path: Path, numbers: Iterable[int]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in numbers:
            archive.writestr(f"dossier/{number}.txt", describe_meeting(number))


def write(path: Path, number: int) -> None:
    path.write_text(describe_meeting(number), "utf-8")


def describe_meeting(number: int) -> str:
    lines = [f"Le compte rendu {number}, partie {part}, de la réunion. 第{number}次会议纪要。" for part in range(30)]
    return "\n\n".join(lines)


def change(folder: Path) -> None:
    """New, changed, moved and deleted files, a name that changes hands, and one that cannot be read.

    One archive with the same in it, another that was renamed.
    """
    (folder / "sub").mkdir()
    for number in range(20):
        (folder / f"{number}.txt").rename(folder / "sub" / f"{number}.txt")
    for number in range(20, 40):
        write(folder / f"{number}.txt", number + 1000)
    for number in range(40, 50):
        (folder / f"{number}.txt").unlink()
    for number in range(10):
        write(folder / f"{number}.txt", number + 2000)
    for number in range(100, 120):
        write(folder / f"{number}.txt", number)
    pack(folder / "a.zip", [*range(203, 212), *range(240, 244), 20])
    (folder / "b.zip").rename(folder / "sub" / "c.zip")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")


def describe(data: Path) -> object:
    """All that a run leaves but the times of day."""
    index = open_embedded_index(data)
    known = {
        record.document_id: (record.path, record.checksum, record.fingerprint, record.status, bool(record.removed_at))
        for record in index.records(None, Scope.everything())
    }
    sources = read_sources(index)
    index.close()
    (file,) = data.glob("index-*.sqlite")
    with closing(sqlite3.connect(file)) as connection:
        passages = sorted(connection.execute("SELECT passage_id, embedding_key, number FROM passages"))
    return known, sources, passages


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_sync_killed_at_fifty_points_ends_in_the_same_index(tmp_path: Path) -> None:
    folder, base, undisturbed = (tmp_path / name for name in ("documents", "base", "undisturbed"))
    fill(folder)
    chance = random.Random()
    killed = 0
    with syncing() as program:
        assert run(program, base, folder) == "done"
        change(folder)
        takes_s = []
        for _ in range(3):
            shutil.rmtree(undisturbed, ignore_errors=True)
            shutil.copytree(base, undisturbed)
            began = time.monotonic()
            assert run(program, undisturbed, folder) == "done"
            takes_s.append(time.monotonic() - began)
        expected = describe(undisturbed)
        for number in range(KILLS):
            data = tmp_path / f"data {number}"
            shutil.copytree(base, data)
            killed += run(program, data, folder, chance.uniform(0, min(takes_s))) == "killed"
            assert run(program, data, folder) == "done"
            assert describe(data) == expected, number
            shutil.rmtree(data)
        assert program.stdin
        program.stdin.close()
    assert killed > KILLS / 2
