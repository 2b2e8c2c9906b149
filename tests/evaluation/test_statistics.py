"""Intervals and tests against values worked out by hand, and against scipy where it has the same test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from passerelle.evaluation.statistics import (
    Difference,
    compare_paired,
    correct_many,
    estimate_mean,
    estimate_ratio,
)

NAN = float("nan")


def test_three_differences_of_one_sign_are_chance_one_time_in_four() -> None:
    found = compare_paired(np.array([0.1, 0.2, 0.3]), np.array([0.2, 0.4, 0.7]))
    assert found.difference == pytest.approx((0.1 + 0.2 + 0.4) / 3)
    # Of the 8 ways to set the signs, two have a sum as far from 0.
    assert found.p == pytest.approx(2 / 8, abs=0.02)


def test_paired_randomisation_agrees_with_scipy() -> None:
    draw = np.random.default_rng(7)
    before = draw.random(12)
    after = before + draw.normal(0.1, 0.2, 12)
    exact = stats.permutation_test(
        (after, before), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    found = compare_paired(before, after)
    assert found.difference == pytest.approx(exact.statistic)
    assert found.p == pytest.approx(exact.pvalue, abs=0.02)


def test_order_of_the_two_changes_the_sign_only() -> None:
    before, after = np.array([0.0, 0.5, 0.25, 1.0]), np.array([1.0, 0.5, 0.5, 0.0])
    forth, back = compare_paired(before, after), compare_paired(after, before)
    assert (forth.difference, forth.p) == (-back.difference, back.p)


def test_equal_figures_differ_by_chance_for_certain() -> None:
    values = np.array([0.5, 0.0, 1.0])
    assert compare_paired(values, values) == Difference(0.0, 1.0)
    assert compare_paired(np.array([NAN]), np.array([1.0])) == Difference(0.0, 1.0)


def test_questions_that_only_one_has_are_not_compared() -> None:
    found = compare_paired(np.array([0.0, NAN, 0.5]), np.array([1.0, 1.0, 0.5]))
    assert found.difference == 0.5


def test_holm_multiplies_the_smallest_most_and_never_falls() -> None:
    given = {
        "a": Difference(0.1, 0.01),
        "b": Difference(0.1, 0.04),
        "c": Difference(0.1, 0.03),
        "d": Difference(0, 0.9),
    }
    corrected = {name: found.corrected_p for name, found in correct_many(given).items()}
    assert corrected == pytest.approx({"a": 0.04, "c": 0.09, "b": 0.09, "d": 0.9})
    assert list(correct_many(given)) == list(given)


def test_interval_of_a_mean_is_that_of_the_bootstrap_of_scipy() -> None:
    values = np.random.default_rng(3).random(200)
    found = estimate_mean(values)
    expected = stats.bootstrap((values,), np.mean, method="percentile", rng=1).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.005)


def test_equal_figures_have_no_width() -> None:
    found = estimate_mean(np.array([0.5, 0.5, NAN]))
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_same_figures_give_the_same_interval() -> None:
    values = np.random.default_rng(3).random(50)
    assert estimate_mean(values) == estimate_mean(values.copy())


def test_ratio_is_mean_over_mean_with_questions_resampled_together() -> None:
    within = np.random.default_rng(5).random(100)
    found = estimate_ratio(within / 2, within)
    assert found
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))
    assert estimate_ratio(np.array([0.5, 0.5]), np.array([0.0, 0.0])) is None
    assert estimate_ratio(np.array([0.2, NAN]), np.array([NAN, 0.4])).value == pytest.approx(0.5)  # type: ignore[union-attr]
