"""A hash of a model folder, remembered: half a gigabyte is not read again at every start."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from search_core.embedders.cached_facts import recall, remember

SUFFIXES = {".bin", ".json", ".model", ".safetensors", ".spm", ".txt"}
"""What a model is made of. Cards, pictures and the same weights for other libraries make no difference to vectors."""

OTHER_BACKENDS = {"onnx", "openvino"}


def digest_folder(folder: Path, cache: Path) -> str:
    """16 hex digits over the model files in `folder`: names and contents.

    Remembered in `cache` for as long as every file keeps its size and time of change; where `cache` cannot be written,
    it is worked out each time. Raises `OSError` when a file cannot be read.
    """
    sizes = {path.relative_to(folder).as_posix(): _stamp(path) for path in _find_files(folder)}
    memory = cache / "digests" / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]}.json"
    remembered = recall(memory)
    if remembered.get("files") == sizes and "digest" in remembered:
        return str(remembered["digest"])
    digest = _digest_files(folder, sizes)
    remember(memory, {"files": sizes, "digest": digest})
    return digest


def _find_files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES and OTHER_BACKENDS.isdisjoint(path.relative_to(folder).parts) and path.is_file()
    )


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def _digest_files(folder: Path, names: Mapping[str, object]) -> str:
    whole = hashlib.sha256()
    for name in names:
        with (folder / name).open("rb") as file:
            whole.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return whole.hexdigest()[:16]
