"""What networks made of a model need to run: changed weights, batches of like length, the processor's arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from search_core.embedders.adapter import Adapter
from search_core.errors import ModelError

BATCH_TOKENS = 2048
"""Padded tokens a batch. Larger ones are no faster on a processor (4 passages of 250 tokens run as fast as 32), and a
query that arrives meanwhile waits longer."""


def merge_adapter(network: nn.Module, adapter: Adapter) -> None:
    """Add `up @ down` to each weight that the adapter names. Raises `ModelError` where the network is another one."""
    weights = dict(network.named_parameters())
    for module, (down, up) in adapter.modules().items():
        found = [name for name in weights if f".{name}".endswith(f".{module}.weight")]
        shape = (up.shape[0], down.shape[1])
        if len(found) != 1 or tuple(weights[found[0]].shape) != shape:
            raise ModelError(
                f"The {adapter.name} does not fit the model: {module} has no weight of shape {shape}.",
                remedy=adapter.remedy,
            )
        with torch.no_grad():
            weights[found[0]].add_(torch.from_numpy(up).float() @ torch.from_numpy(down).float())


def iter_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Numbers of texts in batches of like length, longest first, each at most `budget` tokens after padding.

    A text longer than the budget makes a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda number: -lengths[number])
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


def profits_from_bfloat16(device: torch.device) -> bool:
    """Asks torch for the instructions: without them bfloat16 is emulated, and slower than 32 bits."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):  # torch before 2.10
        return False
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
