"""Figures worked out by hand. A grade g gains 2^g - 1; a gain at rank r counts gain / log2(r + 1)."""

from __future__ import annotations

from math import log2

import pytest

from passerelle.evaluation.judged_set import JudgedQuery
from passerelle.evaluation.measures import score_other_language_only, score_run

LANGUAGES = {"f1": "fr", "f2": "fr", "f3": "fr", "z1": "zh", "z2": "zh", "z3": "zh"}
FRENCH = JudgedQuery("q", "fr", "vélo")
CHINESE = JudgedQuery("k", "zh", "自行车")


def test_ndcg_of_one_relevant_document_is_its_discount() -> None:
    run = score_run({"q": ["f2", "f1"]}, [FRENCH], {"q": {"f1": 2}}, LANGUAGES)
    figures = run["directions"]["fr>fr"]
    assert figures["ndcg10_filtered"] == pytest.approx(1 / log2(3), abs=1e-4)
    assert figures["ndcg10_mixed"] == figures["ndcg10_filtered"]
    assert (figures["hit10_mixed"], figures["recall50"], figures["queries"]) == (1.0, 1.0, 1)


def test_grades_gain_two_to_the_grade_less_one() -> None:
    run = score_run({"q": ["f1", "f2"]}, [FRENCH], {"q": {"f1": 1, "f2": 2}}, LANGUAGES)
    best = 3 / log2(2) + 1 / log2(3)
    found = 1 / log2(2) + 3 / log2(3)
    assert run["directions"]["fr>fr"]["ndcg10_filtered"] == pytest.approx(found / best, abs=1e-4)


def test_filtered_looks_at_the_target_language_only_and_mixed_at_the_whole_list() -> None:
    run = score_run({"q": ["f1", "f2", "z1"]}, [FRENCH], {"q": {"z1": 1}}, LANGUAGES)
    assert set(run["directions"]) == {"fr>zh"}
    figures = run["directions"]["fr>zh"]
    assert figures["ndcg10_filtered"] == 1.0
    assert figures["ndcg10_mixed"] == pytest.approx(1 / log2(4), abs=1e-4)
    assert figures["hit3_mixed"] == 1.0


def test_hit_counts_the_first_ten_of_the_mixed_list() -> None:
    languages = LANGUAGES | {f"n{number}": "fr" for number in range(10)}
    tenth = [*(f"n{number}" for number in range(9)), "z1"]
    eleventh = [*(f"n{number}" for number in range(10)), "z1"]
    for ranking, hit in ((tenth, 1.0), (eleventh, 0.0)):
        figures = score_run({"q": ranking}, [FRENCH], {"q": {"z1": 1}}, languages)["directions"]["fr>zh"]
        assert (figures["hit10_mixed"], figures["hit3_mixed"], figures["ndcg10_filtered"]) == (hit, 0.0, 1.0)


def test_mixed_judges_answers_of_both_languages_together() -> None:
    run = score_run({"q": ["z1", "f1"]}, [FRENCH], {"q": {"f1": 1, "z1": 1}}, LANGUAGES)
    assert run["mixed"] == {"fr": {"ndcg10": 1.0}}
    assert run["directions"]["fr>fr"]["ndcg10_mixed"] == pytest.approx(1 / log2(3), abs=1e-4)


def test_parity_is_cross_over_same_language() -> None:
    grades = {"q": {"f1": 1, "z1": 1}, "k": {"z1": 1, "f1": 1}}
    rankings = {"q": ["f1", "z2", "z1"], "k": ["f2", "f3", "f1", "z2", "z1"]}
    run = score_run(rankings, [FRENCH, CHINESE], grades, LANGUAGES)
    assert run["parity"]["fr>zh"] == pytest.approx(1 / log2(3), abs=1e-4)
    assert run["parity"]["zh>fr"] == pytest.approx((1 / log2(4)) / (1 / log2(3)), abs=1e-3)


def test_question_that_ranked_nothing_counts_as_zero_and_not_as_absent() -> None:
    other = JudgedQuery("r", "fr", "tram")
    run = score_run({"q": ["f1"]}, [FRENCH, other], {"q": {"f1": 1}, "r": {"f2": 1}}, LANGUAGES)
    figures = run["directions"]["fr>fr"]
    assert (figures["ndcg10_filtered"], figures["hit10_mixed"], figures["queries"]) == (0.5, 0.5, 2)


def test_grades_of_zero_and_less_are_no_answers() -> None:
    run = score_run({"q": ["f1"]}, [FRENCH], {"q": {"f1": 0, "f2": -1}}, LANGUAGES)
    assert run == {"directions": {}, "mixed": {}, "parity": {}}


def test_recall_looks_fifty_deep() -> None:
    languages = {f"n{number}": "fr" for number in range(60)}
    ranking = list(languages)
    figures = score_run({"q": ranking}, [FRENCH], {"q": {"n49": 1, "n50": 1}}, languages)["directions"]["fr>fr"]
    assert figures["recall50"] == 0.5


def test_questions_answered_in_the_other_language_only_are_scored_apart() -> None:
    own = JudgedQuery("own", "fr", "tram")
    grades = {"q": {"zh1": 2}, "own": {"fr1": 1, "zh1": 1}, "k": {"fr1": 1}}
    languages = {"fr1": "fr", "fr2": "fr", "fr3": "fr", "zh1": "zh"}
    rankings = {"q": ["fr1", "fr2", "zh1"], "own": ["fr1"], "k": ["zh1", "fr2", "fr3", "fr1"]}
    assert score_other_language_only(rankings, [FRENCH, own, CHINESE], grades, languages) == {
        "fr": {"hit3_mixed": 1.0, "queries": 1},
        "zh": {"hit3_mixed": 0.0, "queries": 1},
    }
