import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from search_core.embedders.deferred import DeferredEmbedder, defer_embedder
from search_core.embedding import HashEmbedder, load_embedder
from search_core.errors import ModelError

INDEX_AND_TELL = """
import sys
from passerelle.cli import app
try:
    app(["index", "--json", sys.argv[1]])
except SystemExit as ended:
    print("torch" in sys.modules, ended.code, file=sys.stderr)
"""


class Loader:
    """Loads a hash embedder and counts how often."""

    def __init__(self, dimension: int = 64) -> None:
        self.times = 0
        self._dimension = dimension

    def __call__(self) -> HashEmbedder:
        self.times += 1
        return HashEmbedder(self._dimension)


def test_model_loaded_before_is_known_without_loading_it(tmp_path: Path) -> None:
    loaded = defer_embedder(Loader(), tmp_path, "weights")
    load = Loader()
    deferred = defer_embedder(load, tmp_path, "weights")
    for name in ("name", "identity", "dimension", "max_tokens"):
        assert getattr(deferred, name) == getattr(loaded, name)
    assert deferred.embed_queries([]).shape == deferred.embed_passages([]).shape == (0, 64)
    assert deferred.count_tokens([]) == []
    assert load.times == 0


def test_deferred_model_is_loaded_once_for_the_first_text(tmp_path: Path) -> None:
    defer_embedder(Loader(), tmp_path, "weights")
    load = Loader()
    deferred = defer_embedder(load, tmp_path, "weights")
    assert np.array_equal(deferred.embed_queries(["vélo"]), HashEmbedder().embed_queries(["vélo"]))
    assert np.array_equal(deferred.embed_passages(["乐山"]), HashEmbedder().embed_passages(["乐山"]))
    assert deferred.count_tokens(["乐山"]) == [2]
    assert load.times == 1


def test_other_weights_or_prompts_are_another_model(tmp_path: Path) -> None:
    defer_embedder(Loader(), tmp_path, "weights", "query: ")
    load = Loader(32)
    assert defer_embedder(load, tmp_path, "weights", "question: ").dimension == 32
    assert load.times == 1


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"identity": "x"}', "\x00"])
def test_what_cannot_be_read_in_the_cache_is_found_out_again(tmp_path: Path, content: str) -> None:
    defer_embedder(Loader(), tmp_path, "weights")
    [file] = (tmp_path / "models").iterdir()
    file.write_text(content)
    load = Loader()
    defer_embedder(load, tmp_path, "weights")
    assert load.times == 1
    assert isinstance(defer_embedder(load, tmp_path, "weights"), DeferredEmbedder)


def test_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    load = Loader()
    for _ in range(2):
        assert defer_embedder(load, tmp_path / "file", "weights").dimension == 64
    assert load.times == 2


def test_model_that_changed_behind_its_facts_is_refused_once(tmp_path: Path) -> None:
    defer_embedder(Loader(64), tmp_path, "weights")
    with pytest.raises(ModelError, match="again"):
        defer_embedder(Loader(32), tmp_path, "weights").embed_queries(["vélo"])
    assert defer_embedder(Loader(32), tmp_path, "weights").dimension == 32


def test_sentence_transformer_is_the_same_model_deferred(tiny_folder: Path, tmp_path: Path) -> None:
    at_once = load_embedder(str(tiny_folder), cache=tmp_path, deferred=True)
    deferred = load_embedder(str(tiny_folder), cache=tmp_path, deferred=True)
    assert isinstance(deferred, DeferredEmbedder)
    assert deferred.identity == at_once.identity == load_embedder(str(tiny_folder), cache=tmp_path).identity
    assert np.allclose(deferred.embed_queries(["vélo"]), at_once.embed_queries(["vélo"]), atol=1e-3)


@pytest.mark.slow
def test_second_index_of_an_unchanged_folder_does_not_load_torch(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "note.txt").write_text("Le tramway relie la gare au centre.", "utf-8")
    environment = os.environ | {
        "PASSERELLE_DATA": str(tmp_path / "data"),
        "PASSERELLE_MODEL": str(tiny_folder),
        "PASSERELLE_MODEL_CACHE": str(tmp_path / "cache"),
    }
    told = []
    for _ in range(2):
        command = [sys.executable, "-c", INDEX_AND_TELL, str(tmp_path / "documents")]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        told.append((ended.stderr.splitlines()[-1], '"unchanged": 1' in ended.stdout))
    assert told == [("True 0", False), ("False 0", True)]


def test_model_without_token_vectors_says_so(tmp_path: Path) -> None:
    defer_embedder(Loader(), tmp_path, "weights")
    deferred = defer_embedder(Loader(), tmp_path, "weights")
    assert isinstance(deferred, DeferredEmbedder)
    with pytest.raises(ModelError, match="hash gives no token vectors"):
        deferred.embed_tokens(["vélo"], "query")
