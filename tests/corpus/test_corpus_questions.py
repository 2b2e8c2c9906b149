"""The judged questions of the sample collection: consistent, in all four directions, and none gives its answer away."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pytest

RUN = {"fr": 4, "zh": 6}
"""Consecutive words or Han characters that a question may not share with its answer."""

Collection = dict[str, Any]
Queries = dict[str, dict[str, Any]]
Judgements = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def queries(corpus: Path) -> Queries:
    lines = (corpus / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


@pytest.fixture(scope="module")
def judgements(corpus: Path) -> Judgements:
    header, *lines = (corpus / "qrels.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "query_id\tdoc_id\tgrade"
    graded: Judgements = {}
    for line in lines:
        query, document, grade = line.split("\t")
        assert document not in graded.setdefault(query, {}), line
        graded[query][document] = int(grade)
    return graded


def test_questions_are_well_formed(queries: Queries) -> None:
    for row in queries.values():
        assert {"id", "lang", "text"} <= set(row) <= {"id", "lang", "text", "topic", "near_miss"}
        assert row.get("topic", "off") == "off"
        assert row["lang"] in RUN
        assert row["id"].startswith(f"q{row['lang']}-")
        assert row["text"].strip()
    assert len({row["text"] for row in queries.values()}) == len(queries)


def test_judgements_name_known_questions_and_documents(
    queries: Queries, judgements: Judgements, collection: Collection
) -> None:
    assert set(judgements) <= set(queries)
    for graded in judgements.values():
        assert set(graded) <= set(collection)
        assert set(graded.values()) <= {0, 1, 2}
        assert max(graded.values()) == 2


def test_each_language_has_sixty_answered_questions_and_twenty_about_nothing_here(
    queries: Queries, judgements: Judgements
) -> None:
    off_topic = {query for query, row in queries.items() if "topic" in row}
    assert off_topic == set(queries) - set(judgements)
    assert min(Counter(queries[query]["lang"] for query in judgements).values()) >= 60
    assert min(Counter(queries[query]["lang"] for query in off_topic).values()) >= 20


def test_thirty_questions_are_answered_in_the_other_language_only(queries: Queries, judgements: Judgements) -> None:
    """In their own language not even a document that touches on them."""
    crossing = [query for query in judgements if list_relevant_languages(judgements[query]) == other(queries[query])]
    counts = Counter(queries[query]["lang"] for query in crossing)
    assert len(crossing) >= 30
    assert min(counts["fr"], counts["zh"]) >= 15


def test_twenty_questions_have_no_answer_in_the_other_language(queries: Queries, judgements: Judgements) -> None:
    """Where the product has to say that no document in the other language is close."""
    staying = [query for query in judgements if list_relevant_languages(judgements[query]) == {queries[query]["lang"]}]
    counts = Counter(queries[query]["lang"] for query in staying)
    assert len(staying) >= 20
    assert min(counts["fr"], counts["zh"]) >= 10


def test_twenty_questions_a_language_have_a_near_miss_in_their_own(queries: Queries, judgements: Judgements) -> None:
    """A document on the same subject that does not answer: another year, city or figure."""
    tempting: Counter[str] = Counter()
    for query, row in queries.items():
        for document in row.get("near_miss", []):
            assert document.startswith(f"{row['lang']}/"), query
            assert judgements[query][document] < 2, query
        tempting[row["lang"]] += "near_miss" in row
    assert min(tempting["fr"], tempting["zh"]) >= 20


def test_every_direction_has_twenty_questions(queries: Queries, judgements: Judgements) -> None:
    """A direction counts a question when its best answers include a document of that language."""
    directions: Counter[str] = Counter()
    for query, graded in judgements.items():
        directions.update(f"{queries[query]['lang']}>{target}" for target in list_answer_languages(graded))
    assert set(directions) == {"fr>fr", "fr>zh", "zh>fr", "zh>zh"}
    assert min(directions.values()) >= 20


def test_every_document_answers_some_question(judgements: Judgements, collection: Collection) -> None:
    answers = {document for graded in judgements.values() for document, grade in graded.items() if grade == 2}
    assert set(collection) - answers == set()


def list_answer_languages(graded: dict[str, int]) -> set[str]:
    return {document.split("/")[0] for document, grade in graded.items() if grade == 2}


def list_relevant_languages(graded: dict[str, int]) -> set[str]:
    return {document.split("/")[0] for document, grade in graded.items() if grade}


def other(query: dict[str, Any]) -> set[str]:
    return {"zh"} if query["lang"] == "fr" else {"fr"}


def test_no_question_repeats_a_phrase_of_its_answer(
    queries: Queries, judgements: Judgements, collection: Collection
) -> None:
    repeated = {}
    for query, graded in judgements.items():
        asked = make_runs(queries[query]["text"])
        for document, grade in graded.items():
            entry = collection[document]
            if grade and (shared := asked & make_runs(f"{entry.metadata['title']}\n{entry.text}")):
                repeated[query, document] = shared
    assert repeated == {}


@cache
def make_runs(text: str) -> frozenset[str]:
    """Every run of four words and of six Han characters, folded and simplified."""
    folded = fold(text)
    words = re.findall(r"[a-z0-9]+", folded)
    runs = {" ".join(words[i : i + RUN["fr"]]) for i in range(len(words) - RUN["fr"] + 1)}
    for han in re.findall(r"[\u4e00-\u9fff]+", re.sub(r"\s+", "", folded)):
        runs.update(han[i : i + RUN["zh"]] for i in range(len(han) - RUN["zh"] + 1))
    return frozenset(runs)


def fold(text: str) -> str:
    simplified = opencc.OpenCC("t2s").convert(text)
    decomposed = unicodedata.normalize("NFKD", simplified.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
