"""The bundled model with low-rank adapters on its linear maps, plainly in torch, out of what `pack.py` packed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import safe_open
from torch import Tensor, nn
from torch.nn import functional

from search_core.embedders.computing import profits_from_bfloat16
from search_core.embedders.packed_model import unpack_blocks

ADAPTED = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
CHUNK_TOKENS, CHUNK_TOKENS_ON_CPU = 24576, 2048
"""Padded tokens that run at once: on a processor, what its caches hold (a tenth faster than 24,576)."""

PADDING = 1


Arrays = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Build:
    layers: int
    heads: int
    epsilon: float


class LowRank(nn.Module):
    """A linear map plus `up @ down`; `up` starts at zero, so that training starts from the model as it is."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int, precision: torch.dtype) -> None:
        super().__init__()
        self.weight, self.bias, self._precision = weight, bias.to(precision), precision
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1], device=weight.device) / weight.shape[1] ** 0.5)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, device=weight.device))
        self.merged = self.plain = weight.to(precision)

    def merge(self, scale: float) -> None:
        self.merged = (self.weight + scale * (self.up @ self.down)).to(self._precision)

    def settle(self) -> None:
        """What is merged now is the plain map from here on."""
        self.plain = self.merged.detach()

    def forward(self, values: Tensor, *, plain: bool) -> Tensor:
        return functional.linear(values, self.plain if plain else self.merged, self.bias)


