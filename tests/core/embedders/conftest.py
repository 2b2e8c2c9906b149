"""A packed model as small as can be, in the real file format: one layer, forty pieces, random weights.

Everything after the file is the product's own code: it is unpacked, loaded by sentence-transformers and run.
"""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from search_core.embedders.bundled import PackedFile, unpack_model

HIDDEN, FEED_FORWARD, POSITIONS, HEADS = 32, 64, 48, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", ":", "▁query", "▁passage", *"abcdefghijklmnopqrstuvwxyz乐山智慧城市"]
VOCABULARY = len(PIECES) + 3


def write_packed(path: Path, seed: int = 0) -> PackedFile:
    """A valid file with weights drawn from `seed`."""
    tensors = make_tensors(np.random.default_rng(seed))
    head = make_header() + make_tokenizer()
    directory_size = 4 + sum(2 + len(name) + 21 for name in tensors)
    offset, entries = len(head) + directory_size, []
    for name, (kind, values, raw) in tensors.items():
        entries.append(
            struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, values, offset, len(raw))
        )
        offset += len(raw)
    data = head + struct.pack("<i", len(tensors)) + b"".join(entries) + b"".join(raw for *_, raw in tensors.values())
    path.write_bytes(data)
    return PackedFile(path, hashlib.sha256(data).hexdigest(), unpacked_bytes=100_000)


def make_header() -> bytes:
    return b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, HEADS, FEED_FORWARD, VOCABULARY, POSITIONS, 2, 1e-12, 32)


def make_tokenizer() -> bytes:
    encoded = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, encoded)]).astype("<u4")
    scores = np.linspace(-1, -5, len(PIECES)).astype("<f4")
    pieces = struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, offsets[-1]) + offsets.tobytes() + scores.tobytes()
    return pieces + b"".join(encoded) + struct.pack("<iI", 1, 5) + b"\x01\0\0\0\0"


def make_tensors(random: np.random.Generator) -> dict[str, tuple[int, int, bytes]]:
    """Name -> (type, number of values, bytes), matrices in 4-bit blocks."""
    matrices = {"emb.word": (VOCABULARY, HIDDEN), "l0.fi.w": (FEED_FORWARD, HIDDEN), "l0.fo.w": (HIDDEN, FEED_FORWARD)}
    matrices |= {f"l0.{name}.w": (HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")}
    ones = {"emb.ln.w": HIDDEN, "l0.aln.w": HIDDEN, "l0.oln.w": HIDDEN}
    others = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "l0.fi.b": FEED_FORWARD}
    others |= {
        f"{name}.b": HIDDEN for name in ("emb.ln", *(f"l0.{n}" for n in ("q", "k", "v", "ao", "aln", "fo", "oln")))
    }
    tensors = {
        name: (1, rows * columns, make_blocks(rows * columns, random)) for name, (rows, columns) in matrices.items()
    }
    tensors |= {name: (0, size, np.ones(size, "<f4").tobytes()) for name, size in ones.items()}
    tensors |= {name: (0, size, random.normal(0, 0.3, size).astype("<f4").tobytes()) for name, size in others.items()}
    return tensors


def make_blocks(values: int, random: np.random.Generator) -> bytes:
    blocks = np.empty(values // 32, dtype=[("scale", "<f2"), ("nibbles", "u1", 16)])
    blocks["scale"] = random.uniform(0.05, 0.15, len(blocks))
    blocks["nibbles"] = random.integers(0, 256, (len(blocks), 16))
    return blocks.tobytes()


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> PackedFile:
    return write_packed(tmp_path_factory.mktemp("wheel") / "tiny.bin")


@pytest.fixture(scope="session")
def tiny_folder(packed: PackedFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model, unpacked. Copy it before changing it."""
    return unpack_model(packed, tmp_path_factory.mktemp("models"))
