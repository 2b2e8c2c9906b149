"""Versions of one document, in French and in Chinese, as one result.

It happens to the finished order of documents: no score and no rank changes for it. The result stands where its better
placed version stood. In the counts of a field it counts once for each value that any of its versions has, which is
what choosing that value would leave of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from search_api.present import describe_document
from search_api.schemas import Version
from search_api.window import field_values
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument
from search_core.model import Document, Language, TitleLanguage
from search_core.pairs import PairTable

Result = tuple[FusedDocument, ...]
"""A document, and behind it the other version where that was found too."""


def group_versions(
    ordered: Iterable[FusedDocument],
    pairs: PairTable,
    documents: Mapping[str, Document],
    prefer: Language | None = None,
) -> list[Result]:
    """Documents in their order as results; the version in the preferred language leads, else the better placed one."""
    results: dict[str, Result] = {}
    for found in ordered:
        other = pairs.counterpart(found.document_id)
        if other is None or other not in results:
            results[found.document_id] = (found,)
        elif documents[found.document_id].language == prefer:
            results[other] = (found, *results[other])
        else:
            results[other] = (*results[other], found)
    return list(results.values())


def count_results(results: Iterable[Result], documents: Mapping[str, Document], field: str) -> Counter[str]:
    """How many results have each value of a filter field."""
    return Counter(
        value
        for result in results
        for value in {value for found in result for value in field_values(documents[found.document_id], field)}
    )


def find_versions(
    ids: Sequence[str], pairs: PairTable, index: PassageIndex, scope: Scope, results: Iterable[Result] = ()
) -> dict[str, list[Version]]:
    """The readable other version of each document, by its id; `results` say which were found beside it."""
    wanted = {document_id: other for document_id in ids if (other := pairs.counterpart(document_id))}
    if not wanted:
        return {}
    readable = index.documents(list(wanted.values()), scope)
    beside = {found.document_id: found for result in results for found in result[1:]}
    return {
        document_id: [_describe_version(readable[other], pairs, beside.get(other))]
        for document_id, other in wanted.items()
        if other in readable
    }


def name_versions(titles: Mapping[TitleLanguage, str], versions: Sequence[Version]) -> dict[str, Any]:
    """The fields of a document that its versions decide: `versions`, and `titles` where metadata gives none."""
    theirs = {version.language: version.title for version in versions if version.language != "other"}
    return {"versions": list(versions), "titles": {**theirs, **titles}}


def _describe_version(document: Document, pairs: PairTable, found: FusedDocument | None) -> Version:
    pair = pairs.find(document.document_id)
    return Version(
        **describe_document(document),
        confirmed=pair is not None and pair.confirmed,
        found=found is not None,
        passage_id=found.passages[0] if found and found.passages else None,
    )
