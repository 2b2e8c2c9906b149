"""What the model setting may name, and what is said of names that mean nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from search_core.embedders.folder_digest import digest_folder
from search_core.embedders.model_folder import find_folder
from search_core.embedding import load_embedder
from search_core.errors import ModelError


@pytest.mark.parametrize(
    "name",
    ["intfloat/no-such-model", "no-such-model", "/no/such/folder", "", "a b\n", "x" * 5000, "~nobody_here"],
)
def test_an_unknown_model_is_an_error_that_names_it_and_the_setting(name: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_folder(name, tmp_path)
    assert name[:50].strip() in str(caught.value)
    assert "PASSERELLE_MODEL" in caught.value.remedy


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(ModelError, match=r"modules\.json"):
        load_embedder(str(tmp_path), cache=tmp_path)


def test_a_model_in_the_hub_cache_is_found_by_its_name(tiny_folder: Path, tmp_path: Path) -> None:
    repository = tmp_path / "models--city--tiny"
    snapshot = shutil.copytree(tiny_folder, repository / "snapshots" / "c0ffee")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c0ffee")
    script = "from search_core.embedders.model_folder import *; print(find_folder('city/tiny').path)"
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.strip() == str(snapshot)


def test_equal_models_in_two_folders_have_one_digest(tiny_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_folder, tmp_path / "copy")
    assert digest_folder(tmp_path / "copy", tmp_path) == digest_folder(tiny_folder, tmp_path)


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("model.safetensors", True),
        ("1_Pooling/config.json", True),
        ("adapter_model.safetensors", True),
        ("README.md", False),
        ("onnx/model.bin", False),
    ],
)
def test_digest_changes_with_what_makes_vectors(tiny_folder: Path, tmp_path: Path, name: str, counts: bool) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    before = digest_folder(folder, tmp_path)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"something else")
    assert (digest_folder(folder, tmp_path) != before) is counts


def test_digest_is_remembered_while_size_and_time_stay(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    before = digest_folder(folder, tmp_path)
    weights = folder / "model.safetensors"
    times = weights.stat()
    weights.write_bytes(bytes(times.st_size))
    os.utime(weights, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert digest_folder(folder, tmp_path) == before, "read again"
    weights.touch()
    assert digest_folder(folder, tmp_path) != before


@pytest.mark.parametrize("memory", ["", "[]", "{", '{"files": {}}'])
def test_a_damaged_memory_of_digests_is_ignored(tiny_folder: Path, tmp_path: Path, memory: str) -> None:
    before = digest_folder(tiny_folder, tmp_path)
    for file in (tmp_path / "digests").iterdir():
        file.write_text(memory)
    assert digest_folder(tiny_folder, tmp_path) == before


def test_a_cache_that_cannot_be_written_costs_time_only(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert digest_folder(tiny_folder, tmp_path / "file") == digest_folder(tiny_folder, tmp_path)
