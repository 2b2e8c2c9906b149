"""The cross-encoder's tools: what they train is the product's, what they draw is right, and none of it is judged."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from search_core.cross_encoding import OffersCrossEncoder, ReadText
from search_core.embedding import load_embedder

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "cross_encoder"
ADAPTER_TOOLS = ROOT / "tools" / "adapter"
JUDGED = ROOT.parent / "shared" / "eval"
RECORDS = [json.loads(line) for line in (TOOLS / "passages.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The scripts import one another by their bare names, as they do when one of them is run."""
    for folder in (ADAPTER_TOOLS, TOOLS):
        monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(ROOT / "tools") in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five blocks of passages, one held out, and two questions without a marked answer; `pack` is what was packed."""
    folder = tmp_path_factory.mktemp("cross_encoder")
    lines = [json.dumps(record) for record in RECORDS if record["block"] in (0, 1, 9, 386, 400)]
    (folder / "records.jsonl").write_text("\n".join(lines), encoding="utf-8")
    quads = (ADAPTER_TOOLS / "quads.jsonl").read_text("utf-8").splitlines()[:2]
    (folder / "quads.jsonl").write_text("\n".join(quads), encoding="utf-8")
    (folder / "examples.jsonl").write_text("", encoding="utf-8")
    run_pack(folder, "pack")
    return folder


def run_pack(folder: Path, name: str, *options: str) -> Path:
    texts = ["--records", folder / "records.jsonl", "--quads", folder / "quads.jsonl"]
    subprocess.run(
        [sys.executable, TOOLS / "pack.py", folder / "examples.jsonl", folder / name, *texts, *options],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ADAPTER_TOOLS)])},
        check=True,
    )
    return folder / name


@pytest.fixture
def packed(tools: None, folder: Path) -> Path:
    return folder / "pack"


def test_every_question_points_at_a_sentence_of_each_passage() -> None:
    assert len(RECORDS) > 7900
    for record in RECORDS:
        for asked in record["questions"]:
            assert 0 <= asked["fr_answer"] < len(record["fr"])
            assert 0 <= asked["zh_answer"] < len(record["zh"])
        assert record["questions"]
        assert all(asked["fr"] and asked["zh"] for asked in record["questions"] + record["unanswered"])


@pytest.fixture(scope="module")
def written() -> Any:
    """Hashes of the runs of all that was written for the cross-encoder."""
    hash_runs = runpy.run_path(str(ADAPTER_TOOLS / "leakage.py"))["hash_runs"]
    return hash_runs(text for record in RECORDS for text in iter_texts(record))


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
def test_no_text_shares_a_run_with_the_sample_collection_or_the_anchors(written: Any) -> None:
    from build import iter_corpus_texts
    from leakage import hash_runs

    own = [*iter_corpus_texts(ROOT / "corpus"), (ROOT / "search_core" / "anchors.tsv").read_text("utf-8")]
    assert len(written) > 300_000
    assert not len(np.intersect1d(written, hash_runs(own)))
    assert len(np.intersect1d(written, hash_runs([" ".join(RECORDS[0]["fr"])])))


@pytest.mark.slow
@pytest.mark.usefixtures("tools")
@pytest.mark.skipif(not JUDGED.is_dir(), reason="the judged sets are not beside this clone")
def test_no_text_shares_a_run_with_a_judged_set(written: Any) -> None:
    from leakage import hash_runs, iter_judged_texts

    judged = hash_runs(iter_judged_texts(JUDGED))
    assert len(judged) > 300_000
    assert not len(np.intersect1d(written, judged))


def iter_texts(record: dict[str, Any]) -> Iterator[str]:
    """Passages below their titles, as they are read, and questions."""
    yield " ".join([record.get("fr_title", ""), *record["fr"]])
    yield "".join([record.get("zh_title", ""), *record["zh"]])
    for asked in record["questions"] + record["unanswered"]:
        yield from (asked["fr"], asked["zh"])


@pytest.mark.slow
@pytest.mark.model
def test_what_is_trained_is_the_cross_encoder_of_the_product(packed: Path) -> None:
    from network import Network, open_pack
    from pairs import Pair, Readings, join_pair
    from reading import ReadingNetwork

    arrays, _, build = open_pack(packed)
    readings = Readings(arrays)
    network = ReadingNetwork(Network(arrays, build, rank=1, first_layer=0, device="cpu"))
    network.load(load_file(ROOT / "search_core" / "cross_encoder.safetensors"))
    network.merge()
    embedder = load_embedder("bundled")
    assert isinstance(embedder, OffersCrossEncoder)
    cross_encoder = embedder.open_cross_encoder()
    assert cross_encoder is not None
    for language, between in ((0, " "), (1, "")):
        record, question = RECORDS[0], readings.questions[0]
        sentences = record[("fr", "zh")[language]]
        pair = Pair(*join_pair(readings.ids(question.texts[0]), None, readings.sentences(question.passage, language)))
        found = network.read([pair])
        starts = np.cumsum([0, *(len(each) + len(between) for each in sentences[:-1])]).tolist()
        spans = tuple((start, start + len(each)) for start, each in zip(starts, sentences, strict=True))
        [expected] = cross_encoder.read(record["questions"][0]["fr"], [ReadText("", between.join(sentences), spans)])
        assert found.sentences[0, : len(spans)].tolist() == pytest.approx(list(expected.sentences), abs=0.4)
        assert found.worth().item() == pytest.approx(expected.worth, abs=0.4)


@pytest.mark.slow
@pytest.mark.model
def test_others_that_a_search_finds_are_packed_unless_no_training_wants_them(packed: Path, folder: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    mined = open_pack(packed)[0]["mined"]
    arrays = open_pack(run_pack(folder, "unmined", "--unmined"))[0]
    assert arrays["mined"].shape == mined.shape
    assert (arrays["mined"] == -1).all()
    assert (mined >= 0).any()
    with pytest.raises(ValueError, match='set "mined" to 0'):
        Batches(Readings(arrays), Mix(mined=1), seed=1)
    assert next(iter(Batches(Readings(arrays), Mix(mined=0, titles=0), seed=1))).pairs


@pytest.mark.slow
@pytest.mark.model
def test_a_passage_without_its_answer_has_all_but_that_sentence(packed: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    readings = Readings(open_pack(packed)[0])
    batches = iter(Batches(readings, Mix(marked=8, near_misses=4, unmarked=2, titles=0, thinned=0.0), seed=1))
    for batch in (next(batches) for _ in range(5)):
        ends = [*batch.starts[1:], len(batch.pairs)]
        for start, end in zip(batch.starts, ends, strict=True):
            first, *others = batch.pairs[start:end]
            assert not any(pair.answers for pair in others)
            assert all(0 <= number <= first.segments.max() for number in first.answers)
    question = next(each for each in readings.questions if each.answers[1] == 1 and not each.passage.dev)
    cut = Batches(readings, Mix(), seed=1)._cut(question, readings.ids(question.texts[0]), 1, titled=False)
    whole = readings.sentences(question.passage, 1)
    assert int(cut.segments.max()) + 1 == len(whole) - 1
    assert cut.ids[cut.segments == 1].tolist() == whole[2].tolist()


@pytest.mark.slow
@pytest.mark.model
def test_a_training_that_goes_on_asks_of_newer_passages_only(packed: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    readings = Readings(open_pack(packed)[0])
    newest = max(each.number for each in readings.passages if each.written == 2 and not each.dev)
    mix = Mix(marked=3, near_misses=1, unmarked=0, titles=0, since=newest, cropped=0.0, mingled=0.0, thinned=0.0)
    batch = next(iter(Batches(readings, mix, seed=1)))
    answering = [batch.pairs[start] for start in batch.starts if batch.pairs[start].answers]
    newer = [readings.sentences(readings.passages[newest], language) for language in (0, 1)]
    assert len(answering) == 3
    for pair in answering:
        told = pair.ids[pair.segments == pair.answers[0]].tolist()
        assert any(told == sentence.tolist() for sentences in newer for sentence in sentences)


@pytest.mark.slow
@pytest.mark.model
def test_a_step_lowers_the_loss_of_its_own_batch(packed: Path) -> None:
    import torch
    from network import Network, open_pack
    from pairs import Batches, Mix, Readings
    from reading import ReadingNetwork
    from train import measure_losses

    torch.manual_seed(1)
    arrays, _, build = open_pack(packed)
    network = ReadingNetwork(Network(arrays, build, rank=2, first_layer=0, device="cpu"))
    batch = next(iter(Batches(Readings(arrays), Mix(marked=3, near_misses=1, unmarked=1, titles=0), seed=1)))
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    losses = []
    for _ in range(4):
        network.merge()
        loss = sum(measure_losses(network.read(batch.pairs), batch).values(), torch.zeros(()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.slow
@pytest.mark.model
def test_a_window_beside_the_answer_stands_in_the_passage_below_its_title(packed: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    readings = Readings(open_pack(packed)[0])
    question = next(each for each in readings.questions if each.answers[0] > 0 and each.passage.titles[0] >= 0)
    words = readings.ids(question.texts[0])
    windows = Batches(readings, Mix(windows=40), seed=1)._windows(question, words, titled=True)
    assert len(windows) == 40
    found = [sorted(set(pair.segments[pair.segments >= 0].tolist())) for pair in windows]
    assert len({tuple(each) for each in found}) > 1
    for pair in windows:
        told = pair.ids[pair.segments >= 0].tolist()
        language = next(each for each in (0, 1) if _stands_in(told, readings.sentences(question.passage, each)))
        right = readings.sentences(question.passage, language)[question.answers[language]].tolist()
        assert not any(told[at : at + len(right)] == right for at in range(len(told)))
        title = readings.title(question.passage, language)
        assert title is not None
        head = pair.ids[: len(words) + 3 + len(title)].tolist()
        assert head[-len(title) :] == title.tolist()
        assert not pair.answers
        assert not pair.loose


@pytest.mark.slow
@pytest.mark.model
def test_a_passage_below_the_title_of_another_is_only_compared(packed: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    readings = Readings(open_pack(packed)[0])
    question = next(each for each in readings.questions if each.answers[0] >= 0 and each.passage.titles[0] >= 0)
    words = readings.ids(question.texts[0])
    pairs = Batches(readings, Mix(mistitled=40), seed=1)._mistitled(question, words)
    assert len(pairs) > 20
    for pair in pairs:
        head = pair.ids[len(words) + 3 : int(np.argmax(pair.segments >= 0))].tolist()
        titles = {
            tuple(title.tolist())
            for each in readings.passages
            for language in (0, 1)
            if not each.dev and (title := readings.title(each, language)) is not None
        }
        own = [readings.title(question.passage, language) for language in (0, 1)]
        assert tuple(head) in titles
        assert head not in [title.tolist() for title in own if title is not None]
        told = pair.ids[pair.segments >= 0].tolist()
        assert any(_stands_in(told, readings.sentences(question.passage, each)) for each in (0, 1))
        assert pair.loose
        assert not pair.answers
    for count in (0, 3):
        asked = Batches(readings, Mix(mistitled=count, with_title=1.0), seed=1)._ask(question)
        assert any(pair.loose for pair in asked) == (count > 0)


@pytest.mark.slow
@pytest.mark.model
def test_an_untitled_passage_stands_below_no_other_title(packed: Path) -> None:
    from network import open_pack
    from pairs import Batches, Mix, Readings

    readings = Readings(open_pack(packed)[0])
    question = next(each for each in readings.questions if each.answers[0] >= 0 and each.passage.titles[0] < 0)
    assert Batches(readings, Mix(mistitled=40), seed=1)._mistitled(question, readings.ids(question.texts[0])) == []


def _stands_in(part: list[int], sentences: list[Any]) -> bool:
    whole = np.concatenate(sentences).tolist()
    return any(whole[at : at + len(part)] == part for at in range(len(whole)))
