"""The tools that queries are understood with, kept in step with the index.

An index carries the glossary it was analysed with and the calibration of its passages: queries are analysed with that
glossary, while the glossary leg uses today's. They are read again when the index says that they changed, and so are the
pairs of versions, so that a running service follows another process's run.

The names that a question may mean are those of the glossary and of the metadata in scope, read again after each commit.

What a reader may not see must not move what counts as noise either, so the calibration is made of the passages in
scope, with the vectors of the stored one: where all is in scope it is the stored one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from search_api.question import QueryTools
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import STATE_DIGEST_KEY, scope_calibration
from search_core.embedding import Embedder
from search_core.engines.base import BrowseRequest, PassageIndex, Scope
from search_core.glossary import Glossary, GlossaryMatcher
from search_core.names.book import NameBook
from search_core.names.values import NAMED_FIELDS, PERSON_FIELDS
from search_core.pairs import STATE_DIGEST_KEY as PAIRS_DIGEST_KEY
from search_core.pairs import read_pairs
from search_core.versions import check_versions, read_versions, stored_glossary


class ToolCache:
    """The current `QueryTools` of one index for one scope. Safe to use from several threads."""

    def __init__(self, index: PassageIndex, embedder: Embedder, glossary: Glossary, scope: Scope) -> None:
        self._index = index
        self._embedder = embedder
        self._glossary = glossary
        self._scope = scope
        self._lock = threading.Lock()
        self._made_of: tuple[object, ...] | None = None
        self._tools: QueryTools | None = None
        self._named_at: int | None = None
        self._values: Mapping[str, Sequence[str]] = {}

    def current(self) -> QueryTools:
        """Tools for the index as it is now.

        Raises `IndexOutdated` when the index was analysed or embedded otherwise than queries would be.
        """
        state = self._index.state
        made_of = (read_versions(self._index), state(STATE_DIGEST_KEY), state(PAIRS_DIGEST_KEY))
        commit = self._index.search((), self._scope).version
        with self._lock:
            values = self._values if commit == self._named_at else self._read_values()
            if self._tools is None or made_of != self._made_of:
                self._tools = self._make(values)
            elif values != self._values:
                names = NameBook(self._glossary, values, self._tools.analyzer)
                self._tools = replace(self._tools, names=names)
            self._made_of, self._named_at, self._values = made_of, commit, values
            return self._tools

    def _read_values(self) -> dict[str, list[str]]:
        """The metadata values in scope that may be names, by field."""
        facets = self._index.browse(BrowseRequest(limit=0, facet_fields=(*PERSON_FIELDS, *NAMED_FIELDS)), self._scope)
        return {field: sorted(counts) for field, counts in facets.facets.items()}

    def _make(self, values: Mapping[str, Sequence[str]]) -> QueryTools:
        stored = stored_glossary(self._index) or self._glossary
        analyzer = Analyzer(stored)
        check_versions(self._index, analyzer.version, self._embedder.identity)
        return QueryTools(
            analyzer=analyzer,
            matcher=GlossaryMatcher(self._glossary, analyzer),
            names=NameBook(self._glossary, values, analyzer),
            calibration=scope_calibration(self._index, self._embedder, self._scope),
            reindex_advised=stored.version != self._glossary.version,
            pairs=read_pairs(self._index, self._scope),
        )
