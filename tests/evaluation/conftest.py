"""A judged set small enough to check by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = [
    ("f1", "fr", "Vélo", "Les vélos en libre-service sont comptés à part."),
    ("f2", "fr", "Réseau", "Le réseau électrique intelligent relie les logements."),
    ("z1", "zh", "自行车", "公共自行车单独统计。"),
    ("z2", "zh", "电网", "智能电网连接了住宅。"),
]
QUERIES = [("q1", "fr", "vélos en libre-service"), ("q2", "zh", "智能电网连接住宅"), ("q3", "fr", "xylophone")]
QRELS = [("q1", "f1", 2), ("q1", "z1", 1), ("q2", "z2", 1), ("q2", "f2", 0)]


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A whole set."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    write_rows(folder / "documents.jsonl", ("id", "lang", "title", "text"), DOCUMENTS)
    write_rows(folder / "queries.jsonl", ("id", "lang", "text"), QUERIES)
    lines = ["query_id\tdoc_id\tgrade", *("\t".join(map(str, row)) for row in QRELS)]
    (folder / "qrels.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def write_rows(file: Path, names: tuple[str, ...], rows: list[Any]) -> None:
    lines = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows)
    file.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def add_line(judged: Path) -> Callable[[str, str], int]:
    """Adds a line to a file of the set; gives its number."""

    def add(name: str, line: str) -> int:
        file = judged / name
        file.write_text(file.read_text("utf-8") + line + "\n", "utf-8")
        return file.read_text("utf-8").count("\n")

    return add
