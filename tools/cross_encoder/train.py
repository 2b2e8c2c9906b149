"""Trains a cross-encoder out of a packed file, and measures it on texts that training never saw.

PYTHONPATH=.:tools/adapter python tools/cross_encoder/train.py PACK OUT --seconds 200 --seed 1
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from ahead import make_ahead
from development import tell
from network import Network, open_pack
from pairs import Batch, Batches, Mix, Readings
from reading import IMPOSSIBLE, Reading, ReadingNetwork
from safetensors.numpy import save_file
from safetensors.torch import load_file
from torch import Tensor

from search_core.embedders.adapter import CROSS_ENCODER_FORMAT, make_metadata


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="a cross-encoder to go on from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--steps", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--warm-up", type=int, default=60, help="steps until the whole rate is reached")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--mix", type=json.loads, default={}, help="fields of Mix, as JSON")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=500, help="measure after so many steps")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(given.seed)
    arrays, about, build = open_pack(given.pack)
    plain = Network(arrays, build, rank=given.rank, first_layer=0, device=given.device, dropout=given.dropout)
    network = ReadingNetwork(plain)
    if given.start:
        network.load(load_file(given.start))
    readings = Readings(arrays)
    batches = Batches(readings, Mix(**given.mix), given.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=given.rate, weight_decay=given.decay, betas=(0.9, 0.98))
    started, progress = time.monotonic(), 0.0
    for step, batch in enumerate(make_ahead(batches), start=1):
        _set_rate(optimizer, given.rate, min((step + 1) / given.warm_up, 1.0), progress)
        network.merge()
        losses = measure_losses(network.read(batch.pairs), batch)
        optimizer.zero_grad()
        sum(losses.values(), torch.zeros((), device=network.device)).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        spent = time.monotonic() - started
        progress = max(step / given.steps, spent / given.seconds)
        if step % 100 == 0:
            print(step, {name: round(loss.item(), 3) for name, loss in losses.items()}, f"{spent:.0f}s", flush=True)
        if step % given.every == 0 or progress >= 1:
            network.merge()
            tensors = {name: tensor.numpy().astype(np.float16) for name, tensor in network.state().items()}
            save_file(
                tensors,
                given.out / f"step-{step:05}.safetensors",
                metadata=make_metadata(tensors, about["weights"], CROSS_ENCODER_FORMAT),
            )
            tell(network, readings, step)
        if progress >= 1:
            break


def _set_rate(optimizer: torch.optim.Optimizer, rate: float, warmed: float, progress: float) -> None:
    """Linear warm-up, then linear decay to a fiftieth."""
    for group in optimizer.param_groups:
        group["lr"] = rate * warmed * max(0.02, 1 - progress)


def measure_losses(reading: Reading, batch: Batch) -> dict[str, Tensor]:
    """What answers and where (`told`), what does not (`refused`), and which passage of a question does (`chosen`)."""
    device = reading.sentences.device
    whole = torch.cat([reading.none[:, None], reading.sentences], 1)
    logs = whole.log_softmax(-1)
    right = np.zeros(whole.shape, dtype=bool)
    for row, pair in enumerate(batch.pairs):
        right[row, [1 + number for number in pair.answers]] = True
    answered = right.any(1)
    refused = ~answered & ~np.array([pair.loose for pair in batch.pairs])
    allowed = logs.masked_fill(~torch.from_numpy(right).to(device), IMPOSSIBLE)
    told = allowed[torch.from_numpy(answered).to(device)].logsumexp(-1)
    compared = torch.cat([reading.worth(), torch.full((1,), IMPOSSIBLE, device=device)])
    chosen = compared[torch.from_numpy(_tabulate(batch, answered)).to(device)].log_softmax(-1)[:, 0]
    return {
        "told": -told.mean(),
        "refused": -logs[torch.from_numpy(refused).to(device), 0].mean(),
        "chosen": -chosen.mean(),
    }


def _tabulate(batch: Batch, answered: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The pairs of each question that has an answer, a row each, the answer first; then a number past all pairs."""
    ends = [*batch.starts[1:], len(batch.pairs)]
    rows = [range(start, end) for start, end in zip(batch.starts, ends, strict=True) if answered[start]]
    table = np.full((len(rows), max(map(len, rows))), len(batch.pairs), dtype=np.int64)
    for row, numbers in enumerate(rows):
        table[row, : len(numbers)] = numbers
    return table


if __name__ == "__main__":
    main()
