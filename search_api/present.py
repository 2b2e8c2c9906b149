"""From the fused window to what a reader sees: hits with passages, highlights and snippets, facets with labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from search_api.naming import FoundName
from search_api.question import QueryTools, Question
from search_api.schemas import (
    FacetValue,
    Highlight,
    Hit,
    Label,
    LegRank,
    PassageHit,
    RecognisedName,
    Span,
    UsedQuery,
)
from search_core.fusion import FusedDocument, LegKind
from search_core.highlights import Mark, Wanted, find_marks, make_wanted
from search_core.model import Document, Language, Passage
from search_core.names.book import NameMatch
from search_core.snippets import choose_snippet
from search_core.vocabulary import Vocabulary

PASSAGES_SHOWN = 3


def make_hit(
    found: FusedDocument,
    document: Document,
    passages: Sequence[Passage],
    wanted: Wanted,
    named: Collection[tuple[str, Language]],
    tools: QueryTools,
) -> Hit:
    """A document of the window with its best passages."""
    return Hit(
        **describe_document(document),
        score=round(found.score, 4),
        legs=[
            LegRank(leg=_name_leg(kind, (found.document_id, language) in named), language=language, rank=rank)
            for (kind, language), rank in sorted(found.ranks.items(), key=lambda item: (item[1], item[0]))
        ],
        passages=[make_passage_hit(passage, wanted, tools) for passage in passages[:PASSAGES_SHOWN]],
    )


def make_passage_hit(passage: Passage, wanted: Wanted, tools: QueryTools) -> PassageHit:
    """A passage with what to mark and what to show, at offsets into the document's text."""
    marks = find_marks(passage.text, wanted, tools.analyzer, tools.matcher)
    snippet = choose_snippet(passage.text, marks)
    return PassageHit(
        passage_id=passage.passage_id,
        language=passage.language,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        page=passage.page,
        heading=passage.heading,
        highlights=make_highlights(marks, passage.start),
        snippets=[Span(start=passage.start + snippet[0], end=passage.start + snippet[1])] if snippet else [],
    )


def make_highlights(marks: Sequence[Mark], offset: int) -> list[Highlight]:
    return [Highlight(start=offset + mark.start, end=offset + mark.end, kind=mark.kind) for mark in marks]


def want(question: Question, names: Iterable[NameMatch]) -> Wanted:
    """What a question wants marked, with those of its names that turned out to be any."""
    return make_wanted(question.tokens, (term.entry for term in question.terms), question.parsed.phrases, names)


def _name_leg(kind: LegKind, is_named: bool) -> LegKind | Literal["name"]:
    """Names come with the glossary's evidence (`search_api.naming`); readers are told which it was."""
    return "name" if kind == "glossary" and is_named else kind


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
        names=[RecognisedName(text=name.match.text, spellings=list(name.spellings)) for name in names],
    )


def describe_document(document: Document) -> dict[str, Any]:
    """The fields of `DocumentInfo`."""
    return {
        "document_id": document.document_id,
        "path": document.path,
        "source": document.source,
        "title": document.metadata.title or document.path,
        "language": document.language,
        "date": document.metadata.date,
        "metadata": {name: list(found) for name, found in document.metadata.values.items()},
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
