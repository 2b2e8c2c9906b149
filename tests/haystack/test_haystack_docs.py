"""docs/haystack.md, run as it stands, and the command beside it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from haystack import Document

from passerelle.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "haystack.md"

FILES = {
    "fr/reseau.md": "# Bilan\n\n## Résultats\n\nLe réseau électrique intelligent d’Issy relie 1 600 logements.",
    "fr/velo.txt": "Les vélos en libre-service sont comptés à part. Le réseau cyclable en possède six cents.",
    "zh/dianwang.md": "---\ntitle: 智能电网\nkind: study\n---\n\n伊西的智能电网连接了一千六百户住宅。",
    "zh/zixingche.txt": "公共自行车单独统计。",
}

Command = Callable[..., Any]


@pytest.fixture
def command(
    engine_settings: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Runs `passerelle` in a folder of its own, with the settings of an engine in the environment."""
    monkeypatch.chdir(tmp_path)
    for name, value in {**engine_settings, "data": ".passerelle", "model": "hash"}.items():
        monkeypatch.setenv(f"PASSERELLE_{name.upper()}", str(value))

    def run(*arguments: str) -> Any:
        monkeypatch.setattr(sys, "argv", ["passerelle", *arguments, "--json"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def indexed(command: Command, tmp_path: Path) -> None:
    for name, text in FILES.items():
        file = tmp_path / "documents" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    command("index", "documents")


def run_page() -> dict[str, Any]:
    """The names that the page's Python defines, run from top to bottom."""
    namespace: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), namespace)
    return namespace


def test_the_page_does_what_it_says(
    indexed: None, command: Command, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    found = run_page()
    request.addfinalizer(found["store"].close)
    request.addfinalizer(found["notes"].delete_all_documents)

    documents = found["answer"]["retriever"]["documents"]
    assert documents[0].content in capsys.readouterr().out
    hits = command("search", found["question"], "--limit", "5")["hits"]
    assert {hit["language"] for hit in hits} == {"fr", "zh"}
    assert [in_short(document) for document in documents] == [as_found(hit) for hit in hits]
    assert documents[0].content in found["answer"]["prompt"]["prompt"]

    assert [document.meta for document in found["found"]] == [{"year": 2016}]
    assert found["notes"].count_documents() == 2

    assert found["loaded"].to_dict() == found["pipeline"].to_dict()
    again = found["loaded"].run({"retriever": {"query": found["question"]}, "prompt": {"question": "?"}})
    assert documents[0].content in again["prompt"]["prompt"]


OF_DOCUMENT = ("document_id", "path", "display_path", "source", "title", "language", "date", "legs")
OF_PASSAGE = ("passage_id", "page", "heading", "start", "end")


def in_short(document: Document) -> list[Any]:
    """What a retriever gives of a passage."""
    return [document.content, document.score, *(document.meta[name] for name in (*OF_DOCUMENT, *OF_PASSAGE))]


def as_found(hit: dict[str, Any]) -> list[Any]:
    """The same of a hit of `passerelle search --json`."""
    passage = hit["passages"][0]
    return [
        passage["text"],
        hit["score"],
        *(hit[name] for name in OF_DOCUMENT),
        *(passage[name] for name in OF_PASSAGE),
    ]
