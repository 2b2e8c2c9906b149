"""Passerelle for Haystack's own pipelines: a document store and a retriever (docs/haystack.md)."""

from passerelle.haystack.retriever import PasserelleRetriever
from passerelle.haystack.store import PasserelleDocumentStore

__all__ = ["PasserelleDocumentStore", "PasserelleRetriever"]
