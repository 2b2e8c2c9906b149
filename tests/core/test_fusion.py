"""Fusion inside a language and the fair merge, on hand-made legs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.calibration import Background
from search_core.engines.base import LegHit, LegResult, PassageScore
from search_core.fusion import (
    FusionSettings,
    LanguageLegs,
    find_close,
    fuse_language,
    merge_languages,
    move_read,
)
from search_core.model import Language

SETTINGS = FusionSettings()
BACKGROUND = Background(mean=0.0, deviation=1.0, reach=10.0)


def make_leg(kind: str, language: Language, scores: Sequence[tuple[str, float]], ceiling: float = 0.0) -> LegResult:
    hits = tuple(LegHit(name, score, (PassageScore(f"{name}-0", score),)) for name, score in scores)
    return LegResult(f"{kind}/{language}/", language, hits, ceiling=ceiling)


def make_legs(
    language: Language,
    dense: Sequence[tuple[str, float]] = (),
    lexical: Sequence[tuple[str, float]] = (),
    glossary: Sequence[tuple[str, float]] = (),
    name: Sequence[tuple[str, float]] = (),
    background: Background = BACKGROUND,
    coverage: float = 1.0,
) -> LanguageLegs:
    return LanguageLegs(
        language=language,
        background=background,
        dense=make_leg("dense", language, dense),
        lexical=make_leg("lexical", language, lexical, ceiling=10.0),
        glossary=make_leg("glossary", language, glossary, ceiling=10.0),
        name=make_leg("name", language, name, ceiling=1.0),
        coverage=coverage,
    )


def fused_ids(legs: LanguageLegs, settings: FusionSettings = SETTINGS) -> list[str]:
    return [document.document_id for document in fuse_language(legs, settings)]


def merged_ids(*languages: LanguageLegs, prefer: Language | None = None) -> list[str]:
    fused = {legs.language: fuse_language(legs, SETTINGS) for legs in languages}
    return [document.document_id for document in merge_languages(fused, SETTINGS, prefer)]


def test_no_legs_no_hits_and_no_candidates_give_an_empty_list() -> None:
    assert fused_ids(LanguageLegs("fr", BACKGROUND)) == []
    assert fused_ids(make_legs("fr")) == []
    assert merged_ids(make_legs("fr"), make_legs("zh")) == []


def test_one_and_two_candidates_keep_the_order_of_the_only_leg() -> None:
    assert fused_ids(make_legs("fr", dense=[("a", 3.0)])) == ["a"]
    assert fused_ids(make_legs("fr", dense=[("b", 3.0), ("a", 2.0)])) == ["b", "a"]
    assert fused_ids(make_legs("fr", lexical=[("b", 3.0), ("a", 2.0)])) == ["b", "a"]


def test_equal_scores_are_ordered_by_id() -> None:
    assert fused_ids(make_legs("fr", dense=[("c", 2.0), ("a", 2.0), ("b", 2.0)])) == ["a", "b", "c"]
    assert merged_ids(make_legs("zh", dense=[("z", 2.0)]), make_legs("fr", dense=[("a", 2.0)])) == ["a", "z"]


def test_words_reorder_what_means_nearly_the_same() -> None:
    legs = make_legs("fr", dense=[("near", 3.2), ("named", 3.0)], lexical=[("named", 2.5)])
    assert fused_ids(legs) == ["named", "near"]


def test_one_frequent_word_moves_little_however_alone_it_is() -> None:
    legs = make_legs("fr", dense=[("near", 3.2), ("noise", 2.0)], lexical=[("noise", 0.2)])
    assert fused_ids(legs) == ["near", "noise"]


def test_what_only_the_dense_leg_found_below_the_noise_floor_is_dropped() -> None:
    legs = make_legs("fr", dense=[("near", 3.0), ("word", 0.5), ("far", 0.5)], lexical=[("word", 0.2)])
    assert fused_ids(legs) == ["near", "word"]


def test_words_do_not_lift_a_language_above_the_other() -> None:
    """A French question shares words with French near-misses; the Chinese answer keeps its place."""
    french = make_legs("fr", dense=[("miss1", 2.6), ("miss2", 2.4)], lexical=[("miss2", 2.9), ("miss1", 2.5)])
    chinese = make_legs("zh", dense=[("answer", 3.5)])
    assert merged_ids(french, chinese) == ["answer", "miss2", "miss1"]


def test_scores_of_two_languages_are_compared_by_their_own_background() -> None:
    french = make_legs("fr", dense=[("a", 0.90)], background=Background(0.80, 0.05, 1.0))
    chinese = make_legs("zh", dense=[("z", 0.50)], background=Background(0.30, 0.05, 1.0))
    assert merged_ids(french, chinese) == ["z", "a"]


def test_a_question_with_answers_in_one_language_only_is_not_alternated() -> None:
    french = make_legs("fr", dense=[(f"a{n}", 4.0 - n / 10) for n in range(5)])
    chinese = make_legs("zh", dense=[(f"z{n}", 1.5 - n / 10) for n in range(5)])
    assert merged_ids(french, chinese)[:5] == ["a0", "a1", "a2", "a3", "a4"]


def test_a_reference_number_comes_first_over_the_best_noise_of_the_other_language() -> None:
    french = make_legs("fr", dense=[("noise", 2.9), ("numbered", 1.2)], lexical=[("numbered", 4.5)])
    chinese = make_legs("zh", dense=[("z", 3.3)])
    assert merged_ids(french, chinese)[0] == "numbered"


def test_who_is_named_in_a_question_comes_before_what_only_means_it() -> None:
    french = make_legs("fr", dense=[("noise", 2.9), ("author", -1.0)], name=[("author", 0.2)])
    chinese = make_legs("zh", dense=[("z", 2.0)])
    assert merged_ids(french, chinese)[0] == "author"


def test_a_name_that_many_documents_hold_counts_less() -> None:
    dense = [("answer", 3.0), *((f"d{number}", 0.0) for number in range(12))]
    everywhere = [(f"d{number}", 0.2) for number in range(12)]
    assert fused_ids(make_legs("fr", dense=dense, name=everywhere))[0] == "answer"
    assert fused_ids(make_legs("fr", dense=dense, name=everywhere[:3]))[:3] == ["d0", "d1", "d2"]


def test_documents_outside_the_dense_leg_keep_their_order_in_the_merge() -> None:
    legs = make_legs("fr", dense=[("near", 3.0)], lexical=[("b", 0.6), ("c", 0.5), ("a", 0.4)])
    assert merged_ids(legs) == ["b", "c", "a", "near"]


def test_a_preferred_language_gains_and_hides_nothing() -> None:
    french, chinese = make_legs("fr", dense=[("a", 2.5)]), make_legs("zh", dense=[("z", 3.0)])
    assert merged_ids(french, chinese) == ["z", "a"]
    assert merged_ids(french, chinese, prefer="fr") == ["a", "z"]


def test_a_document_is_preferred_by_its_own_language_not_by_what_it_quotes() -> None:
    french = replace(make_legs("fr", dense=[("quoting", 2.6), ("a", 2.5)]), documents={"quoting": "zh"})
    chinese = make_legs("zh", dense=[("z", 2.4)])
    assert merged_ids(french, chinese) == ["quoting", "a", "z"]
    assert merged_ids(french, chinese, prefer="fr") == ["a", "quoting", "z"]
    assert merged_ids(french, chinese, prefer="zh") == ["quoting", "z", "a"]


def test_a_document_with_passages_in_two_languages_appears_once_with_both_passages() -> None:
    french = make_legs("fr", dense=[("both", 3.0)])
    chinese = LanguageLegs(
        "zh", BACKGROUND, dense=LegResult("d", "zh", (LegHit("both", 2.0, (PassageScore("both-zh", 2.0),)),))
    )
    fused = {legs.language: fuse_language(legs, SETTINGS) for legs in (french, chinese)}
    (found,) = merge_languages(fused, SETTINGS)
    assert found.passages == ("both-0", "both-zh")
    assert found.ranks == {("dense", "fr"): 1, ("dense", "zh"): 1}


def test_a_foreign_passage_of_a_document_in_the_readers_language_is_not_lifted() -> None:
    """A Chinese question: a French report is lifted as the model puts French farther off, a French quotation is not."""
    biased = replace(BACKGROUND, bias=0.8)
    french = make_legs("fr", dense=[("quoting", 3.1), ("report", 3.0)], background=biased)
    chinese = make_legs("zh", dense=[("z", 3.3)])
    french = replace(french, asked="zh")
    assert merged_ids(french, chinese) == ["quoting", "report", "z"]
    assert merged_ids(replace(french, documents={"quoting": "zh"}), chinese) == ["report", "z", "quoting"]


def test_a_quotation_that_words_put_first_takes_no_score_of_the_documents_around_it() -> None:
    biased = replace(BACKGROUND, bias=0.8)
    french = make_legs("fr", dense=[("report", 3.2), ("quoting", 3.0)], glossary=[("quoting", 2.0)], background=biased)
    french = replace(french, asked="zh", documents={"quoting": "zh"})
    chinese = make_legs("zh", dense=[("z", 3.3)])
    assert fused_ids(french) == ["quoting", "report"]
    assert merged_ids(french, chinese)[0] == "report"
    scores = {found.document_id: found.score for found in fuse_language(french, SETTINGS)}
    assert scores["report"] == pytest.approx(3.2 / 0.8**SETTINGS.evenness)


def test_without_meaning_a_quotation_is_found_by_its_words_as_anything_else() -> None:
    french = make_legs("fr", glossary=[("quoting", 2.0), ("report", 1.0)])
    chinese = make_legs("zh", lexical=[("z", 1.0)])
    found = [merged_ids(replace(french, asked="zh", documents=own), chinese) for own in ({}, {"quoting": "zh"})]
    assert found == [["quoting", "z", "report"]] * 2


def test_a_quotation_that_holds_the_number_asked_for_is_lifted() -> None:
    french = make_legs("fr", dense=[("report", 3.2), ("quoting", 1.0)], name=[("quoting", 1.0)])
    assert merged_ids(replace(french, asked="zh", documents={"quoting": "zh"}))[0] == "quoting"


def test_a_document_in_the_readers_language_that_meaning_missed_is_worth_the_last_one_unlifted() -> None:
    biased = replace(BACKGROUND, bias=0.8)
    words = make_legs("fr", dense=[("a", 3.0)], lexical=[("b", 0.5)], background=biased)
    words = replace(words, asked="zh", documents={"b": "zh"})
    scores = {found.document_id: found.score for found in fuse_language(words, replace(SETTINGS, lexical_weight=0.0))}
    assert scores["b"] == pytest.approx(3.0)
    assert scores["a"] == pytest.approx(3.0 / 0.8**SETTINGS.evenness)


def test_without_a_dense_leg_the_words_still_answer() -> None:
    legs = LanguageLegs("fr", BACKGROUND, lexical=make_leg("lexical", "fr", [("a", 4.0), ("b", 1.0)], ceiling=10.0))
    assert fused_ids(legs) == ["a", "b"]


def test_a_glossary_leg_counts_by_what_it_covers_of_the_query() -> None:
    whole = make_legs("zh", dense=[("near", 3.0), ("term", 2.0)], glossary=[("term", 4.0)], coverage=1.0)
    part = make_legs("zh", dense=[("near", 3.0), ("term", 2.0)], glossary=[("term", 4.0)], coverage=0.1)
    assert fused_ids(whole) == ["term", "near"]
    assert fused_ids(part) == ["near", "term"]


@pytest.mark.parametrize(
    ("legs", "close"),
    [
        (make_legs("fr", dense=[("a", 10.0)]), True),
        (make_legs("fr", dense=[("a", 4.0)]), False),
        (make_legs("fr", dense=[("a", 1.0)], lexical=[("a", 4.5)]), True),
        (make_legs("fr", dense=[("a", 6.0)], lexical=[("a", 2.0)]), True),
        (make_legs("fr", dense=[("a", 4.0)], lexical=[("a", 1.0)]), False),
        (make_legs("fr"), False),
    ],
)
def test_close_means_near_in_meaning_or_holding_words_or_some_of_both(legs: LanguageLegs, close: bool) -> None:
    assert find_close([legs], SETTINGS) == {"fr": close}


@pytest.mark.parametrize(("meaning", "close"), [(6.5, True), (4.0, False)])
def test_beside_a_close_language_another_is_measured_by_how_near_that_comes(meaning: float, close: bool) -> None:
    french, chinese = make_legs("fr", dense=[("a", 9.0)]), make_legs("zh", dense=[("z", meaning)])
    assert find_close([french, chinese], SETTINGS) == {"fr": True, "zh": close}
    assert find_close([chinese], SETTINGS) == {"zh": False}


def test_what_a_document_quotes_makes_its_own_language_close() -> None:
    """A French page quoted at length by a Chinese report: it is that report that answers, not a French document."""
    french = make_legs("fr", dense=[("quoting", 9.0), ("a", 2.0)], lexical=[("quoting", 4.5), ("a", 0.5)])
    chinese = make_legs("zh", dense=[("z", 2.0)])
    assert find_close([french, chinese], SETTINGS) == {"fr": True, "zh": False}
    quoting = replace(french, documents={"quoting": "zh"})
    assert find_close([quoting, chinese], SETTINGS) == {"fr": False, "zh": True}


@pytest.mark.parametrize(("worth", "close"), [(30.0, True), (0.0, False), (-30.0, False)])
def test_a_reading_moves_what_is_close_but_only_so_far(worth: float, close: bool) -> None:
    near = make_legs("fr", dense=[("a", 7.5)])
    far = make_legs("fr", dense=[("a", 4.0)])
    assert find_close([near], SETTINGS, {"fr": worth}) == {"fr": close}
    assert find_close([far], SETTINGS, {"fr": worth}) == {"fr": False}
    assert find_close([near], SETTINGS, {"zh": worth}) == find_close([near], SETTINGS)


def test_what_reads_as_no_answer_is_not_close_beside_another_language() -> None:
    french, chinese = make_legs("fr", dense=[("a", 9.0)]), make_legs("zh", dense=[("z", 6.5)])
    assert find_close([french, chinese], SETTINGS, {"fr": 6.0, "zh": 6.0}) == {"fr": True, "zh": True}
    assert find_close([french, chinese], SETTINGS, {"fr": 6.0, "zh": -6.0}) == {"fr": True, "zh": False}


def test_what_was_read_moves_by_what_it_is_worth_the_rest_stays() -> None:
    french, chinese = make_legs("fr", dense=[("a", 3.0), ("b", 2.9)]), make_legs("zh", dense=[("z", 2.8), ("y", 1.0)])
    fused = {legs.language: fuse_language(legs, SETTINGS) for legs in (french, chinese)}
    merged = merge_languages(fused, SETTINGS)
    assert [document.document_id for document in merged] == ["a", "b", "z", "y"]

    def moved(**worths: float) -> list[str]:
        return [document.document_id for document in move_read(merged, worths, SETTINGS, "zh")]

    assert moved() == ["a", "b", "z", "y"]
    assert moved(a=-5.0, b=-5.0, z=5.0) == ["z", "a", "b", "y"]
    assert moved(a=-5.0, z=0.0) == ["b", "z", "a", "y"]
    assert moved(y=1000.0) == ["a", "b", "z", "y"]
    most = SETTINGS.most_worth
    assert move_read(merged, {"a": -1000.0}, SETTINGS, None) == move_read(merged, {"a": -most}, SETTINGS, None)


def test_what_is_read_in_the_other_language_is_evened_out() -> None:
    french, chinese = make_legs("fr", dense=[("a", 3.01)]), make_legs("zh", dense=[("z", 3.0)])
    fused = {legs.language: fuse_language(legs, SETTINGS) for legs in (french, chinese)}
    merged, worths = merge_languages(fused, SETTINGS), {"a": 1.0, "z": 0.5}
    for asked, first in (("fr", "z"), ("zh", "a"), (None, "a")):
        assert move_read(merged, worths, SETTINGS, asked)[0].document_id == first  # type: ignore[arg-type]
    assert move_read(merged, {"a": 0.0}, SETTINGS, "fr")[0].document_id == "a"


def test_in_the_language_of_the_question_the_order_stays_and_only_its_place_beside_the_other_moves() -> None:
    french, chinese = make_legs("fr", dense=[("a", 3.0), ("b", 2.9)]), make_legs("zh", dense=[("z", 3.2), ("y", 3.1)])
    fused = {legs.language: fuse_language(legs, SETTINGS) for legs in (french, chinese)}
    merged, worths = merge_languages(fused, SETTINGS), {"a": -6.0, "b": 6.0, "z": -6.0, "y": 6.0}
    orders: dict[Language | None, str] = {"fr": "yazb", "zh": "zbya", None: "zayb"}
    for asked, expected in orders.items():  # worths are far apart, so that evening them out changes nothing
        assert "".join(document.document_id for document in move_read(merged, worths, SETTINGS, asked)) == expected


def test_a_reference_number_stays_before_its_neighbours_whatever_is_read_of_them() -> None:
    """They hold most of its parts, so that too many documents hold nearly all the words for any to be lifted."""
    near = [("n1", 3.3), ("n2", 3.25), ("n3", 3.2), ("right", 3.1), ("n4", 3.05)]
    words = [("right", 10.0), ("n1", 6.0), ("n2", 6.0), ("n3", 6.0), ("n4", 6.0)]
    legs = replace(make_legs("fr", dense=near, lexical=words), references={"right"})
    merged = merge_languages({"fr": fuse_language(legs, SETTINGS)}, SETTINGS)
    worths = {"right": -6.0, "n1": 0.0, "n2": 6.0}
    assert merged[0].document_id == "right"
    assert [document.document_id for document in move_read(merged, worths, SETTINGS, "zh")][:2] == ["right", "n2"]


def test_names_and_nearly_all_the_words_stay_where_they_are_whatever_is_read() -> None:
    named = make_legs("fr", dense=[("a", 3.0), ("b", 2.9)], name=[("b", 0.5)])
    titled = make_legs("fr", dense=[("a", 3.0), ("b", 2.9)], lexical=[("b", 9.0), ("a", 1.0)])
    for legs in (named, titled):
        merged = merge_languages({"fr": fuse_language(legs, SETTINGS)}, SETTINGS)
        moved = move_read(merged, {"b": -6.0, "a": 6.0}, SETTINGS, "zh")
        assert [document.document_id for document in moved] == ["b", "a"]


scores = st.lists(st.floats(-3, 6, allow_nan=False), max_size=30)


@given(scores, scores, scores)
def test_merging_keeps_the_order_inside_each_language(
    dense: list[float], lexical: list[float], other: list[float]
) -> None:
    def rank(values: list[float], prefix: str, least: float) -> list[tuple[str, float]]:
        named = [(f"{prefix}{n}", value) for n, value in enumerate(values) if value > least]
        return sorted(named, key=lambda hit: (-hit[1], hit[0]))

    french = make_legs("fr", dense=rank(dense, "a", -9), lexical=rank(lexical, "a", 0))
    chinese = make_legs("zh", dense=rank(other, "z", -9))
    merged = merged_ids(french, chinese)
    for legs in (french, chinese):
        own = fused_ids(legs)
        kept = [each for each in merged if each in own]
        scores_of = {found.document_id: found.score for found in fuse_language(legs, SETTINGS)}
        assert [scores_of[each] for each in kept] == sorted(scores_of.values(), reverse=True)
        assert sorted(kept) == sorted(own)


def test_what_the_model_holds_against_the_other_language_is_evened_out_in_the_merge() -> None:
    own = make_legs("fr", dense=[("a", 3.2)])
    other = make_legs("zh", dense=[("z", 3.0)], background=replace(BACKGROUND, bias=0.8))
    assert merged_ids(own, other) == ["z", "a"]
    fused = {legs.language: fuse_language(legs, replace(SETTINGS, evenness=0.0)) for legs in (own, other)}
    assert [document.document_id for document in merge_languages(fused, SETTINGS)] == ["a", "z"]
