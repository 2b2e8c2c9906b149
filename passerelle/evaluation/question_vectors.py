"""Other vectors for the same questions: other means to centre them on, and averages with their glossary translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from search_core.calibration import Calibration
from search_core.embedding import Embedder, Progress, normalize_rows
from search_core.glossary import GlossaryMatcher, TermMatch
from search_core.model import LANGUAGES, Language, Matrix


def recentre(calibration: Calibration, means: str, share: float | None) -> Calibration:
    """The calibration with other query means, of which `share` is subtracted (None: the product's)."""
    changed = MEANS[means](calibration)
    return replace(changed, anchors=replace(changed.anchors, share=share))


def _use_anchors_only(calibration: Calibration) -> Calibration:
    return replace(calibration, queries=_empty(calibration), query_keys=dict.fromkeys(LANGUAGES, ()))


def _use_passages(calibration: Calibration) -> Calibration:
    return replace(calibration, queries=calibration.passages)


def _empty(calibration: Calibration) -> dict[Language, Matrix]:
    return {language: matrix[:0] for language, matrix in calibration.queries.items()}


MEANS: Mapping[str, Callable[[Calibration], Calibration]] = {
    "collection": lambda calibration: calibration,
    "anchors": _use_anchors_only,
    "passages": _use_passages,
}


class GlossaryAverager:
    """An embedder whose question vectors are averages with the question in which glossary terms are translated.

    `weight` is the share of the translation. A question without a term keeps its vector.
    """

    def __init__(self, embedder: Embedder, matcher: GlossaryMatcher, weight: float) -> None:
        self.name = embedder.name
        self.identity = embedder.identity
        self.dimension = embedder.dimension
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self.embed_passages = embedder.embed_passages
        self._embedder = embedder
        self._matcher = matcher
        self._weight = weight

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        own = self._embedder.embed_queries(texts, progress)
        translated = self._embedder.embed_queries([translate_terms(each, self._matcher.match(each)) for each in texts])
        return normalize_rows((1 - self._weight) * own + self._weight * translated)


def translate_terms(text: str, matches: Sequence[TermMatch]) -> str:
    """A text with each term replaced by the first one of the other language.

    les pistes cyclables d'Issy   ->   les 自行车道 d'Issy (with `pistes cyclables` and 自行车道 in the glossary)
    """
    pieces: list[str] = []
    at = 0
    for match in matches:
        terms = match.entry.zh if match.language == "fr" else match.entry.fr
        if match.start >= at and terms:
            pieces += [text[at : match.start], terms[0]]
            at = match.end
    return "".join([*pieces, text[at:]])
