"""The bundled model with low-rank adapters on its last layers, written plainly in torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

ADAPTED = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
COMPUTE = torch.bfloat16
CHUNK_TOKENS = 3072
"""Padded tokens that run at once."""


class LowRank(nn.Module):
    """A linear map plus `up @ down`; `up` starts at zero, so that training starts from the model as it is.

    The two are merged once a step: on two cores one large product is faster than one large and two narrow ones, though
    its gradient is that of the whole weight.
    """

    def __init__(self, base: nn.Linear, rank: int) -> None:
        super().__init__()
        self.weight, self.bias = base.weight.detach().float(), base.bias.detach().to(COMPUTE)
        self.down = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        self.plain = self.merged = self.weight.to(COMPUTE)
        self.enabled = True

    def merge(self) -> None:
        self.merged = (self.weight + self.up @ self.down).to(COMPUTE)

    def forward(self, values: Tensor) -> Tensor:
        return nn.functional.linear(values, self.merged if self.enabled else self.plain, self.bias)


class Network:
    """Embeds texts with the adapters, without them, or with both at the price of the last layers alone."""

    def __init__(self, folder: Path, *, first_layer: int, rank: int) -> None:
        self.model = BertModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval()
        self.model.requires_grad_(False)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.first_layer = first_layer
        self.adapters: dict[str, LowRank] = {}
        for number in range(first_layer, len(self.model.encoder.layer)):
            for name in ADAPTED:
                self._adapt(f"encoder.layer.{number}.{name}", rank)
        self.model.to(COMPUTE)
        for adapter in self.adapters.values():
            adapter.float()

    def _adapt(self, name: str, rank: int) -> None:
        parent, _, child = name.rpartition(".")
        linear = self.model.get_submodule(name)
        self.adapters[name] = LowRank(linear, rank)
        setattr(self.model.get_submodule(parent), child, self.adapters[name])

    def parameters(self) -> list[nn.Parameter]:
        return [weight for adapter in self.adapters.values() for weight in (adapter.down, adapter.up)]

    def merge(self) -> None:
        """To be called after each change of the parameters."""
        for adapter in self.adapters.values():
            adapter.merge()

    def state(self) -> dict[str, Tensor]:
        """`<layer>.down` of shape (rank, in) and `<layer>.up` of shape (out, rank): the weight grows by `up @ down`."""
        return {
            f"{name}.{part}": getattr(adapter, part).detach().clone()
            for name, adapter in self.adapters.items()
            for part in ("down", "up")
        }

    def encode(self, texts: Sequence[str], max_tokens: int, *, plain: bool = False) -> tuple[Tensor, Tensor | None]:
        """Vectors of norm 1 with the adapters and, when `plain`, also without."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch_fast(list(texts))]
        tokens = [[*ids[: max_tokens - 1], ids[-1]] if len(ids) > max_tokens else ids for ids in tokens]
        order = sorted(range(len(tokens)), key=lambda number: -len(tokens[number]))
        vectors: list[Tensor] = []
        plains: list[Tensor] = []
        start = 0
        while start < len(order):
            size = max(1, CHUNK_TOKENS // len(tokens[order[start]]))
            chunk = [tokens[number] for number in order[start : start + size]]
            start += size
            adapted, without = self._run(chunk, plain)
            vectors.append(adapted)
            if without is not None:
                plains.append(without)
        back = torch.tensor(order).argsort()
        return torch.cat(vectors)[back], torch.cat(plains)[back] if plain else None

    def _run(self, tokens: list[list[int]], plain: bool) -> tuple[Tensor, Tensor | None]:
        width = max(map(len, tokens))
        ids = torch.tensor([[*row, *[1] * (width - len(row))] for row in tokens])
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in tokens])
        blocked = ((1 - mask[:, None, None, :]) * -1e4).to(COMPUTE)
        with torch.no_grad():
            hidden = self._layers(self.model.embeddings(input_ids=ids), blocked, slice(0, self.first_layer))
        upper = slice(self.first_layer, None)
        vectors = _pool(self._layers(hidden, blocked, upper), mask)
        if not plain:
            return vectors, None
        with torch.no_grad():
            self._enable(False)
            without = _pool(self._layers(hidden, blocked, upper), mask)
            self._enable(True)
        return vectors, without

    def _layers(self, hidden: Tensor, blocked: Tensor, which: slice) -> Tensor:
        for layer in self.model.encoder.layer[which]:
            output = layer(hidden, attention_mask=blocked)
            hidden = output[0] if isinstance(output, tuple) else output
        return hidden

    def _enable(self, enabled: bool) -> None:
        for adapter in self.adapters.values():
            adapter.enabled = enabled


def _pool(hidden: Tensor, mask: Tensor) -> Tensor:
    weights = mask[:, :, None].float()
    return nn.functional.normalize((hidden.float() * weights).sum(1) / weights.sum(1), dim=-1)
