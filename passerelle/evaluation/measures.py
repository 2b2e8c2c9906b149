"""From rankings to figures, in four directions: query language > document language.

*filtered* scores the ranking cut to the target language, *mixed* the list as a user without a filter sees it.
Measures are those of ir-measures; a grade g gains 2^g - 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from passerelle.evaluation.judged_set import Grades, JudgedQuery

Rankings = Mapping[str, Sequence[str]]
"""Query id to document ids, best first."""

DIRECTIONS = (("fr", "fr"), ("zh", "zh"), ("fr", "zh"), ("zh", "fr"))


@dataclass(frozen=True)
class Measure:
    """One of ir-measures, how deep it looks, and whether it looks at the ranking cut to the target language."""

    name: str
    depth: int
    filtered: bool


MEASURES: Mapping[str, Measure] = {
    "ndcg10_filtered": Measure("nDCG@10", 10, filtered=True),
    "ndcg10_mixed": Measure("nDCG@10", 10, filtered=False),
    "hit10_mixed": Measure("Success@10", 10, filtered=False),
    "hit3_mixed": Measure("Success@3", 3, filtered=False),
    "recall50": Measure("R@50", 50, filtered=True),
}

Values = Mapping[str, float]
"""A figure by question."""


def score_run(
    rankings: Rankings, queries: Sequence[JudgedQuery], grades: Grades, languages: Mapping[str, str]
) -> dict[str, Any]:
    """All figures of one run; `languages` maps document ids to languages. Directions without answers are left out."""
    questions = score_questions(rankings, queries, grades, languages)
    directions = {
        direction: {
            **{measure: _mean(values) for measure, values in figures.items()},
            "queries": len(figures["ndcg10_filtered"]),
        }
        for direction, figures in questions.items()
    }
    mixed = {
        asked: {"ndcg10": _mean(_calculate(MEASURES["ndcg10_mixed"], rankings, relevant))}
        for asked in ("fr", "zh")
        if (relevant := _relevant(_asked_in(queries, asked), grades))
    }
    return {"directions": directions, "mixed": mixed, "parity": _parity(directions)}


def score_questions(
    rankings: Rankings,
    queries: Sequence[JudgedQuery],
    grades: Grades,
    languages: Mapping[str, str],
    measures: Collection[str] = tuple(MEASURES),
) -> dict[str, dict[str, Values]]:
    """By direction and measure, the figure of each question that has an answer there; 0 for one that found nothing."""
    scored: dict[str, dict[str, Values]] = {}
    for asked, answered in DIRECTIONS:
        wanted = {document for document, language in languages.items() if language == answered}
        if relevant := _relevant(_asked_in(queries, asked), grades, wanted):
            scored[f"{asked}>{answered}"] = {
                name: _calculate(MEASURES[name], rankings, relevant, wanted) for name in measures
            }
    return scored


def score_other_language_only(
    rankings: Rankings, queries: Sequence[JudgedQuery], grades: Grades, languages: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """By language of the question, those that only the other language answers: hit@3 of the mixed list."""
    figures: dict[str, dict[str, float]] = {}
    for asked in ("fr", "zh"):
        relevant = _relevant(_asked_in(queries, asked), grades)
        only = {
            query: documents
            for query, documents in relevant.items()
            if all(languages.get(document) != asked for document in documents)
        }
        if only:
            hits = _calculate(MEASURES["hit3_mixed"], rankings, only)
            figures[asked] = {"hit3_mixed": _mean(hits), "queries": len(only)}
    return figures


def _asked_in(queries: Iterable[JudgedQuery], language: str) -> list[str]:
    return [query.id for query in queries if query.language == language]


def _relevant(
    asked: Collection[str], grades: Grades, among: Collection[str] | None = None
) -> dict[str, dict[str, int]]:
    """Relevant documents of each question that has any, with their gains."""
    found = {
        query: {
            document: 2**grade - 1
            for document, grade in grades.get(query, {}).items()
            if grade > 0 and (among is None or document in among)
        }
        for query in asked
    }
    return {query: documents for query, documents in found.items() if documents}


def _calculate(
    measure: Measure,
    rankings: Rankings,
    relevant: Mapping[str, Mapping[str, int]],
    wanted: Collection[str] = (),
) -> Values:
    """One measure over the questions of `relevant`: what ranked nothing counts as 0 instead of being left out.

    Rankings are cut to what the measure looks at: they hold hundreds of documents.
    """
    import ir_measures

    judgements = [
        ir_measures.Qrel(query, document, gain)
        for query, documents in relevant.items()
        for document, gain in documents.items()
    ]
    run = []
    for query in relevant:
        ranking = iter(rankings.get(query, ()))
        seen = (document for document in ranking if document in wanted) if measure.filtered else ranking
        best = islice(seen, measure.depth)
        run += [ir_measures.ScoredDoc(query, document, -float(rank)) for rank, document in enumerate(best)]
    found = ir_measures.iter_calc([ir_measures.parse_measure(measure.name)], judgements, run)
    return dict.fromkeys(relevant, 0.0) | {each.query_id: each.value for each in found}


def _mean(values: Values) -> float:
    return round(sum(values.values()) / len(values), 4)


def _parity(directions: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Cross-language / same-language nDCG@10 filtered, for questions of one language."""
    pairs = {"fr>zh": "fr>fr", "zh>fr": "zh>zh"}
    return {
        across: round(directions[across]["ndcg10_filtered"] / directions[within]["ndcg10_filtered"], 4)
        for across, within in pairs.items()
        if across in directions and directions.get(within, {}).get("ndcg10_filtered")
    }
