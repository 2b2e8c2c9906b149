"""The language-fair search as a component of Haystack pipelines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from haystack import Document as HaystackDocument
from haystack import component, default_from_dict, default_to_dict
from haystack.document_stores.types import FilterPolicy, apply_filter_policy

from passerelle.haystack.collection import Collection
from passerelle.haystack.records import SOURCE, describe, from_document
from passerelle.haystack.store import PasserelleDocumentStore
from search_api.schemas import Hit, PassageHit, SearchRequest
from search_core.model import Document

Wanted = Literal["both", "fr", "zh"]
Preferred = Literal["fr", "zh"]


@component
class PasserelleRetriever:
    """A question in French or Chinese to the documents in both that answer it, as `passerelle search` finds them."""

    def __init__(
        self,
        document_store: PasserelleDocumentStore,
        *,
        filters: dict[str, Any] | None = None,
        top_k: int = 10,
        lang: Wanted = "both",
        prefer: Preferred | None = None,
        passages_per_document: int = 1,
        filter_policy: FilterPolicy | str = FilterPolicy.REPLACE,
    ) -> None:
        """`lang` is the language of the documents wanted, `prefer` the one to put first, hiding neither.

        Of each of the `top_k` files, up to `passages_per_document` (1 to 3) passages are given.
        Raises ValueError for other numbers and languages.
        """
        _check_number("top_k", top_k, 1, None)
        _check_number("passages_per_document", passages_per_document, 1, 3)
        SearchRequest(lang=lang, prefer=prefer)
        self.document_store = document_store
        self.filters = filters
        self.top_k = top_k
        self.lang: Wanted = lang
        self.prefer = prefer
        self.passages_per_document = passages_per_document
        self.filter_policy = FilterPolicy.from_str(filter_policy) if isinstance(filter_policy, str) else filter_policy

    def to_dict(self) -> dict[str, Any]:
        return default_to_dict(
            self,
            document_store=self.document_store,
            filters=self.filters,
            top_k=self.top_k,
            lang=self.lang,
            prefer=self.prefer,
            passages_per_document=self.passages_per_document,
            filter_policy=self.filter_policy.value,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PasserelleRetriever:
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        self.document_store.warm_up()

    def close(self) -> None:
        self.document_store.close()

    @component.output_types(documents=list[HaystackDocument], notices=list[dict[str, str]])
    def run(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None, lang: Wanted | None = None
    ) -> dict[str, Any]:
        """The best documents, best first, and what a reader should know of the answer (`code`, `fr`, `zh`).

        A document that a store wrote is given as it was written, with its score. One of `passerelle index` is given
        by its best passages: their text, and in `meta` the document's path, title, language and metadata, the
        passage's page, heading, place and language, and the legs that found it. A question without words lists whole
        documents by date.
        Raises `FilterError` for what is no filter, and what `passerelle search` raises.
        """
        limit = self.top_k if top_k is None else top_k
        _check_number("top_k", limit, 1, None)
        opened = self.document_store.collection()
        chosen = apply_filter_policy(self.filter_policy, self.filters, filters)
        request = SearchRequest(
            q=query, lang=lang or self.lang, prefer=self.prefer, limit=limit, only=opened.filtered.find(chosen)
        )
        result = opened.service.search(request)
        return {
            "documents": list(self._iter_documents(opened, result.hits)),
            "notices": [
                {"code": notice.code, "fr": notice.message.fr, "zh": notice.message.zh} for notice in result.notices
            ],
        }

    @component.output_types(documents=list[HaystackDocument], notices=list[dict[str, str]])
    async def run_async(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int | None = None, lang: Wanted | None = None
    ) -> dict[str, Any]:
        """`run` in a thread."""
        return await asyncio.to_thread(self.run, query, filters, top_k, lang)

    def _iter_documents(self, opened: Collection, hits: Sequence[Hit]) -> Iterator[HaystackDocument]:
        whole = opened.index.documents([hit.document_id for hit in hits], opened.scope)
        for hit in hits:
            document = whole.get(hit.document_id)
            if document is None:  # deleted since it was found
                continue
            if hit.source == SOURCE:
                yield replace(from_document(document), score=hit.score)
            elif hit.passages:
                for passage in hit.passages[: self.passages_per_document]:
                    yield _make_document(hit, document, passage)
            else:
                yield replace(from_document(document), score=hit.score)


def _make_document(hit: Hit, document: Document, passage: PassageHit) -> HaystackDocument:
    meta = {
        **describe(document),
        "display_path": hit.display_path,
        "passage_id": passage.passage_id,
        "passage_language": passage.language,
        "page": passage.page,
        "heading": passage.heading,
        "start": passage.start,
        "end": passage.end,
        "legs": [leg.model_dump() for leg in hit.legs],
    }
    return HaystackDocument(id=passage.passage_id, content=passage.text, meta=meta, score=hit.score)


def _check_number(name: str, number: int, least: int, most: int | None) -> None:
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} is {number}, but must be {f'{least} to {most}' if most else f'at least {least}'}.")
