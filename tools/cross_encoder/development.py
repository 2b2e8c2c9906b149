"""Measures a cross-encoder on subjects that training never saw: which sentence it tells, and how well it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import torch
from pairs import Pair, Question, Readings, join_pair
from reading import ReadingNetwork
from records import NO_ANSWER

LANGUAGES = ("fr", "zh")

ALLOWED = 0.05
"""The share of answers that may be refused where rates of rightly refused passages are told."""


@torch.no_grad()
def tell(network: ReadingNetwork, readings: Readings, step: int) -> None:
    for name, found in measure(network, readings).items():
        print(json.dumps({"step": step, "what": name, **found}), flush=True)


@torch.no_grad()
def measure(network: ReadingNetwork, readings: Readings) -> dict[str, dict[str, float]]:
    """Sentences told right by direction; AUC and rate of refusal, at .05 of answers refused.

    Refused should be near misses, passages without their answer, and the best of the others of the same matter.
    """
    dev = [each for each in readings.questions if each.passage.dev]
    marked = [each for each in dev if each.answers[0] >= 0]
    missed = [each for each in dev if each.answers[0] == NO_ANSWER]
    unmarked = [each for each in dev if each.answers[0] == -1 and not each.is_title]
    told: dict[str, float] = {}
    for asked in (0, 1):
        for language in (0, 1):
            pairs = [_pair(readings, each, asked, language) for each in marked]
            best = network.read(pairs).sentences.argmax(-1).tolist()
            right = [number == each.answers[language] for number, each in zip(best, marked, strict=True)]
            told[f"{LANGUAGES[asked]}>{LANGUAGES[language]}"] = round(sum(right) / len(right), 3)
    found = {"told": told}
    for name, same in (("same", True), ("cross", False)):
        sides = [(0, 0), (1, 1)] if same else [(0, 1), (1, 0)]
        answers = _worths(network, [_pair(readings, each, *side) for side in sides for each in marked])
        loose = _worths(network, [_pair(readings, each, *side) for side in sides for each in unmarked])
        wrong = {
            "missed": _worths(network, [_pair(readings, each, *side) for side in sides for each in missed]),
            "cut": _worths(network, [_pair(readings, each, *side, cut=True) for side in sides for each in marked]),
            "others": _best_others(network, readings, marked, sides),
        }
        found[name] = _compare(answers, wrong)
        found[f"{name} unmarked"] = _compare(loose, {"others": _best_others(network, readings, unmarked, sides)})
    return found


def _compare(answers: np.ndarray, wrong: dict[str, np.ndarray]) -> dict[str, float]:
    bar = np.quantile(answers, ALLOWED)
    found = {"bar": round(float(bar), 2)}
    for name, each in wrong.items():
        found[f"{name} auc"] = round(float((answers[:, None] > each[None, :]).mean()), 3)
        found[f"{name} refused"] = round(float((each < bar).mean()), 3)
    return found


def _pair(readings: Readings, question: Question, asked: int, language: int, *, cut: bool = False) -> Pair:
    sentences = readings.sentences(question.passage, language)
    if cut:
        sentences = [each for number, each in enumerate(sentences) if number != question.answers[language]]
    title = readings.title(question.passage, language)
    return Pair(*join_pair(readings.ids(question.texts[asked]), title, sentences))


def _worths(network: ReadingNetwork, pairs: Sequence[Pair]) -> np.ndarray:
    return network.read(pairs).worth().cpu().numpy()


def _best_others(
    network: ReadingNetwork, readings: Readings, questions: Sequence[Question], sides: Sequence[tuple[int, int]]
) -> np.ndarray:
    """For each question, the highest worth among the other passages of its group."""
    pairs, counts = [], []
    groups: dict[int, list] = {}
    for passage in readings.passages:
        if passage.dev:
            groups.setdefault(passage.group, []).append(passage)
    for asked, language in sides:
        for question in questions:
            others = [each for each in groups[question.passage.group] if each is not question.passage]
            if others:
                words = readings.ids(question.texts[asked])
                pairs += [
                    Pair(*join_pair(words, readings.title(each, language), readings.sentences(each, language)))
                    for each in others
                ]
                counts.append(len(others))
    parts = np.split(_worths(network, pairs), np.cumsum(counts)[:-1])
    return np.array([part.max() for part in parts])
