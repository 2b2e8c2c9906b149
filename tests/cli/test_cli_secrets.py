"""Whatever a command prints, keeps or dies of: no password of the server is in it. Commands run as processes."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from search_core.engines.opensearch import ServerAddress
from search_core.opening import read_address
from search_core.settings import Settings
from tests.cli.processes import COMMAND

PASSWORD = "Geheim/秘密+p@ss%41:9"
"""With what an address, a header and JSON write in another way."""

USER = "passerelle_reader"

COMMANDS = [
    ("status", "--json"),
    ("doctor",),
    ("doctor", "--json"),
    ("search", "vélo", "--json"),
    ("serve", "--port", "0"),
    ("index", "."),
    ("reindex",),
]


def forms(password: str, user: str = USER) -> set[str]:
    """How a password may be written."""
    return {
        password,
        quote(password),
        quote(password, safe=""),
        json.dumps(password)[1:-1],
        repr(password)[1:-1],
        base64.b64encode(f"{user}:{password}".encode()).decode(),
    }


def expect_silence(ended: subprocess.CompletedProcess[str], folder: Path, password: str) -> None:
    """Neither what was printed nor a file that was written holds the password."""
    said = ended.stdout + ended.stderr
    assert "Traceback" not in said
    files = [file.read_bytes().decode("utf-8", "replace") for file in folder.rglob("*") if file.is_file()]
    assert [form for form in forms(password) for text in (said, *files) if form in text] == []


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in its data folder's parent: `index .` finds nothing of the repository."""
    folder = Path(environment["PASSERELLE_DATA"]).parent
    command = [*COMMAND, *arguments]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def unreachable(environment: dict[str, str]) -> dict[str, str]:
    """A server that nobody answers at."""
    return environment | {
        "PASSERELLE_ENGINE": "opensearch",
        "PASSERELLE_OPENSEARCH_HOSTS": "http://127.0.0.1:9",
        "PASSERELLE_OPENSEARCH_USER": USER,
        "PASSERELLE_OPENSEARCH_PASSWORD": PASSWORD,
    }


@pytest.mark.slow
@pytest.mark.parametrize("command", [("status", "--json"), ("doctor", "--json")], ids=" ".join)
def test_unreachable_server_tells_no_password(
    unreachable: dict[str, str], tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = run(unreachable, *command)

    assert ended.returncode == (1 if command[0] == "doctor" else 3)
    assert "cannot be reached" in ended.stdout + ended.stderr
    expect_silence(ended, tmp_path, PASSWORD)


WRITTEN = {"encoded": quote(PASSWORD, safe=""), "but for slashes": quote(PASSWORD), "as it is": PASSWORD}


@pytest.mark.slow
@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("command", [("status", "--json"), ("doctor",)], ids=" ".join)
def test_password_in_an_address_is_refused_without_being_told(
    unreachable: dict[str, str], tmp_path: Path, written: str, command: tuple[str, ...]
) -> None:
    hosts = f"https://a.example:9200,https://{USER}:{written}@search.example:9200"

    ended = run(unreachable | {"PASSERELLE_OPENSEARCH_HOSTS": hosts}, *command)

    assert ended.returncode == (1 if command[0] == "doctor" else 3)
    assert "PASSERELLE_OPENSEARCH_PASSWORD" in ended.stdout + ended.stderr
    expect_silence(ended, tmp_path, PASSWORD)


@pytest.mark.slow
def test_service_does_not_start_on_an_unencrypted_network_unless_told(unreachable: dict[str, str]) -> None:
    elsewhere = unreachable | {"PASSERELLE_OPENSEARCH_HOSTS": "http://search.invalid:9200"}

    refused = run(elsewhere, "serve", "--port", "0")
    told = run(elsewhere | {"PASSERELLE_OPENSEARCH_ALLOW_PLAIN": "true"}, "serve", "--port", "0")

    assert (refused.returncode, told.returncode) == (3, 3)
    assert "unencrypted over the network" in refused.stderr
    assert "PASSERELLE_OPENSEARCH_ALLOW_PLAIN" in refused.stderr
    assert "cannot be reached" in told.stderr


def test_settings_and_addresses_show_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_OPENSEARCH_HOSTS", "https://search.example:9200")
    monkeypatch.setenv("PASSERELLE_OPENSEARCH_PASSWORD", PASSWORD)
    address = read_address(Settings())
    monkeypatch.setenv("PASSERELLE_OPENSEARCH_HOSTS", f"https://{USER}:{PASSWORD}@search.example:9200")

    shown = f"{Settings()} {Settings()!r} {address} {address!r}"

    assert address.password == PASSWORD
    assert [form for form in forms(PASSWORD) if form in shown] == []


@pytest.mark.opensearch
@pytest.mark.secured
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_wrong_password_is_not_told(
    secured_address: ServerAddress,
    environment: dict[str, str],
    unreachable: dict[str, str],
    tmp_path: Path,
    command: tuple[str, ...],
) -> None:
    server = {"PASSERELLE_OPENSEARCH_HOSTS": str(secured_address), "PASSERELLE_OPENSEARCH_CA": str(secured_address.ca)}

    ended = run(unreachable | server, *command)

    assert ended.returncode == (1 if command[0] == "doctor" else 3)
    assert "password is wrong" in ended.stdout + ended.stderr
    expect_silence(ended, tmp_path, PASSWORD)
