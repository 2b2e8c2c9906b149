"""One question of a set: what its legs found, in every form in which a configuration looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from passerelle.evaluation.configuration import Configuration, Legs
from passerelle.evaluation.found_legs import FoundLegs, keep_legs, leave_out, pool_passages
from passerelle.evaluation.judged_set import JudgedQuery
from search_api.window import WINDOW_SIZE
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs, LegKind, fuse_language
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
        self._runs: dict[tuple[Legs, str, bool], dict[str, FoundLegs]] = {}
        self._fused: dict[tuple[int, FusionSettings], list[FusedDocument]] = {}

    def runs(self, configuration: Configuration) -> dict[str, FoundLegs]:
        """The legs of each run: `fused`, each leg by itself, and `only:LANGUAGE` without the other one's answers."""
        key = (configuration.legs, configuration.passages.pooling, configuration.merge.quotations)
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

    def find_other_close(self, configuration: Configuration, judge: Judge) -> Iterator[tuple[str, bool]]:
        """Whether anything in the other language than the question's is called close.

        Where both languages answer: as it is (`answered`), and with the other one's answers left out (`unanswered`).
        Where only the question's own does: as it is (`absent`). Nothing by a recipe that does not tell languages apart.
        """
        own, runs = self.query.language, self.runs(configuration)
        asked: list[tuple[str, str]] = []
        if self._answers[own] and self._answers[OTHER[own]]:
            asked = [("answered", FUSED), ("unanswered", f"only:{own}")]
        elif self._answers[own]:
            asked = [("absent", FUSED)]
        for run, name in asked:
            close = judge(self, runs[name])
            if OTHER[own] in close:
                yield run, close[OTHER[own]]

    def _iter_others(self) -> Iterator[tuple[Language, frozenset[str]]]:
        """Each language that answers, with the answers in the other one."""
        for language, other in OTHER.items():
            if self._answers[language]:
                yield language, self._answers[other]


Judge = Callable[[AskedQuestion, FoundLegs], Mapping[Language, bool]]
"""From what the legs of a question found to whether anything in a language is close."""


def change_legs(legs: FoundLegs, configuration: Configuration) -> FoundLegs:
    """What a configuration sees of what the legs found."""
    kinds: list[LegKind] = [kind for kind in LEG_KINDS if getattr(configuration.legs, kind)]
    kept = legs if len(kinds) == len(LEG_KINDS) else keep_legs(legs, kinds)
    if configuration.merge.quotations:
        kept = [_count_as_foreign(each) for each in kept]
    pooling = configuration.passages.pooling
    return kept if pooling == "best" else pool_passages(kept, pooling)


def _count_as_foreign(legs: LanguageLegs) -> LanguageLegs:
    """Documents in the question's language as if they were in that of the passages they quote."""
    return replace(legs, documents={key: each for key, each in legs.documents.items() if each != legs.asked})
