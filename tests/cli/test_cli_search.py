"""`passerelle search`: for programs what the API answers, for people hits to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from search_api.opening import open_app
from search_core.settings import Settings

Run = Callable[..., Any]


ASKED: list[tuple[list[str], dict[str, str]]] = [
    (["réseau électrique intelligent"], {"q": "réseau électrique intelligent"}),
    (["智能电网", "--limit", "1"], {"q": "智能电网", "limit": "1"}),
    (["réseau", "--lang", "zh", "--prefer", "fr"], {"q": "réseau", "lang": "zh", "prefer": "fr"}),
    (["电网", "--query-lang", "fr", "--sort", "oldest"], {"q": "电网", "query_lang": "fr", "sort": "oldest"}),
    (["电网", "--filter", "kind=study"], {"q": "电网", "kind": "study"}),
    (["", "--filter", "language = zh"], {"language": "zh"}),
    (["vélos", "--from", "2014", "--to", "2015-02"], {"q": "vélos", "date_from": "2014", "date_to": "2015-02"}),
    (['"réseau électrique"'], {"q": '"réseau électrique"'}),
    (["--", "-vélos"], {"q": "-vélos"}),
    (["mot " * 500], {"q": "mot " * 500}),
]
"""Arguments of the command, and the parameters of the API that say the same."""


def test_search_json_is_what_the_api_answers(indexed: Path, passerelle: Run) -> None:
    with TestClient(open_app(Settings()), base_url="http://localhost") as client:
        answers = [client.get("/api/v1/search", params=parameters).json() for _, parameters in ASKED]
    for (options, _), answered in zip(ASKED, answers, strict=True):
        ended = passerelle("search", "--json", *options)
        assert ended.status == 0, options
        assert ended.json | {"took_ms": 0} == answered | {"took_ms": 0}, options
        assert list(ended.json) == list(answered), options


def test_search_pages_with_its_cursor(indexed: Path, passerelle: Run) -> None:
    first = passerelle("search", "", "--limit", "3", "--json").json
    second = passerelle("search", "", "--limit", "3", "--cursor", first["next"], "--json").json
    ids = [hit["document_id"] for page in (first, second) for hit in page["hits"]]
    assert len(set(ids)) == len(ids) == 4
    refused = passerelle("search", "autre", "--limit", "3", "--cursor", first["next"])
    assert (refused.status, refused.out) == (3, "")
    assert "another question" in refused.err


def test_search_for_people_shows_language_title_path_and_snippet(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("search", "智能电网")
    assert ended.status == 0
    assert "[zh] 智能电网" in ended.out
    assert "zh/电网.md" in ended.out
    assert "伊西的智能电网连接了一千六百户住宅。" in ended.out
    assert "[fr]" in ended.out


def test_finding_nothing_is_an_answer_with_a_hint(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("search", "réseau", "--filter", "kind=press")
    assert (ended.status, ended.out) == (0, "")
    assert "Essayez" in ended.err


def test_empty_index_is_an_answer_with_a_hint(passerelle: Run) -> None:
    ended = passerelle("search", "réseau")
    assert ended.status == 0
    assert "passerelle index" in ended.err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--filter", "couleur=rouge"], "couleur"),
        (["--filter", "kind"], "FIELD=VALUE"),
        (["--filter", "language=de"], "language"),
        (["--from", "hier"], "date_from"),
        (["--from", "2015", "--to", "2014"], "2015"),
        (["--cursor", "xyz"], "cursor"),
    ],
)
def test_wrong_value_is_a_sentence_with_its_remedy(passerelle: Run, options: list[str], named: str) -> None:
    ended = passerelle("search", "réseau", *options)
    assert (ended.status, ended.out) == (3, "")
    assert named in ended.err
    assert ended.err.startswith("Error: ")
    assert len(ended.err.splitlines()) == 2
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("options", [["--limit", "0"], ["--limit", "101"], ["--lang", "de"], ["--colour"], ["a", "b"]])
def test_wrong_usage_is_status_2(passerelle: Run, options: list[str]) -> None:
    assert passerelle("search", "réseau", *options).status == 2


def test_question_that_is_no_utf8_is_a_question_too(indexed: Path, passerelle: Run) -> None:
    for options in ([], ["--json"]):
        ended = passerelle("search", "\udcff réseau", *options)
        assert ended.status == 0
        assert "reseau.txt" in ended.out


def test_reader_of_the_command_sees_what_its_labels_open(
    documents: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "secret.md").write_text("---\naccess: agents\n---\n\nLe réseau réservé.", "utf-8")
    passerelle("index", documents)
    assert passerelle("search", "", "--json").json["total"] == 4
    monkeypatch.setenv("PASSERELLE_READER_ACCESS", "public, agents")
    assert passerelle("search", "", "--json").json["total"] == 5
