"""`passerelle status`, `doctor` and `eval`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


def test_status_says_what_is_indexed_by_what_model_where(
    indexed: Path, passerelle: Run, environment: dict[str, str]
) -> None:
    facts = passerelle("status", "--json").json
    assert facts["documents"] == {"fr": 2, "zh": 2}
    assert sum(facts["passages"].values()) == 4
    assert (facts["engine"], facts["model"], facts["removed"]) == ("embedded", "hash", 0)
    assert facts["location"] == environment["PASSERELLE_DATA"]
    assert facts["bytes"] > 0
    told = passerelle("status")
    assert told.status == 0
    assert all(name in told.out for name in facts)


def test_status_of_nothing_yet(passerelle: Run) -> None:
    facts = passerelle("status", "--json").json
    assert (facts["documents"], facts["passages"], facts["reindex_advised"]) == ({}, {}, False)


def test_status_does_not_load_the_model(indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_MODEL", "/nowhere")
    assert passerelle("status", "--json").json["model"] == "hash"


def test_doctor_checks_everything_and_says_what_to_do(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("doctor", "--json")
    findings = {each["subject"]: each for each in ended.json}
    assert list(findings) == [
        *("disk", "memory", "rights", "SQLite", "OCR"),
        *("file system", "index files", "write-ahead log", "soundness", "writer"),
        *("index", "model", "versions", "glossary", "old formats"),
    ]
    assert findings["index"]["state"] == "4 documents, 4 passages"
    for subject in (
        "rights",
        "SQLite",
        "file system",
        "index files",
        "soundness",
        "index",
        "model",
        "versions",
        "glossary",
    ):
        assert not findings[subject]["remedy"], subject
    assert ended.status == (1 if any(each["remedy"] for each in ended.json) else 0)
    told = passerelle("doctor").out
    assert all(subject in told for subject in findings)


def test_doctor_says_how_to_install_what_reads_old_formats(
    indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    findings = {each["subject"]: each for each in passerelle("doctor", "--json").json}
    assert findings["old formats"]["state"] == "LibreOffice is not installed"
    assert "apt install libreoffice-writer" in findings["old formats"]["remedy"]


def test_doctor_says_how_to_install_tesseract(indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    finding = next(each for each in passerelle("doctor", "--json").json if each["subject"] == "OCR")
    assert finding["state"] == "Tesseract is not installed"
    assert "apt install tesseract-ocr tesseract-ocr-fra" in finding["remedy"]

    monkeypatch.setenv("PASSERELLE_OCR", "off")
    finding = next(each for each in passerelle("doctor", "--json").json if each["subject"] == "OCR")
    assert finding == {"subject": "OCR", "state": "switched off (PASSERELLE_OCR)", "remedy": ""}


def test_doctor_finds_a_glossary_that_cannot_be_used(
    indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_GLOSSARY", "/nowhere.tsv")
    ended = passerelle("doctor", "--json")
    assert ended.status == 1
    remedies = {each["subject"]: each["remedy"] for each in ended.json}
    assert "PASSERELLE_GLOSSARY" in remedies["glossary"]


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    rows = {
        "documents.jsonl": [
            {"id": "f1", "lang": "fr", "title": "", "text": "Les vélos en libre-service sont comptés à part."},
            {"id": "z1", "lang": "zh", "title": "", "text": "智能电网连接了住宅。"},
        ],
        "queries.jsonl": [{"id": "q1", "lang": "fr", "text": "vélos en libre-service"}],
    }
    for name, found in rows.items():
        (folder / name).write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in found), "utf-8")
    (folder / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\nq1\tf1\t1\n", "utf-8")
    return folder


def test_eval_prints_one_object_a_set(judged: Path, passerelle: Run) -> None:
    found = passerelle("eval", judged, "--json").json
    assert (found["set"], found["documents"], found["queries"]) == ("tiny", 2, 1)
    figures = found["runs"]["passerelle"]["directions"]["fr>fr"]
    assert (figures["ndcg10_filtered"], figures["hit10_mixed"], figures["queries"]) == (1.0, 1.0, 1)
    told = passerelle("eval", judged)
    assert told.status == 0
    assert "fr>fr" in told.out
    assert "usual" in told.out


def test_eval_leaves_the_collection_alone(indexed: Path, judged: Path, passerelle: Run) -> None:
    before = passerelle("status", "--json").json
    passerelle("eval", judged)
    after = passerelle("status", "--json").json
    assert (after["index_version"], after["documents"]) == (before["index_version"], before["documents"])


def test_eval_names_file_and_line_of_a_broken_set(judged: Path, passerelle: Run) -> None:
    (judged / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\nq1\tf1\tbon\n", "utf-8")
    ended = passerelle("eval", judged)
    assert ended.status == 3
    assert "qrels.tsv, line 2" in ended.err
    assert passerelle("eval", judged / "nothing").status == 3
