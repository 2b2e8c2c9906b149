"""Two sets joined are a judged set: French documents of one, Chinese of the other, questions answered in their own."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

from passerelle.evaluation.judged_set import load_judged_set

ROOT = Path(__file__).resolve().parents[1]


def write_set(folder: Path) -> Path:
    folder.mkdir()
    name = folder.name
    documents = [{"id": f"{name}-{lang}", "lang": lang, "title": "", "text": "texte"} for lang in ("fr", "zh")]
    queries = [{"id": f"{name}-q{lang}", "lang": lang, "text": "question"} for lang in ("fr", "zh")]
    for file, records in (("documents.jsonl", documents), ("queries.jsonl", queries)):
        (folder / file).write_text("\n".join(map(json.dumps, records)) + "\n", "utf-8")
    rows = [f"{name}-q{asked}\t{name}-{lang}\t1" for asked in ("fr", "zh") for lang in ("fr", "zh")]
    (folder / "qrels.tsv").write_text("\n".join(["query_id\tdoc_id\tgrade", *rows]) + "\n", "utf-8")
    return folder


def test_joined_sets_are_answered_in_their_own_language_only(tmp_path: Path) -> None:
    join_sets = runpy.run_path(str(ROOT / "tools" / "join_sets.py"))["join_sets"]
    join_sets(write_set(tmp_path / "one"), write_set(tmp_path / "two"), tmp_path / "joined")
    judged = load_judged_set(tmp_path / "joined")
    assert judged.documents is not None
    assert [document.id for document in judged.documents] == ["one-fr", "two-zh"]
    assert judged.grades == {"one-qfr": {"one-fr": 1}, "two-qzh": {"two-zh": 1}}
