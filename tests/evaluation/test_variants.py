"""What a configuration changes does what it says, on legs and vectors made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from passerelle.evaluation.asked_question import change_legs
from passerelle.evaluation.configuration import Configuration, Merge
from passerelle.evaluation.found_legs import keep_legs, leave_out, pool_passages
from passerelle.evaluation.late_interaction import max_similarity
from passerelle.evaluation.merging import METHODS, merge_fused
from passerelle.evaluation.question_vectors import GlossaryAverager, recentre, translate_terms
from passerelle.evaluation.reranking import reorder
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import Background, make_calibration
from search_core.embedding import HashEmbedder
from search_core.engines.base import LegHit, LegResult, PassageScore, SampledPassage
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, fuse_language, merge_languages
from search_core.glossary import Glossary, GlossaryEntry, GlossaryMatcher
from search_core.model import LANGUAGES, Language, Passage

SETTINGS = FusionSettings()


def leg(kind: str, language: Language, scores: dict[str, Sequence[float]]) -> LegResult:
    hits = (
        LegHit(document, found[0], tuple(PassageScore(f"{document}-{n}", score) for n, score in enumerate(found)))
        for document, found in scores.items()
    )
    return LegResult(kind, language, tuple(hits), ceiling=0.0 if kind == "dense" else 10.0)


FRENCH = LanguageLegs(
    "fr",
    Background(mean=0.1, deviation=0.1, reach=1.0),
    dense=leg("dense", "fr", {"f1": [0.6, 0.2], "f2": [0.5, 0.5], "f3": [0.4]}),
    lexical=leg("lexical", "fr", {"f3": [2.0]}),
)
CHINESE = LanguageLegs(
    "zh",
    Background(mean=0.0, deviation=0.02, reach=0.625),
    dense=leg("dense", "zh", {"z1": [0.2], "z2": [0.1], "z3": [0.06]}),
)


def merge(method: str, asked: Language = "fr") -> list[str]:
    fused = {each.language: fuse_language(each, SETTINGS) for each in (FRENCH, CHINESE)}
    return [found.document_id for found in merge_fused(method, fused, [FRENCH, CHINESE], SETTINGS, asked)]


def test_profile_is_the_merge_of_the_product() -> None:
    fused = {each.language: fuse_language(each, SETTINGS) for each in (FRENCH, CHINESE)}
    assert merge("profile") == [found.document_id for found in merge_languages(fused, SETTINGS)]


@pytest.mark.parametrize("method", METHODS)
def test_no_merge_changes_the_order_inside_a_language(method: str) -> None:
    merged = merge(method)
    for legs in (FRENCH, CHINESE):
        within = [found.document_id for found in fuse_language(legs, SETTINGS)]
        assert [each for each in merged if each in within] == within


def test_alternation_takes_turns_and_begins_with_the_language_of_the_question() -> None:
    assert merge("alternation", "fr") == ["f3", "z1", "f1", "z2", "f2", "z3"]
    assert merge("alternation", "zh") == ["z1", "f3", "z2", "f1", "z3", "f2"]


def test_plain_scores_put_the_language_with_the_larger_cosines_first() -> None:
    assert merge("plain") == ["f3", "f1", "f2", "z1", "z2", "z3"]


def test_zscore_makes_the_best_candidate_of_each_language_nearly_equal() -> None:
    # (.6 - .5) / .0816 = 1.22; (.2 - .12) / .0589 = 1.36
    assert merge("zscore")[:2] == ["z1", "f3"]


def test_closeness_divides_by_the_reach_of_the_background() -> None:
    # French .5, .4, .3 over 1; Chinese .2, .1, .06 over .625: .32, .16, .1
    assert merge("closeness") == ["f3", "f1", "z1", "f2", "z2", "z3"]


def test_words_lift_a_document_above_the_other_language() -> None:
    # f3: (.4 - .1) / .1 + 2.5 for the best words = 5.5; z1: 10; z2: 5
    assert merge("words") == ["z1", "f3", "f1", "z2", "f2", "z3"]


def test_what_only_words_found_keeps_its_order() -> None:
    words = replace(CHINESE, dense=None, lexical=leg("lexical", "zh", {"z2": [3.0], "z1": [2.0]}))
    fused = {"zh": fuse_language(words, SETTINGS)}
    for method in METHODS:
        merged = merge_fused(method, fused, [words], SETTINGS, "zh")  # type: ignore[arg-type]
        assert [found.document_id for found in merged] == ["z2", "z1"], method


def test_legs_that_are_off_are_gone() -> None:
    [kept] = keep_legs([FRENCH], ["lexical"])
    assert (kept.dense, kept.lexical) == (None, FRENCH.lexical)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("best", [("f1", 0.6), ("f2", 0.5), ("f3", 0.4)]), ("mean2", [("f2", 0.5), ("f1", 0.4), ("f3", 0.4)])],
)
def test_pooling_scores_a_document_by_the_mean_of_its_best_passages(
    pooling: str, expected: list[tuple[str, float]]
) -> None:
    [pooled] = pool_passages([FRENCH], pooling)
    assert pooled.dense
    assert [(hit.document_id, hit.score) for hit in pooled.dense.hits] == expected
    assert pooled.lexical == FRENCH.lexical


def test_answers_left_out_are_in_no_leg_and_other_languages_stay_as_they_are() -> None:
    french, chinese = leave_out([FRENCH, CHINESE], {"f3", "absent"})
    assert french.dense
    assert french.lexical
    assert [hit.document_id for hit in french.dense.hits] == ["f1", "f2"]
    assert french.lexical.hits == ()
    assert chinese is CHINESE


def test_quotations_are_lifted_as_foreign_documents_only_where_a_configuration_says_so() -> None:
    french = replace(FRENCH, asked="zh", documents={"f1": "zh", "f2": "fr", "f3": "other"})
    found = [french, CHINESE]
    assert change_legs(found, Configuration(name="product")) == found
    lifted = change_legs(found, Configuration(name="lifted", merge=Merge(quotations=True)))
    assert lifted == [replace(french, documents={"f2": "fr", "f3": "other"}), CHINESE]


def make_sample(language: Language) -> list[SampledPassage]:
    embedder = HashEmbedder()
    texts = [f"Le texte numéro {number} parle de {language}." for number in range(8)]
    vectors = embedder.embed_passages(texts)
    return [
        SampledPassage(
            Passage(f"{language}{number}", f"{language}{number}", 0, language, 0, len(text), text), "", vector
        )
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]


def test_means_come_from_where_they_are_said_to_come_from() -> None:
    calibration = make_calibration({language: make_sample(language) for language in LANGUAGES}, HashEmbedder())
    assert recentre(calibration, "collection", None).queries is calibration.queries
    for language in ("fr", "zh"):
        shared = recentre(calibration, "anchors", 1.0).query_mean(language)  # type: ignore[arg-type]
        assert np.allclose(shared, calibration.anchors.queries[language].mean(axis=0))  # type: ignore[index]
        passages = recentre(calibration, "passages", 1.0)
        assert np.allclose(passages.queries[language], calibration.passages[language])  # type: ignore[index]
    query = HashEmbedder().embed_queries(["vélo"])[0]
    uncentred, centred = (recentre(calibration, "collection", share) for share in (0.0, 1.0))
    assert np.allclose(uncentred.centre(query, "fr"), query)
    assert np.allclose(centred.centre(query, "fr"), query - calibration.query_mean("fr"))
    half = recentre(calibration, "collection", 0.5)
    assert np.allclose(half.centre(query, "fr"), query - 0.5 * calibration.query_mean("fr"))
    assert uncentred.anchors.same != centred.anchors.same


GLOSSARY = Glossary((GlossaryEntry(("piste cyclable",), ("自行车道", "单车道"), "transport", "test", False),))
MATCHER = GlossaryMatcher(GLOSSARY, Analyzer(GLOSSARY))


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("une piste cyclable à Issy", "une 自行车道 à Issy"),
        ("乐山的自行车道在哪里", "乐山的piste cyclable在哪里"),
        ("rien à traduire", "rien à traduire"),
        ("", ""),
    ],
)
def test_terms_are_replaced_by_their_translation(text: str, translated: str) -> None:
    assert translate_terms(text, MATCHER.match(text)) == translated


def test_question_is_averaged_with_its_translation() -> None:
    embedder = HashEmbedder()
    own, other = embedder.embed_queries(["une piste cyclable", "une 自行车道"])
    [averaged] = GlossaryAverager(embedder, MATCHER, 0.25).embed_queries(["une piste cyclable"])
    expected = 0.75 * own + 0.25 * other
    assert np.allclose(averaged, expected / np.linalg.norm(expected))
    [unchanged] = GlossaryAverager(embedder, MATCHER, 0.25).embed_queries(["un tram"])
    assert np.allclose(unchanged, embedder.embed_queries(["un tram"])[0])


def test_max_similarity_is_the_mean_of_each_questions_tokens_best() -> None:
    question = np.array([[1, 0], [0, 1]], dtype=np.float32)
    passage = np.array([[0.6, 0.8], [1, 0]], dtype=np.float32)
    assert max_similarity(question, passage) == pytest.approx((1 + 0.8) / 2)
    assert max_similarity(question, passage[:0]) == 0.0


def fused(name: str, order: float) -> FusedDocument:
    return FusedDocument(name, "fr", order, order + 1, 0.0, 0.0, {}, (f"{name}-0",))


def test_reordering_follows_its_weight_and_leaves_the_scores_of_the_ranks() -> None:
    documents = [fused("a", 3.0), fused("b", 2.0), fused("c", 1.0)]
    for weight, expected in ((0.0, "abc"), (1.0, "cba")):
        found = reorder(documents, [0.1, 0.2, 0.3], weight)
        assert "".join(each.document_id for each in found) == expected
        assert [(each.order, each.score) for each in found] == [(3.0, 4.0), (2.0, 3.0), (1.0, 2.0)]
    assert reorder(documents, [0.5, 0.5, 0.5], 0.9) == documents
