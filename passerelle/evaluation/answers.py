"""Which sentences a set says answer (`answers.tsv`), and how often the product shows them.

query_id   doc_id                 sentence
qfr-26     zh/夜游三江首航新闻稿.txt   景区的回答是：红砂岩怕热，崖壁上还住着蝙蝠。
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from passerelle.evaluation.judged_set import JudgedAnswer, JudgedQuery
from search_api.answers import AnswerFinder
from search_api.legs import ALL_FILTERS
from search_api.pipeline import QueryPipeline
from search_api.present import PASSAGES_SHOWN
from search_api.question import QueryTools
from search_api.schemas import SearchRequest
from search_core.engines.base import PassageIndex, Scope
from search_core.model import Passage


@dataclass(frozen=True)
class FoundSentence:
    """What is shown for one labelled answer: the best passage of the document, and the sentence told in it."""

    direction: str
    labelled: tuple[str, ...]
    passage: str = ""
    sentence: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it is a labelled one, holds one or is held by one."""
        told = _squeeze(self.sentence)
        return bool(told) and any(told in each or each in told for each in map(_squeeze, self.labelled))

    @property
    def is_in_passage(self) -> bool:
        """Whether the best passage has a labelled sentence at all; no choice inside another one could be right."""
        return any(each in _squeeze(self.passage) for each in map(_squeeze, self.labelled))


def find_sentences(
    answers: Sequence[JudgedAnswer],
    queries: Iterable[JudgedQuery],
    names: Mapping[str, str],
    languages: Mapping[str, str],
    index: PassageIndex,
    pipeline: QueryPipeline,
    finder: AnswerFinder,
    tools: QueryTools,
) -> list[FoundSentence]:
    """What the product shows for each labelled answer; `names` are the set's names of our document ids."""
    asked = {query.id: query for query in queries}
    found = []
    for answer in answers:
        query = asked[answer.query]
        direction = f"{query.language}>{languages[answer.document]}"
        result = pipeline.run(SearchRequest(q=query.text, query_lang=query.language), tools)
        shown = [
            document.passages[:PASSAGES_SHOWN]
            for document in result.windows[ALL_FILTERS].documents
            if names[document.document_id] == answer.document
        ]
        known = index.passages([each for ids in shown for each in ids], Scope.everything())
        ordered = finder.order(result.question, [[known[each] for each in ids] for ids in shown], result.titles)
        passages = [each[0] for each in ordered]
        told = finder.find(result.question, result.query, passages, result.titles)
        found.append(_describe(direction, answer.sentences, passages, told))
    return found


def score_sentences(found: Sequence[FoundSentence]) -> dict[str, float]:
    """By direction, the share of labelled answers whose sentence was told."""
    return _share_by_direction(found, [each.is_right for each in found])


def score_passages(found: Sequence[FoundSentence]) -> dict[str, float]:
    """By direction, the share of labelled answers that stand in the best passage: what sentences can reach at most."""
    return _share_by_direction(found, [each.is_in_passage for each in found])


def _describe(
    direction: str, labelled: tuple[str, ...], passages: Sequence[Passage], told: Mapping[str, tuple[int, int]]
) -> FoundSentence:
    if not passages:
        return FoundSentence(direction, labelled)
    [passage] = passages
    start, end = told.get(passage.passage_id, (0, 0))
    return FoundSentence(direction, labelled, passage.text, passage.text[start:end])


def _share_by_direction(found: Sequence[FoundSentence], right: Sequence[bool]) -> dict[str, float]:
    by_direction: dict[str, list[bool]] = {}
    for each, is_right in zip(found, right, strict=True):
        by_direction.setdefault(each.direction, []).append(is_right)
    return {direction: round(sum(each) / len(each), 4) for direction, each in by_direction.items()}


def _squeeze(text: str) -> str:
    return "".join(text.split())
