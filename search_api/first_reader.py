"""What reading the first documents of each language tells: their order, and whether anything in a language answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search_api.copies import CopyFolder
from search_api.readings import Readings
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, find_close, move_read
from search_core.model import Language
from search_core.pairs import PairTable

DOCUMENTS_READ = 3
"""Of each language, by their best passages, copies of a text once: what stands further down is nothing that a reader
would call close."""

Ranked = Mapping[Language, Sequence[FusedDocument]]

Worths = Mapping[str, float]
"""By document id, the log-odds that it answers."""


class FirstReader:
    """Reads what was ranked first. Safe to use from several threads."""

    def __init__(self, index: PassageIndex, scope: Scope, readings: Readings, settings: FusionSettings) -> None:
        self._index = index
        self._scope = scope
        self._readings = readings
        self._settings = settings
        self._copies = CopyFolder(index, scope)

    def read(self, question: str, merged: Sequence[FusedDocument], titles: Mapping[str, str]) -> dict[str, float]:
        """What the first documents of each language are worth, and their copies; `titles` by document id.

        Nothing where the model has no cross-encoder or fails.
        """
        copies = {group[0].document_id: group for group in self._copies.group(merged)}
        texts = rank_languages([group[0] for group in copies.values()])
        first = [each for documents in texts.values() for each in documents[:DOCUMENTS_READ]]
        best = {each.document_id: each.passages[0] for each in first if each.passages}
        passages = self._index.passages(list(best.values()), self._scope)
        readings = self._readings.read(question, list(passages.values()), titles)
        return {
            copy.document_id: readings[passage].worth
            for document_id, passage in best.items()
            for copy in copies[document_id]
            if passage in readings
        }

    def order(self, merged: Sequence[FusedDocument], worths: Worths, asked: Language | None) -> list[FusedDocument]:
        """The merged list as it is shown; `asked`: the language of the question."""
        return move_read(merged, worths, self._settings, asked)

    def find_close(
        self, legs: Sequence[LanguageLegs], merged: Sequence[FusedDocument], worths: Worths
    ) -> dict[Language, bool]:
        """By language; where nothing was read, by what the legs scored."""
        return find_close(legs, self._settings, find_best(merged, worths))


def find_best(merged: Sequence[FusedDocument], worths: Worths) -> dict[Language, float]:
    """By language, what the best document that was read is worth."""
    read = {
        language: [worths[each.document_id] for each in documents if each.document_id in worths]
        for language, documents in rank_languages(merged).items()
    }
    return {language: max(found) for language, found in read.items() if found}


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
