"""A low-rank adapter: a few megabytes that are added to the weights of the bundled model when it is loaded.

`<module>.down` (rank, in) and `<module>.up` (out, rank) mean: the weight of `<module>` grows by `up @ down`. The file
is read here without torch, so that a run that embeds nothing knows the model's identity in milliseconds.

Two are shipped: the bilingual one for vectors, and that of the cross-encoder, which has `heads` besides.
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
CROSS_ENCODER_FORMAT = "passerelle-cross-encoder-1"

HEADS = ("heads.weight", "heads.bias")
"""What a cross-encoder has besides: shape (2, hidden) and (2,), the rows scoring a sentence and that none answers."""

Tensors = Mapping[str, npt.NDArray[np.float16]]

_SHIPPED = "adapter.safetensors"
_SHIPPED_CROSS_ENCODER = "cross_encoder.safetensors"
_REINSTALL = "Install Passerelle again, or set PASSERELLE_ADAPTER=none."
_REINSTALL_CROSS_ENCODER = "Install Passerelle again, or set PASSERELLE_CROSS_ENCODER=none."
_CHOOSE_CROSS_ENCODER = (
    "Set PASSERELLE_CROSS_ENCODER to `bundled`, to `none`, or to a cross-encoder file made for the bundled model."
)
_CHOOSE = "Set PASSERELLE_ADAPTER to `bundled`, to `none`, or to an adapter file made for the bundled model."


@dataclass(frozen=True)
class Adapter:
    """What is added to a model: `digest` stands for it in the identity, `name` is what people call it.

    `remedy` is what to do where it does not fit.
    """

    name: str
    digest: str
    tensors: Tensors
    remedy: str = _CHOOSE

    def modules(self) -> dict[str, tuple[npt.NDArray[np.float16], npt.NDArray[np.float16]]]:
        """Module name -> (down, up)."""
        names = sorted({name.rpartition(".")[0] for name in self.tensors if name not in HEADS})
        return {name: (self.tensors[f"{name}.down"], self.tensors[f"{name}.up"]) for name in names}


def find_adapter(setting: str, model: str, weights: str) -> Adapter | None:
    """The adapter that a setting means for a model; `weights` are those of the bundled one. Raises `ModelError`.

    Adapters belong to the bundled model. Another model has none: what is set by default is left aside, and a file that
    somebody chose is refused, lest they believe that it acts.
    """
    found = _find_file(setting, model, _SHIPPED, "adapter")
    if found is None:
        return None
    return read_adapter(found, weights, _REINSTALL if setting == "bundled" else _CHOOSE)


def find_cross_encoder(setting: str, model: str, weights: str) -> Adapter | None:
    """The cross-encoder that a setting means for a model, as `find_adapter`."""
    found = _find_file(setting, model, _SHIPPED_CROSS_ENCODER, "cross-encoder")
    if found is None:
        return None
    return read_adapter(
        found,
        weights,
        _REINSTALL_CROSS_ENCODER if setting == "bundled" else _CHOOSE_CROSS_ENCODER,
        CROSS_ENCODER_FORMAT,
    )


def _find_file(setting: str, model: str, shipped: str, kind: str) -> Path | None:
    if setting == "none" or (model != "bundled" and setting == "bundled"):
        return None
    if model != "bundled":
        raise ModelError(
            f"The {kind} {setting} cannot be used with the model {model}: {kind}s are for the bundled model.",
            remedy=f"Set PASSERELLE_{kind.upper().replace('-', '_')}=none, or PASSERELLE_MODEL=bundled.",
        )
    return Path(str(resources.files("search_core") / shipped)) if setting == "bundled" else Path(setting)


def read_adapter(path: Path, weights: str, remedy: str = _CHOOSE, form: str = FORMAT) -> Adapter:
    """A file of ours, of this form, made for these weights, whole. Raises `ModelError` with `remedy`."""
    kind = "cross-encoder" if form == CROSS_ENCODER_FORMAT else "adapter"
    try:
        with safe_open(path.expanduser(), framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, RuntimeError, SafetensorError, ValueError) as error:
        raise ModelError(f"The {kind} {path} cannot be read: {error}.", remedy=remedy) from error
    found = _find_fault(metadata, tensors, weights, form)
    if found:
        raise ModelError(f"The {kind} {path} cannot be used: {found}.", remedy=remedy)
    digest = metadata["digest"][:16]
    return Adapter(f"fr-zh {kind} {digest[:6]}", digest, tensors, remedy)


def _find_fault(metadata: Mapping[str, str], tensors: Tensors, weights: str, form: str) -> str | None:
    heads = {name for name in tensors if name in HEADS}
    halves = {(module, half) for module, _, half in (name.rpartition(".") for name in tensors if name not in heads)}
    whole = {(module, half) for module, _ in halves for half in ("down", "up")}
    expected = set(HEADS) if form == CROSS_ENCODER_FORMAT else set()
    if metadata.get("format") != form or halves != whole or heads != expected:
        return f"it is not {'a cross-encoder' if expected else 'an adapter'} of Passerelle"
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


def make_metadata(tensors: Tensors, weights: str, form: str = FORMAT) -> dict[str, str]:
    """What an adapter file, or a cross-encoder file, says of itself."""
    return {"format": form, "weights": weights, "digest": digest_tensors(tensors)}
