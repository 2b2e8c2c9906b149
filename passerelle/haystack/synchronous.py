"""The document store, but for its asynchronous methods."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from haystack import Document as HaystackDocument
from haystack import default_from_dict, default_to_dict
from haystack.components.embedders.types import DocumentEmbedder, TextEmbedder
from haystack.document_stores.errors import DocumentStoreError, DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.utils import Secret

from passerelle.haystack.collection import Collection, check_settings, make_settings, open_collection
from passerelle.haystack.embedder import HaystackEmbedder
from passerelle.haystack.filters import HaystackFilter
from passerelle.haystack.metadata_queries import count_values, describe_fields, find_extremes, find_values
from passerelle.haystack.metadata_schema import MetadataSchema
from passerelle.haystack.reading import iter_documents
from passerelle.haystack.records import SOURCE, check_embedding, make_id
from passerelle.haystack.writing import index_haystack_documents
from search_core.calibration import refresh_calibration
from search_core.engines.base import BrowseRequest, Filters, IndexWriter, Scope
from search_core.errors import SettingsError

_IDS_AT_ONCE = 500

_USER = Secret.from_env_var("PASSERELLE_OPENSEARCH_USER", strict=False)
_PASSWORD = Secret.from_env_var("PASSERELLE_OPENSEARCH_PASSWORD", strict=False)


class SynchronousStore:
    """See `passerelle.haystack.store.PasserelleDocumentStore`."""

    _opened: Collection | None
    _opening: threading.Lock
    _one_writer: threading.Lock

    def __init__(  # noqa: PLR0913 - one parameter a thing to be decided
        self,
        data: str | Path | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        opensearch_user: Secret | None = _USER,
        opensearch_password: Secret | None = _PASSWORD,
        embedding_dim: int | None = None,
        text_embedder: TextEmbedder | None = None,
        document_embedder: DocumentEmbedder | None = None,
        metadata_schema: Mapping[str, str] | None = None,
        strict_metadata: bool = False,
    ) -> None:
        """Nothing is opened yet.

        `data` is the folder of the index, `settings` further settings (docs/settings.md) by their names in small
        letters and without `PASSERELLE_`; the environment gives what neither names, as for the command.
        `embedding_dim` is the length of every embedding: by default what the model of the settings gives. The two
        embedders take the place of that model, both or neither, and then need it.
        `metadata_schema` maps names to types (`MetadataSchema`); with `strict_metadata` there are no others.
        Raises `SettingsError`, and ValueError for a type that there is not.
        """
        self.data = None if data is None else str(data)
        self.settings = {
            name: str(value) if isinstance(value, Path) else value for name, value in (settings or {}).items()
        }
        self.opensearch_user = opensearch_user
        self.opensearch_password = opensearch_password
        self.embedding_dim = embedding_dim
        self.text_embedder = text_embedder
        self.document_embedder = document_embedder
        self.metadata_schema = dict(metadata_schema or {})
        self.strict_metadata = strict_metadata
        self._schema = MetadataSchema(self.metadata_schema, strict=strict_metadata)
        self._prepare()
        check_settings(self.settings)
        _check_embedders(text_embedder, document_embedder, embedding_dim)

    def to_dict(self) -> dict[str, Any]:
        return default_to_dict(self, **self._parameters())

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Open the index and find the model."""
        self.collection()

    def close(self) -> None:
        """Close the index; the next use opens it again."""
        with self._opening:
            opened, self._opened = self._opened, None
        if opened:
            opened.close()

    def collection(self) -> Collection:
        """What the store works with, open."""
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    def count_documents(self) -> int:
        found = self.collection()
        return found.index.browse(BrowseRequest(limit=0), found.scope).total

    def filter_documents(self, filters: HaystackFilter | None = None) -> list[HaystackDocument]:
        """All documents that satisfy the filters, by id. Raises `FilterError`."""
        return list(self._iter(filters))

    def count_documents_by_filter(self, filters: HaystackFilter) -> int:
        return sum(1 for _ in self._iter(filters))

    def write_documents(self, documents: list[HaystackDocument], policy: DuplicatePolicy = DuplicatePolicy.NONE) -> int:
        """Write documents; they can be found when this returns. Without a policy duplicates are refused.

        Raises ValueError, having written nothing, for what is no document, cannot be given back as it is, has another
        dimension or does not fit the metadata schema; `DuplicateDocumentError` likewise; `DocumentStoreError` on an
        index that `passerelle index` made.
        """
        if not isinstance(documents, list) or not all(isinstance(each, HaystackDocument) for each in documents):
            raise ValueError("write_documents takes a list of haystack.Document.")
        opened = self.collection()
        for document in documents:
            check_embedding(document, opened.embedder.dimension)
            self._schema.check(document.meta, document.id)
        with self._writing("writing Haystack documents") as writer:
            chosen = self._choose(documents, policy)
            if chosen:
                self._index(chosen, writer)
        return len(documents) if policy == DuplicatePolicy.OVERWRITE else len(chosen)

    def delete_documents(self, document_ids: list[str]) -> None:
        """Delete documents; ids of none are passed over. `purge_deleted` erases them from the files too."""
        with self._writing("deleting Haystack documents") as writer:
            _remove(writer, document_ids)

    def delete_by_filter(self, filters: HaystackFilter) -> int:
        """Delete what satisfies the filters; returns how many."""
        with self._writing("deleting Haystack documents") as writer:
            return _remove(writer, [document.id for document in self._iter(filters)])

    def delete_all_documents(self) -> None:
        with self._writing("deleting Haystack documents") as writer:
            _remove(writer, [document.id for document in self._iter(None)])

    def purge_deleted(self) -> int:
        """Erase every trace of deleted documents from the files on disk; returns how many. May take a minute."""
        opened = self.collection()
        with self._writing("purging deleted documents") as writer:
            records = opened.index.records(SOURCE, Scope.everything())
            count = writer.purge([record.document_id for record in records if record.removed_at])
            refresh_calibration(opened.index, writer, opened.embedder)
        return count

    def update_by_filter(self, filters: HaystackFilter, meta: Mapping[str, Any]) -> int:
        """Set these fields in what satisfies the filters; returns in how many. Raises ValueError as writing does."""
        with self._writing("updating Haystack documents") as writer:
            updated = [replace(each, meta={**each.meta, **meta}) for each in self._iter(filters)]
            for document in updated:
                self._schema.check(document.meta, document.id)
            if updated:
                self._index(updated, writer)
        return len(updated)

    def count_unique_metadata_by_filter(self, filters: HaystackFilter, metadata_fields: list[str]) -> dict[str, int]:
        return count_values(self._iter(filters), metadata_fields)

    def get_metadata_fields_info(self) -> dict[str, dict[str, str]]:
        return describe_fields(self._iter(None))

    def get_metadata_field_min_max(self, metadata_field: str) -> dict[str, Any]:
        return find_extremes(self._iter(None), metadata_field)

    def get_metadata_field_unique_values(
        self,
        metadata_field: str,
        search_term: str | None = None,
        from_: int = 0,
        size: int = 10,
        filters: HaystackFilter | None = None,
    ) -> tuple[list[Any], int]:
        """One page of a field's values whose text holds `search_term`, and how many there are."""
        values = find_values(self._iter(filters), metadata_field)
        if search_term:
            values = [value for value in values if search_term.casefold() in str(value).casefold()]
        return values[from_ : from_ + size], len(values)

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle has: the parameters, nothing that is open."""
        hidden = ("_opened", "_opening", "_one_writer")
        return {name: value for name, value in self.__dict__.items() if name not in hidden}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._prepare()

    def _prepare(self) -> None:
        self._opened = None
        self._opening = threading.Lock()
        self._one_writer = threading.Lock()

    def _parameters(self) -> dict[str, Any]:
        return {
            "data": self.data,
            "settings": self.settings,
            "opensearch_user": self.opensearch_user,
            "opensearch_password": self.opensearch_password,
            "embedding_dim": self.embedding_dim,
            "text_embedder": self.text_embedder,
            "document_embedder": self.document_embedder,
            "metadata_schema": self.metadata_schema,
            "strict_metadata": self.strict_metadata,
        }

    def _open(self) -> Collection:
        given = {**self.settings, **({"data": Path(self.data)} if self.data is not None else {})}
        embedder = None
        if self.text_embedder and self.document_embedder and self.embedding_dim:
            embedder = HaystackEmbedder(self.text_embedder, self.document_embedder, self.embedding_dim)
        opened = open_collection(make_settings(given, self.opensearch_user, self.opensearch_password), embedder)
        if self.embedding_dim not in (None, opened.embedder.dimension):
            opened.close()
            found = opened.embedder
            raise SettingsError(
                f"The model {found.name} gives {found.dimension} numbers, but embedding_dim is {self.embedding_dim}.",
                remedy="Leave embedding_dim out, or give the embedders that it belongs to.",
            )
        return opened

    def _iter(self, filters: HaystackFilter | None) -> Iterator[HaystackDocument]:
        opened = self.collection()
        return (read for _, read in iter_documents(opened.index, opened.scope, filters))

    @contextmanager
    def _writing(self, purpose: str) -> Iterator[IndexWriter]:
        """The writer, for one thread at a time."""
        opened = self.collection()
        with self._one_writer, opened.index.writer(purpose) as writer:
            sources = opened.index.browse(BrowseRequest(limit=0, facet_fields=("source",)), Scope.everything())
            if sources.facets["source"].keys() - {SOURCE}:
                raise DocumentStoreError(
                    "This index was made by `passerelle index` and is read-only here. "
                    "Change the files and index them again, or give the store a data folder of its own."
                )
            yield writer

    def _choose(self, documents: Sequence[HaystackDocument], policy: DuplicatePolicy) -> list[HaystackDocument]:
        """What is to be written of them. Raises `DuplicateDocumentError`."""
        if policy == DuplicatePolicy.OVERWRITE:
            return list({document.id: document for document in documents}.values())
        known = self._find_known([document.id for document in documents])
        new: dict[str, HaystackDocument] = {}
        for document in documents:
            if document.id not in known and document.id not in new:
                new[document.id] = document
            elif policy != DuplicatePolicy.SKIP:
                raise DuplicateDocumentError(f"There is a document {document.id!r} already; nothing was written.")
        return list(new.values())

    def _find_known(self, haystack_ids: Sequence[str]) -> set[str]:
        opened = self.collection()
        named = {make_id(each): each for each in haystack_ids}
        ids = list(named)
        found: set[str] = set()
        for at in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[at : at + _IDS_AT_ONCE]
            request = BrowseRequest(Filters(documents=frozenset(part)), limit=len(part))
            page = opened.index.browse(request, Scope.everything())
            found |= {named[document.document_id] for document in page.documents}
        return found

    def _index(self, documents: Sequence[HaystackDocument], writer: IndexWriter) -> None:
        opened = self.collection()
        index_haystack_documents(
            documents,
            tuple(sorted(opened.scope.labels or ())),
            writer,
            index=opened.index,
            embedder=opened.embedder,
            analyzer=opened.analyzer,
            glossary=opened.glossary,
        )


def _remove(writer: IndexWriter, haystack_ids: Sequence[str]) -> int:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return writer.remove([make_id(each) for each in haystack_ids], at) if haystack_ids else 0


def _check_embedders(text: TextEmbedder | None, document: DocumentEmbedder | None, dimension: int | None) -> None:
    if (text is None) != (document is None) or (text is not None and dimension is None):
        raise SettingsError(
            "A store has both embedders and embedding_dim, or neither embedder.",
            remedy="Give text_embedder, document_embedder and embedding_dim together.",
        )
