"""Outcomes of several configurations to figures: means with intervals, differences from the first, ratios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from passerelle.evaluation.asked_question import FUSED, LEG_KINDS
from passerelle.evaluation.evaluate import score_nothing_close
from passerelle.evaluation.experiment import Outcome, SetOutcome
from passerelle.evaluation.judged_set import JudgedSet
from passerelle.evaluation.measures import score_questions
from passerelle.evaluation.statistics import (
    Difference,
    Values,
    compare_paired,
    correct_many,
    estimate_mean,
    estimate_ratio,
)

TESTED = ("ndcg10_filtered", "ndcg10_mixed", "hit10_mixed")
"""Measures that are tested against the first configuration; each is a family of comparisons of its own."""

ACROSS: Mapping[str, str] = {"fr>zh": "fr>fr", "zh>fr": "zh>zh"}
"""Cross-language direction to the same-language one of the same questions."""

_RUN_MEASURES = {FUSED: (*TESTED, "recall50"), "leg": ("ndcg10_filtered", "recall50"), "only": TESTED[:2]}

Scores = Mapping[str, Mapping[str, Values]]
"""Direction to measure to one value a question of the direction's language, in the order of the set."""


@dataclass(frozen=True)
class ScoredOutcome:
    """The scores of one configuration, by run."""

    name: str
    outcome: Outcome
    runs: Mapping[str, Scores]

    def values(self, run: str, direction: str, measure: str) -> Values | None:
        return self.runs.get(run, {}).get(direction, {}).get(measure)


def compare_outcomes(found: SetOutcome) -> dict[str, Any]:
    """All figures of a set; the first configuration is what the others are tested against."""
    judged = found.judged
    scored = [_score(name, outcome, found) for name, outcome in found.outcomes.items()]
    against = _compare_with_first(scored)
    return {
        "set": judged.name,
        "engine": found.engine,
        "documents": len(found.languages),
        "queries": len(judged.queries),
        "configurations": {
            each.name: {
                "model": each.outcome.model,
                "directions": {direction: _describe_direction(each, direction) for direction in each.runs[FUSED]},
                "parity": _describe_ratios(each, "ndcg10_filtered"),
                "parity_mixed": _describe_ratios(each, "ndcg10_mixed"),
                "nothing_close": score_nothing_close(judged, each.outcome.close),
                "nothing_close_in_other": {
                    run: round(1 - sum(close.values()) / len(close), 4)
                    for run, close in each.outcome.other_close.items()
                },
                "against_first": against[each.name],
                "fusion": _compare_with_best_leg(each),
            }
            for each in scored
        },
    }


def _score(name: str, outcome: Outcome, found: SetOutcome) -> ScoredOutcome:
    runs = {
        run: _to_arrays(
            found.judged,
            score_questions(
                ranking,
                found.judged.queries,
                found.judged.grades,
                found.languages,
                _RUN_MEASURES[run.partition(":")[0]],
            ),
        )
        for run, ranking in outcome.rankings.items()
    }
    return ScoredOutcome(name, outcome, {FUSED: {}, **runs})


def _to_arrays(judged: JudgedSet, scores: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Scores:
    asked = {
        language: [query.id for query in judged.queries if query.language == language] for language in ("fr", "zh")
    }
    return {
        direction: {
            measure: np.array([values.get(query, np.nan) for query in asked[direction[:2]]])
            for measure, values in measures.items()
        }
        for direction, measures in scores.items()
    }


def _describe_direction(scored: ScoredOutcome, direction: str) -> dict[str, Any]:
    means = {
        measure: estimate_mean(values).to_dict()
        for measure in TESTED
        if (values := scored.values(FUSED, direction, measure)) is not None
    }
    recall = {
        run.removeprefix("leg:"): round(float(np.nanmean(values)), 4)
        for run in (FUSED, *(f"leg:{kind}" for kind in LEG_KINDS))
        if (values := scored.values(run, direction, "recall50")) is not None
    }
    asked = scored.runs[FUSED][direction]["ndcg10_filtered"]
    queries = int((~np.isnan(asked)).sum())
    return {**means, "recall50": recall, "one_language": _describe_one_language(scored, direction), "queries": queries}


def _describe_one_language(scored: ScoredOutcome, direction: str) -> dict[str, float] | None:
    """nDCG@10 mixed / filtered where only the direction's document language answers: 1 where fairness costs nothing."""
    run = f"only:{direction[-2:]}"
    mixed, filtered = (scored.values(run, direction, measure) for measure in ("ndcg10_mixed", "ndcg10_filtered"))
    if mixed is None or filtered is None:
        return None
    ratio = estimate_ratio(mixed, filtered)
    return ratio.to_dict() if ratio else None


def _describe_ratios(scored: ScoredOutcome, measure: str) -> dict[str, Any]:
    """Cross-language over same-language figures."""
    ratios: dict[str, Any] = {}
    for across, within in ACROSS.items():
        values = scored.values(FUSED, across, measure), scored.values(FUSED, within, measure)
        if values[0] is not None and values[1] is not None and (ratio := estimate_ratio(values[0], values[1])):
            ratios[across] = ratio.to_dict()
    return ratios


def _compare_with_first(scored: Sequence[ScoredOutcome]) -> dict[str, dict[str, Any]]:
    """By configuration and direction, each tested measure less the first configuration's."""
    first = scored[0]
    described: dict[str, dict[str, Any]] = {each.name: {} for each in scored}
    for measure in TESTED:
        compared: dict[tuple[str, str], Difference] = {}
        for each in scored[1:]:
            for direction in each.runs[FUSED]:
                before, after = (one.runs[FUSED][direction][measure] for one in (first, each))
                compared[each.name, direction] = compare_paired(before, after)
        for (name, direction), difference in correct_many(compared).items():
            described[name].setdefault(direction, {})[measure] = difference.to_dict()
    return described


def _compare_with_best_leg(scored: ScoredOutcome) -> dict[str, Any]:
    """By direction, nDCG@10 filtered of the fused ranking less that of the best single leg."""
    compared: dict[str, Difference] = {}
    best: dict[str, str] = {}
    for direction, measures in scored.runs[FUSED].items():
        legs = {run: scores[direction]["ndcg10_filtered"] for run, scores in scored.runs.items() if run[:4] == "leg:"}
        if legs:
            best[direction] = max(legs, key=lambda run: float(np.nanmean(legs[run])))
            compared[direction] = compare_paired(legs[best[direction]], measures["ndcg10_filtered"])
    return {
        direction: {
            "best_leg": best[direction].removeprefix("leg:"),
            **difference.to_dict(),
            "worse": difference.significant and difference.difference < 0,
        }
        for direction, difference in correct_many(compared).items()
    }
