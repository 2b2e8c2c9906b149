"""Joins the French half of one judged set and the Chinese half of another: two languages about other matters.

    .venv/bin/python tools/join_sets.py ../shared/eval/flores_passages ../shared/eval/gnome_short FOLDER

Every question is answered in its own language only. What `nothing_close_in_other` says there under `absent` is how
often the other language is rightly told to hold nothing close.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

HALVES = ("fr", "zh")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("french", type=Path, help="the set whose French half is taken")
    parser.add_argument("chinese", type=Path, help="the set whose Chinese half is taken")
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    join_sets(given.french, given.chinese, given.out)


def join_sets(french: Path, chinese: Path, out: Path) -> None:
    """Write a judged set into `out`, which is made if need be."""
    out.mkdir(parents=True, exist_ok=True)
    halves = list(zip(HALVES, (french, chinese), strict=True))
    kept: dict[str, set[str]] = {}
    for name in ("documents.jsonl", "queries.jsonl"):
        records = [record for language, folder in halves for record in _read(folder / name, language)]
        kept[name] = {record["id"] for record in records}
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (out / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    header, *_ = (french / "qrels.tsv").read_text("utf-8").splitlines()
    rows = [row for _, folder in halves for row in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]]
    judged = [row for row in rows if _is_kept(row, kept["queries.jsonl"], kept["documents.jsonl"])]
    (out / "qrels.tsv").write_text("\n".join([header, *judged]) + "\n", encoding="utf-8")


def _read(file: Path, language: str) -> list[dict[str, Any]]:
    records = map(json.loads, file.read_text("utf-8").splitlines())
    return [record for record in records if record["lang"] == language]


def _is_kept(row: str, queries: set[str], documents: set[str]) -> bool:
    query, document, *_ = row.split("\t")
    return query in queries and document in documents


if __name__ == "__main__":
    main()
