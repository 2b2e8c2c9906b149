"""Unpacking once, wholly or not at all: several processes, interruptions, full and unusable disks."""

import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import load_file

from search_core.embedders.bundled import PackedFile, find_packed_file, unpack_model
from search_core.errors import ModelError

SCRIPT = """
import sys
from pathlib import Path
from search_core.embedders.bundled import PackedFile, unpack_model
path, sha256, cache = sys.argv[1:4]
print(unpack_model(PackedFile(Path(path), sha256, 0), Path(cache), print))
"""


def start_process(packed: PackedFile, cache: Path, before: str = "") -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", before + SCRIPT, str(packed.path), packed.sha256, str(cache)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_second_call_writes_nothing_and_says_nothing(packed: PackedFile, tmp_path: Path) -> None:
    told: list[str] = []
    folder = unpack_model(packed, tmp_path, told.append)
    times = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert unpack_model(packed, tmp_path, told.append) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == times
    assert len(told) == 1
    assert str(folder) in told[0]


def test_the_folder_is_named_after_the_checksum(packed: PackedFile, tmp_path: Path) -> None:
    assert packed.sha256[:16] in unpack_model(packed, tmp_path).name


def test_of_processes_that_start_at_once_one_unpacks_and_all_get_the_folder(packed: PackedFile, tmp_path: Path) -> None:
    with FileLock(tmp_path / "unpack.lock"):
        processes = [start_process(packed, tmp_path) for _ in range(3)]
        time.sleep(1)
    printed = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len({lines[-1] for lines in printed}) == 1
    assert sum(len(lines) - 1 for lines in printed) == 1, "one process tells that it unpacks"


def test_what_an_interrupted_process_left_is_removed(packed: PackedFile, tmp_path: Path) -> None:
    folder = unpack_model(packed, tmp_path)
    left_over = folder.rename(folder.with_name(f"{folder.name}.part-1234"))
    (left_over / "model.safetensors").write_bytes(b"half")
    assert unpack_model(packed, tmp_path) == folder
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "unpack.lock"]


@pytest.mark.parametrize("damage", ["unlink", "truncate"])
def test_a_folder_that_lost_a_file_is_made_anew(packed: PackedFile, tmp_path: Path, damage: str) -> None:
    weights = unpack_model(packed, tmp_path) / "model.safetensors"
    size = weights.stat().st_size
    if damage == "unlink":
        weights.unlink()
    else:
        os.truncate(weights, size // 2)
    unpack_model(packed, tmp_path)
    assert weights.stat().st_size == size


def test_a_write_that_fails_midway_leaves_nothing(packed: PackedFile, tmp_path: Path) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))\n"
    process = start_process(packed, tmp_path, before=limited)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "ModelError" in errors
    assert "PASSERELLE_MODEL_CACHE" in errors
    assert [path.name for path in tmp_path.iterdir()] == ["unpack.lock"]


def test_a_full_disk_is_noticed_before_writing(packed: PackedFile, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"are free.*PASSERELLE_MODEL_CACHE"):
        unpack_model(replace(packed, unpacked_bytes=10**18), tmp_path)


def test_a_cache_that_is_no_folder_is_an_error_with_a_remedy(packed: PackedFile, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="PASSERELLE_MODEL_CACHE"):
        unpack_model(packed, tmp_path / "file" / "cache")


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_a_wrong_file_is_an_error_with_a_remedy(packed: PackedFile, tmp_path: Path, content: bytes) -> None:
    wrong = tmp_path / "e5-small-q4.bin"
    wrong.write_bytes(content)
    with pytest.raises(ModelError, match="pip install"):
        unpack_model(replace(packed, path=wrong), tmp_path / "cache")


def test_a_damaged_file_with_the_right_checksum_format_is_refused(packed: PackedFile, tmp_path: Path) -> None:
    short = tmp_path / "short.bin"
    short.write_bytes(packed.path.read_bytes()[:60])
    checksum = hashlib.sha256(short.read_bytes()).hexdigest()
    with pytest.raises(ModelError, match="cannot be read"):
        unpack_model(replace(packed, path=short, sha256=checksum), tmp_path / "cache")


def test_everyone_may_read_what_their_umask_allows(packed: PackedFile, tmp_path: Path) -> None:
    folder = unpack_model(packed, tmp_path)
    assert (folder / "model.safetensors").stat().st_mode == (folder / "config.json").stat().st_mode


def test_prompts_are_declared_in_the_folder(tiny_folder: Path) -> None:
    declared = json.loads((tiny_folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert declared == {"query": "query: ", "document": "passage: "}


def test_default_cache_follows_the_users_environment() -> None:
    script = "from search_core.embedders.bundled import default_cache; print(default_cache())"
    environment = {**os.environ, "XDG_CACHE_HOME": "/somewhere/else"}
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.strip() == "/somewhere/else/passerelle"


def test_the_installed_wheel_holds_the_file_whose_checksum_we_know() -> None:
    packed = find_packed_file()
    assert hashlib.sha256(packed.path.read_bytes()).hexdigest() == packed.sha256


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("after_s", np.linspace(0.3, 4, 8))
def test_a_killed_process_leaves_the_folder_whole_or_absent(tmp_path: Path, after_s: float) -> None:
    packed = find_packed_file()
    process = start_process(packed, tmp_path)
    time.sleep(after_s)
    process.kill()
    process.communicate()
    weights = load_file(unpack_model(packed, tmp_path) / "model.safetensors")
    assert weights["embeddings.word_embeddings.weight"].shape == (250_037, 384)
    assert not list(tmp_path.glob("*.part-*"))
