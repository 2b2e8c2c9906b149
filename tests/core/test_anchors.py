"""The anchors: what they say of a model, and that they are what they claim to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from search_core.anchors import ANCHOR_LANGUAGES, CENTRING, Anchors, embed_anchors, read_anchors
from search_core.embedding import HashEmbedder, load_embedder
from search_core.language import detect_query_language
from search_core.model import Matrix

DIMENSION = 40


def make_vectors(across: float) -> Anchors:
    """Twelve anchors whose answers point where their questions do, less so across languages.

    Each subject has an axis of its own; `across` is how much of a Chinese text lies on the axis of its French version.
    """
    french = np.eye(12, DIMENSION, dtype=np.float32)
    own = np.roll(french, 12, axis=1)
    chinese: Matrix = (across * french + np.sqrt(1 - across**2) * own).astype(np.float32)
    texts = {"fr": french, "zh": chinese}
    return Anchors(queries=texts, passages=texts, version="test")


def test_a_model_that_crosses_languages_without_loss_has_no_bias() -> None:
    assert make_vectors(across=1.0).bias == pytest.approx(1.0)


def test_the_bias_grows_with_what_is_lost_across_languages() -> None:
    biases = [make_vectors(across).bias for across in (1.0, 0.95, 0.9, 0.8)]
    assert biases == sorted(biases, reverse=True)
    assert 0.6 < biases[-1] < biases[0]


def test_a_model_that_hardly_crosses_languages_is_not_lifted() -> None:
    for across in (0.3, 0.0):
        assert make_vectors(across).bias == 1.0
        assert make_vectors(across).across.closeness > 0.5 * make_vectors(across).same.closeness


def test_a_model_that_favours_the_language_of_the_question_is_centred_by_the_whole_mean() -> None:
    assert [make_vectors(across).centring for across in (1.0, 0.9)] == [CENTRING, CENTRING]
    assert [make_vectors(across).centring for across in (0.75, 0.3)] == [1.0, 1.0]
    assert replace(make_vectors(1.0), share=0.2).centring == 0.2


def test_closeness_of_an_answer_that_points_where_the_question_does_is_about_one() -> None:
    assert make_vectors(across=1.0).same.closeness == pytest.approx(1.09, abs=0.1)


def test_a_model_that_knows_no_translation_gives_usable_levels() -> None:
    anchors = embed_anchors(HashEmbedder())
    assert anchors.same.deviations > anchors.across.deviations > 0
    assert anchors.bias == 1.0


def test_every_anchor_has_its_four_texts_in_their_languages_once() -> None:
    texts = read_anchors()
    for language in ANCHOR_LANGUAGES:
        assert len(texts.queries[language]) == len(texts.passages[language]) == len(texts.queries["fr"]) >= 60
        written = [*texts.queries[language], *texts.passages[language]]
        assert len(set(written)) == len(written)
        assert {detect_query_language(text) for text in texts.passages[language]} == {language}


@pytest.mark.slow
@pytest.mark.model
def test_the_bundled_model_finds_the_answers_of_the_anchors_across_languages() -> None:
    anchors = embed_anchors(load_embedder())
    for asked, answered in (("fr", "zh"), ("zh", "fr")):
        queries = anchors.queries[asked] - anchors.centring * anchors.queries[asked].mean(axis=0)
        best = (queries @ anchors.passages[answered].T).argmax(axis=1)
        assert (best == np.arange(len(best))).mean() >= 0.8
    assert 0.75 < anchors.bias <= 1.0
    assert anchors.centring == CENTRING
