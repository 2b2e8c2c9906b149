"""Many legs to one list: fusion inside each language, then a fair merge across languages.

Inside a language the calibrated dense score leads and words correct it:

    order = calibrated + weight x (lexical evidence + glossary evidence)

Lexical evidence is BM25 divided by the best of its leg, but never by less than a share of what the words could reach at
most, so that one frequent word shared with nothing to the point stays small (min-max would make it 1).

Across languages nothing but calibrated dense scores compares: the document at rank r of its language's fused order
gets the r-th best calibrated score of that language. Words thus reorder a language without lifting it above the other
one, which they cannot know. Two exceptions, each lifted by how much of the query it holds: where a few documents hold
nearly all the words (a reference number, a title), and documents that hold a name of the query. A document in the
query's own language of which only a quotation in another one was found has no rank among that one's documents: it
gets what the quotation scores, and what decides.

Where a cross-encoder read the first documents of each language, its log-odds that they answer move their scores at the
end. It reads question and passage together, so that what it says of two languages compares as well. What words have
decided stays.

`docs/language-fairness.md` has the figures behind each constant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from search_core.calibration import Background
from search_core.engines.base import LegResult
from search_core.model import LANGUAGES, Language

LegKind = Literal["lexical", "dense", "glossary", "name"]


@dataclass(frozen=True)
class FusionSettings:
    """The constants of fusion; scores are in deviations of a language's background.

    `lexical_weight`: what full evidence of words adds. `least_ceiling`: the share of a leg's ceiling that evidence is
    divided by at least. `noise_floor`: what only the dense leg found below this is dropped. `decisive_share`: the share
    of the ceiling from which words are decisive (one occurrence of each in an average passage gives .45), in at most
    `decisive_documents`; each is lifted by `lift` x the excess. A name is full evidence and decisive whatever its
    share; one that more than `decisive_documents` hold counts so much less.
    `preference`: what a preferred language gains.
    `evenness`: how much of the model's bias against the other language is taken out of calibrated scores, from 0 to 1.
    `least_closeness`: where no language reaches it nothing is called close; a document is as close as its meaning
    (`Background.closeness`) and `word_closeness` x the share of the query's words that it holds.
    `relative_closeness`: beside a language with something close, the share of the best meaning from which another one's
    is close as well. `worth_closeness`: what the log-odds of answering, as read, add to the closeness, each;
    `worth_weight`: what they add to the score of a document that was read; of more than `most_worth` in either
    direction no more is believed. `foreign_worth`: how much less of it an answer in the other language is given.
    """

    lexical_weight: float = 2.5
    least_ceiling: float = 0.15
    noise_floor: float = 1.0
    decisive_share: float = 0.3
    decisive_documents: int = 3
    lift: float = 8.0
    preference: float = 1.5
    evenness: float = 0.7
    word_closeness: float = 2.0
    least_closeness: float = 0.82
    relative_closeness: float = 0.65
    worth_closeness: float = 0.03
    worth_weight: float = 0.08
    foreign_worth: float = 1.0
    most_worth: float = 6.0


@dataclass(frozen=True)
class LanguageLegs:
    """What the legs found in the passages of one language. `coverage`: the share of the query in its glossary terms.

    `asked`: the language of the query, None where undecided. `documents`: the languages of the documents themselves,
    by id; of one that is not there, `language`. A document in another one quotes the passages that it has here.
    `references`: documents that hold a whole reference number of the query.
    """

    language: Language
    background: Background
    dense: LegResult | None = None
    lexical: LegResult | None = None
    glossary: LegResult | None = None
    name: LegResult | None = None
    coverage: float = 0.0
    asked: Language | None = None
    documents: Mapping[str, Language] = field(default_factory=dict)
    references: Collection[str] = frozenset()

    @property
    def foreign(self) -> bool:
        """Whether the query is in another language."""
        return self.asked not in (None, self.language)

    def document_language(self, document_id: str) -> Language:
        return self.documents.get(document_id, self.language)

    def is_quotation(self, document_id: str) -> bool:
        """Whether a document in the query's own language holds passages in this other one.

        What is evened out is a language that the model puts farther off, not a foreign page quoted in one's own report.
        """
        return self.foreign and self.document_language(document_id) == self.asked

    def best(self, kind: LegKind, language: Language) -> float | None:
        """What a leg's first document in a language of its own scores, None without one."""
        leg = self.by_kind().get(kind)
        hits = (hit.score for hit in leg.hits if self.document_language(hit.document_id) == language) if leg else ()
        return next(iter(hits), None)

    def by_kind(self) -> dict[LegKind, LegResult]:
        legs: dict[LegKind, LegResult | None] = {
            "lexical": self.lexical,
            "dense": self.dense,
            "glossary": self.glossary,
            "name": self.name,
        }
        return {kind: leg for kind, leg in legs.items() if leg is not None}

    def shares(self, scores: Mapping[LegKind, float]) -> dict[LegKind, float]:
        """Scores of the word legs as shares of what the whole query could reach, in [0, 1]."""
        weights: dict[LegKind, float] = {"lexical": 1.0, "glossary": self.coverage, "name": 1.0}
        return {
            kind: weights[kind] * scores[kind] / leg.ceiling
            for kind, leg in self.by_kind().items()
            if kind in weights and kind in scores and leg.ceiling
        }


