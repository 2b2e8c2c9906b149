"""A tiny judged set through the real pipelines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.progress import SilentProgress
from passerelle.evaluation.evaluate import evaluate_set
from passerelle.evaluation.pairing import join_versions
from passerelle.evaluation.runs import Ranking, fuse_reciprocal_ranks
from passerelle.evaluation.scratch import SetTools
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, HashEmbedder
from search_core.engines.base import LegHit, LegResult
from search_core.errors import InvalidRequest
from search_core.glossary import load_glossary
from search_core.pairs import Pair, PairTable
from search_core.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def tools() -> SetTools:
    glossary = load_glossary()
    return SetTools(HashEmbedder(1024), Analyzer(glossary), glossary, load_vocabulary(), SilentProgress())


def test_set_is_scored_as_worked_out_by_hand(judged: Path, tools: SetTools, tmp_path: Path) -> None:
    found = evaluate_set(judged, tools, tmp_path)
    assert {name: found[name] for name in ("set", "engine", "model", "documents", "queries")} == {
        "set": "tiny", "engine": "embedded", "model": "hash", "documents": 4, "queries": 3,
    }  # fmt: skip
    directions = found["runs"]["passerelle"]["directions"]
    assert set(directions) == {"fr>fr", "zh>zh", "fr>zh"}
    for figures in directions.values():
        assert (figures["hit10_mixed"], figures["recall50"], figures["queries"]) == (1.0, 1.0, 1)
    assert directions["fr>fr"]["ndcg10_filtered"] == directions["zh>zh"]["ndcg10_filtered"] == 1.0
    assert found["runs"]["passerelle"]["parity"] == {"fr>zh": directions["fr>zh"]["ndcg10_filtered"]}
    assert found["nothing_close"]["unanswered"] == 1.0


def test_legs_and_the_usual_recipe_stand_beside_ours(judged: Path, tools: SetTools, tmp_path: Path) -> None:
    runs = evaluate_set(judged, tools, tmp_path)["runs"]
    assert {"passerelle", "usual", "leg:lexical", "leg:dense", "leg:glossary"} <= set(runs)
    assert runs["usual"]["directions"]["fr>fr"]["ndcg10_filtered"] == 1.0
    assert runs["leg:lexical"]["directions"]["fr>zh"]["hit10_mixed"] == 0.0


def test_versions_share_a_place_in_their_own_run_only(
    judged: Path, make_twin_embedder: Callable[..., Embedder], tmp_path: Path
) -> None:
    (judged / "pairs.tsv").write_text("key\tfr_doc\tzh_doc\na\tf1\tz1\nb\tf2\tz2\n", "utf-8")
    twins = {"公共自行车单独统计。": "Les vélos en libre-service sont comptés à part.", "自行车": "Vélo"}
    glossary = load_glossary()
    tools = SetTools(make_twin_embedder(twins), Analyzer(glossary), glossary, load_vocabulary(), SilentProgress())
    found = evaluate_set(judged, tools, tmp_path)
    assert found["with_pairs"] == {"found": 1, "known": 2, "precision": 1.0, "recall": 0.5}

    (judged / "pairs.tsv").unlink()
    assert "with_pairs" not in evaluate_set(judged, tools, tmp_path)


def test_other_version_stands_right_behind_its_document() -> None:
    pairs = PairTable((Pair("f1", "z1", 0.9), Pair("f2", "z2", 0.9)))
    ranking = Ranking({"q": ["f1", "f3", "z2", "z1"], "none": []})
    assert join_versions(ranking, pairs) == {"q": ["f1", "z1", "f3", "z2", "f2"], "none": []}


def test_second_evaluation_gives_the_same_figures_and_follows_changes(
    judged: Path, tools: SetTools, tmp_path: Path, add_line: Callable[[str, str], int]
) -> None:
    first = evaluate_set(judged, tools, tmp_path)
    assert evaluate_set(judged, tools, tmp_path) == first
    add_line("documents.jsonl", '{"id": "f0", "lang": "fr", "title": "", "text": "vélos en libre-service"}')
    more = evaluate_set(judged, tools, tmp_path)
    assert more["documents"] == 5
    documents = (judged / "documents.jsonl").read_text("utf-8").splitlines()
    (judged / "documents.jsonl").write_text("\n".join(documents[:-1]), "utf-8")
    assert evaluate_set(judged, tools, tmp_path) == first


def test_folder_of_files_is_a_set_whose_ids_are_paths(judged: Path, tools: SetTools, tmp_path: Path) -> None:
    (judged / "documents.jsonl").unlink()
    (judged / "fr").mkdir()
    (judged / "fr" / "vélo.txt").write_text("Les vélos en libre-service sont comptés à part.", "utf-8")
    (judged / "电网.txt").write_text("智能电网连接了住宅。", "utf-8")
    (judged / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\nq1\tfr/vélo.txt\t1\nq2\t电网.txt\t1\n", "utf-8")
    directions = evaluate_set(judged, tools, tmp_path)["runs"]["passerelle"]["directions"]
    assert {name: figures["hit10_mixed"] for name, figures in directions.items()} == {"fr>fr": 1.0, "zh>zh": 1.0}


@pytest.mark.parametrize("is_folder", [False, True])
def test_judged_document_that_is_not_there_is_named(
    judged: Path, tools: SetTools, tmp_path: Path, add_line: Callable[[str, str], int], is_folder: bool
) -> None:
    if is_folder:
        (judged / "documents.jsonl").unlink()
        (judged / "note.txt").write_text("Une note.", "utf-8")
    add_line("qrels.tsv", "q3\ta9\t1")
    with pytest.raises(InvalidRequest, match=r"qrels\.tsv judges 'a9'"):
        evaluate_set(judged, tools, tmp_path)


def test_reciprocal_ranks_are_summed_and_ties_go_by_id() -> None:
    def leg(*ids: str) -> LegResult:
        return LegResult("leg", "other", tuple(LegHit(each, 1.0, ()) for each in ids))

    assert fuse_reciprocal_ranks([leg("b", "c"), leg("c", "a")]) == ["c", "b", "a"]
    assert fuse_reciprocal_ranks([leg("b", "a"), leg("a", "b")]) == ["a", "b"]
    assert fuse_reciprocal_ranks([leg()]) == []


def test_set_without_questions_has_no_figures(judged: Path, tools: SetTools, tmp_path: Path) -> None:
    (judged / "queries.jsonl").write_text("")
    (judged / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\n")
    found: dict[str, Any] = evaluate_set(judged, tools, tmp_path)
    assert found["queries"] == 0
    assert found["runs"]["passerelle"] == {"directions": {}, "mixed": {}, "parity": {}}
    assert found["nothing_close"] == {"answered": None, "unanswered": None}


def test_answering_sentences_are_scored_where_the_set_labels_them(
    judged: Path, tools: SetTools, tmp_path: Path
) -> None:
    assert "answer_sentences" not in evaluate_set(judged, tools, tmp_path)

    (judged / "answers.tsv").write_text("query_id\tdoc_id\tsentence\nq1\tz1\t公共自行车单独统计。\n", "utf-8")
    found = evaluate_set(judged, tools, tmp_path)

    assert found["answer_sentences"] == found["answer_passages"] == {"fr>zh": 1.0}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("q1\tz9\t公共自行车单独统计。", "'z9', which is no document"),
        ("q1\tz1\t公交。", "does not hold the sentence “公交。”"),
    ],
)
def test_a_labelled_sentence_that_no_document_holds_is_refused(
    judged: Path, tools: SetTools, tmp_path: Path, row: str, reason: str
) -> None:
    (judged / "answers.tsv").write_text(f"query_id\tdoc_id\tsentence\n{row}\n", "utf-8")

    with pytest.raises(InvalidRequest, match=reason):
        evaluate_set(judged, tools, tmp_path)
