"""Trains the adapter on two cores, checkpoint after checkpoint.

python tools/adapter/train.py EXAMPLES OUT --quads tools/adapter/quads.jsonl --steps 300
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import torch
from batches import Batches, read_examples, read_quads
from network import Network
from safetensors.numpy import save_file
from text import Example
from torch import Tensor
from torch.nn import functional

from search_core.embedders.adapter import make_metadata
from search_core.embedders.model_folder import find_folder

TEMPERATURE = 0.02
QUESTION_TOKENS = 64
PASSAGE_TOKENS, LONG_PASSAGE_TOKENS, LONG_SHARE = 112, 224, 0.06
WARM_UP = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--quads", type=Path, nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=360)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-layer", type=int, default=6)
    parser.add_argument("--keep", type=float, default=0.5, help="weight of staying near the model's own ranking")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=60)
    parser.add_argument("--scale", type=float, default=0.5, help="what saved checkpoints keep of what was learnt")
    given = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(given.seed)
    given.out.mkdir(parents=True, exist_ok=True)
    folder = find_folder("bundled")
    network = Network(folder.path, first_layer=given.first_layer, rank=given.rank)
    train(network, given, folder.weights)


def train(network: Network, given: argparse.Namespace, weights: str) -> None:
    batches = Batches(read_examples(given.examples, dev=False), read_quads(given.quads, dev=False), given.seed)
    lengths = random.Random(given.seed)  # noqa: S311
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=0.01, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate_factor(step, given.steps))
    started = time.monotonic()
    for step, batch in zip(range(1, given.steps + 1), batches, strict=False):
        limit = LONG_PASSAGE_TOKENS if lengths.random() < LONG_SHARE else PASSAGE_TOKENS
        keep = given.keep if step % 2 else 0.0
        network.merge()
        contrast, kept = measure_loss(network, batch, limit, plain=keep > 0)
        optimizer.zero_grad()
        (contrast + keep * kept).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        print(f"{step} {contrast.item():.3f} {kept.item():.4f} {time.monotonic() - started:.0f}s", flush=True)
        if step % given.save_every == 0 or step == given.steps:
            save_adapter(network, given.out / f"step-{step:04}.safetensors", weights, given.scale)


def _rate_factor(step: int, steps: int) -> float:
    """Linear warm-up, then linear decay to a twentieth."""
    return min((step + 1) / WARM_UP, 1.0) * max(0.05, 1 - step / steps)


def measure_loss(network: Network, batch: list[Example], limit: int, *, plain: bool) -> tuple[Tensor, Tensor]:
    """Cross-entropy over the passages of both languages, and how far same-language rankings moved.

    For each question the French and the Chinese positive in turn; the other one is no negative and is left out.
    """
    titled = [bool(example.fr_question) for example in batch]
    questions, plain_questions = network.encode(
        [f"query: {example.fr_question or example.fr_passage}" for example in batch]
        + [f"query: {example.zh_question or example.zh_passage}" for example in batch],
        QUESTION_TOKENS,
        plain=plain,
    )
    passages, plain_passages = network.encode(
        [f"passage: {example.fr_passage}" for example in batch]
        + [f"passage: {example.zh_passage}" for example in batch],
        limit,
        plain=plain,
    )
    size = len(batch)
    scores = questions @ passages.T / TEMPERATURE
    own, other = torch.arange(2 * size), (torch.arange(2 * size) + size) % (2 * size)
    across = _cross_entropy(scores, other, own)
    same = _cross_entropy(scores, own, other)[torch.tensor(titled * 2)]
    contrast = torch.cat([across, same]).mean()
    if plain_questions is None or plain_passages is None:
        return contrast, torch.tensor(0.0)
    before = plain_questions @ plain_passages.T / TEMPERATURE
    return contrast, (_divergence(before, scores, slice(0, size)) + _divergence(before, scores, slice(size, None))) / 2


def _cross_entropy(scores: Tensor, positive: Tensor, left_out: Tensor) -> Tensor:
    rows = torch.arange(len(scores))
    masked = scores.index_put((rows, left_out), torch.tensor(-1e4))
    return functional.cross_entropy(masked, positive, reduction="none")


def _divergence(before: Tensor, after: Tensor, language: slice) -> Tensor:
    return functional.kl_div(
        after[language, language].log_softmax(-1), before[language, language].softmax(-1), reduction="batchmean"
    )


def save_adapter(network: Network, path: Path, weights: str, scale: float) -> None:
    """In 16 bits; the metadata names the weights that it was trained for.

    Half of what was learnt crosses languages nearly as well as all of it, and leaves Chinese questions on Chinese text
    where they were (README.md).
    """
    tensors = {
        name: (tensor.numpy() * (scale if name.endswith(".up") else 1)).astype(np.float16)
        for name, tensor in network.state().items()
    }
    save_file(tensors, path, metadata=make_metadata(tensors, weights))


if __name__ == "__main__":
    main()
