"""All legs of a search, in one request."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

from search_core.engines.base import Leg, LegResult, LexicalLeg, Scope, SearchReply
from search_core.engines.opensearch.filters import find_excluded
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.legs import AskedLeg, Hit, ask_leg, is_cut_short, join_hits, read_hits
from search_core.engines.opensearch.names import IndexSet
from search_core.engines.opensearch.reads import read_headers
from search_core.engines.opensearch.statistics import Statistics
from search_core.errors import IndexUnavailable
from search_core.model import Document, Language


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
    index = view.names.index("passages")
    sent = [leg for leg in asked if leg.query]
    found: dict[int, list[Hit] | IndexUnavailable] = {}
    for leg, reply in zip(sent, view.cluster.search_all([(index, leg.body()) for leg in sent]), strict=True):
        found[id(leg)] = reply if isinstance(reply, IndexUnavailable) else read_hits(leg, reply)
    again = [leg for leg in sent if isinstance(hits := found[id(leg)], list) and is_cut_short(leg, hits)]
    for leg, reply in zip(
        again, view.cluster.search_all([(index, leg.collapsed_body()) for leg in again]), strict=True
    ):
        hits = found[id(leg)]
        if isinstance(reply, IndexUnavailable) or isinstance(hits, IndexUnavailable):
            found[id(leg)] = reply if isinstance(reply, IndexUnavailable) else hits
        else:
            found[id(leg)] = join_hits(read_hits(leg, reply), hits)
    return [_make_result(leg, found.get(id(leg), [])) for leg in asked]


def _make_result(asked: AskedLeg, hits: Sequence[Hit] | IndexUnavailable) -> LegResult:
    if asked.error:
        return asked.failure(asked.error)
    return asked.failure(str(hits)) if isinstance(hits, IndexUnavailable) else asked.result(hits)
