"""Haystack's own suites for document stores, all of them, on both engines.

The order of documents is one of its own: by id. Without a policy, duplicates are refused.
"""

from __future__ import annotations

import pytest
from haystack import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.testing import document_store as suites
from haystack.testing import document_store_async as async_suites

from passerelle.haystack import PasserelleDocumentStore


def by_id(documents: list[Document]) -> list[Document]:
    return sorted(documents, key=lambda document: document.id)


class OrderedById:
    """How the suites compare what they get with what they wrote."""

    @staticmethod
    def assert_documents_are_equal(received: list[Document], expected: list[Document]) -> None:
        assert received == by_id(expected)


class TestDocumentStore(
    OrderedById,
    suites.DocumentStoreBaseExtendedTests,
    suites.CountDocumentsByFilterTest,
    suites.CountUniqueMetadataByFilterTest,
    suites.GetMetadataFieldsInfoTest,
    suites.GetMetadataFieldMinMaxTest,
    suites.GetMetadataFieldUniqueValuesTest,
):
    """Everything synchronous."""

    @pytest.fixture
    def document_store(self, document_store: PasserelleDocumentStore) -> PasserelleDocumentStore:
        return document_store

    def test_write_documents(self, document_store: PasserelleDocumentStore) -> None:
        document = Document(content="test doc")

        assert document_store.write_documents([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([document], policy=DuplicatePolicy.NONE)
        assert document_store.filter_documents() == [document]


@pytest.mark.slow
class TestAsyncDocumentStore(
    OrderedById,
    async_suites.CountDocumentsAsyncTest,
    async_suites.CountDocumentsByFilterAsyncTest,
    async_suites.CountUniqueMetadataByFilterAsyncTest,
    async_suites.DeleteAllAsyncTest,
    async_suites.DeleteByFilterAsyncTest,
    async_suites.DeleteDocumentsAsyncTest,
    async_suites.FilterDocumentsAsyncTest,
    async_suites.GetMetadataFieldsInfoAsyncTest,
    async_suites.GetMetadataFieldMinMaxAsyncTest,
    async_suites.GetMetadataFieldUniqueValuesAsyncTest,
    async_suites.UpdateByFilterAsyncTest,
    async_suites.WriteDocumentsAsyncTest,
):
    """Everything asynchronous."""

    async def test_write_documents_async(self, document_store: PasserelleDocumentStore) -> None:
        document = Document(content="test doc")

        assert await document_store.write_documents_async([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            await document_store.write_documents_async([document], policy=DuplicatePolicy.NONE)
        assert await document_store.filter_documents_async() == [document]


def test_every_suite_that_haystack_has_is_run() -> None:
    for module, run in ((suites, TestDocumentStore), (async_suites, TestAsyncDocumentStore)):
        known = {value for name, value in vars(module).items() if name.endswith("Test")}
        assert len(known) > 8
        assert known <= set(run.__mro__)
