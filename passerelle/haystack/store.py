"""Passerelle's engines as a Haystack document store."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from haystack import Document as HaystackDocument
from haystack.document_stores.types import DuplicatePolicy

from passerelle.haystack.filters import HaystackFilter
from passerelle.haystack.synchronous import SynchronousStore


class PasserelleDocumentStore(SynchronousStore):
    """Haystack documents in an index of Passerelle, on either engine, found by its analysis of French and Chinese.

    On an index that `passerelle index` made it is read-only: its documents are those files. It is opened when it is
    first needed, and may be used from several threads; copies and pickles open it again. One process writes at a
    time: another one is refused with `IndexLocked`. Errors of the product are those of `search_core.errors`.
    The asynchronous methods run the others in a thread.
    """

    async def count_documents_async(self) -> int:
        return await asyncio.to_thread(self.count_documents)

    async def filter_documents_async(self, filters: HaystackFilter | None = None) -> list[HaystackDocument]:
        return await asyncio.to_thread(self.filter_documents, filters)

    async def count_documents_by_filter_async(self, filters: HaystackFilter) -> int:
        return await asyncio.to_thread(self.count_documents_by_filter, filters)

    async def write_documents_async(
        self, documents: list[HaystackDocument], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        return await asyncio.to_thread(self.write_documents, documents, policy)

    async def delete_documents_async(self, document_ids: list[str]) -> None:
        await asyncio.to_thread(self.delete_documents, document_ids)

    async def delete_by_filter_async(self, filters: HaystackFilter) -> int:
        return await asyncio.to_thread(self.delete_by_filter, filters)

    async def delete_all_documents_async(self) -> None:
        await asyncio.to_thread(self.delete_all_documents)

    async def update_by_filter_async(self, filters: HaystackFilter, meta: Mapping[str, Any]) -> int:
        return await asyncio.to_thread(self.update_by_filter, filters, meta)

    async def count_unique_metadata_by_filter_async(
        self, filters: HaystackFilter, metadata_fields: list[str]
    ) -> dict[str, int]:
        return await asyncio.to_thread(self.count_unique_metadata_by_filter, filters, metadata_fields)

    async def get_metadata_fields_info_async(self) -> dict[str, dict[str, str]]:
        return await asyncio.to_thread(self.get_metadata_fields_info)

    async def get_metadata_field_min_max_async(self, metadata_field: str) -> dict[str, Any]:
        return await asyncio.to_thread(self.get_metadata_field_min_max, metadata_field)

    async def get_metadata_field_unique_values_async(
        self,
        metadata_field: str,
        search_term: str | None = None,
        from_: int = 0,
        size: int = 10,
        filters: HaystackFilter | None = None,
    ) -> tuple[list[Any], int]:
        return await asyncio.to_thread(
            self.get_metadata_field_unique_values, metadata_field, search_term, from_, size, filters
        )
