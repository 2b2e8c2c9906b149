"""From rankings to figures, in four directions: query language > document language.

*filtered* scores the ranking cut to the target language, *mixed* the list as a user without a filter sees it.
Measures are those of ir-measures; a grade g gains 2^g - 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from passerelle.evaluation.judged_set import Grades, JudgedQuery

Rankings = Mapping[str, Sequence[str]]
"""Query id to document ids, best first."""

DIRECTIONS = (("fr", "fr"), ("zh", "zh"), ("fr", "zh"), ("zh", "fr"))


def score_run(
    rankings: Rankings, queries: Sequence[JudgedQuery], grades: Grades, languages: Mapping[str, str]
) -> dict[str, Any]:
    """All figures of one run; `languages` maps document ids to languages. Directions without answers are left out."""
    directions = {
        f"{asked}>{answered}": figures
        for asked, answered in DIRECTIONS
        if (figures := _score_direction(rankings, _asked_in(queries, asked), grades, languages, answered))
    }
    mixed = {
        asked: {"ndcg10": _mean("nDCG@10", rankings, relevant)}
        for asked in ("fr", "zh")
        if (relevant := _relevant(_asked_in(queries, asked), grades))
    }
    return {"directions": directions, "mixed": mixed, "parity": _parity(directions)}


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
            figures[asked] = {"hit3_mixed": _mean("Success@3", rankings, only), "queries": len(only)}
    return figures


def _score_direction(
    rankings: Rankings, asked: Collection[str], grades: Grades, languages: Mapping[str, str], answered: str
) -> dict[str, float] | None:
    wanted = {document for document, language in languages.items() if language == answered}
    relevant = _relevant(asked, grades, wanted)
    if not relevant:
        return None
    filtered = {query: [each for each in rankings.get(query, ()) if each in wanted] for query in relevant}
    return {
        "ndcg10_filtered": _mean("nDCG@10", filtered, relevant),
        "ndcg10_mixed": _mean("nDCG@10", rankings, relevant),
        "hit10_mixed": _mean("Success@10", rankings, relevant),
        "hit3_mixed": _mean("Success@3", rankings, relevant),
        "recall50": _mean("R@50", filtered, relevant),
        "queries": len(relevant),
    }


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


def _mean(measure: str, rankings: Rankings, relevant: Mapping[str, Mapping[str, int]]) -> float:
    import ir_measures

    judgements = [
        ir_measures.Qrel(query, document, gain)
        for query, documents in relevant.items()
        for document, gain in documents.items()
    ]
    run = [
        ir_measures.ScoredDoc(query, document, -float(rank))
        for query in relevant
        for rank, document in enumerate(rankings.get(query, ()))
    ]
    parsed = ir_measures.parse_measure(measure)
    # Means over the questions asked: what ranked nothing counts as 0 instead of being left out.
    total = sum(found.value for found in ir_measures.iter_calc([parsed], judgements, run))
    return round(total / len(relevant), 4)


def _parity(directions: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Cross-language / same-language nDCG@10 filtered, for questions of one language."""
    pairs = {"fr>zh": "fr>fr", "zh>fr": "zh>zh"}
    return {
        across: round(directions[across]["ndcg10_filtered"] / directions[within]["ndcg10_filtered"], 4)
        for across, within in pairs.items()
        if across in directions and directions.get(within, {}).get("ndcg10_filtered")
    }
