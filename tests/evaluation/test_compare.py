"""Several configurations over a tiny set, through the real pipelines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from indexer.progress import SilentProgress
from passerelle.evaluation import evaluate
from passerelle.evaluation.asked_question import AskedQuestion
from passerelle.evaluation.compare import compare_sets
from passerelle.evaluation.comparison_tables import find_harm, make_tables, to_markdown
from passerelle.evaluation.configuration import Configuration, Model
from passerelle.evaluation.evaluate import evaluate_set
from passerelle.evaluation.experiment import make_ranker
from passerelle.evaluation.judged_set import JudgedQuery, load_judged_set
from passerelle.evaluation.reranking import Reranker
from passerelle.evaluation.scratch import SetTools
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import Background
from search_core.cross_encoding import CrossEncoder, Reading, ReadText
from search_core.embedding import Embedder, HashEmbedder, Progress
from search_core.engines.base import LegHit, LegResult, PassageScore
from search_core.errors import InvalidRequest
from search_core.fusion import FusedDocument, FusionSettings, LanguageLegs
from search_core.glossary import load_glossary
from search_core.model import Matrix
from search_core.vocabulary import load_vocabulary

Compare = Callable[..., dict[str, Any]]


class CountedProgress(SilentProgress):
    """How many questions were asked."""

    def __init__(self) -> None:
        self.found = self.done = 0

    def questions_found(self, count: int) -> None:
        self.found += count

    def question_done(self) -> None:
        self.done += 1


class CountingEmbedder(HashEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        super().__init__(1024)
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self.embedded += len(texts)
        return super().embed_passages(texts, progress)

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self.embedded += len(texts)
        return super().embed_queries(texts, progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        self.embedded += len(texts)
        return super().count_tokens(texts)


class WordEmbedder(HashEmbedder):
    """Gives a vector for each word as well."""

    def embed_tokens(
        self, texts: Sequence[str], kind: Literal["query", "passage"], progress: Progress | None = None
    ) -> list[Matrix]:
        embed = {"query": self.embed_queries, "passage": self.embed_passages}[kind]
        return [embed(text.split(), progress) for text in texts]


@pytest.fixture(scope="module")
def tools() -> SetTools:
    glossary = load_glossary()
    return SetTools(HashEmbedder(1024), Analyzer(glossary), glossary, load_vocabulary(), SilentProgress())


@pytest.fixture
def compare(judged: Path, tools: SetTools, tmp_path: Path) -> Compare:
    def compare(
        *configurations: dict[str, Any], embedder: Embedder | None = None, progress: CountedProgress | None = None
    ) -> dict[str, Any]:
        @contextmanager
        def show() -> Iterator[CountedProgress]:
            yield progress or CountedProgress()

        chosen = [Configuration.model_validate_json(json.dumps(each)) for each in configurations]
        given = embedder or tools.embedder
        return compare_sets([load_judged_set(judged)], chosen, tools, lambda _: given, tmp_path, show)

    return compare


def configurations(found: dict[str, Any]) -> dict[str, Any]:
    [figures] = found["sets"]
    return dict(figures["configurations"])


def test_default_configuration_gives_the_figures_of_an_evaluation(
    judged: Path, tools: SetTools, tmp_path: Path, compare: Compare
) -> None:
    runs = evaluate_set(judged, tools, tmp_path)["runs"]
    found = configurations(compare({"name": "product"}, {"name": "usual", "recipe": "usual"}))
    for name, run in (("product", "passerelle"), ("usual", "usual")):
        for direction, figures in runs[run]["directions"].items():
            compared = found[name]["directions"][direction]
            for measure in ("ndcg10_filtered", "ndcg10_mixed", "hit10_mixed"):
                assert compared[measure]["value"] == figures[measure], (name, direction, measure)
            assert compared["recall50"]["fused"] == figures["recall50"]
            assert compared["queries"] == figures["queries"]
        parity = {across: ratio["value"] for across, ratio in found[name]["parity"].items()}
        assert parity == runs[run]["parity"]


def test_second_run_embeds_and_splits_nothing(compare: Compare) -> None:
    varied = {
        "name": "small",
        "passages": {"tokens": 64},
        "context": {"title": False},
        "query": {"glossary_weight": 0.5},
    }
    first, second = CountingEmbedder(), CountingEmbedder()
    found = compare({"name": "product"}, varied, {"name": "usual", "recipe": "usual"}, embedder=first)
    assert first.embedded > 0
    again = compare({"name": "product"}, varied, {"name": "usual", "recipe": "usual"}, embedder=second)
    assert second.embedded == 0
    assert again == found


def test_one_configuration_more_embeds_only_what_is_new(compare: Compare) -> None:
    compare({"name": "product"}, embedder=CountingEmbedder())
    more = CountingEmbedder()
    compare({"name": "product"}, {"name": "plain", "merge": {"method": "plain"}}, embedder=more)
    assert more.embedded == 0


def test_documents_that_changed_are_followed(compare: Compare, add_line: Callable[[str, str], int]) -> None:
    two = ({"name": "product"}, {"name": "no title", "context": {"title": False}})
    before = compare(*two)["sets"][0]["documents"]
    add_line("documents.jsonl", '{"id": "f0", "lang": "fr", "title": "", "text": "vélos en libre-service"}')
    found = compare(*two)["sets"][0]
    assert found["documents"] == before + 1
    hits = [each["directions"]["fr>fr"]["ndcg10_mixed"]["value"] for each in found["configurations"].values()]
    assert max(hits) < 1.0


def test_legs_that_are_off_find_nothing(compare: Compare) -> None:
    found = configurations(compare({"name": "all"}, {"name": "words", "legs": {"dense": False, "glossary": False}}))
    assert set(found["words"]["directions"]["fr>fr"]["recall50"]) == {"fused", "lexical"}
    assert found["all"]["directions"]["fr>zh"]["hit10_mixed"]["value"] == 1.0
    assert found["words"]["directions"]["fr>zh"]["hit10_mixed"]["value"] == 0.0
    assert found["words"]["against_first"]["fr>zh"]["hit10_mixed"]["difference"] == -1.0
    assert found["all"]["against_first"] == {}


def test_configurations_that_ask_alike_ask_once(compare: Compare) -> None:
    progress = CountedProgress()
    compare(
        {"name": "product"},
        {"name": "plain", "merge": {"method": "plain"}},
        {"name": "anchors", "centring": {"means": "anchors"}},
        progress=progress,
    )
    assert (progress.found, progress.done) == (6, 6)


def test_answers_in_one_language_are_scored_without_the_others(compare: Compare) -> None:
    found = configurations(compare({"name": "product"}))["product"]["directions"]
    # q1 has answers in both languages. Without the Chinese one the French answer is first of all; q2 has one anyway.
    assert found["fr>fr"]["one_language"]["value"] == 1.0
    assert found["zh>zh"]["one_language"]["value"] == 1.0
    assert 0 < found["fr>zh"]["one_language"]["value"] <= 1.0


def test_late_interaction_needs_token_vectors_and_orders_by_them(compare: Compare) -> None:
    rerank = {"name": "late", "rerank": {"documents": 10, "weight": 1.0}}
    with pytest.raises(InvalidRequest, match="late: the model hash gives no token vectors"):
        compare(rerank)
    found = configurations(compare({"name": "product"}, rerank, embedder=WordEmbedder(1024)))
    assert found["late"]["directions"]["fr>fr"]["ndcg10_filtered"]["value"] == 1.0


class ReadingEmbedder(HashEmbedder):
    """Comes with a cross-encoder, which takes the shorter of two texts for the better one."""

    def open_cross_encoder(self) -> CrossEncoder:
        return ShortestFirst()


class ShortestFirst:
    identity = "short"

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        assert question
        return [Reading(3 - len(text.text) / 20, (0.0,) * len(text.sentences)) for text in texts]


def test_the_cross_encoder_orders_the_first_documents_of_a_language(compare: Compare) -> None:
    rerank = {"name": "read", "rerank": {"by": "cross-encoder", "documents": 10, "weight": 1.0}}
    with pytest.raises(InvalidRequest, match="read: the model hash has no cross-encoder"):
        compare(rerank)
    legs = [("long", 3.0), ("short", 2.0), ("far", 1.0)]
    fused = [FusedDocument(name, "fr", order, order, 0.0, 0.0, {}, (name,)) for name, order in legs]
    texts = {"long": "La navette passe souvent.", "short": "Oui.", "far": "Non."}
    reranker = Reranker(lambda _, found: {each.document_id: -len(texts[each.document_id]) for each in found}, 2, 1.0)
    assert [(each.document_id, each.order) for each in reranker.rerank("?", fused)] == [
        ("short", 3.0),
        ("long", 2.0),
        ("far", 1.0),
    ]
    found = configurations(compare({"name": "product"}, rerank, embedder=ReadingEmbedder(1024)))
    assert found["read"]["directions"].keys() == found["product"]["directions"].keys()


def test_what_is_read_moves_documents_in_an_evaluation_as_in_a_comparison(
    compare: Compare, judged: Path, tools: SetTools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = ReadingEmbedder(1024)
    silent, loud = ({"decisive_share": 2.0, "worth_weight": weight} for weight in (0.0, 50.0))
    bare = {"name": "bare", "fusion": loud, "legs": {"glossary": False}}
    named = {"name": "silent", "fusion": silent}, {"name": "loud", "fusion": loud}, bare
    found = configurations(compare(*named, embedder=embedder))
    monkeypatch.setattr(evaluate, "FusionSettings", partial(FusionSettings, **loud))
    runs = evaluate_set(judged, replace(tools, embedder=embedder), tmp_path)["runs"]

    def mixed(directions: dict[str, Any]) -> dict[str, float]:
        values = {name: figures["ndcg10_mixed"] for name, figures in directions.items()}
        return {name: each["value"] if isinstance(each, dict) else each for name, each in values.items()}

    read = mixed(found["loud"]["directions"])
    assert read != mixed(found["silent"]["directions"])
    assert read == mixed(runs["passerelle"]["directions"])
    assert mixed(found["bare"]["directions"]) == mixed(runs["no-glossary"]["directions"])


@pytest.mark.parametrize(("method", "moved"), [("profile", True), ("zscore", False)])
def test_only_the_product_s_merge_is_moved_by_what_is_read(method: str, moved: bool) -> None:
    hits = tuple(LegHit(name, score, (PassageScore(name, score),)) for name, score in (("a", 3.0), ("b", 2.0)))
    legs = [LanguageLegs("fr", Background(0.0, 1.0, 10.0), dense=LegResult("d", "fr", hits))]
    configuration = Configuration.model_validate_json(json.dumps({"name": "one", "merge": {"method": method}}))
    rank = make_ranker(configuration, order=lambda _, __, merged: list(reversed(merged)))
    asked = AskedQuestion(JudgedQuery("q", "fr", "vélo"), legs, {"fr": frozenset(), "zh": frozenset()})
    assert rank(asked, legs) == (["b", "a"] if moved else ["a", "b"])


def test_it_is_told_how_often_the_other_language_is_said_to_be_close(compare: Compare) -> None:
    told = configurations(compare({"name": "product"}))["product"]["nothing_close_in_other"]
    assert told.keys() <= {"answered", "unanswered", "absent"}
    assert told
    assert all(0 <= share <= 1 for share in told.values())


@pytest.mark.slow
def test_each_configuration_has_the_model_it_names(judged: Path, tools: SetTools, tmp_path: Path) -> None:
    @contextmanager
    def show() -> Iterator[CountedProgress]:
        yield CountedProgress()

    asked: list[Model] = []

    def open_embedder(model: Model) -> Embedder:
        asked.append(model)
        return HashEmbedder(1024 if model.name is None else int(model.name))

    chosen = [Configuration(name="own"), Configuration(name="small", model=Model(name="64"))]
    found = compare_sets([load_judged_set(judged)] * 2, chosen, tools, open_embedder, tmp_path, show)
    assert [set(figures["configurations"]) for figures in found["sets"]] == [{"own", "small"}] * 2
    assert asked == [Model(), Model(name="64")]


ESTIMATE = {"value": 0.75, "low": 0.7, "high": 0.805}


def direction(**changes: Any) -> dict[str, Any]:
    return {
        "ndcg10_filtered": ESTIMATE,
        "ndcg10_mixed": ESTIMATE,
        "hit10_mixed": {"value": 1.0, "low": 1.0, "high": 1.0},
        "recall50": {"fused": 1.0, "dense": 0.5},
        "one_language": None,
        "queries": 4,
        **changes,
    }


FIGURES = {
    "set": "tiny",
    "documents": 4,
    "queries": 8,
    "configurations": {
        "first": {
            "directions": {"fr>fr": direction(), "fr>zh": direction(one_language=ESTIMATE)},
            "parity": {"fr>zh": ESTIMATE},
            "parity_mixed": {},
            "against_first": {},
            "fusion": {
                "fr>fr": {"best_leg": "dense", "difference": -0.021, "p": 0.001, "corrected_p": 0.002, "worse": True}
            },
        },
        "se|cond": {
            "directions": {"fr>fr": direction(), "fr>zh": direction()},
            "parity": {},
            "parity_mixed": {},
            "against_first": {
                "fr>fr": {
                    "ndcg10_filtered": {"difference": 0.1, "p": 0.01, "corrected_p": 0.04},
                    "ndcg10_mixed": {"difference": -0.1, "p": 0.01, "corrected_p": 0.04},
                    "hit10_mixed": {"difference": -0.1, "p": 0.01, "corrected_p": 0.06},
                }
            },
            "fusion": {},
        },
    },
}


def test_markdown_is_as_it_was() -> None:
    text = to_markdown([FIGURES])
    assert text.splitlines()[:8] == [
        "## tiny: 4 documents, 8 questions",
        "",
        "nDCG@10 filtered / nDCG@10 mixed / hit@10 mixed:",
        "",
        "| configuration | fr>fr | fr>zh |",
        "| --- | --- | --- |",
        "| first | .75 / .75 / 1.00 | .75 / .75 / 1.00 |",
        r"| se\|cond | .75↑ / .75↓ / 1.00 | .75 / .75 / 1.00 |",
    ]
    for line in (
        "| first | .75 [.70, .81] | – | – | – |",
        "| first | – | .75 [.70, .81] |",
        "| first | 1.00 / – / .50 / – | 1.00 / – / .50 / – |",
        "| first | dense -.02 (p = 0.001) ↓ | – |",
        "- first, fr>fr: fused is .02 below dense alone (p = 0.0020)",
    ):
        assert line in text.splitlines()


def test_harm_is_found_where_it_is_significant_only() -> None:
    assert len(find_harm(FIGURES)) == 1
    assert len(make_tables(FIGURES)) == 6


def test_figures_are_json(compare: Compare) -> None:
    found = compare({"name": "product"}, {"name": "usual", "recipe": "usual"})
    text = json.dumps(found, allow_nan=False)
    assert json.loads(text) == found
    assert to_markdown(found["sets"]).startswith("## tiny: 4 documents, 3 questions")
    assert not np.isnan(found["sets"][0]["configurations"]["product"]["parity"]["fr>zh"]["value"])
