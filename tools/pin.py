"""Writes constraints.txt: the exact versions that `make` installs, taken from the environment this runs in.

    .venv/bin/pip install -U -e '.[dev]'
    make check test test-slow pin

Local version suffixes (`+cpu`) are cut off so that the pins hold with any package index.
"""

import tomllib
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).parents[1]
NOT_PINNED = {canonicalize_name("passerelle"), canonicalize_name("pip")}

HEADER = """\
# The exact versions that `make run` and `make test` install; pyproject.toml has the ranges that are supported.
# Written by `make pin` from an environment in which the tests passed. Do not edit by hand.
"""


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = {canonicalize_name(found.name): found.version.split("+")[0] for found in distributions()}
    left = set(installed) - NOT_PINNED
    text = HEADER
    for title, names in (
        ("Passerelle needs", _names(project["dependencies"])),
        ("Its developers need", _names(project["optional-dependencies"]["dev"])),
        ("These need", left),
    ):
        text += f"\n# {title}\n" + "".join(f"{name}=={installed[name]}\n" for name in sorted(names & left))
        left -= names
    (ROOT / "constraints.txt").write_text(text, encoding="utf-8")


def _names(requirements: Iterable[str]) -> set[NormalizedName]:
    return {canonicalize_name(Requirement(line).name) for line in requirements}


if __name__ == "__main__":
    main()
