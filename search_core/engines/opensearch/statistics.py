"""How many passages hold a token, counted among those that count: Lucene's own numbers lag behind deletions.

Asked for before the legs, in one request, and kept for the searches that follow at the same commit.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from search_core.engines.checks import is_token
from search_core.engines.opensearch.filters import Query, all_of
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.mapping import LONGEST_TOKEN
from search_core.engines.opensearch.names import IndexSet
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
        for language in wanted:
            missing = sorted(token for each, token in keys - holding.keys() if each == language)
            if missing or language not in passages:
                counted, found = _count(view, language, missing)
                passages[language] = counted
                holding |= {(language, token): count for token, count in found.items()}
        with self._lock:
            if self._at == at:
                self._passages |= passages
                self._holding |= holding
        return Counts(passages, holding)


def _can_be_stored(token: str) -> bool:
    return is_token(token) and len(token) <= LONGEST_TOKEN


def _count(view: View, language: Language, tokens: list[str]) -> tuple[int, dict[str, int]]:
    """How many passages a language has, and how many of them hold each token."""
    parts = [tokens[at : at + _TOKENS_AT_ONCE] for at in range(0, len(tokens), _TOKENS_AT_ONCE)] or [[]]
    query = all_of([view.counting("passages"), {"term": {"removed": False}}, {"term": {"language": language}}])
    asked = [(view.names.index("passages"), _make_body(query, language, part)) for part in parts]
    found: dict[str, int] = {}
    for part, reply in zip(parts, view.cluster.search_all(asked), strict=True):
        if isinstance(reply, IndexUnavailable):
            raise reply
        passages = reply["hits"]["total"]["value"]
        if part:
            buckets = reply["aggregations"]["tokens"]["buckets"]
            found |= {token: bucket["doc_count"] for token, bucket in zip(part, buckets, strict=True)}
    return passages, found


def _make_body(query: Query, language: Language, tokens: list[str]) -> Query:
    body: Query = {"size": 0, "track_total_hits": True, "query": query}
    if tokens:
        holding = [{"term": {f"tokens_{language}": token}} for token in tokens]
        body["aggs"] = {"tokens": {"filters": {"filters": holding}}}
    return body