@dataclass(frozen=True)
class FusedDocument:
    """A document in the fused order of one language, or of all. `language`: its own, whatever its passages are in.

    `order` orders inside its language, `score` across languages; both in deviations. `share`: how much of the query its
    words make up; `named`: how much its names do; `decided`: its place comes from one of these or from a reference
    number. `ranks` count from 1, by leg and passage language. `passages` are best first.
    """

    document_id: str
    language: Language
    order: float
    score: float
    share: float
    named: float
    ranks: Mapping[tuple[LegKind, Language], int]
    passages: tuple[str, ...]
    decided: bool = False


@dataclass
class _Gathered:
    """What the legs of one language said of one document."""

    scores: dict[LegKind, float] = field(default_factory=dict)
    ranks: dict[LegKind, int] = field(default_factory=dict)
    passages: dict[str, float] = field(default_factory=dict)


def fuse_language(legs: LanguageLegs, settings: FusionSettings) -> list[FusedDocument]:
    """Fuse the legs of one language, best first; equal orders by document id. No leg or no hit gives an empty list."""
    scored = (_score_document(document_id, found, legs, settings) for document_id, found in _gather(legs).items())
    kept = [document for document in scored if document is not None]
    lifts = _lift_decisive(kept, settings)
    decided = lifts.keys() | set(legs.references)
    lifted = [
        replace(each, order=each.order + lifts.get(each.document_id, 0.0), decided=each.document_id in decided)
        for each in kept
    ]
    ordered = sorted(lifted, key=lambda document: (-document.order, document.document_id))
    return _assign_merge_scores(ordered, legs, lifts)


def merge_languages(
    fused: Mapping[Language, Sequence[FusedDocument]], settings: FusionSettings, prefer: Language | None = None
) -> list[FusedDocument]:
    """Merge the fused orders of all languages, best first; equal scores by place in their language, then document id.

    A document with passages in several languages keeps its best place and the passages and ranks of all.
    """
    merged: dict[str, FusedDocument] = {}
    places: dict[str, int] = {}
    for documents in fused.values():
        for place, document in enumerate(documents):
            bonus = settings.preference if document.language == prefer else 0.0
            places[document.document_id] = min(place, places.get(document.document_id, place))
            scored = replace(document, score=document.score + bonus)
            known = merged.get(document.document_id)
            merged[document.document_id] = _unite(known, scored) if known else scored
    return sorted(
        merged.values(), key=lambda document: (-document.score, places[document.document_id], document.document_id)
    )


def move_read(
    merged: Sequence[FusedDocument], worths: Mapping[str, float], settings: FusionSettings, asked: Language | None
) -> list[FusedDocument]:
    """The merged list with the documents that were read moved; `worths`: log-odds that they answer, by document id.

    What was not read stands where an even chance would put it, equal scores in their order. Documents in the language
    `asked` (in any, where that is undecided) keep their order, in which the words of the question count as well: only
    their scores move. The list down to the last document that words decided stays as it is: a reading is weaker than
    the number or the name that was asked for.
    """
    settled = max((place for place, document in enumerate(merged, start=1) if document.decided), default=0)
    moved = [
        replace(each, score=each.score + settings.worth_weight * _believe(worth, settings))
        for each, worth in ((each, _even_worth(each, worths, settings, asked)) for each in merged[settled:])
    ]
    for language in LANGUAGES if asked is None else (asked,):
        moved = _keep_order(moved, language)
    return [*merged[:settled], *sorted(moved, key=lambda document: -document.score)]


