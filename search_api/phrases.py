"""Quoted phrases: checked on the original text of what the legs found.

The engine already kept to passages that hold all words and character pairs of the phrases; whether they
stand there in this order is seen here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from search_core.analysis.analyzer import Analyzer
from search_core.engines.base import LegHit, LegResult, PassageIndex, Scope, SearchReply
from search_core.model import Passage


def keep_phrases(
    reply: SearchReply, phrases: Sequence[str], index: PassageIndex, scope: Scope, analyzer: Analyzer
) -> SearchReply:
    """The reply without passages that lack one of the phrases, and without documents left with none."""
    ids = {found.passage_id for leg in reply.legs for hit in leg.hits for found in hit.passages}
    passages = index.passages(sorted(ids), scope)
    titles = {document_id: document.metadata.title for document_id, document in reply.documents.items()}
    holding = {
        passage_id
        for passage_id, passage in passages.items()
        if all(_holds(passage, titles.get(passage.document_id, ""), phrase, analyzer) for phrase in phrases)
    }
    return replace(reply, legs=tuple(_keep(leg, holding) for leg in reply.legs))


def _holds(passage: Passage, title: str, phrase: str, analyzer: Analyzer) -> bool:
    return any(analyzer.find_phrase(text, phrase) for text in (passage.text, passage.heading, title) if text)


def _keep(leg: LegResult, holding: Collection[str]) -> LegResult:
    hits: list[LegHit] = []
    for hit in leg.hits:
        kept = tuple(found for found in hit.passages if found.passage_id in holding)
        if kept:
            hits.append(replace(hit, score=kept[0].score, passages=kept))
    hits.sort(key=lambda hit: (-hit.score, hit.document_id))
    return replace(leg, hits=tuple(hits))
