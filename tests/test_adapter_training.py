"""What the adapter was trained on is not what it is judged on: no run of 8 words or 16 Chinese characters is shared.

The training texts belong to many packages and are not here. `tools/adapter/runs.bin` keeps a hash of every such run of
all that training drew; the texts written for it are kept as they are, and must be among them.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "adapter"
JUDGED = ROOT.parent / "shared" / "eval"


@pytest.fixture(scope="module")
def leakage() -> dict[str, Any]:
    return runpy.run_path(str(TOOLS / "leakage.py"))


@pytest.fixture(scope="module")
def runs(leakage: dict[str, Any]) -> np.ndarray:
    return leakage["read_hashes"](TOOLS / "runs.bin")


@pytest.fixture(scope="module")
def trained_on(leakage: dict[str, Any], runs: np.ndarray) -> np.ndarray:
    """What training drew, and all that was written for it."""
    return np.union1d(runs, leakage["hash_runs"](quad_texts()))


def quad_texts() -> Iterator[str]:
    for line in (TOOLS / "quads.jsonl").read_text("utf-8").splitlines():
        quad = json.loads(line)
        yield from (quad["fr_question"], quad["zh_question"])
        for language in ("fr", "zh"):  # below its title, as it is read
            yield f"{quad.get(f'{language}_title', '')}\n{quad[f'{language}_passage']}".strip()


def shared_runs(leakage: dict[str, Any], texts: list[str], trained_on: np.ndarray) -> list[str]:
    common = np.intersect1d(leakage["hash_runs"](texts), trained_on)
    return [
        run
        for text in (texts if len(common) else [])
        for run in leakage["iter_runs"](text)
        if np.isin(leakage["hash_runs"]([run]), common).any()
    ]


def test_a_run_is_eight_words_or_sixteen_characters_whatever_stands_between(leakage: dict[str, Any]) -> None:
    words, characters = "Un, deux: trois (quatre) CINQ six. Sept huit", "一二三四五六七八，九十百千万亿兆京。"
    assert list(leakage["iter_runs"](words)) == ["un deux trois quatre cinq six sept huit"]
    assert list(leakage["iter_runs"](characters)) == ["一二三四五六七八九十百千万亿兆京"]
    assert not list(leakage["iter_runs"]("un deux trois 乐山"))


def test_hashes_are_read_as_they_were_written(leakage: dict[str, Any], tmp_path: Path) -> None:
    hashes = leakage["hash_runs"](" ".join(f"mot{a}" for a in range(b, b + 2000)) for b in (0, 7))
    leakage["write_hashes"](tmp_path / "runs.bin", hashes)
    assert np.array_equal(leakage["read_hashes"](tmp_path / "runs.bin"), hashes)


@pytest.mark.slow
def test_the_kept_hashes_are_those_of_the_training_texts(leakage: dict[str, Any], runs: np.ndarray) -> None:
    """Most quads were drawn (16 subjects are held out): a file of anything else would hold none of their runs."""
    drawn = [leakage["shares_run"](text, runs) for text in quad_texts() if len(text) > 100]
    assert sum(drawn) > 0.8 * len(drawn)
    assert len(runs) > 100_000


@pytest.mark.slow
def test_a_sentence_taken_over_from_training_would_be_noticed(leakage: dict[str, Any], trained_on: np.ndarray) -> None:
    passage = max(quad_texts(), key=len)
    assert shared_runs(leakage, [f"Avant. {passage} Après."], trained_on)
    assert not shared_runs(
        leakage, ["Une phrase que nul n'a jamais écrite nulle part avant ce test précis."], trained_on
    )


def test_nothing_of_the_sample_collection_was_trained_on(leakage: dict[str, Any], trained_on: np.ndarray) -> None:
    paths = sorted((ROOT / "corpus").rglob("*"))
    texts = [path.read_text("utf-8") for path in paths if path.suffix in {".html", ".jsonl", ".md", ".txt"}]
    assert texts
    assert not shared_runs(leakage, texts, trained_on)


@pytest.mark.slow
@pytest.mark.skipif(not JUDGED.is_dir(), reason="the judged sets are not beside this clone")
def test_nothing_of_the_judged_sets_was_trained_on(leakage: dict[str, Any], trained_on: np.ndarray) -> None:
    texts = list(leakage["iter_judged_texts"](JUDGED))
    assert len(texts) > 5000
    assert not shared_runs(leakage, texts, trained_on)
