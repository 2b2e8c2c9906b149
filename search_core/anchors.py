"""Anchors: shipped questions with the passages that answer them, each in French and in Chinese.

Embedded once with the model in use, they tell two things that no unlabelled collection can:

- what the answer to a question scores, and how much less it scores across languages than in one's own: the model's
  own bias, which the merge of the languages takes out (`bias`);
- how near in meaning an answer is, so that "nothing close" means the same with any model (`closeness`).

They also stand for a language of which a collection has few passages (`search_core/calibration.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources

import numpy as np

from search_core.embedding import Embedder
from search_core.model import Language, Matrix

ANCHOR_LANGUAGES: tuple[Language, Language] = ("fr", "zh")

CENTRING = 0.5
"""The share of its language's mean that is subtracted from a question's vector.

What a language's questions have in common is partly the language, which is to go, and partly their subject, which is
not. nDCG@10 of the dense leg alone with 0, .5, 1, mean of four directions: `corpus/` .80, .79, .76; flores_passages
.79, .82, .82; gnome_short .77, .77, .77; libreoffice_hard .67, .69, .68; libreoffice_title .74, .74, .72.
"""

_EVEN = 0.8
"""Of a model that favours the question's language more than this the whole mean is subtracted. Without its adapter (.75
by this measure, .87 with it) the bundled model loses .02 and .03 nDCG@10 across languages on flores_passages by half of
it.
"""

_LEAST_ACROSS = 0.6
"""A model below this hardly crosses languages (`HashEmbedder`): lifting what it finds there would lift noise. The
bundled model has .87, without its adapter .75."""

_LEAST_CLOSENESS = 0.2
"""Of answers, with a model that tells few from noise (`HashEmbedder`). The bundled one has .38, without adapter .41."""

_LEAST = 1e-3


@dataclass(frozen=True)
class AnswerLevel:
    """What answers score on average: `deviations` above the other anchors' passages, and their `closeness`.

    Closeness is about the cosine of the centred question and the passage, seen from the centre of its language.
    """

    deviations: float
    closeness: float


@dataclass(frozen=True)
class AnchorTexts:
    """Row i of every list belongs to anchor i."""

    queries: Mapping[Language, list[str]]
    passages: Mapping[Language, list[str]]
    version: str


@dataclass(frozen=True)
class Anchors:
    """The anchors' vectors by one model: `queries` and `passages` by language, shape (anchors, dimension).

    `share`: how much of a mean is subtracted from questions, these and those of the collection; None: what serves the
    model (`centring`).
    """

    queries: Mapping[Language, Matrix]
    passages: Mapping[Language, Matrix]
    version: str
    share: float | None = None

    @cached_property
    def centring(self) -> float:
        """The share of the mean that is subtracted from a question."""
        if self.share is not None:
            return self.share
        whole = replace(self, share=1.0)
        return CENTRING if whole.across.deviations >= _EVEN * whole.same.deviations else 1.0

    @cached_property
    def same(self) -> AnswerLevel:
        """The level of answers in the question's own language, both languages pooled."""
        found = _mean_level([self._measure(language, language) for language in ANCHOR_LANGUAGES])
        return replace(found, closeness=max(found.closeness, _LEAST_CLOSENESS))

    @cached_property
    def across(self) -> AnswerLevel:
        """The level of answers in the other language, both directions pooled; never below `_LEAST_ACROSS` of `same`."""
        found = _mean_level([self._measure("fr", "zh"), self._measure("zh", "fr")])
        return AnswerLevel(
            deviations=max(found.deviations, _LEAST_ACROSS * self.same.deviations),
            closeness=max(found.closeness, _LEAST_ACROSS * self.same.closeness),
        )

    @cached_property
    def bias(self) -> float:
        """What an answer in the other language scores, of what it would score in one's own: at most 1."""
        ratio = self.across.deviations / self.same.deviations
        return min(ratio, 1.0) if ratio > _LEAST_ACROSS else 1.0

    def _measure(self, asked: Language, answered: Language) -> AnswerLevel:
        queries = self.queries[asked] - self.centring * self.queries[asked].mean(axis=0)
        passages = self.passages[answered]
        scores = queries @ passages.T
        answers, count = scores.diagonal(), len(scores)
        others = scores[~np.eye(count, dtype=bool)].reshape(count, count - 1)
        above = answers - others.mean(axis=1)
        reach = measure_spread(passages) * np.linalg.norm(queries, axis=1)
        return AnswerLevel(
            deviations=float((above / np.maximum(others.std(axis=1), _LEAST)).mean()),
            closeness=float((above / np.maximum(reach, _LEAST)).mean()),
        )


def embed_anchors(embedder: Embedder) -> Anchors:
    """The shipped anchors as vectors."""
    texts = read_anchors()
    return Anchors(
        queries={language: embedder.embed_queries(found) for language, found in texts.queries.items()},
        passages={language: embedder.embed_passages(found) for language, found in texts.passages.items()},
        version=texts.version,
    )


@cache
def read_anchors() -> AnchorTexts:
    """The shipped texts and a digest of them."""
    content = resources.files("search_core").joinpath("anchors.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in content.splitlines() if line and not line.startswith("#")]
    french_queries, chinese_queries, french_passages, chinese_passages = (
        list(column) for column in zip(*lines, strict=True)
    )
    return AnchorTexts(
        queries={"fr": french_queries, "zh": chinese_queries},
        passages={"fr": french_passages, "zh": chinese_passages},
        version=hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def _mean_level(levels: list[AnswerLevel]) -> AnswerLevel:
    return AnswerLevel(
        deviations=max(float(np.mean([level.deviations for level in levels])), _LEAST),
        closeness=max(float(np.mean([level.closeness for level in levels])), _LEAST),
    )


def measure_spread(passages: Matrix) -> float:
    """The root mean square distance of passages, shape (n, dimension), from their centre; 0 of none."""
    if not len(passages):
        return 0.0
    return float(np.sqrt(np.square(passages - passages.mean(axis=0)).sum(axis=1).mean()))
