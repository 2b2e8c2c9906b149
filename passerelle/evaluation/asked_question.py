"""One question of a set: what its legs found, in every form in which a configuration looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from passerelle.evaluation.configuration import Configuration, Legs
from passerelle.evaluation.found_legs import FoundLegs, keep_legs, leave_out, pool_passages
from passerelle.evaluation.judged_set import JudgedQuery
from search_api.window import WINDOW_SIZE
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, LegKind, find_close, fuse_language
from search_core.model import Language

FUSED = "fused"
LEG_KINDS: tuple[LegKind, ...] = ("lexical", "dense", "glossary")
OTHER: Mapping[Language, Language] = {"fr": "zh", "zh": "fr"}


class AskedQuestion:
    """A question and what its legs found, in the forms that configurations look at; each is made and fused once."""

    def __init__(self, query: JudgedQuery, legs: FoundLegs, answers: Mapping[Language, frozenset[str]]) -> None:
        self.query = query
        self._legs = legs
        self._answers = answers
        self._runs: dict[tuple[Legs, str], dict[str, FoundLegs]] = {}
        self._fused: dict[tuple[int, FusionSettings], list[FusedDocument]] = {}

    def runs(self, configuration: Configuration) -> dict[str, FoundLegs]:
        """The legs of each run: `fused`, each leg by itself, and `only:LANGUAGE` without the other one's answers."""
        key = (configuration.legs, configuration.passages.pooling)
        if key not in self._runs:
            legs = change_legs(self._legs, configuration)
            kinds = [kind for kind in LEG_KINDS if any(kind in each.by_kind() for each in legs)]
            self._runs[key] = {
                FUSED: legs,
                **{f"leg:{kind}": keep_legs(legs, [kind]) for kind in kinds},
                **{f"only:{language}": leave_out(legs, others) for language, others in self._iter_others()},
            }
        return self._runs[key]

    def fuse(self, legs: LanguageLegs, settings: FusionSettings) -> list[FusedDocument]:
        """What the window would hold of one language; `legs` as `runs` gives them, which keeps their ids alive."""
        key = (id(legs), settings)
        if key not in self._fused:
            self._fused[key] = fuse_language(legs, settings)[:WINDOW_SIZE]
        return self._fused[key]

    def find_other_close(self, configuration: Configuration) -> Iterator[tuple[str, bool]]:
        """Whether anything in the other language is called close: as it is, and without its answers; where it has any.

        Nothing where the question's own language has no answer, or by a recipe that does not tell languages apart.
        """
        own, runs = self.query.language, self.runs(configuration)
        if self._answers[own] and self._answers[OTHER[own]]:
            for run, name in (("answered", FUSED), ("unanswered", f"only:{own}")):
                close = find_close(runs[name], configuration.fusion)
                if OTHER[own] in close:
                    yield run, close[OTHER[own]]

    def _iter_others(self) -> Iterator[tuple[Language, frozenset[str]]]:
        """Each language that answers, with the answers in the other one."""
        for language, other in OTHER.items():
            if self._answers[language]:
                yield language, self._answers[other]


def change_legs(legs: FoundLegs, configuration: Configuration) -> FoundLegs:
    """What a configuration sees of what the legs found."""
    kinds: list[LegKind] = [kind for kind in LEG_KINDS if getattr(configuration.legs, kind)]
    kept = legs if len(kinds) == len(LEG_KINDS) else keep_legs(legs, kinds)
    pooling = configuration.passages.pooling
    return kept if pooling == "best" else pool_passages(kept, pooling)
