"""All legs of a search, in one request."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search_core.engines.base import Leg, LegResult, LexicalLeg, Scope, SearchReply
from search_core.engines.opensearch.filters import find_excluded
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.legs import AskedLeg, Hit, ask_leg, is_cut, read_hits
from search_core.engines.opensearch.names import IndexSet
from search_core.engines.opensearch.queries import Query
from search_core.engines.opensearch.reads import read_headers
from search_core.engines.opensearch.statistics import Statistics
from search_core.errors import IndexUnavailable
from search_core.model import Document, Language

Reply = dict[str, Any] | IndexUnavailable


class Searcher:
    """Runs searches, and keeps what the next one at the same commit can use. Safe to use from several threads."""

    def __init__(self, exact_up_to: int) -> None:
        self._exact_up_to = exact_up_to
        self._statistics = Statistics()
        self._headers = HeaderMemory()

    def search(self, view: View, legs: Sequence[Leg], scope: Scope) -> SearchReply:
        excluded = find_excluded(view, (leg.filters for leg in legs))
        counts = self._statistics.count(view, _tokens_by_language(legs))
        asked = [ask_leg(leg, view, scope, counts, excluded, self._exact_up_to) for leg in legs]
        results = tuple(_run(view, asked))
        found = {hit.document_id for result in results for hit in result.hits}
        return SearchReply(results, self._headers.read(view, found), view.head.version)


class HeaderMemory:
    """Documents without their text, kept as long as nothing is committed: a search finds hundreds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at: tuple[IndexSet, int] | None = None
        self._known: dict[str, Document] = {}

    def read(self, view: View, ids: Iterable[str]) -> dict[str, Document]:
        wanted = set(ids)
        at = (view.names, view.head.version)
        with self._lock:
            if self._at != at:
                self._at, self._known = at, {}
            known = {name: self._known[name] for name in wanted & self._known.keys()}
        loaded = read_headers(view, sorted(wanted - known.keys()))
        with self._lock:
            if self._at == at:
                self._known |= loaded
        return known | loaded


def _tokens_by_language(legs: Iterable[Leg]) -> dict[Language, list[str]]:
    wanted: dict[Language, list[str]] = {}
    for leg in legs:
        wanted.setdefault(leg.language, []).extend(leg.tokens if isinstance(leg, LexicalLeg) else ())
    return wanted


def _run(view: View, asked: Sequence[AskedLeg]) -> list[LegResult]:
    """Each leg's result; those that a few long documents filled are asked again, by document."""
    replies = _ask(view, {n: leg.body() for n, leg in enumerate(asked) if leg.query})
    cut = [n for n, reply in replies.items() if not isinstance(reply, IndexUnavailable) and is_cut(asked[n], reply)]
    collapsed = _ask(view, {n: asked[n].collapsed_body() for n in cut})
    return [_make_result(leg, replies.get(n), collapsed.get(n)) for n, leg in enumerate(asked)]


def _ask(view: View, bodies: Mapping[int, Query]) -> dict[int, Reply]:
    index = view.names.index("passages")
    replies = view.cluster.search_all([(index, body) for body in bodies.values()])
    return dict(zip(bodies, replies, strict=True))


def _make_result(asked: AskedLeg, reply: Reply | None, collapsed: Reply | None) -> LegResult:
    if asked.error:
        return asked.failure(asked.error)
    hits: list[Hit] = []
    for each in (collapsed, reply):
        if isinstance(each, IndexUnavailable):
            return asked.failure(str(each))
        hits += read_hits(asked, each) if each else []
    return asked.result(hits)
