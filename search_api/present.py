"""From the fused window to what a reader sees: hits with passages, highlights and snippets, facets with labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search_api.naming import FoundName
from search_api.question import QueryTools, Question
from search_api.schemas import (
    Correspondence,
    FacetValue,
    Highlight,
    Hit,
    Label,
    LegRank,
    PassageHit,
    RecognizedName,
    Span,
    UsedQuery,
)
from search_core.correspondences import Asked, TermPair, find_pairs, read_asked
from search_core.fusion import FusedDocument
from search_core.glossary import TermLanguage
from search_core.highlights import Mark, Wanted, find_marks, make_wanted
from search_core.model import Document, Passage, Shared
from search_core.names.book import NameMatch
from search_core.sentences import Span as SentenceSpan
from search_core.snippets import choose_snippet
from search_core.vocabulary import Vocabulary

PASSAGES_SHOWN = 3


Answers = Mapping[str, SentenceSpan]
"""The sentence that answers, as offsets into its passage, by passage id."""


@dataclass(frozen=True)
class Sought(Shared):
    """What a question looks for in a passage; `into`: the language that its reader wants foreign terms in."""

    wanted: Wanted
    asked: Asked
    into: TermLanguage | None


def seek(question: Question, names: Iterable[FoundName]) -> Sought:
    """What a question looks for, with those of its names that turned out to be any."""
    into = question.language if question.language != "both" else None
    wanted = want(question, (name.match for name in names))
    return Sought(wanted, read_asked(question.parsed.text, question.terms), into)


def make_hit(
    found: FusedDocument,
    document: Document,
    passages: Sequence[Passage],
    sought: Sought,
    tools: QueryTools,
    answers: Answers,
) -> Hit:
    """A document of the window with its best passages."""
    return Hit(
        **describe_document(document),
        score=round(found.score, 4),
        legs=[
            LegRank(leg=kind, language=language, rank=rank)
            for (kind, language), rank in sorted(found.ranks.items(), key=lambda item: (item[1], item[0]))
        ],
        passages=[
            make_passage_hit(passage, sought, tools, answers.get(passage.passage_id))
            for passage in passages[:PASSAGES_SHOWN]
        ],
    )


def make_passage_hit(
    passage: Passage, sought: Sought, tools: QueryTools, answer: SentenceSpan | None = None
) -> PassageHit:
    """A passage with what to mark and what to show, at offsets into the document's text."""
    marks = find_marks(passage.text, sought.wanted, tools.analyzer, tools.matcher)
    snippet = choose_snippet(passage.text, marks, answer=answer)
    pairs = find_pairs(passage.text, sought.asked, sought.into, tools.matcher)
    return PassageHit(
        passage_id=passage.passage_id,
        language=passage.language,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        page=passage.page,
        confidence=passage.confidence,
        heading=passage.heading,
        highlights=make_highlights(marks, passage.start),
        snippets=[_move(snippet, passage.start)] if snippet else [],
        answer=_move(answer, passage.start) if answer else None,
        correspondences=[_make_correspondence(pair, passage) for pair in pairs],
    )


def _move(span: SentenceSpan, offset: int) -> Span:
    return Span(start=offset + span[0], end=offset + span[1])


def _make_correspondence(pair: TermPair, passage: Passage) -> Correspondence:
    return Correspondence(
        start=passage.start + pair.start,
        end=passage.start + pair.end,
        language=pair.language,
        term=passage.text[pair.start : pair.end],
        translation=pair.translation,
        asked=pair.asked,
    )


def make_highlights(marks: Sequence[Mark], offset: int) -> list[Highlight]:
    return [Highlight(start=offset + mark.start, end=offset + mark.end, kind=mark.kind) for mark in marks]


def want(question: Question, names: Iterable[NameMatch]) -> Wanted:
    """What a question wants marked, with those of its names that turned out to be any."""
    return make_wanted(question.tokens, (term.entry for term in question.terms), question.parsed.phrases, names)


def describe_query(question: Question, names: Sequence[FoundName] = ()) -> UsedQuery:
    """The question as it was understood."""
    parsed = question.parsed
    entries = dict.fromkeys(term.entry for term in question.terms)
    return UsedQuery(
        text=parsed.text,
        language=question.language,
        language_given=question.language_given,
        truncated=parsed.truncated,
        phrases=list(parsed.phrases),
        excluded=list(parsed.excluded),
        glossary=[Label(fr=entry.fr[0], zh=entry.zh[0]) for entry in entries],
        names=[RecognizedName(text=name.match.text, spellings=list(name.spellings)) for name in names],
    )


def describe_document(document: Document) -> dict[str, Any]:
    """The fields of `DocumentInfo`."""
    return {
        "document_id": document.document_id,
        "path": document.path,
        "display_path": document.path,
        "source": document.source,
        "title": document.metadata.title or document.path,
        "titles": dict(document.metadata.titles),
        "language": document.language,
        "date": document.metadata.date,
        "metadata": {name: list(found) for name, found in document.metadata.values.items() if found},
        "proposed": list(document.metadata.proposed),
        "illustrative": document.metadata.illustrative,
        "media_type": document.media_type,
        "status": document.status,
        "notes": list(document.notes),
    }


def browse_hit(document: Document) -> Hit:
    """A document listed without a question."""
    return Hit(**describe_document(document), score=0.0)


def make_facet(
    field: str, counts: Mapping[str, int], selected: Sequence[str], vocabulary: Vocabulary
) -> list[FacetValue]:
    """Values of a field, most frequent first; a selected value stays listed when nothing has it any more."""
    listed = {**dict.fromkeys(selected, 0), **counts}
    return [
        FacetValue(value=value, label=make_label(vocabulary, field, value), count=count, selected=value in selected)
        for value, count in sorted(listed.items(), key=lambda item: (-item[1], item[0]))
    ]


def make_label(vocabulary: Vocabulary, field: str, value: str) -> Label:
    fr, zh = vocabulary.label(field, value)
    return Label(fr=fr, zh=zh)
