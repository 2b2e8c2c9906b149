"""The query flow as a Haystack pipeline; each component is a thin shell over plain functions beside it.

request -> read (language, tokens, glossary)  -> plan (legs) -> retrieve (one engine call) -> fuse (windows) -> first
        -> embed (vector)                     /

`first` reads the documents that were ranked first, where there is a cross-encoder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from haystack import Pipeline, component
from haystack.core.errors import PipelineRuntimeError

from search_api.first_reader import FirstReader, follow_versions, rank_languages
from search_api.legs import ALL_FILTERS, AskedLegs, make_filters, make_legs, read_reply
from search_api.naming import FoundName, search_names
from search_api.phrases import search_phrases
from search_api.question import QueryTools, Question, read_question
from search_api.readings import Readings
from search_api.schemas import SearchRequest
from search_api.window import Window, make_window
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex, Scope, SearchReply
from search_core.errors import ModelError
from search_core.fusion import FusionSettings, LanguageLegs
from search_core.model import Language, Shared, Vector


@dataclass(frozen=True)
class Answer(Shared):
    """What a question found: the window under every filter variant, and what the legs say under all filters.

    `query` is the centred vector, None where the model failed.
    """

    question: Question
    query: Vector | None
    reply: SearchReply
    windows: Mapping[str, Window]
    legs: Sequence[LanguageLegs]
    close: Mapping[Language, bool]
    names: tuple[FoundName, ...]

    @property
    def titles(self) -> dict[str, str]:
        """Of the documents found, by id."""
        return {key: document.metadata.title for key, document in self.reply.documents.items()}

    @property
    def model_failed(self) -> bool:
        return self.query is None


@dataclass(frozen=True)
class Embedded(Shared):
    """The query's vector, or None when the model failed: the words are searched all the same."""

    vector: Vector | None


@component
class QueryReader:
    """Query text to language, tokens and glossary terms."""

    @component.output_types(question=Question)
    def run(self, request: SearchRequest, tools: QueryTools) -> dict[str, Any]:
        return {"question": read_question(request, tools)}


@component
class QueryEmbedder:
    """Query text to vector."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @component.output_types(embedded=Embedded)
    def run(self, question: Question) -> dict[str, Any]:
        try:
            return {"embedded": Embedded(self._embedder.embed_queries([question.parsed.text])[0])}
        except ModelError:
            return {"embedded": Embedded(None)}


@component
class LegPlanner:
    """Question and vector to legs."""

    @component.output_types(asked=AskedLegs)
    def run(self, request: SearchRequest, question: Question, embedded: Embedded, tools: QueryTools) -> dict[str, Any]:
        filters = make_filters(request, question, tools.analyzer)
        return {"asked": make_legs(question, embedded.vector, filters, tools.calibration)}


@component
class LegRetriever:
    """Legs to the engine's reply, in one call."""

    def __init__(self, index: PassageIndex, scope: Scope) -> None:
        self._index = index
        self._scope = scope

    @component.output_types(reply=SearchReply, names=tuple[FoundName, ...])
    def run(self, asked: AskedLegs, question: Question, tools: QueryTools) -> dict[str, Any]:
        reply, names = search_names(
            lambda: self._search(asked, question, tools), self._index, self._scope, question.names
        )
        return {"reply": reply, "names": names}

    def _search(self, asked: AskedLegs, question: Question, tools: QueryTools) -> SearchReply:
        phrases = question.parsed.phrases
        if not phrases:
            return self._index.search(asked.legs, self._scope)
        return search_phrases(self._index, asked.legs, self._scope, phrases, tools.analyzer)


@component
class LanguageFusion:
    """The legs of all languages to fused windows."""

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = settings

    @component.output_types(answer=Answer)
    def run(
        self,
        request: SearchRequest,
        question: Question,
        asked: AskedLegs,
        reply: SearchReply,
        names: tuple[FoundName, ...],
        tools: QueryTools,
    ) -> dict[str, Any]:
        found = read_reply(asked, reply, tools.calibration)
        windows = {variant: make_window(legs, self._settings, request.prefer) for variant, legs in found.items()}
        legs = found.get(ALL_FILTERS, [])
        answer = Answer(
            question=question,
            query=asked.query,
            reply=reply,
            windows={ALL_FILTERS: Window((), cut=False), **windows},
            legs=legs,
            close={},
            names=names,
        )
        return {"answer": answer}


@component
class FirstReading:
    """What was ranked first, read: its order, and whether anything in a language is close."""

    def __init__(self, reader: FirstReader) -> None:
        self._reader = reader

    @component.output_types(answer=Answer)
    def run(self, answer: Answer, tools: QueryTools) -> dict[str, Any]:
        window = answer.windows[ALL_FILTERS]
        worths = self._reader.read(answer.question.parsed.text, window.documents, answer.titles)
        ordered = self._reader.order(window.documents, worths, answer.question.mean_language)
        close = self._reader.find_close(answer.legs, ordered, worths)
        read = replace(
            answer,
            windows={**answer.windows, ALL_FILTERS: replace(window, documents=tuple(ordered))},
            close=follow_versions(close, rank_languages(ordered), tools.pairs),
        )
        return {"answer": read}


class QueryPipeline:
    """The six components, wired. Safe to run from several threads at once."""

    def __init__(
        self, index: PassageIndex, embedder: Embedder, scope: Scope, settings: FusionSettings, readings: Readings
    ) -> None:
        pipeline = Pipeline()
        pipeline.add_component("read", QueryReader())
        pipeline.add_component("embed", QueryEmbedder(embedder))
        pipeline.add_component("plan", LegPlanner())
        pipeline.add_component("retrieve", LegRetriever(index, scope))
        pipeline.add_component("fuse", LanguageFusion(settings))
        pipeline.add_component("first", FirstReading(FirstReader(index, scope, readings, settings)))
        for target in ("embed", "plan", "retrieve", "fuse"):
            pipeline.connect("read.question", f"{target}.question")
        pipeline.connect("embed.embedded", "plan.embedded")
        pipeline.connect("plan.asked", "retrieve.asked")
        pipeline.connect("plan.asked", "fuse.asked")
        pipeline.connect("retrieve.reply", "fuse.reply")
        pipeline.connect("retrieve.names", "fuse.names")
        pipeline.connect("fuse.answer", "first.answer")
        self._pipeline = pipeline

    def run(self, request: SearchRequest, tools: QueryTools) -> Answer:
        """Answer one question. Raises what a component raised, not Haystack's wrapper of it."""
        given: dict[str, Any] = {"request": request, "tools": tools}
        inputs = {"read": given, "plan": given, "retrieve": {"tools": tools}, "fuse": given, "first": {"tools": tools}}
        try:
            return cast("Answer", self._pipeline.run(inputs)["first"]["answer"])
        except PipelineRuntimeError as wrapped:
            raise wrapped.__cause__ or wrapped from None
