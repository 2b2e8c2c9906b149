"""The embedder's promises, on the tiny model; what only real weights can show is in `test_bundled_vectors`."""

import json
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from search_core.embedders.computing import iter_batches
from search_core.embedding import Embedder, TokenEmbedder, load_embedder
from search_core.errors import ModelError

Load = Callable[..., Embedder]

CLOSE = 0.999
"""Cosine between a text embedded alone and in a batch, where 16-bit products differ in the last digits."""


@pytest.fixture(scope="module")
def load(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Load:
    cache = tmp_path_factory.mktemp("cache")

    def load_tiny(folder: Path = tiny_folder, **prompts: str) -> Embedder:
        return load_embedder(str(folder), cache=cache, **prompts)

    return load_tiny


@pytest.fixture(scope="module")
def tiny(load: Load) -> Embedder:
    return load()


def make_texts(number: int) -> list[str]:
    dice = random.Random(7)
    return ["".join(dice.choices("abc xyz乐山智慧", k=dice.choice([0, 1, 5, 20, 200]))) for _ in range(number)]


def test_rows_come_in_the_order_of_the_texts(tiny: Embedder) -> None:
    texts = make_texts(200)
    together = tiny.embed_passages(texts)
    alone = np.vstack([tiny.embed_passages([text]) for text in texts])
    assert together.dtype == np.float32
    assert ((together * alone).sum(axis=1) > CLOSE).all()


def test_every_row_has_norm_one(tiny: Embedder) -> None:
    np.testing.assert_allclose(np.linalg.norm(tiny.embed_queries(make_texts(50)), axis=1), 1, rtol=1e-5)


def test_every_token_has_a_vector_of_norm_one_without_prompt_and_special_tokens(tiny: Embedder) -> None:
    assert isinstance(tiny, TokenEmbedder)
    texts = ["la ville", "乐山智慧城市"]
    for kind in ("query", "passage"):
        found = tiny.embed_tokens(texts, kind)  # type: ignore[arg-type]
        assert [len(vectors) for vectors in found] == tiny.count_tokens(texts)
        assert all(vectors.shape[1] == tiny.dimension for vectors in found)
        assert np.allclose(np.linalg.norm(np.concatenate(found), axis=1), 1, atol=1e-5)


def test_no_text_gives_no_row(tiny: Embedder) -> None:
    assert tiny.embed_passages([]).shape == (0, tiny.dimension) == (0, 32)
    assert tiny.count_tokens([]) == []


@pytest.mark.parametrize("text", ["", "\n\t ", "\ud800", "\0", "𠮷🈻", "a" * 1_000_000, "乐 山 " * 100_000])
def test_any_text_is_embedded(tiny: Embedder, text: str) -> None:
    assert np.isfinite(tiny.embed_passages([text, "abc"])).all()


def test_progress_adds_up_to_the_number_of_texts(tiny: Embedder) -> None:
    finished: list[int] = []
    tiny.embed_passages(make_texts(300), finished.append)
    assert sum(finished) == 300
    assert len(finished) > 1


def test_queries_and_passages_have_different_prompts(tiny: Embedder) -> None:
    assert tiny.embed_queries(["abc"])[0] @ tiny.embed_passages(["abc"])[0] < CLOSE


def test_tokens_are_counted_without_prompt_and_special_tokens(tiny: Embedder) -> None:
    assert tiny.count_tokens(["乐山", "a b", ""]) == [3, 4, 0]


def test_a_passage_is_read_to_its_last_token_within_the_maximum(tiny: Embedder) -> None:
    full = "a" * (tiny.max_tokens - 2)
    assert tiny.count_tokens([full + "b"]) == [tiny.max_tokens]
    vectors = tiny.embed_passages([full + "a", full + "b", full + "b" + "z" * 9])
    assert vectors[0] @ vectors[1] < 0.9999
    assert vectors[1] @ vectors[2] < 1.0001


def test_what_is_longer_than_the_window_is_cut_off(tiny: Embedder) -> None:
    vectors = tiny.embed_passages(["ab" * 50, "ab" * 50 + "z" * 50])
    assert vectors[0] @ vectors[1] > CLOSE


def test_given_prompts_replace_the_declared_ones(tiny: Embedder, load: Load) -> None:
    swapped = load(query_prompt="passage: ", passage_prompt="")
    np.testing.assert_allclose(swapped.embed_queries(["abc"]), tiny.embed_passages(["abc"]), atol=1e-5)
    assert swapped.max_tokens > tiny.max_tokens


def test_a_model_that_declares_no_prompt_gets_none(
    tiny: Embedder, load: Load, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    (folder / "config_sentence_transformers.json").write_text("{}")
    bare = load(folder)
    np.testing.assert_allclose(bare.embed_queries(["abc"]), bare.embed_passages(["abc"]), atol=1e-5)


def test_identity_is_the_same_at_every_load(tiny: Embedder, load: Load) -> None:
    assert load().identity == tiny.identity


def test_identity_tells_prompts_and_weights_apart(
    tiny: Embedder, load: Load, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    settings = folder / "sentence_bert_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "max_seq_length": 30}))
    identities = {
        tiny.identity,
        load(query_prompt="").identity,
        load(passage_prompt="x").identity,
        load(folder).identity,
    }
    assert len(identities) == 4


def test_sixteen_threads_get_what_one_gets(tiny: Embedder) -> None:
    texts = make_texts(64)
    expected = np.vstack([tiny.embed_queries([text]) for text in texts])
    counts = tiny.count_tokens(texts)

    def work(number: int) -> tuple[np.ndarray, list[int]]:
        tiny.embed_passages(texts[number : number + 3])
        return tiny.embed_queries([texts[number]]), tiny.count_tokens(texts[number:])

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(work, range(64)))
    np.testing.assert_allclose(np.vstack([vectors for vectors, _ in found]), expected, atol=1e-5)
    assert [number for _, [number, *_] in found] == counts


def test_damaged_weights_are_an_error_that_names_the_folder(load: Load, tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="PASSERELLE_MODEL") as caught:
        load(folder)
    assert str(folder) in str(caught.value)


def test_code_in_a_model_folder_is_never_run(load: Load, tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Module: pass\n")
    modules = json.loads((folder / "modules.json").read_text())
    modules[2]["type"] = "evil.Module"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError):
        load(folder)
    assert not (tmp_path / "ran").exists()


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = [5, 100, 1, 0, 40, 39, 7]
    batches = list(iter_batches(lengths, 80))
    assert sorted(number for batch in batches for number in batch) == list(range(7))
    assert batches[0] == [1], "a text over the budget is alone"
    assert batches[1] == [4, 5]
    assert all(len(batch) * max(lengths[number] for number in batch) <= 80 for batch in batches[1:])
