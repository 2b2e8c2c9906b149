"""`passerelle eval`: one judged set to one table of figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from passerelle.evaluation.answers import find_sentences, score_passages, score_sentences
from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from passerelle.evaluation.judged_set import JudgedSet, load_judged_set
from passerelle.evaluation.measures import score_other_language_only, score_run
from passerelle.evaluation.pairing import PAIRED, find_pairs, join_versions, score_pairs
from passerelle.evaluation.runs import OURS, USUAL, embed_questions, rank_ours, rank_usual
from passerelle.evaluation.scratch import WITHOUT_LANGUAGES, SetTools, open_scratch
from search_api.answers import AnswerFinder
from search_api.first_reader import FirstReader
from search_api.pipeline import QueryPipeline
from search_api.readings import Readings
from search_api.tools import ToolCache
from search_core.engines.base import PassageIndex, Scope
from search_core.errors import InvalidRequest
from search_core.fusion import FusionSettings


def evaluate_set(folder: Path, tools: SetTools, data: Path) -> dict[str, Any]:
    """Index a judged set, ask all its questions, score every run. Raises `InvalidRequest` for a broken set."""
    judged = load_judged_set(folder)
    with open_vectors(data) as store:
        embedder = CachedEmbedder(tools.embedder, store)
        return _evaluate(judged, replace(tools, embedder=embedder), embedder, data)


def _evaluate(judged: JudgedSet, tools: SetTools, embedder: CachedEmbedder, data: Path) -> dict[str, Any]:
    settings = FusionSettings()
    with open_scratch(judged, tools, data) as indexes:
        ours, usual = indexes.get(), indexes.get(WITHOUT_LANGUAGES)
        names = name_documents(judged, ours)
        require_documents(judged, names.values())
        _require_sentences(judged, ours, names)
        embed_questions(judged.queries, embedder)
        query_tools = ToolCache(ours, tools.embedder, tools.glossary, Scope.everything()).current()
        readings = Readings(tools.embedder)
        pipeline = QueryPipeline(ours, tools.embedder, Scope.everything(), settings, readings)
        reader = FirstReader(ours, Scope.everything(), readings, settings)
        rankings, close = rank_ours(judged.queries, pipeline, query_tools, settings, reader)
        rankings[USUAL] = rank_usual(judged.queries, usual, tools.embedder, query_tools)
        pairs = find_pairs(ours)
        rankings[PAIRED] = join_versions(rankings[OURS], pairs)
        languages = document_languages(judged, ours, names)
        finder = AnswerFinder(tools.embedder, readings)
        found = find_sentences(judged.answers, judged.queries, names, languages, ours, pipeline, finder, query_tools)
        status = ours.status()
    renamed = {
        run: {query: [names[each] for each in documents] for query, documents in ranking.items()}
        for run, ranking in rankings.items()
    }
    return {
        "set": judged.name,
        "engine": status.engine,
        "model": tools.embedder.name,
        "documents": sum(status.documents.values()),
        "queries": len(judged.queries),
        "runs": {run: score_run(ranking, judged.queries, judged.grades, languages) for run, ranking in renamed.items()},
        "other_language_only": score_other_language_only(renamed[OURS], judged.queries, judged.grades, languages),
        "nothing_close": score_nothing_close(judged, close),
        **({"answer_sentences": score_sentences(found), "answer_passages": score_passages(found)} if found else {}),
        **({PAIRED: score_pairs(pairs, names, judged.pairs)} if judged.pairs is not None else {}),
    }


def name_documents(judged: JudgedSet, index: PassageIndex) -> dict[str, str]:
    """Our ids to the set's: the same for its own documents, paths for files."""
    records = index.records(None, Scope.everything())
    if judged.documents is not None:
        return {record.document_id: record.document_id for record in records}
    return {record.document_id: record.path for record in records}


def require_documents(judged: JudgedSet, known: Iterable[str]) -> None:
    missing = {document for grades in judged.grades.values() for document in grades}.difference(known)
    if missing:
        raise InvalidRequest(
            f"{judged.folder / 'qrels.tsv'} judges {min(missing)!r} ({len(missing)} in all), "
            "which is no document of the set.",
            remedy="Correct the id, or add the document.",
        )


def _require_sentences(judged: JudgedSet, index: PassageIndex, names: Mapping[str, str]) -> None:
    """A labelled sentence that is in no document could never be told: the label is wrong, or the text has changed."""
    path = judged.folder / "answers.tsv"
    ids = {name: document_id for document_id, name in names.items()}
    for answer in judged.answers:
        document_id = ids.get(answer.document)
        if document_id is None:
            raise InvalidRequest(f"{path} names {answer.document!r}, which is no document.", remedy="Correct the id.")
        text = index.documents([document_id], Scope.everything())[document_id].text
        missing = [each for each in answer.sentences if "".join(each.split()) not in "".join(text.split())]
        if missing:
            raise InvalidRequest(
                f"{path}: {answer.document!r} does not hold the sentence “{missing[0][:60]}”.",
                remedy="Copy it from the text that `passerelle search --json` or the document's page shows.",
            )


def document_languages(judged: JudgedSet, index: PassageIndex, names: Mapping[str, str]) -> dict[str, str]:
    if judged.documents is not None:
        return {document.id: document.language for document in judged.documents}
    return {names[record.document_id]: record.language for record in index.records(None, Scope.everything())}


def score_nothing_close(judged: JudgedSet, close: Mapping[str, bool]) -> dict[str, float | None]:
    """How often "nothing close" was said, of questions with an answer in the set and of those without."""
    answered = {query for query, grades in judged.grades.items() if any(grade > 0 for grade in grades.values())}
    said: dict[str, list[bool]] = {"answered": [], "unanswered": []}
    for query, was_close in close.items():
        said["answered" if query in answered else "unanswered"].append(not was_close)
    return {kind: round(sum(each) / len(each), 4) if each else None for kind, each in said.items()}
