"""How well a question without an answer in the other language can be told from one with an answer there.

    PASSERELLE_DATA=FOLDER .venv/bin/python -m tools.measure_closeness corpus ../shared/eval/flores_passages

For each judged set, the area under the ROC curve of what Passerelle judges by, and of a weighted sum of both: a
logistic regression fitted on the questions that are then judged, which flatters it. Answers are told from what is found
when they are taken away (`unanswered`), and from what is found for questions that only their own language answers
(`absent`). Beside each area: how many of those a bar catches that wrongs .05 of the answers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from passerelle.console import show_progress
from passerelle.evaluation.asked_question import OTHER
from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from passerelle.evaluation.evaluate import document_languages, name_documents
from passerelle.evaluation.experiment import find_answers
from passerelle.evaluation.found_legs import FoundLegs, leave_out
from passerelle.evaluation.judged_set import JudgedSet, load_judged_set
from passerelle.evaluation.runs import embed_questions
from passerelle.evaluation.scratch import SetTools, open_scratch
from passerelle.workspace import open_workspace
from search_api.first_reader import FirstReader, find_best
from search_api.pipeline import QueryPipeline
from search_api.readings import Readings
from search_api.schemas import SearchRequest
from search_api.tools import ToolCache
from search_api.window import make_window
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusionSettings, measure_meaning
from search_core.model import Language, Matrix, Vector

WRONGED = 0.05
EVERYTHING = Scope.everything()
SIGNALS = ("closeness", "cross-encoder", "weighted sum of both")


@dataclass(frozen=True)
class Signals:
    """What is found in the other language: its closeness beside the best of any language, and its worth as read."""

    case: str
    closeness: float
    worth: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, help="folders of judged sets")
    folders = parser.parse_args().sets
    with open_workspace() as known, open_vectors(known.settings.data) as store:
        embedder = CachedEmbedder(known.embedder, store)
        for folder in folders:
            judged = load_judged_set(folder)
            with show_progress() as progress:
                tools = replace(known.set_tools(progress), embedder=embedder)
                with open_scratch(judged, tools, known.settings.data) as indexes:
                    found = list(iter_signals(judged, indexes.get(), tools))
            for case in ("unanswered", "absent"):
                report(judged.name, case, found)


def iter_signals(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> Iterator[Signals]:
    """What is found for each question that its own language answers."""
    names = name_documents(judged, index)
    answers = find_answers(judged, names, document_languages(judged, index, names))
    settings, readings = FusionSettings(), Readings(tools.embedder)
    query_tools = ToolCache(index, tools.embedder, tools.glossary, EVERYTHING).current()
    pipeline = QueryPipeline(index, tools.embedder, EVERYTHING, settings, readings)
    reader = FirstReader(index, EVERYTHING, readings, settings)
    embed_questions(judged.queries, tools.embedder)
    for query in judged.queries:
        answer = pipeline.run(SearchRequest(q=query.text), query_tools)
        own, other = answers[query.id][query.language], answers[query.id][OTHER[query.language]]
        cases: dict[str, FoundLegs] = {}
        if own and other:
            cases = {"answered": answer.legs, "unanswered": leave_out(answer.legs, other)}
        elif own:
            cases = {"absent": answer.legs}
        for case, legs in cases.items():
            merged = make_window(legs, settings).documents
            worths = find_best(merged, reader.read(answer.question.parsed.text, merged, answer.titles))
            meanings = {each.language: measure_meaning(each.language, legs, settings, {}) for each in legs}
            language = OTHER[query.language]
            most = settings.most_worth
            worth = max(-most, min(most, worths.get(language, -most)))
            yield Signals(case, _divide(meanings, language), worth)


def report(name: str, case: str, found: list[Signals]) -> None:
    """One line: the areas, and what is caught, of each signal."""
    chosen = [each for each in found if each.case in ("answered", case)]
    is_answer: NDArray[np.bool_] = np.array([each.case == "answered" for each in chosen])
    if is_answer.all() or not is_answer.any():
        return
    values: Matrix = np.array([[each.closeness, each.worth] for each in chosen], dtype=np.float32)
    both = LogisticRegression(class_weight="balanced").fit(values, is_answer).decision_function(values)
    told = (
        f"{signal} {roc_auc_score(is_answer, scores):.2f} (catches {_count_caught(is_answer, scores):.2f})"
        for signal, scores in zip(SIGNALS, (values[:, 0], values[:, 1], both), strict=True)
    )
    print(f"{name}, answered against {case} ({is_answer.sum()}, {(~is_answer).sum()}): {', '.join(told)}")


def _divide(meanings: Mapping[Language, float], language: Language) -> float:
    return meanings[language] / max(*meanings.values(), 1e-6)


def _count_caught(is_answer: NDArray[np.bool_], scores: Vector) -> float:
    bar = np.quantile(scores[is_answer], WRONGED)
    return float((scores[~is_answer] < bar).mean())


if __name__ == "__main__":
    main()
