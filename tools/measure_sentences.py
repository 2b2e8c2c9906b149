"""Which sentence answers the labelled questions of a judged set, told in several ways and from several passages.

    PASSERELLE_DATA=FOLDER .venv/bin/python -m tools.measure_sentences corpus

A line for each direction and number of passages of the labelled document that are read, of which the cross-encoder
chooses one: how often any of them holds a labelled sentence, how often the chosen one does, and how often the nearest
sentence of that, the cross-encoder's, and that of both together is a labelled one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from passerelle.console import show_progress
from passerelle.evaluation.answers import FoundSentence
from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from passerelle.evaluation.evaluate import document_languages, name_documents
from passerelle.evaluation.judged_set import JudgedSet, load_judged_set
from passerelle.evaluation.scratch import SetTools, open_scratch
from passerelle.workspace import open_workspace
from search_api.answers import choose, is_foreign
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


@dataclass(frozen=True)
class Row:
    """What is told of one labelled document in each way, when so many of its passages are read."""

    direction: str
    read: int
    any_holds: bool
    told: Mapping[str, FoundSentence]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", type=Path, help="folder of a judged set with answers.tsv")
    judged = load_judged_set(parser.parse_args().judged)
    with open_workspace() as known, open_vectors(known.settings.data) as store, show_progress() as progress:
        tools = replace(known.set_tools(progress), embedder=CachedEmbedder(known.embedder, store))
        with open_scratch(judged, tools, known.settings.data) as indexes:
            rows = list(iter_rows(judged, indexes.get(), tools))
    for read in range(1, MOST_READ + 1):
        for direction in sorted({row.direction for row in rows}):
            print(describe([row for row in rows if (row.direction, row.read) == (direction, read)]))


def describe(rows: Sequence[Row]) -> str:
    some, chosen = np.mean([(row.any_holds, row.told["both"].is_in_passage) for row in rows], axis=0)
    right = (f"{way} {np.mean([row.told[way].is_right for row in rows]):.2f}" for way in WAYS)
    return (
        f"{rows[0].direction}, passages read {rows[0].read}: one holds {some:.2f}, the chosen one {chosen:.2f}, "
        f"right by {', '.join(right)}"
    )


def iter_rows(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> Iterator[Row]:
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
        if passages and not read:
            raise SystemExit("There is no cross-encoder to measure.")
        direction = f"{query.language}>{languages[labelled.document]}"
        for count in range(1, MOST_READ + 1):
            some = [FoundSentence(direction, labelled.sentences, each.text) for each in passages[:count]]
            best = max(passages[:count], key=lambda each: read[each.passage_id].worth, default=None)
            told = {way: FoundSentence(direction, labelled.sentences) for way in WAYS}
            if best and (spans := find_sentences(best, answer.titles.get(best.document_id, ""))):
                nearness = measure_nearness(best, spans, answer.query, tools.embedder)
                reading = read[best.passage_id]
                chosen = choose(None, nearness), choose(reading, None), choose(reading, nearness)
                texts = (best.text[slice(*spans[number])] if number is not None else "" for number in chosen)
                told = {
                    way: replace(told[way], passage=best.text, sentence=text)
                    for way, text in zip(WAYS, texts, strict=True)
                }
            yield Row(direction, count, any(each.is_in_passage for each in some), told)


def list_passages(answer: Answer, document_id: str, index: PassageIndex) -> list[Passage]:
    """The passages shown of a document, of those in another language than the question; none where it is not found."""
    documents = answer.windows[ALL_FILTERS].documents
    ids = next((each.passages for each in documents if each.document_id == document_id), ())
    known = index.passages(ids[:MOST_READ], EVERYTHING)
    return [known[each] for each in ids[:MOST_READ] if is_foreign(answer.question, known[each])]


def measure_nearness(
    passage: Passage, spans: Sequence[tuple[int, int]], query: Vector | None, embedder: Embedder
) -> Vector | None:
    """How near each sentence, below its heading, is to the question, computed as Passerelle does."""
    if query is None:
        return None
    texts = [make_embedded_text("", passage.heading, passage.text[start:end]) for start, end in spans]
    nearness: Vector = embedder.embed_passages(texts) @ query
    return nearness


if __name__ == "__main__":
    main()
