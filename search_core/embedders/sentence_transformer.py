"""Embedding with a sentence-transformers model. Importing this takes seconds: torch and transformers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, cast

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils import logging

from search_core.cross_encoding import CrossEncoder
from search_core.embedders.adapter import Adapter
from search_core.embedders.computing import BATCH_TOKENS, iter_batches, merge_adapter, profits_from_bfloat16
from search_core.embedders.cross_encoder import BundledCrossEncoder
from search_core.embedders.model_folder import CHOOSE_MODEL, ModelFolder
from search_core.embedding import Progress, make_identity, normalize_rows
from search_core.errors import ModelError
from search_core.model import Matrix

COUNTED_AT_ONCE = 256
"""Texts tokenized under the lock at once, for the same reason."""

CHARACTERS_PER_TOKEN = 32
"""No more of a text than this times the window is tokenized for embedding: ten million characters take a minute, and
the rest would be cut off anyway."""

UNLIMITED_TOKENS = 1 << 20
"""What `max_tokens` says of a model that reads texts of any length."""


def open_model(
    folder: ModelFolder,
    adapter: Adapter | None = None,
    *,
    cross_encoder: Adapter | None = None,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
) -> SentenceTransformerEmbedder:
    """Load the model of a folder, with what is added for vectors and for reading. Raises `ModelError`.

    Code that lies in the folder is never run.
    """
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        network = SentenceTransformer(
            str(folder.path),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": torch.float32},
        )
        return SentenceTransformerEmbedder(
            network,
            folder,
            adapter,
            cross_encoder=cross_encoder,
            query_prompt=query_prompt,
            passage_prompt=passage_prompt,
        )
    except ModelError:
        raise
    except Exception as error:  # whatever a foreign folder makes three libraries raise
        raise ModelError(f"The model in {folder.path} cannot be loaded: {error}", remedy=CHOOSE_MODEL) from error


class SentenceTransformerEmbedder:
    """Any sentence-transformers model as an `Embedder`.

    Weights are held in 32 bits. Matrix products run in bfloat16 where the processor has instructions for it: 1.7 times
    as many passages a second on AVX-512 BF16, at a cosine to 32 bits of 0.9999 or better.
    """

    def __init__(
        self,
        network: SentenceTransformer,
        folder: ModelFolder,
        adapter: Adapter | None = None,
        *,
        cross_encoder: Adapter | None = None,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
    ) -> None:
        self.name = f"{folder.name} + {adapter.name}" if adapter else folder.name
        self._network = network.eval()
        self._tokenizer = _find_tokenizer(network)
        self._tokenizing = threading.Lock()  # a fast tokenizer holds padding and truncation as state
        # Before the adapter changes the layers.
        self._cross_encoder = self._make_cross_encoder(cross_encoder) if cross_encoder else None
        if adapter:
            merge_adapter(network, adapter)
        self._reduced = profits_from_bfloat16(network.device)
        self._query_prompt = _choose_prompt(network, query_prompt, ("query",))
        self._passage_prompt = _choose_prompt(network, passage_prompt, ("document", "passage", "corpus"))
        self._window = min(network.max_seq_length or UNLIMITED_TOKENS, UNLIMITED_TOKENS)
        [prompt_tokens] = self.count_tokens([self._passage_prompt])
        self._overhead = self._tokenizer.num_special_tokens_to_add(is_pair=False) + prompt_tokens
        self.dimension = self._run([""], self._query_prompt, "query").shape[1]
        self.identity = make_identity(
            weights=folder.weights,  # pooling among them: it is configured in the folder
            adapter=adapter.digest if adapter else "",
            prompts=[self._query_prompt, self._passage_prompt],
            window=self._window,
            dimension=self.dimension,
        )

    @property
    def max_tokens(self) -> int:
        return self._window - self._overhead

    def open_cross_encoder(self) -> CrossEncoder | None:
        return self._cross_encoder

    def _make_cross_encoder(self, trained: Adapter) -> CrossEncoder:
        encoder = cast("torch.nn.Module", self._network[0].auto_model)
        return BundledCrossEncoder(encoder, self._tokenizer, self._tokenizing, trained)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        counts: list[int] = []
        for start in range(0, len(texts), COUNTED_AT_ONCE):
            batch = [_replace_surrogates(text) for text in texts[start : start + COUNTED_AT_ONCE]]
            with self._tokenizing:
                self._tokenizer.no_padding()
                self._tokenizer.no_truncation()
                encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            counts += [len(encoding) for encoding in encodings]
        return counts

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed(texts, self._passage_prompt, "document", progress)

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        return self._embed(texts, self._query_prompt, "query", progress)

    def _embed(self, texts: Sequence[str], prompt: str, task: str, progress: Progress | None) -> Matrix:
        matrix = np.empty((len(texts), self.dimension), dtype=np.float32)
        texts = [_replace_surrogates(text[: self._window * CHARACTERS_PER_TOKEN]) for text in texts]
        lengths = [min(count + self._overhead, self._window) for count in self.count_tokens(texts)]
        for batch in iter_batches(lengths, BATCH_TOKENS):
            matrix[batch] = self._run([texts[number] for number in batch], prompt, task)
            if progress:
                progress(len(batch))
        return normalize_rows(matrix)

    def embed_tokens(
        self, texts: Sequence[str], kind: Literal["query", "passage"], progress: Progress | None = None
    ) -> list[Matrix]:
        """One vector a token, norm 1, without those of prompt and special tokens: for late interaction."""
        prompt, task = {
            "query": (self._query_prompt, "query"),
            "passage": (self._passage_prompt, "document"),
        }[kind]
        found: dict[int, Matrix] = {}
        texts = [_replace_surrogates(text[: self._window * CHARACTERS_PER_TOKEN]) for text in texts]
        lengths = [min(count + self._overhead, self._window) for count in self.count_tokens(texts)]
        for batch in iter_batches(lengths, BATCH_TOKENS):
            found |= zip(batch, self._run_tokens([texts[number] for number in batch], prompt, task), strict=True)
            if progress:
                progress(len(batch))
        return [found[number] for number in range(len(texts))]

    def _run(self, texts: list[str], prompt: str, task: str) -> Matrix:
        vectors = self._forward(texts, prompt, task)["sentence_embedding"]
        return cast("Matrix", vectors[:, : self._network.truncate_dim].float().cpu().numpy())

    def _run_tokens(self, texts: list[str], prompt: str, task: str) -> Iterator[Matrix]:
        features = self._forward(texts, prompt, task)
        [prompt_tokens] = self.count_tokens([prompt.rstrip()])  # the space behind it is the text's first token
        special = torch.tensor(self._network.tokenizer.all_special_ids, device=self._network.device)
        own = features["attention_mask"].bool() & ~torch.isin(features["input_ids"], special)
        for vectors, kept in zip(features["token_embeddings"].float(), own, strict=True):
            yield normalize_rows(vectors[kept][prompt_tokens:].cpu().numpy())

    def _forward(self, texts: list[str], prompt: str, task: str) -> dict[str, Any]:
        device = self._network.device
        with self._tokenizing:
            features = self._network.preprocess(texts, prompt=prompt, task=task)
        features = {
            name: value.to(device) if isinstance(value, torch.Tensor) else value for name, value in features.items()
        }
        try:
            with torch.inference_mode(), self._arithmetic():
                return cast("dict[str, Any]", self._network(features, task=task))
        except RuntimeError as error:  # memory above all
            raise ModelError(
                f"The model {self.name} cannot run: {error}", remedy="Close other programs, or choose a smaller model."
            ) from error

    def _arithmetic(self) -> AbstractContextManager[object]:
        return torch.autocast(self._network.device.type, torch.bfloat16) if self._reduced else nullcontext()


def _find_tokenizer(network: SentenceTransformer) -> Tokenizer:
    tokenizer = getattr(network.tokenizer, "backend_tokenizer", network.tokenizer)
    if not isinstance(tokenizer, Tokenizer):
        raise TypeError("it has no fast tokenizer (tokenizer.json).")
    return tokenizer


def _choose_prompt(network: SentenceTransformer, given: str | None, names: Sequence[str]) -> str:
    """The prompt given, else the first one declared under one of `names`."""
    return given if given is not None else next(filter(None, map(network.prompts.get, names)), "")


def _replace_surrogates(text: str) -> str:
    """Tokenizers refuse half a surrogate pair; it becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
