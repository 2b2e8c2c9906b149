"""Several configurations over one judged set: what each of them ranks, by run.

Configurations that ask the index for the same legs share them: what is changed after that costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from indexer.progress import RunProgress
from passerelle.evaluation.asked_question import FUSED, OTHER, AskedQuestion, Judge
from passerelle.evaluation.cached_embedder import CachedEmbedder
from passerelle.evaluation.configuration import Configuration, Model
from passerelle.evaluation.evaluate import document_languages, name_documents, require_documents
from passerelle.evaluation.found_legs import FoundLegs
from passerelle.evaluation.judged_set import JudgedQuery, JudgedSet
from passerelle.evaluation.late_interaction import CachedTokens, LateInteraction
from passerelle.evaluation.merging import merge_fused
from passerelle.evaluation.question_vectors import GlossaryAverager, recentre
from passerelle.evaluation.reranking import CrossEncoding, Reranker
from passerelle.evaluation.runs import Ranking, embed_questions, fuse_reciprocal_ranks, list_legs, search_usual
from passerelle.evaluation.scratch import SetTools, open_scratch
from search_api.first_reader import FirstReader
from search_api.pipeline import QueryPipeline
from search_api.query import parse_query
from search_api.readings import Readings
from search_api.schemas import SearchRequest
from search_api.tools import ToolCache
from search_core.embedding import TokenEmbedder
from search_core.engines.base import PassageIndex, Scope
from search_core.errors import InvalidRequest
from search_core.fusion import FusedDocument, find_close, merge_languages
from search_core.model import Language

Key = TypeVar("Key")


class ExperimentProgress(RunProgress, Protocol):
    """What a run of several configurations tells besides what indexing does."""

    def questions_found(self, count: int) -> None:
        """So many more questions are asked, one for each group of configurations that asks alike."""
        ...

    def question_done(self) -> None: ...


@dataclass(frozen=True)
class Bench:
    """What configurations of one model are run with: `tools` hold `cache` as their embedder."""

    tools: SetTools
    cache: CachedEmbedder
    tokens: TokenEmbedder | None
    progress: ExperimentProgress


OpenBench = Callable[[Model], Bench]


@dataclass(frozen=True)
class Outcome:
    """What one configuration ranked, by run: `fused`, each leg by itself, and `only:LANGUAGE`, for which the answers
    in the other language were left out of the collection. `close`: whether anything in any language was called close;
    `other_close`: whether anything in the other language than the question's was, by run and question.
    """

    model: str
    rankings: dict[str, Ranking] = field(default_factory=dict)
    close: dict[str, bool] = field(default_factory=dict)
    other_close: dict[str, dict[str, bool]] = field(default_factory=dict)

    def add(self, run: str, query: str, documents: Sequence[str]) -> None:
        self.rankings.setdefault(run, Ranking())[query] = list(documents)


@dataclass(frozen=True)
class SetOutcome:
    """All outcomes over a set, by configuration, under the set's own document ids."""

    judged: JudgedSet
    engine: str
    languages: Mapping[str, str]
    outcomes: Mapping[str, Outcome]


def run_configurations(
    judged: JudgedSet, configurations: Sequence[Configuration], open_bench: OpenBench, data: Path
) -> SetOutcome:
    """Run every configuration over a set. Raises `InvalidRequest` for a broken set or an impossible configuration."""
    outcomes: dict[str, Outcome] = {}
    languages: dict[str, str] = {}
    engine = ""
    for model, of_model in _group(configurations, lambda each: each.model):
        bench = open_bench(model)
        with open_scratch(judged, bench.tools, data) as indexes:
            names = name_documents(judged, indexes.get())
            require_documents(judged, names.values())
            languages = document_languages(judged, indexes.get(), names)
            engine = indexes.get().status().engine
            answers = find_answers(judged, names, languages)
            for _, alike in _group(of_model, _retrieval_key):
                index = indexes.get(alike[0].passage_variant)
                outcomes |= _run_alike(judged, alike, index, answers, bench)
        for configuration in of_model:
            _rename(outcomes[configuration.name], names)
    return SetOutcome(judged, engine, languages, {each.name: outcomes[each.name] for each in configurations})


Rank = Callable[[AskedQuestion, FoundLegs], list[str]]

Titles = Mapping[str, str]

Answers = Mapping[str, Mapping[Language, frozenset[str]]]
"""By question and language, the documents that answer."""


def _run_alike(
    judged: JudgedSet, configurations: Sequence[Configuration], index: PassageIndex, answers: Answers, bench: Bench
) -> dict[str, Outcome]:
    """Configurations that ask for the same legs."""
    outcomes = {each.name: Outcome(bench.cache.name) for each in configurations}
    single = {each.name: make_ranker(each) for each in configurations}
    titles = _read_titles(index)
    readings = Readings(bench.cache)
    readers = {each.name: FirstReader(index, Scope.everything(), readings, each.fusion) for each in configurations}
    whole = {
        each.name: make_ranker(
            each, _make_reranker(each, index, bench, titles), _make_order(readers[each.name], titles)
        )
        for each in configurations
    }
    judge = {each.name: _make_judge(each, readers[each.name], titles) for each in configurations}
    bench.progress.questions_found(len(judged.queries))
    for query, legs in _retrieve(judged.queries, configurations[0], index, bench):
        asked = AskedQuestion(query, legs, answers[query.id])
        for configuration in configurations:
            name, outcome = configuration.name, outcomes[configuration.name]
            runs = asked.runs(configuration)
            outcome.close[query.id] = any(judge[name](asked, runs[FUSED]).values())
            for run, close in asked.find_other_close(configuration, judge[name]):
                outcome.other_close.setdefault(run, {})[query.id] = close
            for run, chosen in runs.items():
                rank = single[name] if run.startswith("leg:") else whole[name]
                outcome.add(run, query.id, rank(asked, chosen))
        bench.progress.question_done()
    return outcomes


