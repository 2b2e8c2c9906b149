"""The adapter: exactly `up @ down` on each weight, part of the identity, refused when it is not what it should be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer

from search_core.embedders.adapter import Adapter, Tensors, digest_tensors, find_adapter, make_metadata, read_adapter
from search_core.embedders.bundled import find_packed_file
from search_core.embedders.computing import merge_adapter
from search_core.embedders.deferred import DeferredEmbedder
from search_core.embedders.model_folder import ModelFolder
from search_core.embedders.sentence_transformer import open_model
from search_core.embedding import Embedder, load_embedder
from search_core.errors import ModelError

QUERY, OUTPUT = "encoder.layer.0.attention.self.query", "encoder.layer.0.output.dense"
HIDDEN, FEED_FORWARD, RANK = 32, 64, 2
"""The first two are the tiny model's."""


def make_tensors(seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = {
        f"{QUERY}.down": (RANK, HIDDEN),
        f"{QUERY}.up": (HIDDEN, RANK),
        f"{OUTPUT}.down": (RANK, FEED_FORWARD),
        f"{OUTPUT}.up": (HIDDEN, RANK),
    }
    return {name: random.normal(0, 0.5, shape).astype(np.float16) for name, shape in shapes.items()}


def make_adapter(tensors: Tensors) -> Adapter:
    return Adapter("test", digest_tensors(tensors)[:16], tensors)


def write_adapter(path: Path, tensors: dict[str, np.ndarray], weights: str = "weights") -> Path:
    save_file(tensors, path, metadata=make_metadata(tensors, weights))
    return path


def weights_of(network: SentenceTransformer) -> dict[str, np.ndarray]:
    return {name: weight.detach().numpy().copy() for name, weight in network.named_parameters()}


def test_each_weight_grows_by_exactly_up_times_down_and_no_other_changes(tiny_folder: Path) -> None:
    network = SentenceTransformer(str(tiny_folder), local_files_only=True).float()
    before, tensors = weights_of(network), make_tensors()
    merge_adapter(network, make_adapter(tensors))
    for name, weight in weights_of(network).items():
        module = name.removesuffix(".weight")
        grown = next((each for each in (QUERY, OUTPUT) if module.endswith(each)), None)
        expected = before[name]
        if grown:
            expected = expected + tensors[f"{grown}.up"].astype(np.float32) @ tensors[f"{grown}.down"].astype(
                np.float32
            )
        np.testing.assert_allclose(weight, expected, rtol=1e-6, atol=1e-6, err_msg=name)
        assert (grown is None) == np.array_equal(weight, before[name])


def test_an_adapter_is_part_of_name_identity_and_vectors(tiny_folder: Path) -> None:
    folder = ModelFolder("tiny", tiny_folder, "weights")
    plain = open_model(folder)
    adapted, other = (open_model(folder, make_adapter(make_tensors(seed))) for seed in (0, 1))
    assert len({each.identity for each in (plain, adapted, other)}) == 3
    assert open_model(folder, make_adapter(make_tensors())).identity == adapted.identity
    assert (plain.name, adapted.name) == ("tiny", "tiny + test")
    assert not np.allclose(plain.embed_queries(["乐山"]), adapted.embed_queries(["乐山"]), atol=1e-3)


def test_an_adapter_for_another_network_is_refused(tiny_folder: Path) -> None:
    tensors = {"encoder.layer.7.output.dense.down": np.zeros((1, 4), "f2")}
    tensors["encoder.layer.7.output.dense.up"] = np.zeros((4, 1), "f2")
    with pytest.raises(ModelError, match=r"does not fit.*layer\.7.*PASSERELLE_ADAPTER"):
        open_model(ModelFolder("tiny", tiny_folder, "weights"), make_adapter(tensors))


def test_what_was_written_is_read(tmp_path: Path) -> None:
    tensors = make_tensors()
    adapter = read_adapter(write_adapter(tmp_path / "a.safetensors", tensors), "weights")
    assert adapter.digest == digest_tensors(tensors)[:16]
    assert set(adapter.modules()) == {QUERY, OUTPUT}


@pytest.mark.parametrize("content", [b"", b"half", b"\x08\0\0\0\0\0\0\0{}      ", b"\xff" * 64])
def test_what_is_no_adapter_is_refused_with_a_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="PASSERELLE_ADAPTER"):
        read_adapter(tmp_path / "a.safetensors", "weights")


