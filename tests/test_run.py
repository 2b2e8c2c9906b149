"""tools/run.sh: which folder goes into which index, and how it ends. A small script stands for the command."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

COMMAND = """#!/bin/sh
echo "$1|${2:-}|$PASSERELLE_DATA" >>"$LOG"
[ "$1" = "${WAITS:-}" ] && exec sleep 60
[ "$1" = index ] && exit "${INDEX_STATUS:-0}"
exit 0
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "my checkout"
    shutil.copytree(ROOT / "tools", folder / "tools")
    (folder / "corpus").mkdir()
    command = folder / ".venv" / "bin" / "passerelle"
    command.parent.mkdir(parents=True)
    command.write_text(COMMAND)
    command.chmod(0o755)
    return folder


def start(checkout: Path, **environment: str) -> subprocess.Popen[str]:
    """Where the tests themselves run in the background, Ctrl-C is ignored, and what they start inherits that."""
    return subprocess.Popen(
        ["env", "--default-signal=INT", "sh", str(checkout / "tools" / "run.sh")],
        env={"PATH": os.environ["PATH"], "LOG": str(checkout / "log"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=checkout,
        start_new_session=True,
    )


def run(checkout: Path, **environment: str) -> tuple[int, str]:
    process = start(checkout, **environment)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def read_log(checkout: Path) -> list[list[str]]:
    return [line.split("|") for line in (checkout / "log").read_text().splitlines()]


def test_run_indexes_the_corpus_then_serves_it(checkout: Path) -> None:
    assert run(checkout) == (0, "")
    data = str(checkout / ".passerelle")
    assert read_log(checkout) == [["index", str(checkout / "corpus"), data], ["serve", "", data]]


def test_run_keeps_each_folder_of_documents_in_an_index_of_its_own(checkout: Path) -> None:
    folders = [checkout / "a" / "mes documents", checkout / "b" / "mes documents"]
    for folder in folders:
        folder.mkdir(parents=True)
        run(checkout, DOCUMENTS=str(folder))
    indexed = [(path, data) for command, path, data in read_log(checkout) if command == "index"]
    assert [path for path, _ in indexed] == [str(folder) for folder in folders]
    assert len({data for _, data in indexed}) == 2
    assert all(data.startswith(f"{checkout}/.passerelle/mes_documents-") for _, data in indexed)


def test_run_knows_a_folder_again_however_it_is_written(checkout: Path) -> None:
    for documents in ("corpus", "./corpus/", str(checkout / "tools" / ".." / "corpus")):
        run(checkout, DOCUMENTS=documents)
    assert len({data for _, _, data in read_log(checkout)}) == 1


def test_run_respects_a_data_folder_that_is_given(checkout: Path) -> None:
    run(checkout, PASSERELLE_DATA="/my data", DOCUMENTS=str(checkout / "corpus"))
    assert {data for _, _, data in read_log(checkout)} == {"/my data"}


def test_run_names_a_folder_that_is_not_there(checkout: Path) -> None:
    status, errors = run(checkout, DOCUMENTS="/no/such folder")
    assert status == 1
    assert "/no/such folder" in errors
    assert not (checkout / "log").exists()


@pytest.mark.parametrize(("index_status", "serves"), [("1", True), ("2", False)])
def test_run_serves_when_some_files_failed_and_not_when_indexing_did(
    checkout: Path, index_status: str, serves: bool
) -> None:
    status, _ = run(checkout, INDEX_STATUS=index_status)
    assert ("serve" in [command for command, *_ in read_log(checkout)]) is serves
    assert status == (0 if serves else 2)


@pytest.mark.parametrize("command", ["index", "serve"])
def test_ctrl_c_ends_run_in_peace(checkout: Path, command: str) -> None:
    process = start(checkout, WAITS=command)
    while not (checkout / "log").exists() or read_log(checkout)[-1][0] != command:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    assert read_log(checkout)[-1][0] == command, "nothing is started after Ctrl-C"
