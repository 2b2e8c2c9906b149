"""Everything that speaks for or against two documents being versions of each other, as one score.

The score is a sum of weighted measures, in the units of a logistic regression. No measure is unbounded: a long table of
numbers cannot make up for passages that do not follow each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from indexer.pairs.align import align_passages
from indexer.pairs.background import PairBackground
from indexer.pairs.portrait import Portrait

LEAST_FIGURES = 0.35
"""98 % of the pairs of libreoffice_hard share more than .37 of their figures, all pairs of corpus/ more than .5."""


@dataclass(frozen=True)
class Evidence:
    """Measures of two documents.

    `agreement`: how well their passages follow each other (`align_passages`). `figures`, `names`: what they share of
    numbers and dates, and of names in Latin letters, rare ones counting more: 1 all, 0 nothing, one half where there
    are none. `length`: how far their lengths are from those of a text and its translation, 0 as expected.
    `paragraphs`: 1 with as many in both, 0 with quite other numbers, one half where nobody knows.
    `dates`: how many of their own dates contradict.
    """

    agreement: float
    figures: float
    names: float
    length: float
    paragraphs: float
    dates: int

    @property
    def contradiction(self) -> float:
        """How much too little is shared of numbers and dates for two versions: 0 in most pairs."""
        return max(0.0, LEAST_FIGURES - self.figures)


@dataclass(frozen=True)
class EvidenceWeights:
    """What each measure adds; fitted on libreoffice_hard and corpus/, see docs/search.md.

    `constant` puts the threshold at 0.
    """

    agreement: float = 8.5
    figures: float = 7.5
    contradiction: float = -30.0
    names: float = 1.0
    length: float = -5.0
    paragraphs: float = 3.5
    dates: float = -4.0
    constant: float = -9.5


EXPECTED_LENGTH = 1.18
"""Logarithm of French over Chinese characters: 3.2 on libreoffice_hard (deviation .22), 3.3 in corpus/."""

DOUBT = 3.0
"""Weight of what neither document says: few figures, shared or not, stay near one half."""

PARAGRAPH_SCALE = 0.1
"""Of counts that differ by a tenth, about a third of the measure is left."""


def score_evidence(found: Evidence, weights: EvidenceWeights) -> float:
    """How strongly the evidence says that two documents are versions of each other; the threshold is 0."""
    return (
        weights.agreement * found.agreement
        + weights.figures * found.figures
        + weights.contradiction * found.contradiction
        + weights.names * found.names
        + weights.length * found.length
        + weights.paragraphs * found.paragraphs
        + weights.dates * found.dates
        + weights.constant
    )


def weigh_evidence(fr: Portrait, zh: Portrait, background: PairBackground) -> Evidence:
    """What speaks for and against two documents being versions of each other."""
    agreement = background.agreement(background.centre(fr.vectors, "fr"), background.centre(zh.vectors, "zh"))
    common = _Common(fr, zh, background)
    return Evidence(
        agreement=align_passages(agreement, fr.weights, zh.weights),
        figures=common.share(fr.facts.figures, zh.facts.figures),
        names=common.share(fr.facts.names | (fr.facts.words & zh.facts.words), zh.facts.words),
        length=abs(math.log(fr.chars / zh.chars) - EXPECTED_LENGTH),
        paragraphs=_compare_paragraphs(fr.paragraphs, zh.paragraphs),
        dates=_contradict(fr.head.dates, zh.head.dates) + _contradict_declared(fr.date, zh.date),
    )


class _Common:
    """What two documents have in common, told by how seldom a document of either language has it by chance."""

    def __init__(self, fr: Portrait, zh: Portrait, background: PairBackground) -> None:
        self._sides = [(background.rarity[each.language], len(each.vectors)) for each in (fr, zh)]

    def share(self, one: frozenset[str], other: frozenset[str]) -> float:
        shared = sum(map(self._weigh, one & other))
        total = sum(map(self._weigh, one | other))
        return (shared + DOUBT) / (total + 2 * DOUBT)

    def _weigh(self, fact: str) -> float:
        return -math.log(max(rarity.chance(fact, passages) for rarity, passages in self._sides))


def _compare_paragraphs(one: int | None, other: int | None) -> float:
    if one is None or other is None:
        return 0.5
    return math.exp(-abs(math.log((one + 1) / (other + 1))) / PARAGRAPH_SCALE)


def _contradict(one: frozenset[str], other: frozenset[str]) -> int:
    return int(bool(one) and bool(other) and one.isdisjoint(other))


def _contradict_declared(one: str | None, other: str | None) -> int:
    """Declared dates may be of different precision: 2016 does not contradict 2016-03."""
    return int(bool(one and other) and not (str(one).startswith(str(other)) or str(other).startswith(str(one))))
