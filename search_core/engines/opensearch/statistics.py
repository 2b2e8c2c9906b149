"""How many passages hold a token, counted among those that count: Lucene's own numbers lag behind deletions.

Asked for before the legs, in one request, and kept for the searches that follow at the same commit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search_core.engines.checks import is_token
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.mapping import LONGEST_TOKEN
from search_core.engines.opensearch.names import IndexSet
from search_core.engines.opensearch.queries import Query, all_of
from search_core.errors import IndexUnavailable
from search_core.model import Language

_TOKENS_AT_ONCE = 1000
_KEPT = 200_000
"""Tokens."""

_Key = tuple[Language, str]


@dataclass(frozen=True)
class Counts:
    """`passages` of each language asked for, and `holding` each token asked for."""

    passages: Mapping[Language, int]
    holding: Mapping[_Key, int]


class Statistics:
    """Counts of one commit, filled as they are asked for. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: tuple[IndexSet, int] | None = None
        self._passages: dict[Language, int] = {}
        self._holding: dict[_Key, int] = {}

    def count(self, view: View, wanted: Mapping[Language, Iterable[str]]) -> Counts:
        """Counts for the tokens of each language; a token that cannot be stored is in no passage."""
        keys = {(language, token) for language, tokens in wanted.items() for token in tokens}
        at = (view.names, view.head.version)
        with self._lock:
            if self._at != at or len(self._holding) > _KEPT:
                self._at, self._passages, self._holding = at, {}, {}
            passages, holding = dict(self._passages), {key: self._holding[key] for key in keys if key in self._holding}
        holding |= {key: 0 for key in keys if not _can_be_stored(key[1])}
        missing = {
            language: sorted(token for each, token in keys - holding.keys() if each == language) for language in wanted
        }
        asked = {language: tokens for language, tokens in missing.items() if tokens or language not in passages}
        _count(view, asked, passages, holding)
        with self._lock:
            if self._at == at:
                self._passages |= passages
                self._holding |= holding
        return Counts(passages, holding)


def _can_be_stored(token: str) -> bool:
    return is_token(token) and len(token) <= LONGEST_TOKEN


def _count(
    view: View, asked: Mapping[Language, list[str]], passages: dict[Language, int], holding: dict[_Key, int]
) -> None:
    """Fill in how many passages each language has, and how many of them hold each token."""
    parts = [
        (language, tokens[at : at + _TOKENS_AT_ONCE])
        for language, tokens in asked.items()
        for at in range(0, max(len(tokens), 1), _TOKENS_AT_ONCE)
    ]
    index = view.names.index("passages")
    replies = view.cluster.search_all([(index, _make_body(view, language, part)) for language, part in parts])
    for (language, part), reply in zip(parts, replies, strict=True):
        if isinstance(reply, IndexUnavailable):
            raise reply
        passages[language] = reply["hits"]["total"]["value"]
        if part:
            buckets = reply["aggregations"]["tokens"]["buckets"]
            counts = (bucket["doc_count"] for bucket in buckets)
            holding |= {(language, token): count for token, count in zip(part, counts, strict=True)}


def _make_body(view: View, language: Language, tokens: list[str]) -> Query:
    query = all_of([view.counting("passages"), {"term": {"removed": False}}, {"term": {"language": language}}])
    body: Query = {"size": 0, "track_total_hits": True, "query": query}
    if tokens:
        token_queries = [{"term": {f"tokens_{language}": token}} for token in tokens]
        body["aggs"] = {"tokens": {"filters": {"filters": token_queries}}}
    return body