def _even_worth(
    document: FusedDocument, worths: Mapping[str, float], settings: FusionSettings, asked: Language | None
) -> float:
    worth = worths.get(document.document_id)
    if worth is None:
        return 0.0
    return worth if asked in (None, document.language) else worth + settings.foreign_worth


def _keep_order(documents: Sequence[FusedDocument], language: Language) -> list[FusedDocument]:
    """The scores of a language's documents, best first, given to them in the order in which they stand."""
    best_first = iter(sorted((each.score for each in documents if each.language == language), reverse=True))
    return [replace(each, score=next(best_first)) if each.language == language else each for each in documents]


def _believe(worth: float, settings: FusionSettings) -> float:
    return max(-settings.most_worth, min(settings.most_worth, worth))


def find_close(
    legs: Sequence[LanguageLegs], settings: FusionSettings, worths: Mapping[Language, float] | None = None
) -> dict[Language, bool]:
    """By language of documents, whether any answers: near in meaning, holding the words of the query, or some of both.

    `worths` are the log-odds that the first documents of a language answer, as read; they add to the meaning. Where one
    language has something close, another one is measured by its meaning, not by a fixed bar: how close an answer comes
    differs from question to question, and much less between the languages of one question.
    """
    worths = worths or {}
    meanings = {each.language: measure_meaning(each.language, legs, settings, worths) for each in legs}
    close = {language: _is_close(language, legs, meaning, settings) for language, meaning in meanings.items()}
    best = max(meanings.values(), default=0.0)
    if best <= 0 or not any(close.values()):
        return close
    least = settings.relative_closeness * best
    return {language: close[language] or meaning >= least for language, meaning in meanings.items()}


def measure_meaning(
    language: Language, legs: Sequence[LanguageLegs], settings: FusionSettings, worths: Mapping[Language, float]
) -> float:
    """How close the best document in a language comes in meaning, by its passages in any; 0 where none was found."""
    scores = ((each.background, each.best("dense", language)) for each in legs)
    found = [background.closeness(score) for background, score in scores if score is not None]
    read = settings.worth_closeness * _believe(worths.get(language, 0.0), settings)
    return max(found) + read if found else 0.0


def _is_close(language: Language, legs: Sequence[LanguageLegs], meaning: float, settings: FusionSettings) -> bool:
    words = max((_best_share(each, language) for each in legs), default=0.0)
    return words >= settings.decisive_share or meaning + settings.word_closeness * words >= settings.least_closeness


def _best_share(legs: LanguageLegs, language: Language) -> float:
    """The largest share of the query that the words of a document in a language make up."""
    best = {kind: score for kind in legs.by_kind() if (score := legs.best(kind, language)) is not None}
    return max(legs.shares(best).values(), default=0.0)


def _gather(legs: LanguageLegs) -> dict[str, _Gathered]:
    gathered: dict[str, _Gathered] = {}
    for kind, leg in legs.by_kind().items():
        for rank, hit in enumerate(leg.hits, start=1):
            found = gathered.setdefault(hit.document_id, _Gathered())
            found.scores[kind] = hit.score
            found.ranks[kind] = rank
            for passage in hit.passages:
                worth = _passage_worth(kind, passage.score, legs)
                found.passages[passage.passage_id] = found.passages.get(passage.passage_id, 0.0) + worth
    return gathered


def calibrate(score: float, legs: LanguageLegs, settings: FusionSettings, *, quoted: bool = False) -> float:
    """Deviations above the background of a language, evened between the question's own language and the other one.

    Not those of a passage that is `quoted` by a document in the question's own language.
    """
    bias = 1.0 if quoted else legs.background.bias
    return legs.background.calibrate(score) / float(bias**settings.evenness)


def _passage_worth(kind: LegKind, score: float, legs: LanguageLegs) -> float:
    """Passages of one document are ordered on the scale of its language: deviations for meaning, shares for words."""
    return legs.background.calibrate(score) if kind == "dense" else legs.shares({kind: score}).get(kind, 0.0)


