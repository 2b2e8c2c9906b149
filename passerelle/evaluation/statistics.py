"""How sure a figure is: confidence intervals by bootstrap over questions, and paired randomisation tests.

Both draw with a fixed seed: the same rankings give the same figures. Values are one a question, NaN where a question
has no such figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

SEED = 20140411
RESAMPLES = 2000
"""Bootstrap samples: the ends of a 95 % interval are then good to about a twentieth of its width."""

PERMUTATIONS = 9999
"""Sign changes tried in a test: the smallest p-value is 1 in 10,000."""

CONFIDENCE = 0.95
SIGNIFICANT = 0.05

_TINY = 1e-12


@dataclass(frozen=True)
class Estimate:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


@dataclass(frozen=True)
class Difference:
    """How far the means of two lists of figures of the same questions are apart, and how likely that is by chance."""

    difference: float
    p: float
    corrected_p: float = 1.0

    @property
    def significant(self) -> bool:
        return self.corrected_p < SIGNIFICANT

    def to_dict(self) -> dict[str, Any]:
        return {
            "difference": round(self.difference, 4),
            "p": round(self.p, 4),
            "corrected_p": round(self.corrected_p, 4),
        }


def estimate_mean(values: Values) -> Estimate:
    """The mean over the questions that have a figure."""
    known = values[~np.isnan(values)]
    return _make_estimate(float(known.mean()), _resample_means(known))


def estimate_ratio(numerator: Values, denominator: Values) -> Estimate | None:
    """Mean over mean, both over the same resampled questions; None where the denominator is 0."""
    above, below = _sums(numerator), _sums(denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = above / below
    if not np.isfinite(ratios[0]):
        return None
    return _make_estimate(float(ratios[0]), ratios[1:][np.isfinite(ratios[1:])])


def compare_paired(first: Values, second: Values) -> Difference:
    """`second` less `first` over the questions that both have, tested by paired randomisation, two-sided.

    Were it chance, each question's difference could as well have the other sign.
    """
    differences = (second - first)[~np.isnan(second - first)]
    if not len(differences):
        return Difference(0.0, 1.0)
    observed = abs(differences.sum())
    sums = np.abs(_signs(len(differences)) @ differences)
    as_far = int((sums >= observed - _TINY).sum())
    return Difference(float(differences.mean()), (1 + as_far) / (1 + PERMUTATIONS))


def correct_many(compared: Mapping[Any, Difference]) -> dict[Any, Difference]:
    """Holm's correction over all comparisons given: the chance of even one false finding stays below the level."""
    corrected: dict[Any, Difference] = {}
    worst = 0.0
    ranked = sorted(compared.items(), key=lambda item: item[1].p)
    for rank, (key, found) in enumerate(ranked):
        worst = max(worst, min(1.0, found.p * (len(ranked) - rank)))
        corrected[key] = Difference(found.difference, found.p, worst)
    return {key: corrected[key] for key in compared}


def _make_estimate(value: float, resampled: Values) -> Estimate:
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]) if len(resampled) else (value,) * 2
    return Estimate(value, float(low), float(high))


def _resample_means(known: Values) -> Values:
    means: Values = _draws(len(known)) @ known / len(known)
    return means


def _sums(values: Values) -> Values:
    """Means of all questions and of each resample, over those that have a figure."""
    has = ~np.isnan(values)
    weights = np.vstack([np.ones((1, len(values))), _draws(len(values))])
    with np.errstate(divide="ignore", invalid="ignore"):
        means: Values = (weights[:, has] @ values[has]) / weights[:, has].sum(axis=1)
    return means


@lru_cache(maxsize=8)
def _draws(count: int) -> Values:
    """How often each of `count` questions is drawn, one row a resample."""
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return drawn.astype(np.float64)


@lru_cache(maxsize=2)  # 80 MB for 1,000 questions
def _signs(count: int) -> Values:
    signs = np.random.default_rng(SEED).integers(0, 2, (PERMUTATIONS, count), dtype=np.int8) * 2 - 1
    return signs.astype(np.float64)
