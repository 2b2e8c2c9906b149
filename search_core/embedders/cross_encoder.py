"""The bundled model as a cross-encoder: question and passage in one input, layers and two heads trained for that.

It shares the word vectors with the embedder and has layers of its own: the model's, as they were before the bilingual
adapter, with the low-rank changes of `cross_encoder.safetensors`. `tools/cross_encoder` trains them.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from search_core.cross_encoding import Reading, ReadText
from search_core.embedders.adapter import Adapter
from search_core.embedders.computing import BATCH_TOKENS, iter_batches, merge_adapter, profits_from_bfloat16
from search_core.embedding import make_identity
from search_core.errors import ModelError

BEGIN, PADDING, END = 0, 1, 2
QUESTION_TOKENS = 64
CONTEXT_TOKENS = 48
WINDOW = 512
"""Tokens of question and passage together: what the model has positions for."""

CHARACTERS_READ = 16_000
"""Of a text, no more is tokenized: far more than fits the window."""

OUTSIDE = -1
"""The sentence of a token that belongs to none."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Pair:
    """Token ids of a question and a text, and the number of the sentence that each token belongs to."""

    ids: Numbers
    segments: Numbers
    sentences: int


class BundledCrossEncoder:
    """`CrossEncoder` of the bundled model. `network` is its encoder before any adapter was merged into it.

    The input is `<s> question </s></s> context text </s>`. A sentence scores by the mean of its last token vectors,
    that none answers by the vector of `<s>`.
    """

    def __init__(self, network: nn.Module, tokenizer: Tokenizer, tokenizing: threading.Lock, trained: Adapter) -> None:
        self.identity = make_identity(cross_encoder=trained.digest)
        self._name = trained.name
        self._network = _change_layers(network, trained)
        self._device = next(network.parameters()).device
        self._heads = (
            torch.from_numpy(trained.tensors["heads.weight"]).float().to(self._device),
            torch.from_numpy(trained.tensors["heads.bias"]).float().to(self._device),
        )
        self._tokenizer, self._tokenizing = tokenizer, tokenizing
        self._reduced = profits_from_bfloat16(self._device)

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        if not texts:
            return []
        pairs = self._join(question, texts)
        found: dict[int, Reading] = {}
        for batch in iter_batches([len(pair.ids) for pair in pairs], BATCH_TOKENS):
            found |= zip(batch, self._run([pairs[number] for number in batch]), strict=True)
        return [found[number] for number in range(len(texts))]

    def _join(self, question: str, texts: Sequence[ReadText]) -> list[_Pair]:
        asked = self._tokenize([question])[0][0][:QUESTION_TOKENS]
        contexts = self._tokenize([text.context for text in texts])
        bodies = self._tokenize([text.text for text in texts])
        return [
            _join_pair(asked, context[:CONTEXT_TOKENS], *body, text)
            for (context, _), body, text in zip(contexts, bodies, texts, strict=True)
        ]

    def _tokenize(self, texts: Sequence[str]) -> list[tuple[Numbers, Numbers]]:
        """Token ids of each text, and where each token ends in it."""
        cut = [text[:CHARACTERS_READ].encode("utf-8", "replace").decode() for text in texts]
        with self._tokenizing:
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            encodings = self._tokenizer.encode_batch(cut, add_special_tokens=False)
        return [
            (np.array(each.ids, dtype=np.int64), np.array([end for _, end in each.offsets], dtype=np.int64))
            for each in encodings
        ]

    def _run(self, pairs: Sequence[_Pair]) -> list[Reading]:
        width, most = max(len(pair.ids) for pair in pairs), max(1, *(pair.sentences for pair in pairs))
        ids = np.full((len(pairs), width), PADDING, dtype=np.int64)
        segments = np.full((len(pairs), width), OUTSIDE, dtype=np.int64)
        for row, pair in enumerate(pairs):
            ids[row, : len(pair.ids)] = pair.ids
            segments[row, : len(pair.segments)] = pair.segments
        try:
            with torch.inference_mode():
                none, scores = self._score(
                    torch.from_numpy(ids).to(self._device), torch.from_numpy(segments).to(self._device), most
                )
        except RuntimeError as error:  # memory above all
            raise ModelError(
                f"The {self._name} cannot run: {error}",
                remedy="Close other programs, or set PASSERELLE_CROSS_ENCODER=none.",
            ) from error
        return [
            Reading(float(row.logsumexp(0) - absent), tuple(row[: pair.sentences].tolist()))
            for row, absent, pair in zip(scores.cpu(), none.cpu(), pairs, strict=True)
        ]

    def _score(self, ids: Tensor, segments: Tensor, most: int) -> tuple[Tensor, Tensor]:
        """Logits that none answers, shape (n,), and of each sentence, shape (n, most), -inf where it has no token."""
        arithmetic = torch.autocast(self._device.type, torch.bfloat16) if self._reduced else nullcontext()
        with arithmetic:
            hidden = self._network(input_ids=ids, attention_mask=(ids != PADDING).long()).last_hidden_state.float()
        member = (segments[:, None, :] == torch.arange(most, device=self._device)[None, :, None]).float()
        counts = member.sum(-1, keepdim=True)
        weight, bias = self._heads
        pooled = (member @ hidden) / counts.clamp(min=1)
        scores = (pooled @ weight[0] + bias[0]).masked_fill(counts[:, :, 0] == 0, float("-inf"))
        return hidden[:, 0] @ weight[1] + bias[1], scores


def _join_pair(asked: Numbers, context: Numbers, body: Numbers, ends: Numbers, text: ReadText) -> _Pair:
    room = WINDOW - len(asked) - len(context) - 4
    body, ends = body[:room], ends[:room]
    inside = np.full(len(body), OUTSIDE, dtype=np.int64)
    for number, (start, end) in enumerate(text.sentences):
        inside[(ends > start) & (ends <= end)] = number
    head = np.concatenate([[BEGIN], asked, [END, END], context]).astype(np.int64)
    outside = np.full(len(head), OUTSIDE, dtype=np.int64)
    return _Pair(np.concatenate([head, body, [END]]), np.concatenate([outside, inside, [OUTSIDE]]), len(text.sentences))


def _change_layers(network: nn.Module, trained: Adapter) -> nn.Module:
    """A copy with other layers; the word vectors, which are three quarters of its memory, are the network's own."""
    changed = copy.deepcopy(network, memo={id(network.embeddings): network.embeddings}).eval()
    merge_adapter(changed, trained)
    return changed
