"""Ways to make one list of the languages' lists, the product's (`profile`) among them.

Each gives new scores to the fused documents of a language; scores are then compared across languages, as the product
compares its own. Those with a scale do nearly as the product: the document at each rank of the fused order gets the
score of that rank in the profile of its language, read on that scale; quotations are not told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, merge_languages
from search_core.model import Language

_STEP = 1e-9

Fused = Mapping[Language, Sequence[FusedDocument]]
"""What `fuse_language` gives, by language."""

Rescore = Callable[[Sequence[FusedDocument], LanguageLegs, Language], Sequence[FusedDocument]]
"""One language's documents in their order, its legs, and the language of the question, to documents with new scores."""

Scale = Callable[[LanguageLegs, Sequence[float]], Sequence[float]]
"""Dense scores of one language, best first, to what is compared across languages."""


def merge_fused(
    method: str, fused: Fused, legs: Sequence[LanguageLegs], settings: FusionSettings, asked: Language
) -> list[FusedDocument]:
    """One list, best first."""
    by_language = {each.language: each for each in legs}
    rescored = {
        language: METHODS[method](documents, by_language[language], asked) for language, documents in fused.items()
    }
    return merge_languages(rescored, settings)


def _keep(documents: Sequence[FusedDocument], _: LanguageLegs, __: Language) -> Sequence[FusedDocument]:
    return documents


def _take_order(documents: Sequence[FusedDocument], _: LanguageLegs, __: Language) -> list[FusedDocument]:
    return [replace(document, score=document.order) for document in documents]


def _alternate(documents: Sequence[FusedDocument], legs: LanguageLegs, asked: Language) -> list[FusedDocument]:
    """Rank by rank, the language of the question first."""
    late = 0.0 if legs.language == asked else 0.5
    return [replace(document, score=-rank - late) for rank, document in enumerate(documents)]


def _rescale(
    documents: Sequence[FusedDocument], legs: LanguageLegs, _: Language, *, scale: Scale
) -> list[FusedDocument]:
    """What only words found follows the last document that meaning found; where nothing did, scores stay."""
    kept = {document.document_id for document in documents}
    scores = [hit.score for hit in (legs.dense.hits if legs.dense else ()) if hit.document_id in kept]
    if not scores:
        return list(documents)
    profile = list(scale(legs, scores))
    profile += [profile[-1]] * (len(documents) - len(profile))
    # Equal scores would be ordered by id, and the fused order lost.
    return [
        replace(document, score=worth - rank * _STEP)
        for rank, (document, worth) in enumerate(zip(documents, profile, strict=True))
    ]


def _be_close(legs: LanguageLegs, scores: Sequence[float]) -> list[float]:
    return [legs.background.closeness(score) for score in scores]


def _standardize(_: LanguageLegs, scores: Sequence[float]) -> list[float]:
    """Against the candidates themselves; one candidate, or equal ones, stand at 0."""
    array = np.array(scores)
    deviation = float(array.std()) if len(array) else 0.0
    return [0.0] * len(array) if deviation < 1e-9 else ((array - array.mean()) / deviation).tolist()


METHODS: Mapping[str, Rescore] = {
    "profile": _keep,
    "closeness": partial(_rescale, scale=_be_close),
    "zscore": partial(_rescale, scale=_standardize),
    "plain": partial(_rescale, scale=lambda _, scores: scores),
    "words": _take_order,
    "alternation": _alternate,
}
