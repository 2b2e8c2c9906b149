"""constraints.txt pins everything pyproject.toml asks for, within its ranges."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINES = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("wanted", [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])
def test_a_requirement_is_pinned_within_its_range(wanted: str) -> None:
    pins = dict(line.split("==") for line in LINES)
    requirement = Requirement(wanted)
    pin = pins.get(canonicalize_name(requirement.name), "")
    assert pin, f"{requirement.name} is not pinned: run `make pin`"
    assert requirement.specifier.contains(pin, prereleases=True)


def test_pins_hold_with_any_index() -> None:
    assert not [line for line in LINES if "+" in line or "@" in line]
