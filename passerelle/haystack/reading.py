"""The documents of an index as Haystack's: all of them, or those that satisfy a filter."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from haystack import Document as HaystackDocument

from passerelle.haystack.filters import HaystackFilter, check_filters, matches, push_down
from passerelle.haystack.records import from_document, is_own
from search_core.engines.base import BrowseRequest, Filters, PassageIndex, Scope
from search_core.model import Document

_READ_AT_ONCE = 100
"""Each may be as large as `records.MOST_BYTES`."""

_FILTERS_KEPT = 32

MOST_BROWSED = 10_000
"""Documents that the engine finds by a filter of its own and gives at once; of more, all are looked at one by one."""


def iter_documents(
    index: PassageIndex, scope: Scope, filters: HaystackFilter | None
) -> Iterator[tuple[Document, HaystackDocument]]:
    """Documents by source and path (what a store wrote: by id) that satisfy the filters, each with what it is here.

    Which ones there are is decided when reading begins; one that is replaced meanwhile is read as it is then, one that
    is deleted is left out. Raises `FilterError`.
    """
    if filters:
        check_filters(filters)
    ids = _candidates(index, scope, push_down(filters) if filters else Filters())
    for at in range(0, len(ids), _READ_AT_ONCE):
        part = ids[at : at + _READ_AT_ONCE]
        found = index.documents(part, scope)
        for document in (found[document_id] for document_id in part if document_id in found):
            read = from_document(document)
            if not filters or matches(filters, read, any_value=not is_own(document)):
                yield document, read


class FilteredIds:
    """Which documents satisfy a filter, kept until the index changes: a search with filters looks at every document."""

    def __init__(self, index: PassageIndex, scope: Scope) -> None:
        self._index = index
        self._scope = scope
        self._lock = threading.Lock()
        self._found: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()

    def find(self, filters: HaystackFilter | None) -> frozenset[str] | None:
        """Ids of documents; None without filters. Raises `FilterError`."""
        if not filters:
            return None
        key = repr(filters), self._index.search((), self._scope).version
        with self._lock:
            found = self._found.pop(key, None)
        if found is None:
            found = frozenset(each.document_id for each, _ in iter_documents(self._index, self._scope, filters))
        with self._lock:
            self._found[key] = found
            if len(self._found) > _FILTERS_KEPT:
                self._found.popitem(last=False)
        return found


def _candidates(index: PassageIndex, scope: Scope, filters: Filters) -> Sequence[str]:
    """Ids of the documents that may satisfy what was pushed down, in order; of one commit."""
    if filters != Filters():
        page = index.browse(BrowseRequest(filters, limit=MOST_BROWSED), scope)
        if page.total <= MOST_BROWSED:
            found = sorted(page.documents, key=lambda document: (document.source, document.path))
            return [document.document_id for document in found]
    return [record.document_id for record in index.records(None, scope) if record.removed_at is None]
