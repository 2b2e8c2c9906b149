"""A low-rank adapter: a few megabytes that are added to the weights of the bundled model when it is loaded.

`<module>.down` (rank, in) and `<module>.up` (out, rank) mean: the weight of `<module>` grows by `up @ down`. The file
is read here without torch, so that a run that embeds nothing knows the model's identity in milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from search_core.errors import ModelError

FORMAT = "passerelle-adapter-1"

Tensors = Mapping[str, npt.NDArray[np.float16]]

_SHIPPED = "adapter.safetensors"
_REINSTALL = "Install Passerelle again, or set PASSERELLE_ADAPTER=none."
_CHOOSE = "Set PASSERELLE_ADAPTER to `bundled`, to `none`, or to an adapter file made for the bundled model."


@dataclass(frozen=True)
class Adapter:
    """What is added to a model: `digest` stands for it in the identity, `name` is what people call it."""

    name: str
    digest: str
    tensors: Tensors

    def modules(self) -> dict[str, tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]]:
        """Module name -> (down, up)."""
        names = sorted({name.rpartition(".")[0] for name in self.tensors})
        return {name: (self.tensors[f"{name}.down"], self.tensors[f"{name}.up"]) for name in names}


def find_adapter(setting: str, model: str, weights: str) -> Adapter | None:
    """The adapter that a setting means for a model; `weights` are those of the bundled one. Raises `ModelError`.

    Adapters belong to the bundled model. Another model has none: what is set by default is left aside, and a file that
    somebody chose is refused, lest they believe that it acts.
    """
    if setting == "none":
        return None
    if model != "bundled":
        if setting == "bundled":
            return None
        raise ModelError(
            f"The adapter {setting} cannot be used with the model {model}: adapters are for the bundled model.",
            remedy="Set PASSERELLE_ADAPTER=none, or PASSERELLE_MODEL=bundled.",
        )
    if setting == "bundled":
        return read_adapter(Path(str(resources.files("search_core") / _SHIPPED)), weights, _REINSTALL)
    return read_adapter(Path(setting), weights, _CHOOSE)


def read_adapter(path: Path, weights: str, remedy: str = _CHOOSE) -> Adapter:
    """A file of ours, made for these weights, whole. Raises `ModelError` with `remedy`."""
    try:
        with safe_open(path.expanduser(), framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, RuntimeError, SafetensorError, ValueError) as error:
        raise ModelError(f"The adapter {path} cannot be read: {error}.", remedy=remedy) from error
    found = _find_fault(metadata, tensors, weights)
    if found:
        raise ModelError(f"The adapter {path} cannot be used: {found}.", remedy=remedy)
    digest = metadata["digest"][:16]
    return Adapter(f"fr-zh adapter {digest[:6]}", digest, tensors)


def _find_fault(metadata: Mapping[str, str], tensors: Tensors, weights: str) -> str | None:
    halves = {(module, half) for module, _, half in (name.rpartition(".") for name in tensors)}
    whole = {(module, half) for module, _ in halves for half in ("down", "up")}
    if metadata.get("format") != FORMAT or halves != whole:
        return "it is not an adapter of Passerelle"
    if metadata.get("weights") != weights:
        return f"it was made for other weights ({metadata.get('weights')}, the model's are {weights})"
    if metadata.get("digest") != digest_tensors(tensors):
        return "it is damaged"
    return None


def digest_tensors(tensors: Tensors) -> str:
    """SHA-256 over names, types, shapes and values, in the order of the names."""
    whole = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        whole.update(f"{name} {tensor.dtype} {tensor.shape}\n".encode())
        whole.update(np.ascontiguousarray(tensor).tobytes())
    return whole.hexdigest()


def make_metadata(tensors: Tensors, weights: str) -> dict[str, str]:
    """What an adapter file says of itself."""
    return {"format": FORMAT, "weights": weights, "digest": digest_tensors(tensors)}
