"""Whether anything in a language answers, as far as can be told: by reading the first documents of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search_api.readings import Readings
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, find_close
from search_core.model import Language
from search_core.pairs import PairTable

DOCUMENTS_READ = 3
"""Of each language, by their best passages: an answer further down is nothing that a reader would call close."""

Ranked = Mapping[Language, Sequence[FusedDocument]]


class CloseFinder:
    """Reads what was ranked first. Safe to use from several threads."""

    def __init__(self, index: PassageIndex, scope: Scope, readings: Readings, settings: FusionSettings) -> None:
        self._index = index
        self._scope = scope
        self._readings = readings
        self._settings = settings

    def find(
        self, question: str, legs: Sequence[LanguageLegs], ranked: Ranked, titles: Mapping[str, str]
    ) -> dict[Language, bool]:
        """By language; `titles` by document id. Where the model has no cross-encoder, by what the legs scored."""
        return find_close(legs, self._settings, self.read_best(question, ranked, titles))

    def read_best(self, question: str, ranked: Ranked, titles: Mapping[str, str]) -> dict[Language, float]:
        """By language, the highest worth among its first documents; of none where the model has no cross-encoder."""
        best = {
            language: [document.passages[0] for document in documents[:DOCUMENTS_READ] if document.passages]
            for language, documents in ranked.items()
        }
        passages = self._index.passages([each for ids in best.values() for each in ids], self._scope)
        readings = self._readings.read(question, list(passages.values()), titles)
        worths = {
            language: [readings[each].worth for each in ids if each in readings] for language, ids in best.items()
        }
        return {language: max(found) for language, found in worths.items() if found}


def follow_versions(close: Mapping[Language, bool], ranked: Ranked, pairs: PairTable) -> dict[Language, bool]:
    """`close`, and also where the first document of a close language has its other version among the first of its own.

    Both say the same: to call one close and the other not would be wrong of one of them.
    """
    languages = {
        document.document_id: language
        for language, documents in ranked.items()
        for document in documents[:DOCUMENTS_READ]
    }
    first = [documents[0].document_id for language, documents in ranked.items() if close.get(language) and documents]
    versions = {languages.get(pairs.counterpart(document_id) or "") for document_id in first}
    return {language: is_close or language in versions for language, is_close in close.items()}


def rank_languages(documents: Sequence[FusedDocument]) -> dict[Language, list[FusedDocument]]:
    """The documents of a merged list by language, in their order."""
    ranked: dict[Language, list[FusedDocument]] = {}
    for document in documents:
        ranked.setdefault(document.language, []).append(document)
    return ranked
