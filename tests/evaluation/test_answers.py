"""The answering sentences of a set: read from `answers.tsv`, refused where they cannot be right, and scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from passerelle.evaluation.answers import FoundSentence, score_passages, score_sentences
from passerelle.evaluation.judged_set import JudgedAnswer, load_judged_set
from search_core.errors import InvalidRequest

HEADING = "query_id\tdoc_id\tsentence"


def write_answers(folder: Path, *rows: str, heading: str = HEADING) -> None:
    (folder / "answers.tsv").write_text("\n".join([heading, *rows]) + "\n", "utf-8")


def test_rows_of_one_question_and_document_are_alternatives(judged: Path) -> None:
    write_answers(judged, "q1\tz1\t公共自行车单独统计。", "", "q2\tf2\tLe réseau.", "q1\tz1\t公共自行车")

    assert load_judged_set(judged).answers == (
        JudgedAnswer("q1", "z1", ("公共自行车单独统计。", "公共自行车")),
        JudgedAnswer("q2", "f2", ("Le réseau.",)),
    )


def test_a_set_needs_no_answers(judged: Path) -> None:
    assert load_judged_set(judged).answers == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("q1\tz1", "line 2: needs query_id, doc_id and a sentence"),
        ("q1\tz1\t ", "line 2: needs query_id, doc_id and a sentence"),
        ("q9\tz1\tx", "line 2: answers the question 'q9'"),
    ],
)
def test_broken_answer_is_named_with_file_and_number(judged: Path, row: str, reason: str) -> None:
    write_answers(judged, row)

    with pytest.raises(InvalidRequest, match=reason) as refused:
        load_judged_set(judged)
    assert "answers.tsv" in str(refused.value)


def test_answers_without_heading_are_refused(judged: Path) -> None:
    write_answers(judged, heading="q1\tz1\t公共自行车单独统计。")

    with pytest.raises(InvalidRequest, match="line 1"):
        load_judged_set(judged)


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ("公共自行车 单独统计。", True),
        ("公共自行车", True),
        ("前言：公共自行车单独统计。", True),
        ("另一句。", False),
        ("", False),
    ],
)
def test_a_sentence_is_right_when_it_is_holds_or_is_held_by_a_labelled_one(told: str, right: bool) -> None:
    found = FoundSentence("fr>zh", ("无关的句子。", "公共自行车\n单独统计。"), "x", told)

    assert found.is_right == right


def test_shares_are_by_direction_and_say_what_the_best_passages_allow() -> None:
    found = [
        FoundSentence("fr>zh", ("甲。",), "甲。乙。", "甲。"),
        FoundSentence("fr>zh", ("乙。",), "甲。乙。", "甲。"),
        FoundSentence("zh>fr", ("Oui.",)),
    ]

    assert score_sentences(found) == {"fr>zh": 0.5, "zh>fr": 0.0}
    assert score_passages(found) == {"fr>zh": 1.0, "zh>fr": 0.0}
