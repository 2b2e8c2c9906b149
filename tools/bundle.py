"""Makes dist/passerelle-VERSION-PYTHON-PLATFORM.tar: all that installs Passerelle on a machine without a network.

    make bundle

The archive holds a wheel of every package at exactly the version of constraints.txt, Passerelle's own, their checksums,
the documents and an install script. It serves the platform and the Python minor version that it was made with.
"""

import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.utils import NormalizedName, canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
INCLUDED = (
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "SECURITY.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "constraints.txt",
)
INCLUDED_FOLDERS = ("docs", "deploy", "corpus")
BLOCK = 1 << 20


def main() -> None:
    work = DIST / "bundle"
    wheels = work / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    tell("Building Passerelle's own wheel")
    own = build_own_wheel(wheels)
    tell("Collecting the wheels of everything it needs (about 430 MB to download, unless pip has them cached)")
    collect_wheels(wheels, own)
    pinned = read_pins((ROOT / "constraints.txt").read_text("utf-8"))
    (work / "requirements.txt").write_text(lock_wheels(wheels, own, pinned), "utf-8")
    copy_texts(work)
    archive = DIST / f"{name_bundle(own)}.tar"
    tell(f"Writing {archive.relative_to(ROOT)}")
    write_archive(work, archive)
    checksum = archive.with_name(f"{archive.name}.sha256")
    checksum.write_text(f"{hash_file(archive)}  {archive.name}\n", "ascii")
    tell(f"{archive.stat().st_size / 1e6:.0f} MB, {len(list(wheels.iterdir()))} wheels; checksum in {checksum.name}")


def build_own_wheel(wheels: Path) -> Path:
    """A fresh wheel of this tree. `build/` keeps what was deleted since, so it goes first."""
    for old in wheels.glob("passerelle-*.whl"):
        old.unlink()
    shutil.rmtree(ROOT / "build", ignore_errors=True)
    run_pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT))
    return next(wheels.glob("passerelle-*.whl"))


def collect_wheels(wheels: Path, own: Path) -> None:
    """What is there already is used again; what only exists as source is built."""
    constraints = str(ROOT / "constraints.txt")
    run_pip("wheel", "--wheel-dir", str(wheels), "--find-links", str(wheels), "-c", constraints, str(own))


def run_pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, "--progress-bar", "on"]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments


def read_pins(constraints: str) -> dict[NormalizedName, str]:
    lines = [line.strip() for line in constraints.splitlines()]
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in pins}


def lock_wheels(wheels: Path, own: Path, pinned: Mapping[NormalizedName, str]) -> str:
    """Requirements that name each wheel by version and checksum. Wheels of another version are deleted."""
    lines = []
    for wheel in sorted(wheels.iterdir()):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        if wheel != own and version.public != pinned.get(name):
            wheel.unlink()
            tell(f"left out {wheel.name}: constraints.txt has {pinned.get(name, 'no such package')}")
            continue
        lines.append(f"{name}=={version} --hash=sha256:{hash_file(wheel)}")
    return "\n".join(lines) + "\n"


def copy_texts(work: Path) -> None:
    for name in INCLUDED:
        shutil.copy(ROOT / name, work)
    for name in INCLUDED_FOLDERS:
        shutil.rmtree(work / name, ignore_errors=True)
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__", "secrets"))
    shutil.copy(ROOT / "deploy" / "bundle" / "install.sh", work)
    files = [path for path in list_files(work) if path.name != "SHA256SUMS"]
    sums = "".join(f"{hash_file(path)}  {path.relative_to(work).as_posix()}\n" for path in files)
    (work / "SHA256SUMS").write_text(sums, "utf-8")


def name_bundle(own: Path) -> str:
    version = parse_wheel_filename(own.name)[1]
    platform = sysconfig.get_platform().replace("-", "_")
    return f"passerelle-{version}-cp{sys.version_info.major}{sys.version_info.minor}-{platform}"


def write_archive(work: Path, archive: Path) -> None:
    """Wheels are compressed already. Owners and modes are evened out: whoever unpacks owns what he gets."""
    with tarfile.open(archive, "w") as tar:
        for path in list_files(work):
            tar.add(path, f"{archive.stem}/{path.relative_to(work).as_posix()}", filter=_without_owner)


def list_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o755 if member.name.endswith(".sh") else 0o644
    return member


def hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    for block in _read_blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _read_blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def tell(sentence: str) -> None:
    print(f"bundle: {sentence}", flush=True)


if __name__ == "__main__":
    main()
