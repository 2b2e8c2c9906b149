"""The tools that make the adapter: what they train is the product's own model, and what they join is a sum."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from search_core.embedding import load_embedder

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "adapter"

HELD_OUT_BLOCK = 9

TEXTS = {
    "fr_question": "où se garer près de la gare le dimanche",
    "zh_question": "星期天火车站附近哪里可以停车",
    "fr_passage": "Le parc ouvre tous les jours. Le dimanche, il est gratuit pour tous. La navette passe souvent.",
    "zh_passage": "换乘停车场天天开放。星期天前三小时免费。接驳车每一刻钟一班。",
}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scripts import one another by their bare names, as they do when one of them is run."""
    monkeypatch.syspath_prepend(str(TOOLS))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(TOOLS) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def packed(tools: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What training would read of one example."""
    import pack

    (tmp_path / "examples.jsonl").write_text(json.dumps({"source": "s", **TEXTS, "dev": False}), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pack.py", str(tmp_path / "examples.jsonl"), str(tmp_path / "pack")])
    pack.main()
    return tmp_path / "pack"


@pytest.fixture
def packed_blocks(packed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What training would read of one example and three blocks of passages, one of them held out."""
    import pack

    folder = packed.parent
    records = (ROOT / "tools" / "cross_encoder" / "passages.jsonl").read_text("utf-8").splitlines()
    blocks = [record for record in records if json.loads(record)["block"] in (0, 1, HELD_OUT_BLOCK)]
    (folder / "blocks.jsonl").write_text("\n".join(blocks), encoding="utf-8")
    arguments = [str(folder / "examples.jsonl"), str(folder / "blocks"), "--blocks", str(folder / "blocks.jsonl")]
    monkeypatch.setattr(sys, "argv", ["pack.py", *arguments])
    pack.main()
    return folder / "blocks"


def make_run(seed: int, modules: tuple[str, ...], rank: int) -> dict[str, Any]:
    dice = np.random.default_rng(seed)
    halves = {"down": (rank, 6), "up": (8, rank)}
    return {f"{module}.{half}": dice.normal(size=halves[half]) for module in modules for half in halves}


@pytest.mark.usefixtures("tools")
def test_runs_are_joined_as_their_weighted_sum() -> None:
    from merge import Run, merge_runs

    first, second = make_run(1, ("a", "b"), 2), make_run(2, ("b",), 3)
    merged = merge_runs([Run(first, 0.5, "w"), Run(second, 0.25, "w")], rank=5)

    def product(run: dict[str, Any], module: str) -> Any:
        return run[f"{module}.up"] @ run[f"{module}.down"]

    assert np.allclose(product(merged, "a"), 0.5 * product(first, "a"))
    assert np.allclose(product(merged, "b"), 0.5 * product(first, "b") + 0.25 * product(second, "b"))


@pytest.mark.usefixtures("tools")
def test_heads_are_joined_as_their_weighted_sum() -> None:
    from merge import Run, merge_runs

    runs = [make_run(seed, ("a",), 2) | {"heads.bias": np.array([seed, 10.0])} for seed in (1, 2)]
    merged = merge_runs([Run(runs[0], 0.25, "w"), Run(runs[1], 0.75, "w")], rank=4)
    assert merged["heads.bias"].tolist() == [1.75, 10.0]
    assert set(merged) == {"a.up", "a.down", "heads.bias"}


@pytest.mark.usefixtures("tools")
def test_a_sum_of_too_high_a_rank_is_narrowed_to_its_nearest() -> None:
    from merge import Run, merge_runs

    run = make_run(3, ("a",), 5)
    merged = merge_runs([Run(run, 1.0, "w")], rank=2)
    whole = run["a.up"] @ run["a.down"]
    lost = np.linalg.norm(whole - merged["a.up"] @ merged["a.down"])
    assert merged["a.down"].shape == (2, 6)
    assert lost == pytest.approx(np.linalg.norm(np.linalg.svd(whole, compute_uv=False)[2:]))


@pytest.mark.slow
def test_what_is_trained_is_the_model_of_the_product(packed: Path) -> None:
    from batches import Texts, read_rows
    from network import Network, open_pack

    arrays, about, build = open_pack(packed)
    texts = Texts(arrays, json.loads(about["prefixes"]))
    (row,) = read_rows(arrays)
    network = Network(arrays, build, rank=1, first_layer=0, device="cpu")
    for adapter in ("none", "bundled"):
        if adapter == "bundled":
            network.load(load_file(ROOT / "search_core" / "adapter.safetensors"))
            network.merge()
        found = network.encode(
            [texts.as_query(texts.ids(number)) for number in row.questions]
            + [texts.as_passage(texts.ids(number)) for number in row.passages]
        )
        embedder = load_embedder("bundled", adapter=adapter)
        expected = np.concatenate(
            [
                embedder.embed_queries([TEXTS["fr_question"], TEXTS["zh_question"]]),
                embedder.embed_passages([TEXTS["fr_passage"], TEXTS["zh_passage"]]),
            ]
        )
        assert ((found.detach().numpy() * expected).sum(axis=1) > 0.995).all()


@pytest.mark.slow
def test_a_text_is_asked_by_its_own_sentence_only_without_it(packed: Path) -> None:
    from batches import Batches, Mix, Texts, read_rows
    from network import open_pack

    arrays, about, _ = open_pack(packed)
    texts = Texts(arrays, json.loads(about["prefixes"]))
    rows = read_rows(arrays)
    batch = Batches(rows, texts, Mix(asked_by_sentence=1.0, with_title=0.0), seed=1).make(rows)
    prefix = {"query": len(texts.as_query()) - 1, "passage": len(texts.as_passage()) - 1}
    for question, passage in zip(batch.questions, batch.passages, strict=True):
        asked = question[prefix["query"] : -1].tolist()
        rest = passage[prefix["passage"] : -1].tolist()
        assert len(asked) >= 6
        assert not any(rest[at : at + len(asked)] == asked for at in range(len(rest)))


@pytest.mark.slow
def test_of_each_block_a_step_asks_one_question_on_each_passage(packed_blocks: Path) -> None:
    from batches import Batches, Mix, Texts, read_rows
    from network import open_pack

    arrays, about, _ = open_pack(packed_blocks)
    rows = read_rows(arrays)
    passages = {(row.source, row.passages) for row in rows if row.written == 2 and not row.dev}
    assert {row.source for row in rows if row.dev and row.written == 2} == {
        number for number, name in enumerate(json.loads(about["sources"])) if name == f"block {HELD_OUT_BLOCK}"
    }
    mix = Mix(subjects=0, blocks=2, one_source=0, any_source=0, pairs=0)
    batches = iter(Batches(rows, Texts(arrays, json.loads(about["prefixes"])), mix, seed=1))
    drawn = [[rows[number] for number in next(batches).numbers] for _ in range(3)]
    for batch in drawn:
        assert sorted((row.source, row.passages) for row in batch) == sorted(passages)
    assert len({row.questions for row in drawn[0] + drawn[1] + drawn[2]}) == 3 * len(passages)


@pytest.mark.slow
def test_training_goes_on_from_an_adapter_and_stays_near_it(packed: Path) -> None:
    import torch
    from batches import Texts, read_rows
    from network import Network, open_pack

    arrays, about, build = open_pack(packed)
    texts = Texts(arrays, json.loads(about["prefixes"]))
    asked = [texts.as_query(texts.ids(number)) for number in read_rows(arrays)[0].questions]
    network = Network(arrays, build, rank=1, first_layer=0, device="cpu")
    without = network.encode(asked, plain=True)
    network.start_from(load_file(ROOT / "search_core" / "adapter.safetensors"))
    at_start = network.encode(asked).detach()
    assert not torch.allclose(at_start, without, atol=0.01)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(1.1)
    network.merge()
    assert not torch.allclose(network.encode(asked).detach(), at_start, atol=0.01)
    assert torch.allclose(network.encode(asked, plain=True), at_start)


@pytest.mark.slow
def test_batches_made_ahead_are_those_that_are_drawn(packed_blocks: Path) -> None:
    from ahead import make_ahead
    from batches import Batches, Mix, Texts, read_rows
    from network import open_pack

    arrays, about, _ = open_pack(packed_blocks)
    texts = Texts(arrays, json.loads(about["prefixes"]))
    mix = Mix(subjects=0, blocks=1, one_source=0, any_source=0, pairs=0)
    series = [Batches(read_rows(arrays), texts, mix, seed=1) for _ in range(2)]
    made = list(islice(make_ahead(series[1]), 3))
    for expected, found in zip(islice(series[0], 3), made, strict=True):
        assert found.numbers == expected.numbers
        assert [ids.tolist() for ids in found.questions] == [ids.tolist() for ids in expected.questions]


@pytest.mark.slow
def test_only_learning_drops_something_out(packed: Path) -> None:
    import torch
    from batches import Texts, read_rows
    from network import Network, open_pack

    arrays, about, build = open_pack(packed)
    texts = Texts(arrays, json.loads(about["prefixes"]))
    asked = [texts.as_query(texts.ids(number)) for number in read_rows(arrays)[0].questions]
    whole, dropping = (
        Network(arrays, build, rank=1, first_layer=0, device="cpu", dropout=dropout) for dropout in (0.0, 0.5)
    )
    assert not torch.allclose(dropping.encode(asked), whole.encode(asked), atol=0.01)
    with torch.no_grad():
        assert torch.equal(dropping.encode(asked), whole.encode(asked))


APT_HELPER = Path("/usr/lib/apt/apt-helper")


@pytest.mark.skipif(not APT_HELPER.exists(), reason="descriptions are read by apt's own program")
def test_descriptions_that_name_what_is_judged_are_left_out(tools: None, tmp_path: Path) -> None:
    from readers import read_descriptions

    french = "éditeur de partitions de musique\n Il écrit et il imprime des partitions pour tous les instruments."
    chinese = "乐谱编辑器\n 它能为各种乐器编写并打印乐谱，也能播放写好的曲子。"
    for suffix, text in (("fr", french), ("zh%5fCN", chinese)):
        records = [
            f"Package: {package}\nDescription-md5: {number}\nDescription-{suffix}: {text}\n"
            for number, package in enumerate(("scores", "gnome-scores", "libreoffice-scores"))
        ]
        (tmp_path / f"mirror_main_i18n_Translation-{suffix}").write_text("\n".join(records), encoding="utf-8")
    assert len(list(read_descriptions(tmp_path, "descriptions"))) == 1
