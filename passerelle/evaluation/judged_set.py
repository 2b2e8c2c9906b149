"""Reading a judged set: `documents.jsonl`, `queries.jsonl`, `qrels.tsv` and perhaps `answers.tsv` in one folder.

    documents.jsonl   {"id", "lang", "title", "text"}
    queries.jsonl     {"id", "lang", "text"}
    qrels.tsv         query_id, doc_id, grade   (tab separated, one header line)
    answers.tsv       query_id, doc_id, sentence (likewise): the sentence that answers; several rows: any of them does
    pairs.tsv         key, fr_doc, zh_doc       where known: which documents are versions of each other

A set without `documents.jsonl` is a folder of files: its document ids are their paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search_core.errors import InvalidRequest
from search_core.model import Language
from search_core.pairs import PairIds

Grades = Mapping[str, Mapping[str, int]]
"""Query id to document id to grade; 0 and below is judged and not relevant."""

MAX_GRADE = 10
"""A grade g gains 2^g - 1."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")
"""JSON can write it, UTF-8 cannot."""


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
class JudgedAnswer:
    """The sentences of a document of which each answers a question, both by their ids."""

    query: str
    document: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class JudgedSet:
    """A judged collection; `documents` is None where the set is a folder of files, `pairs` where none are known."""

    name: str
    folder: Path
    documents: tuple[JudgedDocument, ...] | None
    queries: tuple[JudgedQuery, ...]
    grades: Grades
    answers: tuple[JudgedAnswer, ...] = ()
    pairs: frozenset[PairIds] | None = None


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
    ids = [query.id for query in queries]
    _refuse_repeated(ids, folder / "queries.jsonl")
    grades = _load_grades(folder / "qrels.tsv", ids)
    answers = _load_answers(folder / "answers.tsv", ids)
    pairs = _load_pairs(folder / "pairs.tsv")
    return JudgedSet(folder.resolve().name, folder, _load_documents(folder), queries, grades, answers, pairs)


def _load_documents(folder: Path) -> tuple[JudgedDocument, ...] | None:
    path = folder / "documents.jsonl"
    if not path.is_file():
        return None
    documents = tuple(
        JudgedDocument(row["id"], row["lang"], str(row.get("title") or ""), row["text"])
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
        if any(_HALF_PAIR.search(value) for value in row.values() if isinstance(value, str)):
            raise _refuse(path, number, "holds half a surrogate pair, which is no character")
        if row["lang"] not in ("fr", "zh"):
            raise _refuse(path, number, f"has lang {row['lang']!r}, not fr or zh")
        yield row


def _load_grades(path: Path, queries: Collection[str]) -> Grades:
    grades: dict[str, dict[str, int]] = {query: {} for query in queries}
    heading, *rows = _read_lines(path)
    if heading.split("\t")[:3] != ["query_id", "doc_id", "grade"]:
        raise _refuse(path, 1, "is not the heading query_id, doc_id, grade")
    for number, row in enumerate(rows, start=2):
        if not row.strip():
            continue
        query, document, grade = _read_judgement(path, number, row)
        if query not in grades:
            raise _refuse(path, number, f"judges the question {query!r}, which queries.jsonl does not have")
        if document in grades[query]:
            raise _refuse(path, number, f"judges {document!r} again for the question {query!r}")
        grades[query][document] = grade
    return grades


def _load_answers(path: Path, queries: Collection[str]) -> tuple[JudgedAnswer, ...]:
    if not path.is_file():
        return ()
    heading, *rows = _read_lines(path)
    if heading.rstrip("\r").split("\t")[:3] != ["query_id", "doc_id", "sentence"]:
        raise _refuse(path, 1, "is not the heading query_id, doc_id, sentence")
    answers: dict[tuple[str, str], list[str]] = {}
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row.split("\t")]
        if not row.strip():
            continue
        if len(cells) < 3 or not all(cells[:3]):
            raise _refuse(path, number, "needs query_id, doc_id and a sentence")
        if cells[0] not in queries:
            raise _refuse(path, number, f"answers the question {cells[0]!r}, which queries.jsonl does not have")
        answers.setdefault((cells[0], cells[1]), []).append(cells[2])
    return tuple(JudgedAnswer(*ids, tuple(sentences)) for ids, sentences in answers.items())


def _load_pairs(path: Path) -> frozenset[PairIds] | None:
    if not path.is_file():
        return None
    heading, *rows = _read_lines(path)
    if heading.split()[:3] != ["key", "fr_doc", "zh_doc"]:
        raise _refuse(path, 1, "is not the heading key, fr_doc, zh_doc")
    return frozenset(_read_pair(path, number, row) for number, row in enumerate(rows, start=2) if row.strip())


def _read_pair(path: Path, number: int, row: str) -> PairIds:
    cells = [cell.strip() for cell in row.split("\t")]
    if len(cells) < 3 or not all(cells[1:3]):
        raise _refuse(path, number, "needs key, fr_doc and zh_doc")
    return cells[1], cells[2]


def _read_judgement(path: Path, number: int, row: str) -> tuple[str, str, int]:
    cells = row.split("\t")
    try:
        query, document, grade = cells[0], cells[1], int(cells[2])
    except (IndexError, ValueError) as cause:
        raise _refuse(path, number, "needs query_id, doc_id and a whole grade") from cause
    if grade > MAX_GRADE:
        raise _refuse(path, number, f"has a grade above {MAX_GRADE}")
    return query, document, grade


def _read_lines(path: Path) -> list[str]:
    """Lines as editors count them: a text may hold characters that Unicode calls line ends."""
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
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
