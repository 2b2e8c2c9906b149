"""The search service: the same answers for the page, the API and the command line."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from search_api.answers import AnswerFinder
from search_api.archived import is_archived
from search_api.copies import CopyFolder
from search_api.cursor import read_offset, turn_pages
from search_api.legs import ALL_FILTERS, find_languages, make_filters
from search_api.naming import names_in
from search_api.notices import EMPTY_INDEX, NOTHING_CLOSE_IN, find_distant, notice_answer, notice_query
from search_api.originals import OriginalChanged, OriginalGone, find_unchanged
from search_api.phrases import READ_ATTEMPTS
from search_api.pipeline import Answer, QueryPipeline
from search_api.present import (
    PASSAGES_SHOWN,
    browse_hit,
    describe_document,
    describe_query,
    make_facet,
    make_highlights,
    make_hit,
    seek,
    want,
)
from search_api.preview.asked import AskedPage, ImageSize
from search_api.preview.page import ask_page, has_page_images
from search_api.preview.previews import Previews
from search_api.query import parse_query
from search_api.question import QueryTools, read_question
from search_api.readings import Readings
from search_api.schemas import (
    DocumentResult,
    FacetsResult,
    FacetValue,
    HeadingOut,
    Health,
    Highlight,
    Hit,
    Notice,
    PageOut,
    SearchedLanguage,
    SearchRequest,
    SearchResult,
    Span,
    Translation,
)
from search_api.shown_paths import add_display_paths
from search_api.tools import ToolCache
from search_api.translation import LibreTranslate
from search_api.versions import Result, count_results, find_versions, group_versions, name_versions
from search_api.window import count_values, sort_window
from search_core.embedding import Embedder
from search_core.engines.base import BrowseRequest, PassageIndex, Scope
from search_core.errors import InvalidRequest, NotFound, PasserelleError, TranslationUnavailable
from search_core.file_names import locate
from search_core.fusion import FusedDocument, FusionSettings
from search_core.glossary import Glossary
from search_core.highlights import find_marks
from search_core.model import FILTER_FIELDS, LANGUAGES, Document, Language, Passage, TitleLanguage
from search_core.report import RunReport, read_report
from search_core.shown_paths import read_prefixes, show_path
from search_core.vocabulary import Vocabulary

log = logging.getLogger(__name__)


class SearchService:
    """Answers questions from one index, within one scope. Safe to use from several threads."""

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        vocabulary: Vocabulary,
        glossary: Glossary,
        scope: Scope,
        settings: FusionSettings = FusionSettings(),  # noqa: B008 - frozen
        *,
        translator: LibreTranslate | None = None,
        previews: Previews | None = None,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._vocabulary = vocabulary
        self._scope = scope
        self._translator = translator
        self.previews = previews or Previews()
        readings = Readings(embedder)
        self._answers = AnswerFinder(embedder, readings)
        self._tools = ToolCache(index, embedder, glossary, scope)
        self._copies = CopyFolder(index, scope)
        self._pipeline = QueryPipeline(index, embedder, scope, settings, readings)

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question, or list everything by date when nothing is asked.

        Raises `InvalidRequest` for a cursor of another question, `IndexOutdated`, `IndexUnavailable`.
        """
        started = time.monotonic()
        offset = read_offset(request)
        result = self._search(request, offset) if parse_query(request.q).text else self._browse(request, offset)
        return result.model_copy(update={"took_ms": round((time.monotonic() - started) * 1000)})

    def facets(self, request: SearchRequest) -> FacetsResult:
        """Only the facets of what `search` would answer."""
        result = self.search(request.model_copy(update={"limit": 1, "cursor": None}))
        return FacetsResult(
            total=result.total, more_than=result.more_than, facets=result.facets, index_version=result.index_version
        )

    def document(self, document_id: str, passage_id: str | None = None, q: str = "") -> DocumentResult:
        """A whole document, the passage asked for and the words of `q` marked. Raises `NotFound`."""
        document = self._find(document_id)
        shown = show_path(document.path, document.source, read_prefixes(self._index))
        pairs = self._tools.current().pairs
        versions = find_versions([document_id], pairs, self._index, self._scope).get(document_id, [])
        original = _look_at_original(document)
        return DocumentResult(
            **{
                **describe_document(document),
                **name_versions(document.metadata.titles, versions),
                "display_path": shown,
            },
            text=document.text,
            pages=[
                PageOut(start=page.start, end=page.end, label=page.label, confidence=page.confidence)
                for page in document.pages
            ],
            headings=[HeadingOut(start=each.start, end=each.end, level=each.level) for each in document.headings],
            extra=dict(document.metadata.extra),
            reason=document.reason,
            original_available=original != "gone" or is_archived(document),
            original_changed=original == "changed",
            page_images=original == "unchanged",
            index_version=self._index.status().version,
            passage=self._find_passage(document, passage_id) if passage_id else None,
            highlights=self.highlight(q, document.text),
        )

    def highlight(self, q: str, text: str, start: int = 0) -> list[Highlight]:
        """The words of a question in a text that begins at `start` of its document."""
        tools = self._tools.current()
        question = read_question(SearchRequest(q=q), tools)
        if not question.parsed.text:
            return []
        wanted = want(question, names_in(text, question.names))
        return make_highlights(find_marks(text, wanted, tools.analyzer, tools.matcher), start)

    @property
    def translates(self) -> bool:
        """Whether a translation service is set up."""
        return self._translator is not None

    def translate(self, document_id: str, passage_id: str, into: TitleLanguage) -> Translation:
        """A passage in another language, by the administrator's service.

        Raises `NotFound`, `InvalidRequest` for a passage in that language, `TranslationUnavailable`.
        """
        document = self._find(document_id)
        passage = self._index.passages([passage_id], self._scope).get(passage_id)
        if passage is None or passage.document_id != document.document_id:
            raise NotFound("There is no such passage in this document.", remedy="Search for it again.")
        if passage.language == into:
            raise InvalidRequest(
                f"The passage is in this language already ({into}).", remedy="Ask for the other one.", parameter="into"
            )
        if self._translator is None:
            raise TranslationUnavailable(
                "No translation service is set up.", remedy="The operator can name one in PASSERELLE_TRANSLATION_URL."
            )
        source = "auto" if passage.language == "other" else passage.language
        return Translation(
            document_id=document_id,
            passage_id=passage_id,
            start=passage.start,
            end=passage.end,
            source=passage.language,
            into=into,
            text=self._translator.translate(passage.text, source, into),
            service=self._translator.host,
        )

    def original(self, document_id: str) -> tuple[Document, Path | None]:
        """A document and where its file lies, None when it is gone. Raises `NotFound`."""
        document = self._find(document_id)
        return document, _original_path(document)

    def ask_page(self, document_id: str, number: int, size: ImageSize = "small", passage_id: str = "") -> AskedPage:
        """Page `number` (from 1) of a document, with a passage to mark where it is on that page.

        Raises `NotFound` where there is no such document or page, `OriginalGone`, `OriginalChanged`.
        """
        document = self._find(document_id)
        passage = self._find_passage(document, passage_id) if passage_id else None
        return ask_page(document, _original_path(document), number, size, passage)

    def draw_page(self, asked: AskedPage) -> bytes:
        """The image of a page. Raises `PageNotDrawn`, `OriginalChanged`; `NotFound` for a document erased meanwhile."""
        image = self.previews.draw(asked)
        try:
            self._find(asked.document_id)
        except NotFound:
            self.previews.forget(asked.document_id)
            raise
        return image

    def report(self) -> RunReport:
        """What became of every file that readers may know of."""
        return read_report(self._index, self._scope)

    def health(self) -> Health:
        """Whether searching works, and over what."""
        status = self._index.status()
        reasons: list[str] = []
        try:
            self._tools.current()
        except PasserelleError as error:
            reasons.append(str(error))
        return Health(
            status="degraded" if reasons else "ok",
            engine=status.engine,
            model=self._embedder.name,
            documents=dict(status.documents),
            passages=dict(status.passages),
            index_version=status.version,
            reasons=reasons,
        )

    def close(self) -> None:
        """Close the index; the service answers no more."""
        self._index.close()

    def _search(self, request: SearchRequest, offset: int) -> SearchResult:
        """Search until the passages shown are those of the commit that was searched, which a writer may overtake."""
        for _ in range(READ_ATTEMPTS):
            tools = self._tools.current()
            answer = self._pipeline.run(request, tools)
            window = answer.windows[ALL_FILTERS]
            ordered = self._group(sort_window(window, answer.reply.documents, request.sort), request, answer, tools)
            results = ordered[offset : offset + request.limit]
            shown = [result[0] for result in results]
            passages = self._read_passages(shown)
            if _are_complete(shown, passages) and self._tools.current() is tools:
                break
        else:
            log.warning("Documents were replaced faster than they could be shown; some passages are left out.")
        return SearchResult(
            query=describe_query(answer.question, answer.names),
            request=request,
            total=len(ordered),
            more_than=window.cut,
            hits=self._add_others(self._make_hits(shown, passages, answer, tools), tools, results),
            **turn_pages(request, offset, len(ordered)),
            languages=_tell_languages(request, self._count_languages(answer), answer.close),
            facets=self._count_facets(request, answer, tools),
            notices=[
                *notice_query(answer.question.parsed, tools),
                *self._notice_answer(request, answer, len(ordered), tools),
            ],
            index_version=answer.reply.version,
        )

    def _browse(self, request: SearchRequest, offset: int) -> SearchResult:
        tools = self._tools.current()
        question = read_question(request, tools)
        page = self._index.browse(
            BrowseRequest(
                filters=make_filters(request, question, tools.analyzer),
                order="oldest" if request.sort == "oldest" else "newest",
                offset=offset,
                limit=request.limit,
                facet_fields=FILTER_FIELDS,
            ),
            self._scope,
        )
        counts = page.facets.get("language", {})
        return SearchResult(
            query=describe_query(question),
            request=request,
            total=page.total,
            hits=self._add_others([browse_hit(document) for document in page.documents], tools),
            **turn_pages(request, offset, page.total),
            languages=_tell_languages(request, counts, {each: counts.get(each, 0) > 0 for each in LANGUAGES}),
            facets=self._label_facets(request, page.facets),
            notices=[*notice_query(question.parsed, tools), *([] if page.total else [EMPTY_INDEX])],
            index_version=page.version,
        )

    def _notice_answer(self, request: SearchRequest, answer: Answer, total: int, tools: QueryTools) -> list[Notice]:
        """Where there is nothing to read, other words would not help."""
        if not total and not self._index.browse(BrowseRequest(limit=0), self._scope).total:
            return [EMPTY_INDEX]
        notices = notice_answer(answer, total)
        distant = find_distant(request, answer)
        if distant and not self._names_version(answer, distant, tools):
            notices.append(NOTHING_CLOSE_IN[distant])
        return notices

    def _names_version(self, answer: Answer, language: Language, tools: QueryTools) -> bool:
        """Whether the first document found in the other languages is there in this one too, and named beside it."""
        documents = answer.windows[ALL_FILTERS].documents
        first = [found.document_id for found in documents if found.language != language][:1]
        return bool(find_versions(first, tools.pairs, self._index, self._scope))

    def _make_hits(
        self, shown: Sequence[FusedDocument], passages: Mapping[str, Passage], answer: Answer, tools: QueryTools
    ) -> list[Hit]:
        """Hits with their passages; the answering sentence is looked for in the best passage of each only."""
        sought = seek(answer.question, answer.names)
        own = [[passages[each] for each in found.passages[:PASSAGES_SHOWN] if each in passages] for found in shown]
        own = self._answers.order(answer.question, own, answer.titles)
        best = [each[0] for each in own if each]
        answers = self._answers.find(answer.question, answer.query, best, answer.titles)
        return [
            make_hit(found, answer.reply.documents[found.document_id], each, sought, tools, answers)
            for found, each in zip(shown, own, strict=True)
            if each
        ]

    def _read_passages(self, shown: Sequence[FusedDocument]) -> dict[str, Passage]:
        ids = [passage_id for found in shown for passage_id in found.passages[:PASSAGES_SHOWN]]
        return self._index.passages(ids, self._scope)

    def _group(
        self, ordered: Sequence[FusedDocument], request: SearchRequest, answer: Answer, tools: QueryTools
    ) -> list[Result]:
        return group_versions(self._copies.fold(ordered), tools.pairs, answer.reply.documents, request.prefer)

    def _add_others(self, hits: Sequence[Hit], tools: QueryTools, results: Sequence[Result] = ()) -> list[Hit]:
        """Hits with the other version and the other places of their document."""
        found = find_versions([hit.document_id for hit in hits], tools.pairs, self._index, self._scope, results)
        named = [hit.model_copy(update=name_versions(hit.titles, found.get(hit.document_id, []))) for hit in hits]
        return add_display_paths(self._copies.add_places(named), read_prefixes(self._index))

    def _count_languages(self, answer: Answer) -> Mapping[str, int]:
        """Documents found by language, copies of a text once."""
        shown = self._copies.fold(answer.windows[ALL_FILTERS].documents)
        return count_values((answer.reply.documents[found.document_id] for found in shown), "language")

    def _count_facets(self, request: SearchRequest, answer: Answer, tools: QueryTools) -> dict[str, list[FacetValue]]:
        results = {
            variant: self._copies.spread(self._group(window.documents, request, answer, tools), window.documents)
            for variant, window in answer.windows.items()
        }
        counts = {
            field: count_results(results.get(field, results[ALL_FILTERS]), answer.reply.documents, field)
            for field in FILTER_FIELDS
        }
        return self._label_facets(request, counts)

    def _label_facets(
        self, request: SearchRequest, counts: Mapping[str, Mapping[str, int]]
    ) -> dict[str, list[FacetValue]]:
        return {
            field: make_facet(field, counts.get(field, {}), request.filters.get(field, ()), self._vocabulary)
            for field in FILTER_FIELDS
        }

    def _find_passage(self, document: Document, passage_id: str) -> Span | None:
        """Where a passage stands, unless a writer has replaced the document meanwhile."""
        found = self._index.passages([passage_id], self._scope).get(passage_id)
        if found is None or found.document_id != document.document_id:
            return None
        is_there = document.text[found.start : found.end] == found.text
        return Span(start=found.start, end=found.end) if is_there else None

    def _find(self, document_id: str) -> Document:
        document = self._index.documents([document_id], self._scope).get(document_id)
        if document is None:
            raise NotFound(
                f"There is no document {document_id!r} that you may read.",
                remedy="It may have been removed, or the address be incomplete: search for it again.",
            )
        return document


def _original_path(document: Document) -> Path | None:
    try:
        path = locate(Path(document.source), document.path)
        return path if path is not None and path.is_file() else None
    except (OSError, ValueError):
        return None


def _look_at_original(document: Document) -> Literal["gone", "there", "changed", "unchanged"]:
    """Whether the file is there; of one that has page images also whether it is the one that was read."""
    path = _original_path(document)
    if path is None or not has_page_images(document):
        return "gone" if path is None else "there"
    try:
        find_unchanged(document, path)
    except OriginalChanged:
        return "changed"
    except OriginalGone:
        return "gone"
    return "unchanged"


def _are_complete(shown: Sequence[FusedDocument], passages: Mapping[str, Passage]) -> bool:
    return all(passage_id in passages for found in shown for passage_id in found.passages[:PASSAGES_SHOWN])


def _tell_languages(
    request: SearchRequest, totals: Mapping[str, int], close: Mapping[Language, bool]
) -> list[SearchedLanguage]:
    searched = find_languages(request)
    return [
        SearchedLanguage(
            language=language,
            searched=language in searched,
            total=totals.get(language, 0) if language in searched else 0,
            close=language in searched and close.get(language, False),
        )
        for language in LANGUAGES
    ]
