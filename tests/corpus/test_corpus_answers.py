"""Labelled sentences of `answers.tsv`: each stands once in the converted text of a document in the other language."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.registry import find_family
from search_core.sentences import sentence_spans

Collection = dict[str, Any]
Answer = tuple[str, str, str]
"""Question, document, sentence."""


@pytest.fixture(scope="module")
def answers(corpus: Path) -> list[Answer]:
    header, *lines = (corpus / "answers.tsv").read_text(encoding="utf-8").splitlines()
    assert header == "query_id\tdoc_id\tsentence"
    rows = [line.split("\t") for line in lines]
    return [(query, document, sentence) for query, document, sentence in rows]


@cache
def convert(path: Path) -> str:
    data = path.read_bytes()
    family = find_family(data, path.name)
    assert family is not None
    return convert_bytes(data, family).text


def test_each_sentence_stands_once_in_the_converted_text(answers: list[Answer], collection: Collection) -> None:
    counts = {answer: convert(collection[answer[1]].file).count(answer[2]) for answer in answers}
    assert {answer: count for answer, count in counts.items() if count != 1} == {}


def test_each_answer_lies_within_one_sentence(answers: list[Answer], collection: Collection) -> None:
    """A PDF keeps no border between a heading and what follows, so that a sentence may begin with its heading."""
    for answer in answers:
        text = convert(collection[answer[1]].file)
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        assert sum(answer[2] in sentence for sentence in sentences) == 1, answer


def test_twenty_questions_a_language_are_answered_in_the_other(answers: list[Answer], corpus: Path) -> None:
    rows = map(json.loads, (corpus / "queries.jsonl").read_text(encoding="utf-8").splitlines())
    languages = {row["id"]: row["lang"] for row in rows}
    for query, document, _ in answers:
        assert {languages[query], document.split("/")[0]} == {"fr", "zh"}, query
    assert Counter(languages[query] for query in {query for query, *_ in answers}) == {"fr": 20, "zh": 20}


def test_no_two_questions_have_the_same_document(answers: list[Answer]) -> None:
    pairs = {(query, document) for query, document, _ in answers}
    assert len(pairs) == len({query for query, _ in pairs}) == len({document for _, document in pairs})


def test_each_sentence_is_of_a_document_that_answers(answers: list[Answer], corpus: Path) -> None:
    judged = {tuple(line.split("\t")) for line in (corpus / "qrels.tsv").read_text(encoding="utf-8").splitlines()}
    assert [(query, document) for query, document, _ in answers if (query, document, "2") not in judged] == []
