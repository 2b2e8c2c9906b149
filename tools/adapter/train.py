"""Trains adapters out of a packed file, and measures each on texts that training never saw.

python tools/adapter/train.py PACK OUT --device cuda --steps 1000 --seed 1

With --seconds the rate falls to its end in that time, however many steps that makes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from ahead import make_ahead
from batches import Batch, Batches, Mix, Texts, read_rows
from development import Development
from network import Arrays, Network, open_pack
from safetensors.numpy import load_file, save_file
from torch import Tensor
from torch.nn import functional

WARM_UP = 40
NEAR_DOUBLE = 0.965
"""Of passages whose plain vectors have this cosine, neither is a wrong answer to the other's question."""

SCALES = (0.5, 0.75, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="an adapter to go on from, and to stay near")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--first-layer", type=int, default=0)
    parser.add_argument("--temperature", type=float, default=0.02)
    parser.add_argument("--keep", type=float, default=0.5, help="weight of staying near the ranking at the start")
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--mix", type=json.loads, default={}, help="fields of Mix, as JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=int, default=250)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(given.seed)
    arrays, about, build = open_pack(given.pack)
    network = Network(arrays, build, rank=given.rank, first_layer=given.first_layer, device=given.device)
    if given.start:
        network.start_from(load_file(given.start))
    train(network, arrays, about, given)


def train(
    network: Network,
    arrays: Arrays,
    about: Mapping[str, str],
    given: argparse.Namespace,
) -> None:
    texts = Texts(arrays, json.loads(about["prefixes"]))
    rows = read_rows(arrays)
    development = Development(rows, texts)
    batches = Batches(rows, texts, Mix(**given.mix), given.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=given.decay, betas=(0.9, 0.98))
    started, step, progress = time.monotonic(), 0, 0.0
    for batch in make_ahead(batches):
        step += 1
        _set_rate(optimizer, given.rate, step, progress)
        network.merge()
        contrast, kept = measure_loss(network, batch, given.temperature)
        optimizer.zero_grad()
        (contrast + given.keep * kept).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        spent = time.monotonic() - started
        progress = max(step / given.steps, spent / given.seconds)
        if step % 50 == 0:
            print(f"{step} {contrast.item():.3f} {kept.item():.4f} {spent:.0f}s", flush=True)
        if step % given.save_every == 0 or progress >= 1:
            save_state(network, given.out / f"step-{step:05}.safetensors", about["weights"])
        if progress >= 1:
            break
    development.tell(network, step, SCALES)


def _set_rate(optimizer: torch.optim.Optimizer, rate: float, step: int, progress: float) -> None:
    """Linear warm-up, then linear decay to a twentieth."""
    for group in optimizer.param_groups:
        group["lr"] = rate * min((step + 1) / WARM_UP, 1.0) * max(0.05, 1 - progress)


def measure_loss(network: Network, batch: Batch, temperature: float) -> tuple[Tensor, Tensor]:
    """Cross-entropy over the passages of both languages, and how far same-language rankings moved.

    For each question the French and the Chinese positive in turn; the other one is no negative and is left out, as are
    those of examples that say nearly the same.
    """
    size = len(batch.titled)
    device = network.device
    questions, passages = network.encode(batch.questions), network.encode(batch.passages)
    with torch.no_grad():
        plain_questions = network.encode(batch.questions, plain=True)
        plain_passages = network.encode(batch.passages, plain=True)
    own = torch.arange(2 * size, device=device)
    other = (own + size) % (2 * size)
    excluded = find_doubles(plain_passages, torch.tensor(batch.numbers, device=device)).repeat(2, 2)
    titled = torch.tensor(batch.titled * 2, device=device)
    scores = questions @ passages.T / temperature
    before = plain_questions @ plain_passages.T / temperature
    across, same = _against(scores, excluded, other), _against(scores, excluded, own)
    before = _against(before, excluded, own)
    contrast = torch.cat(
        [
            functional.cross_entropy(across, other, reduction="none"),
            functional.cross_entropy(same[titled], own[titled], reduction="none"),
        ]
    ).mean()
    kept = [_divergence(before, same, part, titled) for part in (slice(0, size), slice(size, None))]
    return contrast, sum(kept, torch.tensor(0.0, device=device)) / 2


def find_doubles(passages: Tensor, numbers: Tensor) -> Tensor:
    """Shape (size, size): whether two examples are the same or nearly so in either language; each is its own double."""
    size = len(numbers)
    near = (passages @ passages.T) > NEAR_DOUBLE
    return near[:size, :size] | near[size:, size:] | (numbers[:, None] == numbers)


def _against(scores: Tensor, excluded: Tensor, positive: Tensor) -> Tensor:
    """The scores of each question's positive and of what is not excluded; -10,000 elsewhere."""
    rows = torch.arange(len(scores), device=scores.device)
    return scores.masked_fill(excluded, -1e4).index_put((rows, positive), scores[rows, positive])


def _divergence(before: Tensor, after: Tensor, language: slice, asked: Tensor) -> Tensor:
    rows = asked[language]
    return functional.kl_div(
        after[language, language][rows].log_softmax(-1),
        before[language, language][rows].softmax(-1),
        reduction="batchmean",
    )


def save_state(network: Network, path: Path, weights: str) -> None:
    """In 16 bits, unscaled; `merge.py` makes an adapter of one or more."""
    tensors = {name: tensor.numpy().astype(np.float16) for name, tensor in network.state().items()}
    save_file(tensors, path, metadata={"weights": weights})


if __name__ == "__main__":
    main()
