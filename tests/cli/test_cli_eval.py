"""`passerelle eval` on a tiny judged set: the figures of one way to search, and of several side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passerelle.cli import spread_option

Run = Callable[..., Any]


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    documents = [
        {"id": "f1", "lang": "fr", "title": "", "text": "Les vélos en libre-service sont comptés à part."},
        {"id": "z1", "lang": "zh", "title": "", "text": "公共自行车单独统计。"},
    ]
    query = {"id": "q1", "lang": "fr", "text": "vélos en libre-service"}
    lines = (json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / "documents.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "queries.jsonl").write_text(json.dumps(query, ensure_ascii=False), "utf-8")
    (folder / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\nq1\tf1\t1\n", "utf-8")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    (tmp_path / "a.toml").write_text("")
    (tmp_path / "b.toml").write_text('name = "in turns"\n[merge]\nmethod = "alternation"\n')
    (tmp_path / "c.toml").write_text('recipe = "usual"\n')
    return [tmp_path / f"{name}.toml" for name in "abc"]


def test_evaluation_of_one_set_has_the_form_that_others_rely_on(passerelle: Run, judged: Path) -> None:
    found = passerelle("eval", judged, "--json").json
    assert set(found) == {
        "set", "engine", "model", "documents", "queries", "runs", "other_language_only", "nothing_close",
    }  # fmt: skip
    assert set(found["runs"]["passerelle"]) == {"directions", "mixed", "parity"}


def test_configurations_stand_side_by_side(passerelle: Run, judged: Path, files: list[Path], tmp_path: Path) -> None:
    ended = passerelle("eval", judged, "--compare", *files, "--json", "--markdown", tmp_path / "tables.md")
    assert ended.status == 0
    assert list(ended.json["configurations"]) == ["a", "in turns", "c"]
    [figures] = ended.json["sets"]
    assert list(figures["configurations"]) == ["a", "in turns", "c"]
    assert "| in turns | " in (tmp_path / "tables.md").read_text("utf-8")


def test_comparison_is_printed_as_tables(passerelle: Run, judged: Path, files: list[Path]) -> None:
    ended = passerelle("eval", "--compare", *files, judged)
    assert ended.status == 0
    assert "tiny: 2 documents, 1 questions" in ended.out
    assert "in turns" in ended.out


def test_what_cannot_be_used_is_said_before_anything_is_done(
    passerelle: Run, judged: Path, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "d.toml").write_text("[merge]\nway = 1\n")
    for arguments, said in (
        ((judged, "--compare", *files, tmp_path / "d.toml"), "[merge] has no key 'way'; known: method"),
        ((tmp_path / "none", "--compare", *files), "is not a judged set"),
        ((judged, "--markdown", tmp_path / "tables.md"), "Add --compare"),
        ((judged, "--compare", *files, "--markdown", tmp_path / "none" / "t.md"), "No such file"),
    ):
        ended = passerelle("eval", *arguments)
        assert ended.status == 3
        assert said in ended.err
        assert "Traceback" not in ended.err
    assert not (tmp_path / "data" / "evaluation").exists()


@pytest.mark.parametrize(
    ("given", "spread"),
    [
        ("set --compare a.toml b.toml", "set --compare a.toml --compare b.toml"),
        ("--compare a.toml b.toml c.toml set", "--compare a.toml --compare b.toml --compare c.toml set"),
        ("--compare a.toml set b.toml", "--compare a.toml set b.toml"),
        ("set --json", "set --json"),
        ("a.toml b.toml", "a.toml b.toml"),
        ("--compare a.toml --compare b.toml --json", "--compare a.toml --compare b.toml --json"),
        ("--compare", "--compare"),
    ],
)
def test_option_takes_all_files_behind_it(given: str, spread: str) -> None:
    assert spread_option(given.split(), "--compare", ".toml") == spread.split()
