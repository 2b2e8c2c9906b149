"""State records, kept in memory until the head names another one: a search asks for some of them a dozen times."""

from __future__ import annotations

import base64
import threading

from search_core.engines.opensearch.commit import row_name
from search_core.engines.opensearch.head import HeadReader, View
from search_core.engines.opensearch.names import IndexSet
from search_core.errors import IndexUnavailable

_ATTEMPTS = 20


class StateReader:
    """Reads state records. Safe to use from several threads."""

    def __init__(self, heads: HeadReader) -> None:
        self._heads = heads
        self._lock = threading.Lock()
        self._known: dict[str, tuple[IndexSet, int, bytes]] = {}

    def read(self, key: str) -> bytes | None:
        """The record that the head names. It never changes, so there is no need to look at the head again."""
        for _ in range(_ATTEMPTS):
            view = self._heads.view()
            since = view.head.states.get(key)
            if since is None:
                return None
            value = self._kept(key, view.names, since) or self._load(key, view, since)
            if value is not None:
                return value
        raise IndexUnavailable(f"The state record {key} is missing from the index.", remedy="Run `passerelle reindex`.")

    def _kept(self, key: str, names: IndexSet, since: int) -> bytes | None:
        with self._lock:
            known = self._known.get(key)
        return known[2] if known and known[:2] == (names, since) else None

    def _load(self, key: str, view: View, since: int) -> bytes | None:
        """None when another commit has taken the record's place: the head says so then."""
        stored = view.cluster.get(view.names.index("state"), row_name(key, since))
        if stored is None:
            return None
        value = base64.b64decode(stored.source["value"])
        with self._lock:
            self._known[key] = (view.names, since, value)
        return value