Order = Callable[[str, FoundLegs, Sequence[FusedDocument]], Sequence[FusedDocument]]
"""A question, what its legs found and the merged list to the list as it is shown."""


def make_ranker(
    configuration: Configuration, reranker: Reranker | None = None, order: Order = lambda *given: given[-1]
) -> Rank:
    """From legs to a ranking, in the way of a configuration; `order` is for scores of the product's merge only."""
    if configuration.recipe == "usual":
        return lambda _, legs: fuse_reciprocal_ranks(list_legs(legs))

    def rank(asked: AskedQuestion, legs: FoundLegs) -> list[str]:
        fused = {each.language: asked.fuse(each, configuration.fusion) for each in legs}
        if reranker:
            fused = {language: reranker.rerank(asked.query.text, found) for language, found in fused.items()}
        method, language = configuration.merge.method, asked.query.language
        merged = merge_fused(method, fused, legs, configuration.fusion, language)
        ordered = order(asked.query.text, legs, merged) if method == "profile" else merged
        return [document.document_id for document in ordered]

    return rank


def _make_order(reader: FirstReader, titles: Titles) -> Order:
    """What the cross-encoder makes of the first documents moves them."""

    def order(question: str, legs: FoundLegs, merged: Sequence[FusedDocument]) -> Sequence[FusedDocument]:
        worths = reader.read(parse_query(question).text, merged, titles)
        return reader.order(merged, worths, next((each.asked for each in legs), None))

    return order


def _make_judge(configuration: Configuration, reader: FirstReader, titles: Titles) -> Judge:
    """From legs to whether anything in a language is close, in the way of a configuration; versions are left out."""
    if configuration.recipe == "usual":
        return lambda _, legs: find_close(legs, configuration.fusion)

    def judge(asked: AskedQuestion, legs: FoundLegs) -> Mapping[Language, bool]:
        fused = {each.language: asked.fuse(each, configuration.fusion) for each in legs}
        merged = merge_languages(fused, configuration.fusion)
        return reader.find_close(legs, merged, reader.read(parse_query(asked.query.text).text, merged, titles))

    return judge


def _retrieve(
    queries: Sequence[JudgedQuery], configuration: Configuration, index: PassageIndex, bench: Bench
) -> Iterator[tuple[JudgedQuery, FoundLegs]]:
    """What the legs find for each question."""
    tools = ToolCache(index, bench.cache, bench.tools.glossary, Scope.everything()).current()
    embed_questions(queries, bench.cache)
    if configuration.recipe == "usual":
        for query in queries:
            yield query, search_usual(query, index, bench.cache, tools.analyzer)
        return
    weight = configuration.query.glossary_weight
    embedder = GlossaryAverager(bench.cache, tools.matcher, weight) if weight else bench.cache
    embed_questions(queries, embedder)
    centring = configuration.centring
    tools = replace(tools, calibration=recentre(tools.calibration, centring.means, centring.share))
    pipeline = QueryPipeline(index, embedder, Scope.everything(), configuration.fusion, Readings(bench.cache))
    for query in queries:
        yield query, pipeline.run(SearchRequest(q=query.text), tools).legs


def _make_reranker(configuration: Configuration, index: PassageIndex, bench: Bench, titles: Titles) -> Reranker | None:
    chosen = configuration.rerank
    if not chosen.documents:
        return None
    if chosen.by == "cross-encoder":
        if bench.cache.open_cross_encoder() is None:
            raise InvalidRequest(
                f"{configuration.name}: the model {bench.cache.name} has no cross-encoder to re-rank with.",
                remedy="Leave [rerank] out, or choose the bundled model.",
            )
        return Reranker(CrossEncoding(Readings(bench.cache), index, titles), chosen.documents, chosen.weight)
    if bench.tokens is None:
        raise InvalidRequest(
            f"{configuration.name}: the model {bench.cache.name} gives no token vectors to re-rank with.",
            remedy="Leave [rerank] out, or choose a sentence-transformers model.",
        )
    tokens = CachedTokens(bench.tokens, bench.cache)
    return Reranker(LateInteraction(tokens, index), chosen.documents, chosen.weight)


def _read_titles(index: PassageIndex) -> dict[str, str]:
    """By document id."""
    ids = [record.document_id for record in index.records(None, Scope.everything())]
    return {key: document.metadata.title for key, document in index.documents(ids, Scope.everything()).items()}


def _retrieval_key(configuration: Configuration) -> object:
    return (configuration.recipe, configuration.passage_variant, configuration.query, configuration.centring)


def _group(
    configurations: Sequence[Configuration], key: Callable[[Configuration], Key]
) -> list[tuple[Key, list[Configuration]]]:
    groups: dict[Key, list[Configuration]] = {}
    for configuration in configurations:
        groups.setdefault(key(configuration), []).append(configuration)
    return list(groups.items())


def find_answers(judged: JudgedSet, names: Mapping[str, str], languages: Mapping[str, str]) -> Answers:
    """What answers each question, under the index's ids; `names` are the set's names of those."""
    ids = {name: document_id for document_id, name in names.items()}
    return {
        query: {
            language: frozenset(
                ids[document] for document, grade in grades.items() if grade > 0 and languages[document] == language
            )
            for language in OTHER
        }
        for query, grades in judged.grades.items()
    }


def _rename(outcome: Outcome, names: Mapping[str, str]) -> None:
    for ranking in outcome.rankings.values():
        for query, documents in ranking.items():
            ranking[query] = [names[each] for each in documents]
