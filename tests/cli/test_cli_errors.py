"""What prevents a command is a sentence with its remedy on standard error, and exit status 3."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passerelle.cli import app
from search_core.engines.embedded import open_embedded_index

Run = Callable[..., Any]


def assert_told(ended: Any, *words: str) -> None:
    assert (ended.status, ended.out) == (3, "")
    [message, remedy] = ended.err.strip().splitlines()
    assert message.startswith("Error: ")
    assert remedy.strip()
    for word in words:
        assert word in ended.err


def test_folder_that_is_not_there(passerelle: Run) -> None:
    assert_told(passerelle("index", "/nowhere"), "/nowhere")


@pytest.mark.parametrize("command", [["index", "."], ["search", "vélo"], ["doctor"]])
def test_model_that_is_not_there(
    passerelle: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSERELLE_MODEL", "/nowhere")
    ended = passerelle(*command)
    assert "PASSERELLE_MODEL" in ended.err + ended.out
    assert ended.status == (1 if command == ["doctor"] else 3)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("PORT", "99999", "PASSERELLE_PORT"),
        ("PORT", "huit", "PASSERELLE_PORT"),
        ("ENGINE", "elastic", "PASSERELLE_ENGINE"),
        ("LOG_QUERIES", "perhaps", "PASSERELLE_LOG_QUERIES"),
        ("GLOSSARY", "/nowhere.tsv", "PASSERELLE_GLOSSARY"),
    ],
)
def test_wrong_setting_is_named(
    passerelle: Run, documents: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(f"PASSERELLE_{name}", value)
    assert_told(passerelle("index", documents), named)


def test_engine_without_a_server_is_told_which_setting_is_missing(
    passerelle: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_ENGINE", "opensearch")
    monkeypatch.delenv("PASSERELLE_OPENSEARCH_HOSTS", raising=False)
    assert_told(passerelle("status"), "PASSERELLE_OPENSEARCH_HOSTS")


def test_data_folder_that_is_a_file(passerelle: Run, documents: Path, environment: dict[str, str]) -> None:
    Path(environment["PASSERELLE_DATA"]).write_text("")
    assert_told(passerelle("index", documents), environment["PASSERELLE_DATA"])
    ended = passerelle("doctor", "--json")
    assert ended.status == 1
    assert {each["subject"] for each in ended.json if each["remedy"]} >= {"index", "versions"}


def test_index_of_another_model_names_the_command(
    indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    from search_core.versions import VERSIONS_KEY

    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    stored = (index.state(VERSIONS_KEY) or b"").replace(b'"model": "', b'"model": "x')
    with index.writer("test") as writer:
        writer.put_state(VERSIONS_KEY, stored)
    index.close()
    for command in (["index", indexed], ["search", "vélo"]):
        assert_told(passerelle(*command), "passerelle reindex")
    assert passerelle("doctor").status == 1
    assert passerelle("reindex").status == 0
    assert passerelle("search", "vélo").status == 0


def test_second_writer_is_told_who_writes(indexed: Path, passerelle: Run, environment: dict[str, str]) -> None:
    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    with index.writer("a long test"):
        for command in (["index", indexed], ["remove", "fr/vélo.txt"], ["sync", indexed]):
            assert_told(passerelle(*command), "a long test")
        assert passerelle("search", "vélo").status == 0
        assert passerelle("status").status == 0
    index.close()


def test_damaged_index_is_told(indexed: Path, passerelle: Run, environment: dict[str, str]) -> None:
    for file in Path(environment["PASSERELLE_DATA"]).glob("*.sqlite*"):
        if "people" not in file.name:
            file.write_bytes(b"no database " * 1000)
    assert_told(passerelle("status"))
    assert passerelle("doctor").status == 1


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free some space"), (errno.EROFS, "PASSERELLE_DATA"), (errno.EIO, "passerelle doctor")],
)
def test_disk_that_fails_is_a_sentence(passerelle: Run, number: int, remedy: str) -> None:
    @app.command("break")
    def break_() -> None:
        raise OSError(number, "The disk", "/data/index")

    try:
        assert_told(passerelle("break"), "/data/index", remedy)
    finally:
        app.registered_commands.pop()


@pytest.mark.parametrize("arguments", [[], ["bogus"], ["index"], ["remove"], ["language", "x", "klingon"], ["--x"]])
def test_wrong_usage_is_status_2_and_shows_how(passerelle: Run, arguments: list[str]) -> None:
    ended = passerelle(*arguments)
    assert ended.status == 2
    assert "Usage: passerelle" in ended.err + ended.out


@pytest.mark.parametrize(
    "command", sorted(str(each.name or each.callback.__name__) for each in app.registered_commands)
)
def test_every_command_has_help(passerelle: Run, command: str) -> None:
    ended = passerelle(command, "--help")
    assert ended.status == 0
    assert "Usage: passerelle" in ended.out


def test_migration_leads_to_the_other_engine(passerelle: Run) -> None:
    ended = passerelle("migrate", "--from", "embedded", "--to", "embedded")

    assert (ended.status, "from one engine to the other" in ended.err) == (3, True)
