"""Text to vectors behind one interface, `Embedder`.

Light to import: the libraries that run a model are loaded by `load_embedder`, not here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from search_core.model import Matrix, make_embedded_text

Progress = Callable[[int], None]
"""Called with the number of texts just finished."""

Tell = Callable[[str], None]
"""Called with a sentence for people before something that takes a while."""


class Embedder(Protocol):
    """Turns texts into vectors of one shared space for both languages.

    `identity` is a hash of everything that makes two vectors comparable (weights, adapter, prompts, pooling, maximum
    length, passage template). Rows come in the order of the texts, float32, norm 1. Safe to call from several threads.
    Embedding raises `ModelError` where the model cannot run.
    """

    @property
    def identity(self) -> str: ...

    @property
    def name(self) -> str:
        """What people call the model."""
        ...

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int:
        """How many model tokens of a passage are read; what is longer would be cut off silently."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Model tokens of each text, without prompt and special tokens."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix: ...

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix: ...


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that also gives one vector a token, for late interaction."""

    def embed_tokens(
        self, texts: Sequence[str], kind: Literal["query", "passage"], progress: Progress | None = None
    ) -> list[Matrix]:
        """Shape (tokens, dimension) each, norm 1, without those of prompt and special tokens."""
        ...


def load_embedder(
    model: str = "bundled",
    *,
    adapter: str = "bundled",
    cross_encoder: str = "bundled",
    cache: Path | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    tell: Tell | None = None,
    deferred: bool = False,
) -> Embedder:
    """The embedder a setting names; never reaches the network.

    `model` is `bundled`, `hash` (no model at all, see `HashEmbedder`), a sentence-transformers folder, or a name in the
    local hub cache. `adapter` and `cross_encoder` are `bundled`, `none`, or a file made for the bundled model; other
    models have neither. `cache` is where the bundled model is unpacked, once (default: the user's cache folder); `tell`
    is told when that happens. Prompts given here replace those the model declares. With `deferred`, a model that was
    loaded on this machine before is loaded when it is first needed, and not now. Raises `ModelError`.
    """
    if model == "hash":
        return HashEmbedder()
    os.environ.update(_OFFLINE)
    from search_core.embedders.adapter import find_adapter, find_cross_encoder
    from search_core.embedders.model_folder import find_folder  # it imports from here

    folder = find_folder(model, cache, tell)
    added = find_adapter(adapter, model, folder.weights)
    reading = find_cross_encoder(cross_encoder, model, folder.weights)

    def load() -> Embedder:
        from search_core.embedders.sentence_transformer import open_model  # torch takes seconds

        return open_model(
            folder, added, cross_encoder=reading, query_prompt=query_prompt, passage_prompt=passage_prompt
        )

    if not deferred:
        return load()
    from search_core.embedders.bundled import default_cache
    from search_core.embedders.deferred import defer_embedder

    made_of = folder.name, folder.weights, added.digest if added else None, query_prompt, passage_prompt
    return defer_embedder(load, cache or default_cache(), *made_of)


_OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
"""Read by the hub's libraries when they are imported; every call asks for local files only besides."""


def make_identity(**parts: object) -> str:
    """16 hex digits over what makes vectors comparable, the passage template among it (by what it does to a sample).

    How a processor calculates is not among it: vectors made in 16 and in 32 bits agree to a cosine above 0.9999.
    """
    parts["template"] = make_embedded_text("title", "heading", "text")
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def normalize_rows(matrix: Matrix) -> Matrix:
    """Rows of norm 1. A row without direction (an empty text in some models) becomes the first axis."""
    matrix = np.nan_to_num(matrix.astype(np.float32, copy=False))
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix[norms[:, 0] == 0, 0] = norms[norms == 0] = 1
    normalized: Matrix = matrix / norms
    return normalized


def estimate_tokens(texts: Sequence[str]) -> list[int]:
    """By a rough rule: one for a Chinese character or a sign, one for every four letters begun."""
    return [sum(-(-len(run) // 4) if run.isalnum() else 1 for run in _TOKEN.findall(text)) for text in texts]


class HashEmbedder:
    """Tiny and deterministic, for tests: texts that share words or parts of words are near each other.

    It knows no meaning and no translation. Each feature (a word, a French trigram, a Chinese character or pair) is
    hashed to a dimension and a sign, the same in every process and on every platform.
    """

    name = "hash"
    max_tokens = 512

    def __init__(self, dimension: int = 64) -> None:
        self.dimension = dimension
        self.identity = make_identity(weights="hash-1", dimension=dimension)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return estimate_tokens(texts)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed(texts, progress)

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed(texts, progress)

    def _embed(self, texts: Sequence[str], progress: Progress | None) -> Matrix:
        matrix = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(matrix, texts, strict=True):
            for feature in _iter_features(text):
                digest = hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                row[int.from_bytes(digest[:7], "little") % self.dimension] += 1 if digest[7] & 1 else -1
        if progress and texts:
            progress(len(texts))
        return normalize_rows(matrix)


_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+|[^\w\s]|_")
_WORD = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")


def _iter_features(text: str) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield word
        size = 2 if re.match(rf"[{_HAN}]", word) else 3
        yield from (word[at : at + size] for at in range(len(word) - size + 1))
        if size == 2:
            yield from word
