"""The bundle: which wheels go into it, and what its install script does with a small one that is real."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tools.bundle import list_files, lock_wheels, read_pins, write_archive

ROOT = Path(__file__).parents[2]
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"


def put(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())
    return [folder / name for name in names]


def test_wheels_are_locked_by_version_and_checksum(tmp_path: Path) -> None:
    own, torch, numpy = put(
        tmp_path / "wheels",
        "passerelle-0.1.0-py3-none-any.whl",
        "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl",
        "numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.whl",
    )
    locked = lock_wheels(tmp_path / "wheels", own, read_pins("# pins\ntorch==2.13.0\nnumpy==2.4.6\n")).splitlines()
    sums = [hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in (numpy, own, torch)]
    assert locked == [
        f"numpy==2.4.6 --hash=sha256:{sums[0]}",
        f"passerelle==0.1.0 --hash=sha256:{sums[1]}",
        f"torch==2.13.0+cpu --hash=sha256:{sums[2]}",
    ]


def test_wheels_of_other_versions_and_packages_are_left_out(tmp_path: Path) -> None:
    own, old, foreign = put(
        tmp_path / "wheels",
        "passerelle-0.1.0-py3-none-any.whl",
        "numpy-2.4.5-cp311-cp311-manylinux_2_27_x86_64.whl",
        "unheard_of-1-py3-none-any.whl",
    )
    assert "numpy" not in lock_wheels(tmp_path / "wheels", own, {canonicalize_name("numpy"): "2.4.6"})
    assert [path.exists() for path in (own, old, foreign)] == [True, False, False]


def test_pins_are_those_of_the_constraints() -> None:
    text = (ROOT / "constraints.txt").read_text("utf-8")
    pins = read_pins(text)
    assert pins[canonicalize_name("PyYAML")] == pins[canonicalize_name("pyyaml")]
    assert len(pins) == sum("==" in line for line in text.splitlines())


def make_wheel(folder: Path, version: str, *, broken: bool = False) -> Path:
    """A wheel whose command prints its version. A broken one has a command that fails."""
    info = f"passerelle-{version}.dist-info"
    content = {
        "passerelle.py": f"def main():\n    print('passerelle {version}')\n    raise SystemExit({int(broken)})\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: passerelle\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\npasserelle = passerelle:main\n",
    }
    record = "".join(
        f"{name},sha256={urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for name, text in content.items()
    )
    wheel = folder / f"passerelle-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**content, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return wheel


def make_bundle(folder: Path, version: str, *, broken: bool = False) -> Path:
    bundle = folder / f"passerelle-{version}-{PYTHON}-linux_x86_64"
    (bundle / "wheels").mkdir(parents=True)
    own = make_wheel(bundle / "wheels", version, broken=broken)
    (bundle / "requirements.txt").write_text(lock_wheels(bundle / "wheels", own, {}), "utf-8")
    (bundle / "install.sh").write_bytes((ROOT / "deploy" / "bundle" / "install.sh").read_bytes())
    names = [path.relative_to(bundle) for path in list_files(bundle)]
    sums = [f"{hashlib.sha256((bundle / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (bundle / "SHA256SUMS").write_text("".join(sums), "utf-8")
    return bundle


def install(bundle: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """With the Python of these tests, and an index that would fail if pip asked one."""
    known = {"PATH": os.environ["PATH"], "PYTHON": base_python(), "PIP_INDEX_URL": "https://192.0.2.1/"}
    command = ["sh", str(bundle / "install.sh"), str(target)]
    return subprocess.run(command, env=known, capture_output=True, text=True, check=False)


def base_python() -> str:
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")


def installed_version(target: Path) -> str:
    return subprocess.run(
        [target / "current/bin/passerelle"], capture_output=True, text=True, check=False
    ).stdout.strip()


@pytest.mark.slow
def test_an_upgrade_is_installed_beside_the_version_before(tmp_path: Path) -> None:
    target = tmp_path / "opt"
    for version in ("1.0", "1.1"):
        done = install(make_bundle(tmp_path, version), target)
        assert done.returncode == 0, done.stderr
        assert installed_version(target) == f"passerelle {version}"
    before = next(target.glob("1.0-*"))
    (target / "current").unlink()
    (target / "current").symlink_to(before)
    assert installed_version(target) == "passerelle 1.0"


@pytest.mark.slow
def test_what_fails_leaves_the_version_before_and_nothing_half_done(tmp_path: Path) -> None:
    target = tmp_path / "opt"
    install(make_bundle(tmp_path, "1.0"), target)
    there = sorted(target.iterdir())
    assert install(make_bundle(tmp_path, "1.1", broken=True), target).returncode != 0
    assert sorted(target.iterdir()) == there
    assert installed_version(target) == "passerelle 1.0"


@pytest.mark.parametrize("name", ["requirements.txt", "install.sh", "wheels/passerelle-1.0-py3-none-any.whl"])
def test_a_damaged_bundle_is_refused(tmp_path: Path, name: str) -> None:
    bundle = make_bundle(tmp_path, "1.0")
    with (bundle / name).open("ab") as file:
        file.write(b"\n")
    done = install(bundle, tmp_path / "opt")
    assert (done.returncode, "damaged" in done.stderr) == (1, True)
    assert not (tmp_path / "opt").exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("renamed", "renamed"), ("passerelle-1.0-cp37-linux_x86_64", "Python 3.7")],
    ids=["renamed", "another Python"],
)
def test_a_bundle_for_something_else_is_refused(tmp_path: Path, name: str, said: str) -> None:
    bundle = make_bundle(tmp_path, "1.0").rename(tmp_path / name)
    done = install(bundle, tmp_path / "opt")
    assert (done.returncode, said in done.stderr) == (1, True)


def test_archive_gives_no_owner_and_one_folder(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path, "1.0")
    archive = tmp_path / f"{bundle.name}.tar"
    write_archive(bundle, archive)
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    assert {member.name.split("/")[0] for member in members} == {bundle.name}
    assert {(member.uid, member.gid, member.uname) for member in members} == {(0, 0, "")}
    modes = {Path(member.name).name: member.mode for member in members}
    assert (modes["install.sh"], modes["requirements.txt"]) == (0o755, 0o644)
