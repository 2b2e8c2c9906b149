"""The command as a process of its own: Ctrl-C, a taken port, a closed pipe, a terminal of another encoding."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from tests.cli.processes import COMMAND, serving, started

FILES = 400
"""So many that Ctrl-C after the first batch comes before the last one."""


def count_documents(environment: dict[str, str]) -> int:
    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    try:
        return len(list(index.records(None, Scope.everything())))
    finally:
        index.close()


@pytest.mark.slow
def test_ctrl_c_while_indexing_keeps_what_was_done_and_says_how_to_go_on(
    tmp_path: Path, environment: dict[str, str], passerelle: Callable[..., Any]
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}.txt").write_text(f"Le compte rendu numéro {number} de la réunion.", "utf-8")
    with started([*COMMAND, "index", str(folder)], environment) as process:
        while not count_documents(environment):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Run the same command again to go on." in errors
    assert "Traceback" not in errors
    done = count_documents(environment)
    assert 0 < done < FILES
    assert passerelle("search", "compte rendu", "--json").json["total"] > 0
    again = passerelle("index", folder, "--json")
    assert (again.status, again.json["counts"]) == (0, {"unchanged": done, "indexed": FILES - done})
    assert count_documents(environment) == FILES
    assert passerelle("index", folder, "--json").json["counts"] == {"unchanged": FILES}


def test_serve_answers_until_ctrl_c_and_ends_well(indexed: Path, environment: dict[str, str]) -> None:
    with serving(environment) as (process, address):
        with urllib.request.urlopen(f"{address}/api/v1/search?q=tram", timeout=30) as answer:
            assert json.load(answer)["index_version"] > 0
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert (process.returncode, out, errors) == (0, "", "")


@pytest.mark.slow
def test_taken_port_is_told_with_the_next_one(environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with started([*COMMAND, "serve", "--port", str(port)], environment) as process:
            out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (3, "")
    assert f"Port {port} is taken" in errors
    assert f"--port {port + 1}" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_open_address_needs_a_password(environment: dict[str, str]) -> None:
    with started([*COMMAND, "serve", "--host", "0.0.0.0", "--port", "0"], environment) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "PASSERELLE_PASSWORD" in errors


@pytest.mark.slow
def test_address_of_another_machine_is_told(environment: dict[str, str]) -> None:
    command = [*COMMAND, "serve", "--host", "192.0.2.1", "--port", "0"]
    with started(command, environment | {"PASSERELLE_PASSWORD": "secret enough"}) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "192.0.2.1 is not an address of this machine" in errors


def test_closed_pipe_is_no_traceback(indexed: Path, environment: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [*COMMAND, "report", "--json"],
            env=environment,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_terminal_of_another_encoding_gets_what_it_can_show(
    indexed: Path, environment: dict[str, str], options: list[str]
) -> None:
    latin = environment | {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    ended = subprocess.run([*COMMAND, "search", "智能电网", *options], env=latin, capture_output=True, check=False)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False)
    if options:
        assert json.loads(ended.stdout.decode("utf-8"))["query"]["text"] == "智能电网"


def test_help_loads_nothing_heavy(environment: dict[str, str]) -> None:
    script = "import sys; sys.argv[1:] = ['--help']; from passerelle.cli import app; app(standalone_mode=False); "
    script += "print({'torch', 'haystack', 'fastapi'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "set()"
