"""How far documents of the collection agree by chance, and how far translations do.

All of it follows from samples of the collection and from the anchors that are shipped, so that a score means the
same whatever the model and the subject are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from indexer.pairs.facts import read_facts
from search_core.calibration import SAMPLE_SIZE, Calibration
from search_core.engines.base import PassageIndex, SampledPassage, Scope
from search_core.model import Language, Matrix, Vector

LEAST_TRANSLATED = 0.2
"""The bundled model puts parallel sentences at .60 (deviation by chance .09). Below this a model knows no translations.
"""

FREELY_TRANSLATED = 1.28
"""Anchors are told freely in each language. Sentences and their translations are nearer than they are by 1.25 with the
bundled model and its adapter, by 1.34 without (60 pairs of sentences)."""

PRIOR_PASSAGES = 20
"""In a small collection a figure is taken to be rarer than the few passages show."""

COMPARED: tuple[Language, Language] = ("fr", "zh")


@dataclass(frozen=True)
class Rarity:
    """How many of a language's sampled passages hold a figure or a word."""

    counts: Mapping[str, int]
    passages: int

    def chance(self, fact: str, passages: int) -> float:
        """The chance that a document of so many passages holds it, whatever it is about."""
        share = (self.counts.get(fact, 0) + 0.5) / (self.passages + PRIOR_PASSAGES)
        return float(1 - (1 - min(share, 0.99)) ** passages)


@dataclass(frozen=True)
class PairBackground:
    """`means` are of passages; `translated` is the mean cosine of translations, each about its language's mean."""

    means: Mapping[Language, Vector]
    translated: float
    rarity: Mapping[Language, Rarity]

    @property
    def knows_translations(self) -> bool:
        """Whether the model brings a text and its translation together: without that nothing can be said."""
        return self.translated >= LEAST_TRANSLATED

    def centre(self, vectors: Matrix, language: Language) -> Matrix:
        """Vectors about their language's mean, of length 1."""
        return _centre(vectors, self.means[language])

    def agreement(self, fr: Matrix, zh: Matrix) -> Matrix:
        """Of centred vectors, each with each: 0 as by chance, 1 as a sentence with its translation."""
        agreement: Matrix = fr @ zh.T / self.translated
        return agreement


def make_background(index: PassageIndex, calibration: Calibration) -> PairBackground:
    """The background of an index as it is now."""
    samples = {language: index.sample(language, SAMPLE_SIZE, Scope.everything()) for language in COMPARED}
    means = {language: calibration.passage_mean(language) for language in COMPARED}
    return PairBackground(
        means=means,
        translated=_measure_translated(calibration),
        rarity={language: _count_facts(found) for language, found in samples.items()},
    )


def _measure_translated(calibration: Calibration) -> float:
    passages = calibration.anchors.passages
    fr, zh = (_centre(passages[language], passages[language].mean(axis=0)) for language in COMPARED)
    return min(FREELY_TRANSLATED * float(np.einsum("ij,ij->i", fr, zh).mean()), 1.0)


def _count_facts(sample: Iterable[SampledPassage]) -> Rarity:
    counts: Counter[str] = Counter()
    passages = 0
    for sampled in sample:
        facts = read_facts(f"{sampled.title}\n{sampled.passage.text}")
        counts.update(facts.figures | facts.words)
        passages += 1
    return Rarity(counts, passages)


def _centre(vectors: Matrix, mean: Vector) -> Matrix:
    moved = vectors - mean
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    centred: Matrix = moved / np.maximum(norms, 1e-6)
    return centred
