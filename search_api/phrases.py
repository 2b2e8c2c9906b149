"""Quoted phrases: checked on the original text of what the legs found.

The engine keeps to passages that hold all words and character pairs of the phrases; whether they stand there in
this order is seen here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from search_core.analysis.analyzer import Analyzer
from search_core.engines.base import Leg, LegHit, LegResult, PassageIndex, Scope, SearchReply
from search_core.model import Passage

READ_ATTEMPTS = 5
"""How often a search is made again because a writer replaced what it found before it was read."""


def search_phrases(
    index: PassageIndex, legs: Sequence[Leg], scope: Scope, phrases: Sequence[str], analyzer: Analyzer
) -> SearchReply:
    """What the legs find, without passages that lack one of the phrases and documents left with none."""
    for _ in range(READ_ATTEMPTS):
        reply = index.search(legs, scope)
        found = {scored.passage_id for leg in reply.legs for hit in leg.hits for scored in hit.passages}
        passages = index.passages(sorted(found), scope)
        if len(passages) == len(found):
            break
    return keep_phrases(reply, passages, phrases, analyzer)


def keep_phrases(
    reply: SearchReply, passages: Mapping[str, Passage], phrases: Sequence[str], analyzer: Analyzer
) -> SearchReply:
    """The reply with no other passages than those that hold all the phrases."""
    holding = {
        passage_id
        for passage_id, passage in passages.items()
        if _holds_all(passage, reply.documents[passage.document_id].metadata.title, phrases, analyzer)
    }
    return replace(reply, legs=tuple(_keep(leg, holding) for leg in reply.legs))


def _holds_all(passage: Passage, title: str, phrases: Sequence[str], analyzer: Analyzer) -> bool:
    texts = (passage.text, passage.heading, title)
    return all(any(analyzer.find_phrase(text, phrase) for text in texts) for phrase in phrases)


def _keep(leg: LegResult, holding: Collection[str]) -> LegResult:
    hits: list[LegHit] = []
    for hit in leg.hits:
        kept = tuple(found for found in hit.passages if found.passage_id in holding)
        if kept:
            hits.append(replace(hit, score=kept[0].score, passages=kept))
    hits.sort(key=lambda hit: (-hit.score, hit.document_id))
    return replace(leg, hits=tuple(hits))
