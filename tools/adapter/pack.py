"""Packs what training reads: token ids of all texts, and the model with that part of its vocabulary.

python tools/adapter/pack.py EXAMPLES OUT --quads tools/adapter/quads.jsonl --blocks tools/cross_encoder/passages.jsonl

Some 35 MB: it can go to a machine with a GPU, where torch, numpy and safetensors are all that train.py needs.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from examples import read_blocks, read_examples, read_quads
from packing import PackedTexts, pack_weights
from safetensors.numpy import save_file
from text import iter_sentence_starts
from tokenizers import Tokenizer

from search_core.embedders.bundled import default_cache, find_packed_file, unpack_model
from search_core.embedders.packed_model import read_packed

FIELDS = ("fr_question", "zh_question", "fr_title", "zh_title", "fr_passage", "zh_passage")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quads", type=Path, nargs="*", default=[])
    parser.add_argument("--blocks", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    packed = find_packed_file()
    folder = unpack_model(packed, default_cache())
    examples = [
        (example, dev, written)
        for dev in (False, True)
        for written, group in enumerate(
            [
                read_examples(given.examples, dev=dev),
                read_quads(given.quads, dev=dev),
                read_blocks(given.blocks, dev=dev),
            ]
        )
        for example in group
    ]
    texts = PackedTexts(Tokenizer.from_file(str(folder / "tokenizer.json")))
    prefixes = [_add(texts, prefix) for prefix in ("query:", "passage:")]
    sources = sorted({example.source for example, *_ in examples})
    numbers = {source: number for number, source in enumerate(sources)}
    rows = [
        [numbers[example.source], int(dev), written, *(_add(texts, getattr(example, field)) for field in FIELDS)]
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


def _add(texts: PackedTexts, text: str) -> int:
    """The text's number; -1 for none."""
    return texts.add(text, list(iter_sentence_starts(text))) if text.strip() else -1


if __name__ == "__main__":
    main()