def test_a_missing_file_and_a_folder_are_refused_with_a_remedy(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path):
        with pytest.raises(ModelError, match=r"cannot be read.*PASSERELLE_ADAPTER"):
            read_adapter(path, "weights")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "a.safetensors", make_tensors())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="damaged"):
        read_adapter(path, "weights")
    path.write_bytes(content[:-100])
    with pytest.raises(ModelError, match="cannot be read"):
        read_adapter(path, "weights")


def test_an_adapter_that_lost_one_half_of_a_pair_is_refused(tmp_path: Path) -> None:
    tensors = make_tensors()
    del tensors[f"{QUERY}.up"]
    with pytest.raises(ModelError, match="not an adapter"):
        read_adapter(write_adapter(tmp_path / "a.safetensors", tensors), "weights")


def test_an_adapter_made_for_other_weights_is_refused(tmp_path: Path) -> None:
    path = write_adapter(tmp_path / "a.safetensors", make_tensors(), "others")
    with pytest.raises(ModelError, match=r"other weights \(others"):
        read_adapter(path, "weights")


def test_another_model_has_no_adapter_and_refuses_one_that_was_chosen() -> None:
    assert find_adapter("bundled", "/models/another", "weights") is None
    assert find_adapter("none", "/models/another", "weights") is None
    with pytest.raises(ModelError, match="adapters are for the bundled model"):
        find_adapter("mine.safetensors", "/models/another", "weights")


def test_the_shipped_adapter_fits_the_bundled_weights() -> None:
    adapter = find_adapter("bundled", "bundled", find_packed_file().key)
    assert adapter is not None
    assert "fr-zh" in adapter.name
    assert find_adapter("none", "bundled", find_packed_file().key) is None


PARALLEL = [
    ("Comment protéger les plantes du gel ?", "夜里降温前，用无纺布盖住花盆，或者把它们搬进室内，叶子就不会被霜打坏。"),
    ("À quelle heure part le dernier bus ?", "末班车二十三点十分从总站发出，周末延长半小时。"),
    ("Peut-on annuler sa réservation ?", "入住前两天取消不收费，之后取消将扣除第一晚的房费。"),
    ("pourquoi la mer est salée", "雨水冲刷岩石，把矿物质带进河流，最后汇入海洋，水分蒸发后盐分就留了下来。"),
    ("renouveler sa carte de bibliothèque", "读者证到期后，请带身份证到服务台办理延期，当场即可领取。"),
    ("Qui a construit ce pont ?", "这座石拱桥由当地工匠在十六世纪修建，历时七年，全部费用由商会承担。"),
]
"""A French question and the Chinese text that answers it, in other words."""


@pytest.mark.slow
@pytest.mark.model
def test_the_shipped_adapter_brings_questions_nearer_to_answers_in_the_other_language() -> None:
    margins = {}
    for adapter in ("none", "bundled"):
        embedder = load_embedder("bundled", adapter=adapter)
        scores = (
            embedder.embed_queries([fr for fr, _ in PARALLEL]) @ embedder.embed_passages([zh for _, zh in PARALLEL]).T
        )
        right = np.eye(len(PARALLEL), dtype=bool)
        margins[adapter] = scores[right].mean() - scores[~right].mean()
    assert margins["bundled"] > 1.3 * margins["none"] > 0


@pytest.mark.slow
@pytest.mark.model
def test_facts_remembered_of_the_model_do_not_mix_up_its_adapters(bundled_embedder: Embedder, tmp_path: Path) -> None:
    def load(adapter: str) -> Embedder:
        return load_embedder("bundled", adapter=adapter, cache=tmp_path, deferred=True)

    first, second = load("none"), load("bundled")
    assert not isinstance(second, DeferredEmbedder)
    assert first.identity != second.identity == bundled_embedder.identity
    for adapter, loaded in (("none", first), ("bundled", second)):
        assert isinstance(again := load(adapter), DeferredEmbedder)
        assert (again.identity, again.name) == (loaded.identity, loaded.name)


@pytest.mark.slow
def test_a_damaged_adapter_ends_a_command_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.safetensors").write_bytes(b"half")
    environment = os.environ | {
        "PASSERELLE_ADAPTER": str(tmp_path / "mine.safetensors"),
        "PASSERELLE_DATA": str(tmp_path),
    }
    command = [sys.executable, "-m", "passerelle", "doctor"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "mine.safetensors" in ended.stdout + ended.stderr
    assert "PASSERELLE_ADAPTER" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
