"""The one writer: each call is one commit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from search_core.engines.checks import check_documents, check_text
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import Change, Committer
from search_core.engines.opensearch.head import View
from search_core.engines.opensearch.lock import HeldLock, holding
from search_core.engines.opensearch.mapping import LONGEST_TOKEN, describing, vector_mapping
from search_core.engines.opensearch.names import IndexSet, RowKind
from search_core.engines.opensearch.purge import purge_beside
from search_core.engines.opensearch.reads import count_passages, iter_stored_passages, read_facts
from search_core.engines.opensearch.rows import NewRow, document_rows, header_fields, text_fields
from search_core.errors import DocumentsRefused, NotFound
from search_core.model import Document, IndexedDocument
from search_core.versions import VERSIONS_KEY

_DOCUMENT_KINDS: tuple[RowKind, ...] = ("passages", "documents", "texts")


class OpenSearchWriter:
    """`base.IndexWriter` on one set of indices, for as long as the lock is held.

    That of the living set purges from the sets beside it too, and from the files; elsewhere files wait until they live.
    """

    def __init__(self, cluster: Cluster, names: IndexSet, lock: HeldLock, *, is_living: bool) -> None:
        self._cluster = cluster
        self._names = names
        self._lock = lock
        self._committer = Committer(cluster, names, lock)
        self._is_living = is_living

    def replace(self, documents: Sequence[IndexedDocument]) -> None:
        check_documents(documents)
        _check_tokens(documents)
        latest = {indexed.document.document_id: indexed for indexed in documents}
        self._set_dimension(latest.values())
        known = self._known(latest)
        rows = (row for indexed in latest.values() for row in document_rows(indexed))
        self._commit(Change(rows, dict.fromkeys(_DOCUMENT_KINDS, tuple(known))))

    def mark(self, document: Document) -> None:
        check_text(document)
        name = document.document_id
        facts = self._known([name]).get(name)
        if facts is None:
            rows: list[NewRow] = [
                ("documents", name, header_fields(document, 0)),
                ("texts", name, text_fields(document)),
            ]
            self._commit(Change(rows))
            return
        told = {
            "status": document.status,
            "reason": document.reason,
            "checksum": document.checksum,
            "fingerprint": document.fingerprint,
        }
        self._place(facts, document.source, document.path, told)

    def move(self, document_id: str, source: str, path: str) -> None:
        facts = self._known([document_id]).get(document_id)
        if facts is None:
            raise NotFound(f"There is no document {document_id}.", remedy="`passerelle status` lists what is indexed.")
        self._place(facts, source, path, {})

    def remove(self, ids: Sequence[str], at: str) -> int:
        return self._hide(ids, at)

    def restore(self, ids: Sequence[str]) -> int:
        return self._hide(ids, None)

    def purge(self, ids: Sequence[str], forget: Sequence[str] = ()) -> int:
        if not self._is_living:
            return self._erase(ids)
        with holding(self._cluster, self._names.prefix, "purge", "purging documents", soon_done=True):
            purge_beside(self._cluster, self._names, self._lock, ids, forget)
            count = self._erase(ids)
        self._committer.finish_erasing()
        return count

    def put_state(self, key: str, value: bytes) -> None:
        self._commit(Change(states={key: value}))
        if key == VERSIONS_KEY:
            self._describe(value)

    @property
    def committer(self) -> Committer:
        return self._committer

    def _erase(self, ids: Sequence[str]) -> int:
        known = tuple(self._known(ids))
        if known:
            self._commit(Change(superseded=dict.fromkeys(_DOCUMENT_KINDS, known), erasing=True))
        return len(known)

    def _describe(self, versions: bytes) -> None:
        """Note in the index what it was made with, for whoever looks at the server: the record is what counts."""
        with suppress(ValueError, TypeError):
            self._cluster.add_mapping(self._names.index("passages"), describing(json.loads(versions)))

    def _view(self) -> View:
        return self._committer.view()

    def _known(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Which of the documents there are, with their fields."""
        return read_facts(self._view(), list(ids))

    def _commit(self, change: Change) -> None:
        """Raises `DocumentsRefused`, the rest being committed."""
        refused = self._committer.commit(change)
        if refused:
            raise DocumentsRefused(refused)

    def _place(self, facts: dict[str, Any], source: str, path: str, told: dict[str, Any]) -> None:
        """Say of a document where it lies and what became of it; its passages know its source only."""
        name = facts["document_id"]
        fields = {**facts["fields"], "source": [source]}
        header = {**facts, **told, "source": source, "path": path, "fields": fields}
        rows: list[NewRow] = [("documents", name, header)]
        if facts["source"] == source:
            self._commit(Change(rows, {"documents": (name,)}))
        else:
            self._rewrite(rows, [name], {"fields": fields})

    def _hide(self, ids: Sequence[str], at: str | None) -> int:
        """Remove documents, or bring them back where `at` is None. Returns how many were not so already."""
        removed = at is not None
        chosen = {name: facts for name, facts in self._known(ids).items() if facts["removed"] != removed}
        rows: list[NewRow] = [
            ("documents", name, {**facts, "removed": removed, "removed_at": at}) for name, facts in chosen.items()
        ]
        if chosen:
            self._rewrite(rows, list(chosen), {"removed": removed})
        return len(chosen)

    def _rewrite(self, headers: Sequence[NewRow], ids: Sequence[str], change: dict[str, Any]) -> None:
        """Commit headers, and the passages of their documents with other fields."""
        view = self._view()

        def iter_rows() -> Iterator[NewRow]:
            yield from headers
            for stored in iter_stored_passages(view, ids):
                yield "passages", stored["passage_id"], {**stored, **change}

        self._commit(Change(iter_rows(), {"documents": tuple(ids), "passages": tuple(ids)}))

    def _set_dimension(self, documents: Iterable[IndexedDocument]) -> None:
        """Vectors of one dimension only; another one may come once there is no passage left."""
        given = {len(passage.vector) for indexed in documents for passage in indexed.passages}
        stored = self._view().head.dimension
        for dimension in given - {stored}:
            if len(given) > 1 or (stored is not None and count_passages(self._view())):
                raise ValueError(
                    f"A vector of {dimension} dimensions does not fit an index of {stored}: reindex instead."
                )
            self._cluster.add_mapping(self._names.index("passages"), vector_mapping(dimension))
            self._committer.set_dimension(dimension)


def _check_tokens(documents: Iterable[IndexedDocument]) -> None:
    for indexed in documents:
        for passage in indexed.passages:
            if any(len(token) > LONGEST_TOKEN for token in (*passage.tokens, *passage.filter_tokens)):
                raise ValueError(
                    f"Document {indexed.document.document_id}, passage {passage.passage.number}: "
                    f"a token has more than {LONGEST_TOKEN} characters."
                )
