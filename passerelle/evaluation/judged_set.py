"""Reading a judged set: `documents.jsonl`, `queries.jsonl`, `qrels.tsv` in one folder.

    documents.jsonl   {"id", "lang", "title", "text"}
    queries.jsonl     {"id", "lang", "text"}
    qrels.tsv         query_id, doc_id, grade   (tab separated, one header line)

A set without `documents.jsonl` is a folder of files: its document ids are their paths.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search_core.errors import InvalidRequest
from search_core.model import Language

Grades = Mapping[str, Mapping[str, int]]
"""Query id to document id to grade; 0 is judged and not relevant."""


@dataclass(frozen=True)
class JudgedDocument:
    """A document of a set."""

    id: str
    language: Language
    title: str
    text: str


@dataclass(frozen=True)
class JudgedQuery:
    """A question of a set, in the language it was asked in."""

    id: str
    language: Language
    text: str


@dataclass(frozen=True)
class JudgedSet:
    """A judged collection; `documents` is None where the set is a folder of files."""

    name: str
    folder: Path
    documents: tuple[JudgedDocument, ...] | None
    queries: tuple[JudgedQuery, ...]
    grades: Grades


def load_judged_set(folder: Path) -> JudgedSet:
    """Read a set. Raises `InvalidRequest` naming file and line for whatever cannot be used."""
    for name in ("queries.jsonl", "qrels.tsv"):
        if not (folder / name).is_file():
            raise InvalidRequest(
                f"{folder} is not a judged set: it has no {name}.",
                remedy="Give a folder with queries.jsonl, qrels.tsv and documents.jsonl (or files to index).",
            )
    queries = tuple(
        JudgedQuery(row["id"], row["lang"], row["text"])
        for row in _iter_rows(folder / "queries.jsonl", ("id", "lang", "text"))
    )
    _refuse_repeated([query.id for query in queries], folder / "queries.jsonl")
    return JudgedSet(
        folder.resolve().name, folder, _load_documents(folder), queries, _load_grades(folder / "qrels.tsv")
    )


def _load_documents(folder: Path) -> tuple[JudgedDocument, ...] | None:
    path = folder / "documents.jsonl"
    if not path.is_file():
        return None
    documents = tuple(
        JudgedDocument(row["id"], row["lang"], row.get("title", ""), row["text"])
        for row in _iter_rows(path, ("id", "lang", "text"))
    )
    _refuse_repeated([document.id for document in documents], path)
    return documents


def _iter_rows(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as cause:
            raise _refuse(path, number, "is not JSON") from cause
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in keys):
            raise _refuse(path, number, f"needs the texts {', '.join(keys)}")
        if row["lang"] not in ("fr", "zh"):
            raise _refuse(path, number, f"has lang {row['lang']!r}, not fr or zh")
        yield row


def _load_grades(path: Path) -> Grades:
    grades: dict[str, dict[str, int]] = {}
    rows = csv.DictReader(_read_lines(path), delimiter="\t")
    for number, row in enumerate(rows, start=2):
        try:
            grades.setdefault(row["query_id"], {})[row["doc_id"]] = int(row["grade"])
        except (KeyError, TypeError, ValueError) as cause:
            raise _refuse(path, number, "needs query_id, doc_id and a whole grade") from cause
    return grades


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidRequest(f"{path} cannot be read as UTF-8: {cause}.", remedy="Check the file.") from cause


def _refuse_repeated(ids: list[str], path: Path) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise InvalidRequest(f"{path} has the id {each!r} twice.", remedy="Ids must be unique.")
        seen.add(each)


def _refuse(path: Path, line: int, why: str) -> InvalidRequest:
    return InvalidRequest(f"{path}, line {line}: {why}.", remedy="See the format in docs/evaluation.md.")
