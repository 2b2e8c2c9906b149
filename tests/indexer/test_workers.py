"""Files that make what reads them hang, crash or eat memory: each is reported with what to do, the others are read."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
import pytest

from indexer.convert.family import Family
from indexer.convert.image import convert_image
from indexer.convert_file import ChosenFile
from indexer.find import FoundFile
from indexer.match import Fingerprints
from indexer.progress import SilentProgress
from indexer.read import ReadFile
from indexer.report import RunReport
from indexer.workers.limits import ConversionLimits
from indexer.workers.pool import WorkerPool
from search_core.model import Document
from search_core.vocabulary import Vocabulary

LIMITS = ConversionLimits(timeout_s=2, memory_mb=300, workers=1)

HERE = Path(__file__).parent


@pytest.fixture
def unruly(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The converters of `unruly.py`, found by the workers too."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    import unruly as found  # type: ignore[import-not-found]

    return found


@pytest.fixture
def pool(vocabulary: Vocabulary) -> Iterator[WorkerPool]:
    with WorkerPool(LIMITS, vocabulary) as opened:
        yield opened


def choose(convert: Callable[[bytes], Any], name: str = "file", data: bytes = b"text") -> ChosenFile:
    return ChosenFile(
        FoundFile("/nowhere", name, Path("/nowhere") / name),
        ReadFile(data),
        Family("sample", (), None, convert, 1),
        f"id of {name}",
        Fingerprints("complete", "incomplete"),
    )


def worker_of(document: Document) -> str:
    return document.text.rpartition(" ")[2]


def test_one_process_converts_one_file_after_the_other(pool: WorkerPool, unruly: ModuleType) -> None:
    first, second = pool.convert([choose(unruly.obey, "a", b"one"), choose(unruly.obey, "b", b"two")])
    (third,) = pool.convert([choose(unruly.obey)])

    assert (first.text.split()[0], second.text.split()[0]) == ("one", "two")
    assert {worker_of(document) for document in (first, second, third)} == {worker_of(first)} != {str(os.getpid())}


@pytest.mark.parametrize(
    ("converter", "reason"),
    [
        ("hang", "Nothing more was read of it in 2 seconds.*raise PASSERELLE_CONVERT_TIMEOUT_S"),
        ("crash", r"What reads sample crashed on it \(SIGSEGV\)\. Open it in the program that made it"),
        ("leave", r"What reads sample crashed on it \(exit status 3\)"),
        ("eat_memory", "more than 300 MB of memory.*raise PASSERELLE_CONVERT_MEMORY_MB"),
        ("eat_memory_in_c", r"crashed on it \(SIGABRT\).*raise PASSERELLE_CONVERT_MEMORY_MB"),
    ],
)
def test_file_that_breaks_its_reader_fails_by_itself(
    pool: WorkerPool, unruly: ModuleType, converter: str, reason: str
) -> None:
    files = [choose(unruly.obey, "a"), choose(getattr(unruly, converter), "b"), choose(unruly.obey, "c")]
    before, broken, after = pool.convert(files)

    assert (before.status, after.status) == ("indexed", "indexed")
    assert (broken.status, broken.text, broken.path, broken.fingerprint) == ("failed", "", "b", "incomplete")
    assert re.search(reason, broken.reason)
    assert worker_of(before) != worker_of(after)


def test_file_does_not_suffer_from_the_one_before_it(pool: WorkerPool, unruly: ModuleType) -> None:
    files = [choose(unruly.crash_unless_fresh, name) for name in ("a", "b")]
    assert [document.status for document in pool.convert(files)] == ["indexed", "indexed"]


@pytest.mark.slow
def test_long_conversion_that_goes_on_is_not_given_up(pool: WorkerPool, unruly: ModuleType) -> None:
    (document,) = pool.convert([choose(unruly.work_long, data=b"8")])
    assert document.status == "indexed"


def test_what_a_given_up_conversion_had_started_ends_with_it(
    pool: WorkerPool, unruly: ModuleType, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    (document,) = pool.convert([choose(unruly.start_and_hang, data=str(told).encode())])

    child, folder = told.read_text().split()
    assert document.status == "failed"
    assert not is_running(int(child))
    assert not Path(folder).exists()


def test_workers_are_told_whether_they_may_recognise_pictures(vocabulary: Vocabulary) -> None:
    scan = choose(convert_image, data=(HERE / "files" / "fr-scan.jpg").read_bytes())
    with WorkerPool(ConversionLimits(workers=1, ocr=False), vocabulary) as pool:
        (document,) = pool.convert([scan])

    assert (document.status, document.text) == ("partial", "")
    assert "PASSERELLE_OCR is off" in document.reason


@pytest.mark.usefixtures("tesseract")
def test_tesseract_ends_with_the_worker_and_leaves_nothing_behind(vocabulary: Vocabulary) -> None:
    scan = choose(convert_image, data=(HERE / "files" / "zh-scan.png").read_bytes())
    with WorkerPool(ConversionLimits(workers=1), vocabulary) as pool, ThreadPoolExecutor() as thread:
        ended = thread.submit(pool.convert, [scan])
        while not (folders := find_tesseract_folders()):
            assert not ended.done()
            time.sleep(0.01)
        pool.close()

        assert find_tesseract_processes() == []
        assert not any(folder.exists() for folder in folders)


@pytest.mark.usefixtures("tesseract")
def test_pages_that_are_recognised_are_told_one_by_one(vocabulary: Vocabulary) -> None:
    class PageProgress(SilentProgress):
        def __init__(self) -> None:
            self.met: list[tuple[int, int]] = []

        def pages_met(self, *, found: int, recognized: int) -> None:
            self.met.append((found, recognized))

    progress = PageProgress()
    scan = choose(convert_image, data=(HERE / "files" / "fr-scan.jpg").read_bytes())
    with WorkerPool(ConversionLimits(workers=1), vocabulary) as pool:
        pool.convert([scan], progress)

    assert progress.met == [(1, 0), (0, 1)]


def find_tesseract_folders() -> set[Path]:
    """The temporary folders of those that run: one may end while it is looked at."""
    folders = set()
    for process in find_tesseract_processes():
        with suppress(psutil.NoSuchProcess):
            folders.add(Path(process.environ()["TMPDIR"]))
    return folders


def find_tesseract_processes() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if process.name() == "tesseract" and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def test_order_is_that_of_the_files_however_long_each_takes(vocabulary: Vocabulary, unruly: ModuleType) -> None:
    files = [choose(unruly.work_long, "slow", b"2"), *(choose(unruly.obey, name) for name in "abcdef")]
    with WorkerPool(ConversionLimits(workers=3), vocabulary) as pool:
        assert [document.path for document in pool.convert(files)] == ["slow", *"abcdef"]


def test_no_process_is_started_before_there_is_a_file(vocabulary: Vocabulary, unruly: ModuleType) -> None:
    before = psutil.Process().children(recursive=True)
    with WorkerPool(ConversionLimits(workers=3), vocabulary) as pool:
        assert psutil.Process().children(recursive=True) == before
        pool.convert([choose(unruly.obey)])
        assert len(psutil.Process().children(recursive=True)) == len(before) + 1
    assert psutil.Process().children(recursive=True) == before


def test_closing_ends_a_conversion_that_goes_on(vocabulary: Vocabulary, unruly: ModuleType, tmp_path: Path) -> None:
    told = tmp_path / "told"
    pool = WorkerPool(ConversionLimits(timeout_s=600, workers=1), vocabulary)
    files = [choose(unruly.start_and_hang, data=str(told).encode()), choose(unruly.obey)]

    def convert() -> None:
        with suppress(CancelledError):
            pool.convert(files)

    caller = threading.Thread(target=convert)
    caller.start()
    while not (told.exists() and told.read_text()):
        time.sleep(0.02)
    pool.close()
    caller.join(60)

    assert not caller.is_alive()
    assert not is_running(int(told.read_text().split()[0]))


def test_run_that_is_killed_takes_its_workers_along(tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = f"""
import sys; sys.path[:0] = [{str(HERE)!r}]
import unruly
from test_workers import choose
from indexer.workers.limits import ConversionLimits
from indexer.workers.pool import WorkerPool
from search_core.vocabulary import load_vocabulary
with WorkerPool(ConversionLimits(timeout_s=600, workers=1), load_vocabulary()) as pool:
    pool.convert([choose(unruly.start_and_hang, data={str(told).encode()!r})])
