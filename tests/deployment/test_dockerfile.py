"""The Dockerfile without a container engine, read by the parser of the engine itself."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from itertools import takewhile
from pathlib import Path

import dockerfile
import pytest
import yaml

ROOT = Path(__file__).parents[2]
STEPS: list[dockerfile.Command] = list(dockerfile.parse_file(str(ROOT / "Dockerfile")))
SECOND = next(number for number, step in enumerate(STEPS) if step.cmd == "FROM" and number)
BUILD, FINAL = STEPS[:SECOND], STEPS[SECOND:]


def values(steps: list[dockerfile.Command], instruction: str) -> list[tuple[str, ...]]:
    return [step.value for step in steps if step.cmd == instruction]


def last(instruction: str) -> tuple[str, ...]:
    return values(FINAL, instruction)[-1]


def installed_packages() -> set[str]:
    command = next(text for (text,) in values(FINAL, "RUN") if "apt-get install" in text)
    words = command.partition("--no-install-recommends")[2].split()
    return set(takewhile(lambda word: not word.startswith("$"), words))


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file from the builder: the last pattern decides that fits it or a folder above."""
    lines = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    above = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    ignored = False
    for line in lines:
        pattern = line.removeprefix("!").removeprefix("**/")
        names = [Path(each).name for each in above] if "**/" in line else above
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            ignored = not line.startswith("!")
    return ignored


def test_both_stages_begin_with_the_same_exact_python() -> None:
    images = {value[0] for value in values(STEPS, "FROM")}
    assert len(values(STEPS, "FROM")) == 2
    assert len(images) == 1
    version = re.fullmatch(r"python:(\d+\.\d+)\.\d+-slim-bookworm", images.pop())
    assert version is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]


def test_image_runs_as_nobody_in_particular() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER")[0])
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    assert {services[name]["user"] for name in ("api", "sync", "embedded", "operator", "set-up")} == {last("USER")[0]}
    assert "sudo" not in (ROOT / "Dockerfile").read_text("utf-8")


def test_command_and_health_check_need_no_shell() -> None:
    assert last("ENTRYPOINT") == ("passerelle",)
    assert last("CMD") == ("serve",)
    for instruction in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        assert all(step.json for step in FINAL if step.cmd == instruction)
    check = last("HEALTHCHECK")[-1]
    assert (ROOT / check.removeprefix("/opt/passerelle/")).is_file()


def test_packages_are_installed_at_the_pinned_versions() -> None:
    commands = " ".join(text for (text,) in values(BUILD, "RUN"))
    assert "pip install -c constraints.txt ." in commands
    assert "pip check" in commands


def test_final_stage_brings_no_tools_to_build_with() -> None:
    commands = " ".join(text for (text,) in values(FINAL, "RUN"))
    assert not re.search(r"\b(gcc|g\+\+|make|build-essential|python3-dev|git|curl|wget|pip)\b", commands)
    assert "rm -rf /var/lib/apt/lists" in commands
    assert "--no-install-recommends" in commands


def test_text_recognition_and_chinese_fonts_are_there() -> None:
    packages = installed_packages()
    assert {f"tesseract-ocr-{language}" for language in ("fra", "chi-sim", "chi-tra")} <= packages
    assert any(package.startswith("fonts-") for package in packages)


def test_everything_that_is_copied_is_there_and_reaches_the_builder() -> None:
    sources = [
        source
        for step in STEPS
        if step.cmd == "COPY" and not any("--from" in flag for flag in step.flags)
        for source in step.value[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists()
        assert not is_ignored(source), source
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert packages <= set(sources)


@pytest.mark.parametrize(
    "path",
    [".env", "deploy/secrets/node.key", ".git/config", ".passerelle/people.sqlite", "tests/conftest.py", "corpus/x.md"],
)
def test_nothing_private_or_needless_reaches_the_builder(path: str) -> None:
    assert is_ignored(path)


def test_labels_tell_version_and_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert f"ARG VERSION={project['version']}\n" in text
    assert f'org.opencontainers.image.licenses="{project["license"]}"' in text
    compose = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert f"passerelle:{project['version']}}}" in compose
