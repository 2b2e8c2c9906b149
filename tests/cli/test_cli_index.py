"""`passerelle index`, `report`, `reindex`, `language`: what becomes of files, and what is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_index_tells_every_file_and_its_counts_add_up(documents: Path, passerelle: Run) -> None:
    (documents / "cassé.pdf").write_bytes(b"%PDF-1.7 nothing else")
    (documents / "plan.dwg").write_bytes(b"AC1032\0\0")
    ended = passerelle("index", documents, "--json")
    assert ended.status == 1
    report = ended.json
    assert Counter(entry["status"] for entry in report["files"]) == report["counts"]
    assert report["counts"] == {"indexed": 4, "failed": 1, "skipped": 1}
    assert len(report["files"]) == 6
    assert not report["ok"]
    reasons = {entry["path"]: entry["reason"] for entry in report["files"]}
    assert reasons["cassé.pdf"]
    assert reasons["plan.dwg"]
    assert "cassé.pdf" in ended.err, "a failure is told while the run goes on"


def test_second_run_finds_everything_unchanged(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("index", indexed, "--json")
    assert (ended.status, ended.json["counts"]) == (0, {"unchanged": 4})
    (indexed / "fr" / "vélo.txt").write_text("Les vélos ont changé.", "utf-8")
    assert passerelle("index", indexed, "--json").json["counts"] == {"unchanged": 3, "indexed": 1}


def test_index_for_people_counts_too(documents: Path, passerelle: Run) -> None:
    assert passerelle("index", documents).out == "4 files: 4 indexed\n"
    assert passerelle("index", documents / "fr", documents / "zh").out == "4 files: 4 unchanged\n"
    (documents / "leer").mkdir()
    assert passerelle("index", documents / "leer").out == "0 files: nothing found\n"


@pytest.mark.slow
def test_failed_file_is_tried_again_with_retry(documents: Path, passerelle: Run) -> None:
    (documents / "cassé.pdf").write_bytes(b"%PDF-1.7 nothing else")
    assert passerelle("index", documents).status == 1
    assert passerelle("index", documents, "--retry", "--json").json["counts"] == {"unchanged": 4, "failed": 1}


def test_report_lists_every_file_ever_met(indexed: Path, passerelle: Run) -> None:
    (indexed / "plan.dwg").write_bytes(b"AC1032\0\0")
    passerelle("index", indexed / "plan.dwg")
    files = passerelle("report", "--json").json["files"]
    assert {(entry["path"], entry["status"]) for entry in files} == {
        ("fr/reseau.txt", "indexed"),
        ("fr/vélo.txt", "indexed"),
        ("zh/电网.md", "indexed"),
        ("zh/自行车.txt", "indexed"),
        ("plan.dwg", "skipped"),
    }
    told = passerelle("report").out
    assert all(entry["path"] in told for entry in files)


def test_report_of_nothing_is_empty(passerelle: Run) -> None:
    assert passerelle("report", "--json").json["files"] == []
    assert passerelle("report").status == 0


def test_reindex_acts_on_another_glossary(
    indexed: Path, passerelle: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not passerelle("status", "--json").json["reindex_advised"]
    (tmp_path / "own.tsv").write_text("fr\tzh\nraccordement mutuel\t连接\n", "utf-8")
    monkeypatch.setenv("PASSERELLE_GLOSSARY", str(tmp_path / "own.tsv"))
    assert passerelle("status", "--json").json["reindex_advised"]
    assert "reindex" in passerelle("index", indexed).err
    ended = passerelle("reindex")
    assert (ended.status, ended.out) == (0, "4 files: 4 indexed\n")
    assert not passerelle("status", "--json").json["reindex_advised"]
    hits = passerelle("search", "raccordement mutuel", "--lang", "zh", "--json").json["hits"]
    assert hits[0]["path"] == "zh/电网.md"


def test_malformed_glossary_line_is_told_with_its_number_and_the_rest_is_used(
    documents: Path, passerelle: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.tsv").write_text("fr\tzh\nsans chinois\nraccordement mutuel\t连接\n", "utf-8")
    monkeypatch.setenv("PASSERELLE_GLOSSARY", str(tmp_path / "own.tsv"))
    ended = passerelle("index", documents)
    assert ended.status == 0
    assert "own.tsv, line 2" in ended.err
    finding = next(each for each in passerelle("doctor", "--json").json if each["subject"] == "glossary")
    assert "own.tsv, line 2" in finding["remedy"]


@pytest.mark.slow
def test_language_that_a_person_sets_survives_and_goes_back_to_auto(indexed: Path, passerelle: Run) -> None:
    def count() -> dict[str, int]:
        return passerelle("status", "--json").json["documents"]

    assert count() == {"fr": 2, "zh": 2}
    told = passerelle("language", indexed / "fr" / "vélo.txt", "other")
    assert (told.status, told.out.splitlines()[0]) == (0, "fr/vélo.txt: other")
    assert passerelle("index", indexed, "--json").json["counts"] == {"unchanged": 3, "indexed": 1}
    assert count() == {"fr": 1, "zh": 2, "other": 1}
    passerelle("reindex")
    assert count() == {"fr": 1, "zh": 2, "other": 1}
    passerelle("language", "fr/vélo.txt", "auto")
    passerelle("index", indexed)
    assert count() == {"fr": 2, "zh": 2}


def test_file_name_and_title_cannot_drive_the_terminal(documents: Path, passerelle: Run) -> None:
    (documents / "x\x1b[31m\u202ered.txt").write_text("Le tramway relie la gare.", "utf-8")
    for ended in (
        passerelle("index", documents),
        passerelle("report"),
        passerelle("search", "tramway"),
        passerelle("search", "tramway \x1b[2J", "--filter", "bad\x1b[2J=1"),
    ):
        assert "\x1b[31m" not in ended.out + ended.err
        assert "\x1b[2J" not in ended.out + ended.err
        assert "\u202e" not in ended.out + ended.err
    assert "x\ufffd[31m\ufffdred.txt" in passerelle("search", "tramway").out
