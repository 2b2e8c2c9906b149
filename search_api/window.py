"""The fused window: the set of documents that total, facets, sorting and paging speak of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from search_api.schemas import Order
from search_core.engines.base import LegResult
from search_core.fusion import (
    FusedDocument,
    FusionSettings,
    LanguageLegs,
    calibrate,
    fuse_language,
    merge_languages,
)
from search_core.model import Document, Language, Shared

WINDOW_SIZE = 200
"""Documents a language (DESIGN §2)."""


@dataclass(frozen=True)
class Window(Shared):
    """Documents in their order; `cut` when a language had more than the window holds."""

    documents: tuple[FusedDocument, ...]
    cut: bool


def make_window(legs: Sequence[LanguageLegs], settings: FusionSettings, prefer: Language | None = None) -> Window:
    """Fuse each language, keep its best `WINDOW_SIZE` documents, merge."""
    fused = {found.language: fuse_language(found, settings) for found in legs}
    cut = any(len(documents) > WINDOW_SIZE for documents in fused.values())
    kept = {language: documents[:WINDOW_SIZE] for language, documents in fused.items()}
    return Window(
        documents=tuple(merge_languages(kept, settings, prefer)),
        cut=cut or any(_was_cut(found, settings) for found in legs),
    )


def sort_window(window: Window, documents: Mapping[str, Document], order: Order) -> Sequence[FusedDocument]:
    """The window by relevance or by date; documents without a date last in either direction, equal dates by id."""
    if order == "relevance":
        return window.documents
    by_id = sorted(window.documents, key=lambda found: found.document_id)
    dated = [found for found in by_id if documents[found.document_id].metadata.date]
    undated = [found for found in by_id if not documents[found.document_id].metadata.date]
    dated.sort(key=lambda found: documents[found.document_id].metadata.date or "", reverse=order == "newest")
    return dated + undated


def count_values(documents: Iterable[Document], field: str) -> Counter[str]:
    """How many documents have each value of a filter field."""
    return Counter(value for document in documents for value in field_values(document, field))


def field_values(document: Document, field: str) -> tuple[str, ...]:
    """The values of a document in one of `model.FILTER_FIELDS`."""
    match field:
        case "language":
            return (document.language,)
        case "source":
            return (document.source,)
        case "illustrative":
            return ("true" if document.metadata.illustrative else "false",)
        case _:
            return tuple(document.metadata.values.get(field, ()))


def _was_cut(legs: LanguageLegs, settings: FusionSettings) -> bool:
    """A dense leg always has more; it was cut only if what it left out could stand above the noise floor."""
    words: list[LegResult | None] = [legs.lexical, legs.glossary, legs.name]
    if any(leg.truncated for leg in words if leg):
        return True
    dense = legs.dense
    if not dense or not dense.truncated or not dense.hits:
        return False
    return calibrate(dense.hits[-1].score, legs, settings) >= settings.noise_floor
