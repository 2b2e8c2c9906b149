"""Batches are made while the network learns from earlier ones: a GPU waited for them a quarter of its time."""

from __future__ import annotations

from typing import TypeVar

from torch.utils.data import DataLoader, IterableDataset

WAITING = 8
"""Batches that are made and not yet read."""

Batch = TypeVar("Batch")


def make_ahead(batches: IterableDataset[Batch]) -> DataLoader[Batch]:
    """The same batches in the same order, made by a process of its own."""
    return DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=WAITING)