class Network:
    """Embeds token ids with the adapters or without them.

    Where gradients are wanted, `dropout` of what each half of a layer adds is left out.
    """

    def __init__(
        self, arrays: Arrays, build: Build, *, rank: int, first_layer: int, device: str, dropout: float = 0.0
    ) -> None:
        self.build, self.device, self._dropout = build, torch.device(device), dropout
        self.chunk_tokens = CHUNK_TOKENS_ON_CPU if self.device.type == "cpu" else CHUNK_TOKENS
        precision = torch.bfloat16 if profits_from_bfloat16(self.device) else torch.float32
        self._fixed: dict[str, Tensor] = {}
        self.adapters: dict[str, LowRank] = {}
        self.hidden = hidden = len(arrays["model.emb.ln.w"])
        for name, raw in arrays.items():
            if name.startswith("model."):
                values = unpack_blocks(raw.data) if raw.dtype == np.uint8 else raw
                tensor = torch.from_numpy(np.array(values, dtype=np.float32)).to(self.device)
                self._fixed[name.removeprefix("model.")] = tensor
        for name in ("emb.word", "emb.pos", "emb.type"):
            self._fixed[name] = self._fixed[name].view(-1, hidden).to(precision)
        for layer in range(build.layers):
            for part in ADAPTED:
                bias = self._fixed[f"l{layer}.{part}.b"]
                weight = self._fixed.pop(f"l{layer}.{part}.w").view(len(bias), -1)
                self.adapters[f"l{layer}.{part}"] = LowRank(weight, bias, rank, precision)
        self.first_layer = first_layer
        for name, tensor in self._fixed.items():
            if ".ln." in name or "aln" in name or "oln" in name:
                self._fixed[name] = tensor.to(precision)

    def parameters(self) -> list[nn.Parameter]:
        return [weight for adapter in self._trained().values() for weight in (adapter.down, adapter.up)]

    def _trained(self) -> dict[str, LowRank]:
        return {
            name: each for name, each in self.adapters.items() if int(name[1:].partition(".")[0]) >= self.first_layer
        }

    def merge(self, scale: float = 1.0) -> None:
        """To be called after each change of the parameters."""
        for adapter in self._trained().values():
            adapter.merge(scale)

    def start_from(self, tensors: Arrays) -> None:
        """Training goes on from an adapter file: what is `plain` from here on has that adapter."""
        self.load(tensors)
        self.merge()
        for adapter in self._trained().values():
            adapter.settle()

    def load(self, tensors: Arrays) -> None:
        """The weights of an adapter file, as `state` names them."""
        for name, adapter in self._trained().items():
            for part in ("down", "up"):
                values = torch.from_numpy(np.array(tensors[f"{_module_name(name)}.{part}"], dtype=np.float32))
                setattr(adapter, part, nn.Parameter(values.to(self.device)))

    def state(self) -> dict[str, Tensor]:
        """`<module>.down` (rank, in) and `<module>.up` (out, rank): the weight grows by `up @ down`."""
        return {
            f"{_module_name(name)}.{part}": getattr(adapter, part).detach().float().cpu().clone()
            for name, adapter in self._trained().items()
            for part in ("down", "up")
        }

    def encode(self, texts: Sequence[npt.NDArray[np.integer]], *, plain: bool = False) -> Tensor:
        """Vectors of norm 1, in float32, of texts given as token ids."""
        order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
        vectors: list[Tensor] = []
        start = 0
        while start < len(order):
            size = max(1, self.chunk_tokens // len(texts[order[start]]))
            vectors.append(self._run([texts[number] for number in order[start : start + size]], plain=plain))
            start += size
        return torch.cat(vectors)[torch.tensor(order, device=self.device).argsort()]

    def _run(self, texts: Sequence[npt.NDArray[np.integer]], *, plain: bool) -> Tensor:
        hidden, real = self.read_tokens(texts, plain=plain)
        weights = real[:, :, None].float()
        return functional.normalize((hidden.float() * weights).sum(1) / weights.sum(1), dim=-1)

    def read_tokens(self, texts: Sequence[npt.NDArray[np.integer]], *, plain: bool = False) -> tuple[Tensor, Tensor]:
        """Token vectors of the last layer, shape (n, width, hidden), and which tokens are no padding, (n, width)."""
        width = max(map(len, texts))
        ids = np.full((len(texts), width), PADDING, dtype=np.int64)
        for row, text in enumerate(texts):
            ids[row, : len(text)] = text
        tokens = torch.from_numpy(ids).to(self.device)
        counts = torch.tensor([len(text) for text in texts], device=self.device)
        real = torch.arange(width, device=self.device) < counts[:, None]
        hidden = self._norm(
            functional.embedding(tokens, self._fixed["emb.word"])
            + self._fixed["emb.pos"][:width]
            + self._fixed["emb.type"][0],
            "emb.ln",
        )
        for layer in range(self.build.layers):
            hidden = self._layer(hidden, real[:, None, None, :], f"l{layer}", plain)
        return hidden, real

    def _layer(self, hidden: Tensor, mask: Tensor, name: str, plain: bool) -> Tensor:
        size, width, _ = hidden.shape

        def apply(part: str, values: Tensor) -> Tensor:
            return self.adapters[f"{name}.{part}"](values, plain=plain)

        heads = [
            apply(part, hidden).view(size, width, self.build.heads, -1).transpose(1, 2) for part in ("q", "k", "v")
        ]
        attended = functional.scaled_dot_product_attention(*heads, attn_mask=mask)
        attended = attended.transpose(1, 2).reshape(size, width, -1)
        hidden = self._norm(hidden + self._drop(apply("ao", attended)), f"{name}.aln")
        return self._norm(hidden + self._drop(apply("fo", functional.gelu(apply("fi", hidden)))), f"{name}.oln")

    def _drop(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self._dropout, training=torch.is_grad_enabled())

    def _norm(self, values: Tensor, name: str) -> Tensor:
        weight, bias = self._fixed[f"{name}.w"], self._fixed[f"{name}.b"]
        return functional.layer_norm(values, weight.shape, weight, bias, self.build.epsilon)


def _module_name(name: str) -> str:
    """`l3.fi` -> `encoder.layer.3.intermediate.dense`."""
    layer, part = name[1:].split(".")
    return f"encoder.layer.{layer}.{ADAPTED[part]}"


def open_pack(path: Path) -> tuple[Arrays, dict[str, str], Build]:
    """What `pack.py` wrote: the arrays, what it says of them, and the build of the model."""
    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    return arrays, about, Build(int(about["layers"]), int(about["heads"]), float(about["epsilon"]))