def _score_document(
    document_id: str, found: _Gathered, legs: LanguageLegs, settings: FusionSettings
) -> FusedDocument | None:
    shares = legs.shares(found.scores)
    evidence = sum(_evidence(kind, share, legs, settings) for kind, share in shares.items() if _orders(kind, legs))
    quoted = legs.is_quotation(document_id)
    calibrated = calibrate(found.scores["dense"], legs, settings, quoted=quoted) if "dense" in found.scores else None
    if not shares and calibrated is not None and calibrated < settings.noise_floor:
        return None
    meaning = calibrated if calibrated is not None else _least_calibrated(legs, settings, quoted=quoted)
    return FusedDocument(
        document_id=document_id,
        language=legs.document_language(document_id),
        order=meaning + settings.lexical_weight * min(evidence, 1.0),
        score=meaning,
        share=max(shares.values(), default=0.0),
        named=shares.get("name", 0.0),
        ranks={(kind, legs.language): rank for kind, rank in found.ranks.items()},
        passages=_by_worth(found.passages),
    )


def _orders(kind: LegKind, legs: LanguageLegs) -> bool:
    """Whether what a leg finds is evidence. Names are not: they lift.

    Words of the question in documents of the other language are names and loan words: they may decide, not order.
    On libreoffice_hard, where Chinese pages hold many a French-looking word, they cost .03 nDCG@10 fr>zh, and
    gained nothing on any set.
    """
    return kind != "name" and not (legs.foreign and kind == "lexical")


def _evidence(kind: LegKind, share: float, legs: LanguageLegs, settings: FusionSettings) -> float:
    """A share against the best share of its leg, but never against less than the least ceiling."""
    best = legs.shares({kind: legs.by_kind()[kind].hits[0].score})[kind]
    return share / max(best, settings.least_ceiling)


def _least_calibrated(legs: LanguageLegs, settings: FusionSettings, *, quoted: bool) -> float:
    """What a document outside the dense leg is worth: no more than the last one inside."""
    hits = legs.dense.hits if legs.dense else ()
    return calibrate(hits[-1].score, legs, settings, quoted=quoted) if hits else 0.0


def _by_worth(passages: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(passages, key=lambda passage: (-passages[passage], passage)))


def _lift_decisive(documents: Sequence[FusedDocument], settings: FusionSettings) -> dict[str, float]:
    """By document id, what holding nearly all the words of the query adds, or a name of it."""
    decisive = [document for document in documents if document.share >= settings.decisive_share]
    named = [document for document in documents if document.named]
    rarity = min(1.0, settings.decisive_documents / len(named)) if named else 0.0
    lifts = {each.document_id: rarity * (settings.lexical_weight + settings.lift * each.named) for each in named}
    if len(decisive) <= settings.decisive_documents:
        for each in decisive:
            words = settings.lift * (each.share - settings.decisive_share)
            lifts[each.document_id] = max(words, lifts.get(each.document_id, 0.0))
    return lifts


def _assign_merge_scores(
    ordered: Sequence[FusedDocument], legs: LanguageLegs, lifts: Mapping[str, float]
) -> list[FusedDocument]:
    """Give the document at each rank the calibrated score of that rank, lifted where words decide.

    Scores never rise along the list, so that merging keeps the order inside the language. A document in the query's own
    language has no more than quotations here: it keeps what they score, whatever the documents around it do. Where
    nothing was found by meaning, the order by words, which is lifted already, is all there is.
    """
    if not (legs.dense and legs.dense.hits):
        return [replace(document, score=document.order) for document in ordered]
    scores = {each.document_id: each.score + lifts.get(each.document_id, 0.0) for each in ordered}
    ranked = [each for each in ordered if not legs.is_quotation(each.document_id)]
    profile = sorted((document.score for document in ranked), reverse=True)
    floor = float("-inf")
    for document, worth in zip(reversed(ranked), reversed(profile), strict=True):
        floor = max(floor, worth + lifts.get(document.document_id, 0.0))
        scores[document.document_id] = floor
    return [replace(document, score=scores[document.document_id]) for document in ordered]


def _unite(known: FusedDocument, other: FusedDocument) -> FusedDocument:
    better, worse = (known, other) if known.score >= other.score else (other, known)
    passages = better.passages + tuple(passage for passage in worse.passages if passage not in better.passages)
    decided = better.decided or worse.decided
    return replace(better, ranks={**worse.ranks, **better.ranks}, passages=passages, decided=decided)
