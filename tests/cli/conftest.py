"""The command on a folder of files, with the hash embedder and a data folder of its own."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from passerelle.cli import main
from search_core.engines.opensearch import ServerAddress

TEXTS = {
    "fr/reseau.txt": "Le réseau électrique intelligent d’Issy relie 1 600 logements.",
    "fr/vélo.txt": "Les vélos en libre-service sont comptés à part, zanzibarite comprise.",
    "zh/电网.md": "---\ntitle: 智能电网\nkind: study\n---\n\n伊西的智能电网连接了一千六百户住宅。",
    "zh/自行车.txt": "公共自行车单独统计。",
}


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a command is started with."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    return known | {
        "PASSERELLE_MODEL": "hash",
        "PASSERELLE_DATA": str(tmp_path / "data"),
        "PASSERELLE_WORKERS": "1",  # each takes half a second to start, and these tests index a few files
        "HAYSTACK_TELEMETRY_ENABLED": "False",
    }


@pytest.fixture
def server_address(opensearch_address: ServerAddress) -> ServerAddress:
    """A new collection on the server: what lies deleted in an old one changes the length of an average passage, and so
    the scores a little."""
    return replace(opensearch_address, prefix=f"{opensearch_address.prefix}-{uuid4().hex[:8]}")


@pytest.fixture
def own_collection(server_address: ServerAddress) -> dict[str, str]:
    """The settings that name it."""
    address = server_address
    return {
        "PASSERELLE_OPENSEARCH_HOSTS": ",".join(address.hosts),
        "PASSERELLE_OPENSEARCH_USER": address.user,
        "PASSERELLE_OPENSEARCH_PASSWORD": address.password,
        "PASSERELLE_OPENSEARCH_PREFIX": address.prefix,
        **({"PASSERELLE_OPENSEARCH_CA": str(address.ca)} if address.ca else {}),
    }


@pytest.fixture
def passerelle(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Runs a command in this process, as the installed script does."""
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str | Path, answer: str = "") -> Ended:
        monkeypatch.setattr(sys, "argv", ["passerelle", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def write_texts() -> Callable[[Path], Path]:
    """Puts four small files into a folder."""

    def write(folder: Path) -> Path:
        for name, text in TEXTS.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def documents(tmp_path: Path, write_texts: Callable[[Path], Path]) -> Path:
    """Four small files."""
    return write_texts(tmp_path / "documents")


@pytest.fixture
def indexed(documents: Path, passerelle: Callable[..., Ended]) -> Path:
    """The same, indexed."""
    assert passerelle("index", documents).status == 0
    return documents
