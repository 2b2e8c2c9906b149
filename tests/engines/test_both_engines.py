"""The corpus in both engines, asked its own questions: the same passages, nearly in the same order.

FTS5 and Lucene count BM25 with the same weights here, but Lucene keeps the length of a passage in one byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest

from indexer.run import index_paths
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import (
    BrowseRequest,
    DenseLeg,
    Filters,
    LegResult,
    LexicalLeg,
    PassageIndex,
    Scope,
    SearchReply,
)
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.glossary import load_glossary
from search_core.model import FILTER_FIELDS, Document
from search_core.vocabulary import load_vocabulary

pytestmark = pytest.mark.opensearch

CORPUS = Path(__file__).parents[2] / "corpus"

EVERYTHING = Scope.everything()

FILTERS = {
    "none": Filters(),
    "kinds": Filters({"kind": frozenset(["study", "report"])}),
    "language and dates": Filters({"language": frozenset(["zh"])}, date_from="2015", date_to="2016-06"),
    "excluded word": Filters({"illustrative": frozenset(["true"])}, excluded=(("leshan",),)),
    "required word": Filters(required=("issy",)),
}

EMBEDDER = HashEmbedder()


@dataclass(frozen=True)
class Both:
    """The same documents in the two engines."""

    embedded: PassageIndex
    opensearch: PassageIndex
    analyzer: Analyzer

    def search(self, question: str, filters: Filters) -> tuple[SearchReply, SearchReply]:
        tokens = tuple(token.text for token in self.analyzer.analyze(question))
        vector = EMBEDDER.embed_queries([question])[0]
        legs = [
            leg
            for language in ("fr", "zh")
            for leg in (
                LexicalLeg(f"lexical {language}", language, tokens, filters, k=1000),
                DenseLeg(f"dense {language}", language, vector, filters, k=1000),
            )
        ]
        return self.embedded.search(legs, EVERYTHING), self.opensearch.search(legs, EVERYTHING)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, opensearch_address: ServerAddress) -> Iterator[Both]:
    glossary, vocabulary = load_glossary(), load_vocabulary()
    analyzer = Analyzer(glossary)
    embedded = open_embedded_index(tmp_path_factory.mktemp("both") / "data")
    opensearch = open_opensearch_index(replace(opensearch_address, prefix=f"{opensearch_address.prefix}-both"))
    for index in (embedded, opensearch):
        index_paths(
            [CORPUS / "fr", CORPUS / "zh"],
            index=index,
            embedder=EMBEDDER,
            analyzer=analyzer,
            glossary=glossary,
            vocabulary=vocabulary,
        )
    yield Both(embedded, opensearch, analyzer)
    embedded.close()
    opensearch.close()


def read_questions() -> list[str]:
    """Eighty questions, forty a language."""
    lines = (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    chosen = {language: [each["text"] for each in questions if each["lang"] == language] for language in ("fr", "zh")}
    return [*chosen["fr"][:40], *chosen["zh"][:40]]


def documents(result: LegResult) -> list[str]:
    assert result.error is None
    return [hit.document_id for hit in result.hits]


def overlap(one: list[str], other: list[str]) -> float:
    """What share of the first ten two rankings have in common."""
    first, second = set(one[:10]), set(other[:10])
    return len(first & second) / len(first) if first else 1.0


def undated(documents: Iterable[Document]) -> list[Document]:
    """Documents but for the time at which each engine got them."""
    return [replace(document, indexed_at="") for document in documents]


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_lexical_legs_find_the_same_and_rank_it_alike(both, filters):
    overlaps = []
    for question in read_questions():
        for ours, theirs in zip(*(reply.legs[::2] for reply in both.search(question, filters)), strict=True):
            assert set(documents(ours)) == set(documents(theirs)), question
            assert ours.ceiling == pytest.approx(theirs.ceiling)
            assert all(hit.score <= theirs.ceiling * (1 + 1e-6) for hit in theirs.hits)
            overlaps.append(overlap(documents(ours), documents(theirs)))

    assert np.mean(overlaps) >= 0.9


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_vector_legs_agree(both, filters):
    for question in read_questions():
        for ours, theirs in zip(*(reply.legs[1::2] for reply in both.search(question, filters)), strict=True):
            assert theirs.error is None
            for one, other in zip_longest(ours.hits, theirs.hits):
                # Scores that differ in the last digits of single precision may change places.
                assert other.score == pytest.approx(one.score, abs=1e-6)
            assert set(documents(ours)) == set(documents(theirs))
            passages = [{p.passage_id for hit in leg.hits for p in hit.passages} for leg in (ours, theirs)]
            assert len(passages[0] ^ passages[1]) <= 2, question


def test_documents_come_alike(both):
    ours, theirs = both.search("logements", Filters())

    assert set(theirs.documents) == set(ours.documents)
    names = sorted(ours.documents)
    assert undated(theirs.documents[each] for each in names) == undated(ours.documents[each] for each in names)


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_browsing_is_the_same(both, filters):
    request = BrowseRequest(filters, facet_fields=FILTER_FIELDS, limit=100)

    ours, theirs = both.embedded.browse(request, EVERYTHING), both.opensearch.browse(request, EVERYTHING)

    assert undated(theirs.documents) == undated(ours.documents)
    assert (theirs.total, theirs.facets) == (ours.total, ours.facets)


def test_samples_and_vectors_are_the_same(both):
    for language in ("fr", "zh", "other"):
        ours, theirs = (index.sample(language, 50, EVERYTHING) for index in (both.embedded, both.opensearch))
        assert [each.passage for each in theirs] == [each.passage for each in ours]
        assert [each.vector.tobytes() for each in theirs] == [each.vector.tobytes() for each in ours]