"""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]),
        "TMPDIR": str(tmp_path),
    }
    with subprocess.Popen([sys.executable, "-c", script], env=environment) as run:
        while not (told.exists() and told.read_text()):
            time.sleep(0.02)
        child = psutil.Process(int(told.read_text().split()[0]))
        worker = child.parent()
        run.send_signal(signal.SIGKILL)
    assert worker is not None
    psutil.wait_procs([worker], timeout=60)
    assert not is_running(worker.pid)
    child.kill()


def test_run_goes_on_after_a_file_that_is_too_much(
    folder: Path, run: Callable[..., RunReport], vocabulary: Vocabulary
) -> None:
    """Real converters within limits: 60 MB of text take more than what is given here."""
    (folder / "a.txt").write_text("Le réseau électrique intelligent d’Issy.", "utf-8")
    (folder / "b.txt").write_text("智能电网" * 5_000_000, "utf-8")
    (folder / "c.md").write_text("# 智能电网\n\n伊西的智能电网连接了一千六百户住宅。", "utf-8")
    with WorkerPool(ConversionLimits(memory_mb=200, workers=2), vocabulary) as pool:
        report = run(folder, converter=pool)

    assert [(entry.path, entry.status) for entry in report.files] == [
        ("a.txt", "indexed"),
        ("b.txt", "failed"),
        ("c.md", "indexed"),
    ]
    assert "200 MB of memory" in report.files[1].reason


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
