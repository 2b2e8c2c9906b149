"""`passerelle sync`: its report, its refusals, and watching as a process of its own."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


def test_sync_follows_its_folder_and_says_what_changed(documents: Path, passerelle: Callable[..., Any]) -> None:
    assert passerelle("sync", documents, "--json").json["changes"]["added"] == 4
    (documents / "fr" / "reseau.txt").unlink()
    ended = passerelle("sync", documents)
    assert ended.status == 0
    assert "1 removed" in ended.out
    assert passerelle("status", "--json").json["documents"] == {"fr": 1, "zh": 2}
    assert "nothing changed" in passerelle("sync", documents).out


@pytest.mark.slow
def test_sync_asks_for_a_yes_before_it_removes_much(documents: Path, passerelle: Callable[..., Any]) -> None:
    passerelle("sync", documents)
    for path in [*documents.glob("zh/*"), documents / "fr" / "reseau.txt"]:
        path.unlink()
    refused = passerelle("sync", documents, "--json")
    assert (refused.status, refused.json["changes"]["held_back"]) == (1, 3)
    assert "--yes" in refused.json["notices"][0]
    assert passerelle("sync", documents, "--yes", "--json").json["changes"]["removed"] == 3


def test_sync_of_a_folder_that_is_away_changes_nothing(documents: Path, passerelle: Callable[..., Any]) -> None:
    passerelle("sync", documents)
    shutil.rmtree(documents)
    ended = passerelle("sync", documents)
    assert ended.status == 3
    assert "is not there. Nothing was changed." in ended.err
    assert passerelle("status", "--json").json["documents"] == {"fr": 2, "zh": 2}


@contextmanager
def watching(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "passerelle", "sync", "--watch", "--json", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--poll", "0.2"]])
def test_watching_follows_changes_until_ctrl_c(
    documents: Path, environment: dict[str, str], options: list[str]
) -> None:
    with watching(environment, str(documents), *options) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["changes"]["added"] == 4
        (documents / "fr" / "neuf.txt").write_text("Une note toute neuve sur le tramway.", "utf-8")
        assert json.loads(process.stdout.readline())["changes"]["added"] == 1
        (documents / "fr" / "neuf.txt").unlink()
        assert json.loads(process.stdout.readline())["changes"]["removed"] == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
