"""Language means and backgrounds: of many passages, of few, of none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from search_core.calibration import Calibration, make_calibration, make_query_texts
from search_core.embedding import HashEmbedder, Progress
from search_core.engines.base import SampledPassage
from search_core.model import LANGUAGES, Language, Passage

FRENCH = "La ville d'Issy mesure la consommation d'électricité du quartier numéro {}. Les habitants sont informés."
CHINESE = "乐山市第{}小区的用电量由智能电表统计。居民可以查询数据。"


class CountingEmbedder(HashEmbedder):
    """Counts the queries it is asked to embed."""

    asked = 0

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        self.asked += len(texts)
        return super().embed_queries(texts, progress)


EMBEDDER = HashEmbedder()


def sample(language: Language, count: int) -> list[SampledPassage]:
    template = CHINESE if language == "zh" else FRENCH
    texts = [template.format(number) for number in range(count)]
    vectors = EMBEDDER.embed_passages(texts)
    return [
        SampledPassage(Passage(f"{n}", "d", n, language, 0, len(text), text), "Un titre", vector)
        for n, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]


def calibrate(fr: int, zh: int) -> Calibration:
    return make_calibration({"fr": sample("fr", fr), "zh": sample("zh", zh), "other": []}, EMBEDDER)


QUERY = EMBEDDER.embed_queries(["consommation d'électricité"])[0]


@pytest.mark.parametrize(("fr", "zh"), [(0, 0), (1, 0), (500, 0), (500, 1), (500, 3), (3, 500), (500, 500)])
def test_every_language_has_a_usable_background_however_few_its_passages(fr: int, zh: int) -> None:
    calibration = calibrate(fr, zh)
    for language in LANGUAGES:
        background = calibration.background(language, QUERY)
        assert np.isfinite([background.mean, background.deviation, background.reach]).all()
        assert background.deviation > 0
        assert background.reach > 0


def test_a_language_with_many_passages_is_judged_by_its_own() -> None:
    calibration = calibrate(500, 500)
    scores = calibration.passages["zh"] @ QUERY
    background = calibration.background("zh", QUERY)
    shared = calibration.anchors.passages["zh"] @ QUERY
    assert abs(background.mean - scores.mean()) < abs(background.mean - shared.mean())


def test_a_language_with_few_passages_moves_with_the_other_ones_collection() -> None:
    """Three Chinese documents among 500 French ones about one subject are not all called outstanding."""
    alone = calibrate(0, 3).background("zh", QUERY)
    beside = calibrate(500, 3).background("zh", QUERY)
    shift = (sample_mean(calibrate(500, 3), "fr") - calibrate(0, 3).anchors.passages["fr"].mean(axis=0)) @ QUERY
    assert np.sign(beside.mean - alone.mean) == np.sign(shift)


def sample_mean(calibration: Calibration, language: Language) -> np.ndarray:
    return calibration.passages[language].mean(axis=0)


def test_an_undecided_query_is_centred_halfway() -> None:
    calibration = calibrate(10, 10)
    halfway = (calibration.query_mean("fr") + calibration.query_mean("zh")) / 2
    assert np.allclose(calibration.query_mean(None), halfway)


def test_calibration_survives_storing() -> None:
    calibration = calibrate(20, 5)
    restored = Calibration.from_bytes(calibration.to_bytes())
    assert restored.query_keys == calibration.query_keys
    for language in LANGUAGES:
        assert restored.background(language, QUERY) == calibration.background(language, QUERY)


def test_renewing_embeds_only_texts_that_were_not_there_before() -> None:
    embedder = CountingEmbedder()
    first = make_calibration({"fr": sample("fr", 20), "zh": [], "other": []}, embedder)
    embedder.asked = 0
    again = make_calibration({"fr": sample("fr", 22), "zh": [], "other": []}, embedder, previous=first)
    assert embedder.asked == len(set(again.query_keys["fr"]) - set(first.query_keys["fr"]))
    assert 0 < embedder.asked <= 2
    assert again.anchors is first.anchors


def test_anchors_of_an_earlier_version_are_embedded_anew() -> None:
    embedder = CountingEmbedder()
    first = make_calibration({"fr": sample("fr", 20), "zh": [], "other": []}, embedder)
    embedder.asked = 0
    older = replace(first, anchors=replace(first.anchors, version="older"))
    again = make_calibration({"fr": sample("fr", 20), "zh": [], "other": []}, embedder, previous=older)
    assert embedder.asked == 2 * len(first.anchors.queries["fr"])
    assert again.anchors.version == first.anchors.version


SPREAD = np.eye(12, 64, dtype=np.float32)
TURNED = 0.8 * SPREAD + 0.6 * np.roll(SPREAD, 12, axis=1)
"""What a model makes of translations that it brings close together, not into one place."""


def test_the_models_bias_counts_in_the_other_language_only() -> None:
    calibration = calibrate(500, 500)
    texts = {"fr": SPREAD, "zh": TURNED}
    crossing = replace(calibration.anchors, queries=texts, passages=texts)
    calibration = replace(calibration, anchors=crossing)
    own, other = (calibration.background(language, QUERY, "fr") for language in ("fr", "zh"))
    assert own.bias == 1.0
    assert other.bias == calibration.anchors.bias < 1.0
    assert calibration.background("zh", QUERY, None).bias == 1.0


def test_query_texts_are_headings_titles_and_sentences_by_turns() -> None:
    assert make_query_texts(sample("fr", 2)) == [
        "La ville d'Issy mesure la consommation d'électricité du quartier numéro 0.",
        "Un titre",
    ]
    assert make_query_texts(sample("zh", 1)) == ["乐山市第0小区的用电量由智能电表统计。"]
