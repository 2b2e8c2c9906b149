"""Makes the shipped adapter, or cross-encoder, out of the runs of trainings: their weighted sum, narrowed to a rank.

python tools/adapter/merge.py search_core/adapter.safetensors RUN-1/step-01150.safetensors@0.12 OTHER.safetensors@0.7

The heads of a cross-encoder are summed as they are: shares of cross-encoders have to make 1.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from safetensors.numpy import save_file

from search_core.embedders.adapter import CROSS_ENCODER_FORMAT, FORMAT, make_metadata

Floats = npt.NDArray[np.float32]
LOW_RANK = (".up", ".down")


@dataclass(frozen=True)
class Run:
    """What was learnt, how much of it is taken, and the weights that it was learnt for."""

    tensors: dict[str, Floats]
    share: float
    weights: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+", help="files, each with the share that is taken: FILE@0.5")
    parser.add_argument("--rank", type=int, default=32)
    given = parser.parse_args()
    runs = [read_run(run) for run in given.runs]
    if len({run.weights for run in runs}) > 1:
        parser.error("the runs were made for different weights")
    tensors = {name: tensor.astype(np.float16) for name, tensor in merge_runs(runs, given.rank).items()}
    form = CROSS_ENCODER_FORMAT if "heads.weight" in tensors else FORMAT
    save_file(tensors, given.out, metadata=make_metadata(tensors, runs[0].weights, form))
    print(f"{given.out}: {given.out.stat().st_size / 1e6:.1f} MB")


def read_run(argument: str) -> Run:
    path, _, share = argument.rpartition("@")
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
        return Run(tensors, float(share), file.metadata()["weights"])


def merge_runs(runs: Sequence[Run], rank: int) -> dict[str, Floats]:
    """`<module>.down` (rank, in), `<module>.up` (out, rank): of that rank, the nearest to the runs' weighted sum.

    Whatever else the runs have is summed.
    """
    names = {name for run in runs for name in run.tensors}
    merged: dict[str, Floats] = {
        name: np.sum([run.share * run.tensors[name] for run in runs if name in run.tensors], axis=0)
        for name in sorted(names)
        if not name.endswith(LOW_RANK)
    }
    for module in sorted({name.rpartition(".")[0] for name in names if name.endswith(LOW_RANK)}):
        found = [run for run in runs if f"{module}.up" in run.tensors]
        ups = np.concatenate([run.tensors[f"{module}.up"] * run.share for run in found], axis=1)
        downs = np.concatenate([run.tensors[f"{module}.down"] for run in found], axis=0)
        left, values, right = narrow(ups, downs, rank)
        merged[f"{module}.up"], merged[f"{module}.down"] = left * np.sqrt(values), np.sqrt(values)[:, None] * right
    return merged


def narrow(ups: Floats, downs: Floats, rank: int) -> tuple[Floats, Floats, Floats]:
    """The first `rank` singular vectors and values of `ups @ downs`, which is never made whole: both are narrow."""
    left, left_triangle = np.linalg.qr(ups)
    right, right_triangle = np.linalg.qr(downs.T)
    inner_left, values, inner_right = np.linalg.svd(left_triangle @ right_triangle.T)
    return (left @ inner_left)[:, :rank], values[:rank], (inner_right @ right.T)[:rank]


if __name__ == "__main__":
    main()
