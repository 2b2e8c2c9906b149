"""Which sentence answers the labelled questions of a judged set, told in several ways and from several passages.

    PASSERELLE_DATA=FOLDER .venv/bin/python -m tools.measure_sentences corpus

A line for each way to choose the passage among the first ones of the labelled document (by the search alone, or by the
cross-encoder among the first two or three), with the share that holds a labelled sentence, and the share of rows where
the nearest sentence, the cross-encoder's, and that of both together is a labelled one. By direction.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from passerelle.console import show_progress
from passerelle.evaluation.answers import FoundSentence
from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from passerelle.evaluation.evaluate import document_languages, name_documents
from passerelle.evaluation.judged_set import JudgedSet, load_judged_set
from passerelle.evaluation.scratch import SetTools, open_scratch
from passerelle.workspace import open_workspace
from search_api.answers import choose
from search_api.legs import ALL_FILTERS
from search_api.pipeline import Answer, QueryPipeline
from search_api.readings import Readings, find_sentences
from search_api.schemas import SearchRequest
from search_api.tools import ToolCache
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusionSettings
from search_core.model import Passage, Vector, make_embedded_text

EVERYTHING = Scope.everything()
MOST_READ = 3
WAYS = ("nearest", "cross-encoder", "both")

Found = dict[str, FoundSentence]
"""What is told in each way."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", type=Path, help="folder of a judged set with answers.tsv")
    judged = load_judged_set(parser.parse_args().judged)
    with open_workspace() as known, open_vectors(known.settings.data) as store, show_progress() as progress:
        tools = replace(known.set_tools(progress), embedder=CachedEmbedder(known.embedder, store))
        with open_scratch(judged, tools, known.settings.data) as indexes:
            found = list(iter_found(judged, indexes.get(), tools))
    for read in range(1, MOST_READ + 1):
        for direction in sorted({direction for direction, *_ in found}):
            rows = [told for asked, count, told in found if (asked, count) == (direction, read)]
            print(f"{direction}, passages read {read}: {describe(rows)}")


def describe(rows: Sequence[Found]) -> str:
    holding = np.mean([row["both"].is_in_passage for row in rows])
    right = (f"{way} {np.mean([row[way].is_right for row in rows]):.2f}" for way in WAYS)
    return f"holds {holding:.2f}, right by {', '.join(right)}"


def iter_found(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> Iterator[tuple[str, int, Found]]:
    """By direction and number of passages read, what is told of each labelled document."""
    names = name_documents(judged, index)
    ids, languages = {name: key for key, name in names.items()}, document_languages(judged, index, names)
    readings = Readings(tools.embedder)
    query_tools = ToolCache(index, tools.embedder, tools.glossary, EVERYTHING).current()
    pipeline = QueryPipeline(index, tools.embedder, EVERYTHING, FusionSettings(), readings)
    asked = {query.id: query for query in judged.queries}
    for labelled in judged.answers:
        query = asked[labelled.query]
        answer = pipeline.run(SearchRequest(q=query.text, query_lang=query.language), query_tools)
        passages = list_passages(answer, ids[labelled.document], index)
        read = readings.read(answer.question.parsed.text, passages, answer.titles)
        direction = f"{query.language}>{languages[labelled.document]}"
        for count in range(1, MOST_READ + 1):
            best = max(passages[:count], key=lambda each: read[each.passage_id].worth)
            spans = find_sentences(best)
            nearness = measure_nearness(best, spans, answer.query, tools.embedder)
            reading = read[best.passage_id]
            chosen = choose(None, nearness), choose(reading, None), choose(reading, nearness)
            told = (best.text[slice(*spans[number])] if number is not None else "" for number in chosen)
            yield (
                direction,
                count,
                {
                    way: FoundSentence(direction, labelled.sentences, best.text, text)
                    for way, text in zip(WAYS, told, strict=True)
                },
            )


def list_passages(answer: Answer, document_id: str, index: PassageIndex) -> list[Passage]:
    """The passages shown of a document, best first."""
    ids = next(each.passages for each in answer.windows[ALL_FILTERS].documents if each.document_id == document_id)
    known = index.passages(ids[:MOST_READ], EVERYTHING)
    return [known[each] for each in ids[:MOST_READ]]


def measure_nearness(
    passage: Passage, spans: Sequence[tuple[int, int]], query: Vector | None, embedder: Embedder
) -> Vector | None:
    """The product of the question's vector with that of each sentence below its heading, as the product has it."""
    if query is None:
        return None
    texts = [make_embedded_text("", passage.heading, passage.text[start:end]) for start, end in spans]
    nearness: Vector = embedder.embed_passages(texts) @ query
    return nearness


if __name__ == "__main__":
    main()
