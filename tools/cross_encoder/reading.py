"""A network that reads a question and a passage together: a score for each sentence, and one for `none answers`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from network import Network
from pairs import OUTSIDE, Pair
from torch import Tensor, nn

IMPOSSIBLE = -1e4


@dataclass(frozen=True)
class Reading:
    """Logits of pairs: `none`, shape (n,), and `sentences`, shape (n, most), `IMPOSSIBLE` where there is none."""

    none: Tensor
    sentences: Tensor

    def worth(self) -> Tensor:
        """How much rather the passage answers than not: log-odds, shape (n,)."""
        return self.sentences.logsumexp(-1) - self.none


class ReadingNetwork:
    """The network with two heads: one over the mean of a sentence's token vectors, one over the first token's."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.device = network.device
        hidden = network.hidden
        self._heads = nn.Linear(hidden, 2).to(self.device)

    def parameters(self) -> list[nn.Parameter]:
        return [*self._network.parameters(), *self._heads.parameters()]

    def merge(self) -> None:
        self._network.merge()

    def load(self, tensors: dict[str, Tensor]) -> None:
        self._network.load({name: value for name, value in tensors.items() if name.startswith("encoder")})
        with torch.no_grad():
            self._heads.weight.copy_(torch.as_tensor(tensors["heads.weight"]))
            self._heads.bias.copy_(torch.as_tensor(tensors["heads.bias"]))

    def state(self) -> dict[str, Tensor]:
        heads = {f"heads.{name}": value.detach().cpu().clone() for name, value in self._heads.named_parameters()}
        return {**self._network.state(), **heads}

    def read(self, pairs: Sequence[Pair]) -> Reading:
        order = sorted(range(len(pairs)), key=lambda number: -len(pairs[number].ids))
        most = max(int(pair.segments.max()) + 1 for pair in pairs)
        none, sentences = [], []
        start = 0
        while start < len(order):
            size = max(1, self._network.chunk_tokens // len(pairs[order[start]].ids))
            found = self._read([pairs[number] for number in order[start : start + size]], most)
            none.append(found[0])
            sentences.append(found[1])
            start += size
        back = torch.tensor(order, device=self.device).argsort()
        return Reading(torch.cat(none)[back], torch.cat(sentences)[back])

    def _read(self, pairs: Sequence[Pair], most: int) -> tuple[Tensor, Tensor]:
        hidden, _ = self._network.read_tokens([pair.ids for pair in pairs])
        numbers = np.full(tuple(hidden.shape[:2]), OUTSIDE)
        for row, pair in enumerate(pairs):
            numbers[row, : len(pair.segments)] = pair.segments
        segments = torch.from_numpy(numbers).to(self.device)
        member = (segments[:, None, :] == torch.arange(most, device=self.device)[None, :, None]).float()
        counts = member.sum(-1, keepdim=True)
        pooled = (member @ hidden.float()) / counts.clamp(min=1)
        scores = self._heads(pooled)[:, :, 0].masked_fill(counts[:, :, 0] == 0, IMPOSSIBLE)
        return self._heads(hidden[:, 0].float())[:, 1], scores
