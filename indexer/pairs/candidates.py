"""Which documents of the other language are worth comparing with one."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.pairs.background import PairBackground
from indexer.pairs.portrait import Portrait
from search_core.engines.base import DenseLeg, Filters, Leg, LexicalLeg, PassageIndex, Scope
from search_core.model import Language

NEAR = 12
"""Documents near in meaning."""

NAMED = 6
"""Documents that hold the same names."""

OTHER_LANGUAGE: dict[Language, Language] = {"fr": "zh", "zh": "fr"}


def find_candidates(portrait: Portrait, index: PassageIndex, background: PairBackground) -> list[str]:
    """Ids of documents of the other language that are near in meaning or hold the same names."""
    other = OTHER_LANGUAGE[portrait.language]
    filters = Filters(values={"language": frozenset([other])})
    legs = _make_legs(portrait, other, filters, background)
    found = index.search(legs, Scope.everything()).legs
    return list(dict.fromkeys(hit.document_id for leg in found for hit in leg.hits))


def _make_legs(portrait: Portrait, other: Language, filters: Filters, background: PairBackground) -> Sequence[Leg]:
    centred = background.centre(portrait.vectors, portrait.language)
    near = DenseLeg("near", other, portrait.weights @ centred, filters, NEAR, 1)
    names = portrait.facts.words if portrait.language == "zh" else portrait.facts.names
    named = LexicalLeg("named", other, tuple(sorted(names)), filters, NAMED, 1)
    return (near, named) if names else (near,)
