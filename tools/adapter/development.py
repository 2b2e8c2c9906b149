"""Measures retrieval in four directions on texts that training never saw, centred and calibrated.

python tools/adapter/development.py PACK none ADAPTER.safetensors@0.5
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from batches import Row, Texts, read_rows
from network import Network, open_pack
from safetensors.numpy import load_file
from torch import Tensor
from unpacked_texts import Ids

DISTRACTORS = 600
QUESTIONS = 300
LANGUAGES = ("fr", "zh")


@dataclass(frozen=True)
class Collection:
    """Passages of both languages, the asked ones first, and the questions on them."""

    questions: tuple[list[Ids], list[Ids]]
    passages: tuple[list[Ids], list[Ids]]
    heads: tuple[list[Ids], list[Ids]]


class Development:
    """Subjects of the project's own questions, asked by question and by title, blocks, and whole sources."""

    def __init__(self, rows: Sequence[Row], texts: Texts) -> None:
        dice = random.Random(0)  # noqa: S311
        held = [row for row in rows if row.dev]
        written = [row for row in held if row.written == 1]
        blocks = {row.passages: row for row in held if row.written == 2}
        titled = [row for row in held if not row.written and row.questions[0] >= 0]
        pairs = [row for row in held if row.questions[0] < 0 and len(texts.ids(row.passages[0])) > 15]
        others = dice.sample(pairs, min(DISTRACTORS, len(pairs)))
        entitled = [row for row in written if row.titles[0] >= 0]
        short = [row for row in written if len(texts.ids(row.passages[0])) < 60]
        self.collections = {
            "questions": _collect(texts, written, others, "questions"),
            "short": _collect(texts, short, [row for row in written if row not in short] + others, "questions"),
            "blocks": _collect(texts, list(blocks.values()), others, "questions"),
            "titles": _collect(texts, entitled, others, "titles"),
            "sources": _collect(texts, dice.sample(titled, min(QUESTIONS, len(titled))), others, "questions"),
        }

    def tell(self, network: Network, step: int, scales: Sequence[float]) -> None:
        for scale in scales:
            network.merge(scale)
            for name, collection in self.collections.items():
                found = measure(network, collection)
                print(json.dumps({"step": step, "scale": scale, "set": name, **found}), flush=True)


def _collect(texts: Texts, asked: Sequence[Row], others: Sequence[Row], by: str) -> Collection:
    questions: tuple[list[Ids], list[Ids]] = ([], [])
    passages: tuple[list[Ids], list[Ids]] = ([], [])
    heads: tuple[list[Ids], list[Ids]] = ([], [])
    for number, row in enumerate([*asked, *others]):
        for language in (0, 1):
            passages[language].append(texts.as_passage(texts.ids(row.passages[language])))
            heads[language].append(texts.as_query(texts.sentences_to_ask(row.passages[language])[0]))
            if number < len(asked):
                questions[language].append(texts.as_query(texts.ids(getattr(row, by)[language])))
    return Collection(questions, passages, heads)


@torch.no_grad()
def measure(network: Network, collection: Collection) -> dict[str, float]:
    """nDCG@10 filtered (`fr>zh`) and hit@10 in the mixed list (`fr>zh hit`), questions centred by their whole mean.

    The product centres by half of it; adapters were compared by this, and are all favoured or wronged alike.
    """
    passages = [network.encode(texts) for texts in collection.passages]
    found: dict[str, float] = {}
    for asked, questions in enumerate(collection.questions):
        if not questions:
            continue
        centred = network.encode(questions) - network.encode(collection.heads[asked]).mean(0)
        scores = [_calibrate(centred @ each.T) for each in passages]
        right = torch.arange(len(centred), device=scores[0].device)
        mixed = torch.cat(scores, 1).topk(10).indices
        for language, each in enumerate(scores):
            name = f"{LANGUAGES[asked]}>{LANGUAGES[language]}"
            rank = (each > each[right, right][:, None]).sum(1).float()
            gain = torch.where(rank < 10, 1 / torch.log2(rank + 2), torch.zeros_like(rank))
            place = right + language * len(passages[0])
            found[name] = round(gain.mean().item(), 4)
            found[f"{name} hit"] = round((mixed == place[:, None]).any(1).float().mean().item(), 4)
    return found


def _calibrate(scores: Tensor) -> Tensor:
    return (scores - scores.mean(1, keepdim=True)) / scores.std(1, keepdim=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument(
        "adapters", nargs="+", help="files, each with the share of it to add: FILE@0.5; none: the model"
    )
    given = parser.parse_args()
    arrays, about, build = open_pack(given.pack)
    development = Development(read_rows(arrays), Texts(arrays, json.loads(about["prefixes"])))
    for adapter in given.adapters:
        path, _, scale = adapter.partition("@")
        network = Network(arrays, build, rank=1, first_layer=0, device="cpu")
        if path != "none":
            network.load(load_file(path))
        print(adapter, flush=True)
        development.tell(network, 0, (float(scale or 1),))


if __name__ == "__main__":
    main()
