"""The documents list what there is, all of it and nothing else."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote

import pytest
import typer.main
from fastapi import FastAPI

from indexer.convert.registry import FAMILIES
from indexer.metadata import canonical_key
from indexer.report import FileStatus
from passerelle.cli import app
from search_api import schemas
from search_api.problems import STATUS
from search_api.routes_api import router
from search_core.model import METADATA_FIELDS
from search_core.settings import Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "corpus" / "SOURCES.md"])
NAMES = [document.relative_to(ROOT).as_posix() for document in DOCUMENTS]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(
    r"(?<![\w./-])(?:search_core|indexer|search_api|passerelle|corpus|tests|tools|docs|deploy(?!/secrets))/[\w./-]*\w/?"
)
_PYTHON_HELP = {"--help", "--install-completion", "--show-completion"}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def code(text: str) -> str:
    """What a document shows as code, inline or fenced, a line a piece."""
    fenced = [match[2] for match in _FENCED.finditer(text)]
    inline = [" ".join(found.split()) for found in _INLINE.findall(_FENCED.sub("", text))]
    return "\n".join([*fenced, *inline])


def sections(name: str) -> dict[str, str]:
    """Heading to what stands below it, for headings of the second level."""
    parts = re.split(r"(?m)^## (.+)\n", read(name))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each table row behind the first, by each name that its first cell shows as code."""
    table = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("| `")]
    return {name: [cell.strip() for cell in cells[1:]] for cells in table for name in _INLINE.findall(cells[0])}


def commands() -> dict[str, Any]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def options(command: Any) -> set[str]:
    """The long options of a command."""
    return {name for each in command.params for name in each.opts if name.startswith("--")} - _PYTHON_HELP


def make_targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z-]+):(?!=)", read("Makefile")))


def openapi() -> dict[str, Any]:
    service = FastAPI()
    service.include_router(router)
    return service.openapi()


def parameters(path: str) -> dict[str, Any]:
    """The query parameters of a route, with their schemas."""
    declared = openapi()["paths"][path]["get"].get("parameters", [])
    return {each["name"]: each["schema"] for each in declared if each["in"] == "query"}


def slug(heading: str) -> str:
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "").lower())
    return kept.strip().replace(" ", "-")


def test_settings_page_lists_every_setting_and_no_other() -> None:
    expected = {f"PASSERELLE_{name.upper()}" for name in Settings.model_fields}

    assert set(rows(read("docs/settings.md"))) == expected


@pytest.mark.parametrize("name", ["data", "engine", "model", "host", "port", "reader_access", "log_queries"])
def test_settings_page_tells_the_default(name: str) -> None:
    shown = rows(read("docs/settings.md"))[f"PASSERELLE_{name.upper()}"][0]

    assert shown.strip("`") == str(Settings.model_fields[name].default).replace("False", "false")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_that_a_document_names_exists(name: str) -> None:
    known = {f"PASSERELLE_{field.upper()}" for field in Settings.model_fields}

    assert set(re.findall(r"PASSERELLE_[A-Z_]*[A-Z]", read(name))) <= known


def test_api_page_lists_every_route_and_no_other() -> None:
    table = read("docs/api.md").partition("\n## ")[0]

    assert set(rows(table)) == set(openapi()["paths"])


@pytest.mark.parametrize("route", ["search", "facets"])
def test_api_page_lists_every_search_parameter_with_its_values(route: str) -> None:
    known = parameters(f"/api/v1/{route}")
    listed = rows(sections("docs/api.md")["`/api/v1/search` and `/api/v1/facets`"])

    assert set(listed) == set(known)
    for name, schema in known.items():
        for value in schema.get("enum", []) or schema.get("items", {}).get("enum", []):
            assert f"`{value}`" in listed[name][0], (name, value)
        if "default" in schema:
            assert str(schema["default"]) in listed[name][0], name


@pytest.mark.parametrize("path", [path for path in openapi()["paths"] if not path.endswith(("/search", "/facets"))])
def test_api_page_lists_every_parameter_of_the_other_routes(path: str) -> None:
    assert set(rows(sections("docs/api.md")[f"`{path}`"])) == set(parameters(path))


@pytest.mark.parametrize(
    "model",
    [
        schemas.SearchResult,
        schemas.UsedQuery,
        schemas.Hit,
        schemas.Version,
        schemas.PassageHit,
        schemas.Highlight,
        schemas.SearchedLanguage,
        schemas.FacetValue,
        schemas.Notice,
        schemas.FacetsResult,
        schemas.DocumentResult,
        schemas.PageOut,
        schemas.HeadingOut,
        schemas.Health,
        schemas.Problem,
    ],
)
def test_api_page_names_every_field_of_an_answer(model: type[schemas.Model]) -> None:
    text = read("docs/api.md")

    assert [name for name in model.model_fields if f"`{name}`" not in text and f'"{name}"' not in text] == []


def test_api_page_lists_every_error_with_its_status() -> None:
    listed = {name: int(cells[0]) for name, cells in rows(sections("docs/api.md")["Errors"]).items()}

    assert listed == {kind.code: int(status) for kind, status in STATUS.items()}


def test_api_page_names_every_notice() -> None:
    used = set(get_args(schemas.Notice.model_fields["code"].annotation))
    listed = re.search(r"Codes in use: (.*?)\.\n", read("docs/api.md"), re.DOTALL)

    assert listed is not None
    assert set(_INLINE.findall(listed[1])) == used


def test_commands_page_lists_every_command_and_no_other() -> None:
    headings = {heading.split()[1].strip("`") for heading in sections("docs/commands.md") if "`passerelle" in heading}

    assert headings == set(commands())


@pytest.mark.parametrize("name", sorted(commands()))
def test_commands_page_lists_every_option_of_a_command_and_no_other(name: str) -> None:
    text = next(text for heading, text in sections("docs/commands.md").items() if f"passerelle {name}" in heading)

    assert set(re.findall(r"--[a-z][a-z-]*", code(text))) == options(commands()[name])


def _invocations(text: str) -> Iterator[tuple[str, set[str]]]:
    """Every `passerelle COMMAND` that code shows, with the options behind it."""
    for match in re.finditer(r"(?:^|[\s(/])passerelle ([a-z]+)([^\n|;#`]*)", code(text), re.MULTILINE):
        yield match[1], set(re.findall(r"(?<=\s)--[a-z][a-z-]*", match[2]))


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_a_document_shows_exists(name: str) -> None:
    for command, shown in _invocations(read(name)):
        assert command in commands(), command
        assert shown <= options(commands()[command]), (command, shown)


def test_readme_shows_how_to_index_search_serve_and_measure() -> None:
    shown = {command for command, _ in _invocations(read("README.md"))}

    assert {"index", "search", "serve", "report", "remove", "restore", "reindex", "eval"} <= shown


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_that_a_document_shows_exists(name: str) -> None:
    assert set(re.findall(r"(?m)(?:^|\s)make ([a-z][a-z-]*)", code(read(name)))) <= make_targets()


def test_commands_page_lists_every_make_target() -> None:
    listed = set(re.findall(r"`make ([a-z-]+)`", sections("docs/commands.md")["make"]))

    assert listed == make_targets()


@pytest.mark.parametrize("name", NAMES)
def test_every_link_between_documents_leads_somewhere(name: str) -> None:
    here = (ROOT / name).parent
    for target in _LINK.findall(_FENCED.sub("", read(name))):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = here / unquote(path) if path else ROOT / name
        assert file.exists(), target
        headings = re.findall(r"(?m)^#+ (.+)$", file.read_text("utf-8")) if anchor else []
        assert not anchor or anchor in map(slug, headings), target


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_the_repository_that_a_document_names_exists(name: str) -> None:
    found = [path for line in code(read(name)).splitlines() for path in _PATH.findall(line) if "*" not in line]

    assert [path for path in found if not (ROOT / path).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(_LINK.findall(read("README.md")))

    assert [name for name in NAMES if name != "README.md" and name not in linked] == []


def test_documents_page_lists_every_ending_that_is_read() -> None:
    table = "\n".join(line for line in sections("docs/documents.md")["Formats"].split("\n") if line.startswith("|"))

    assert set(re.findall(r"`(\.\w+)`", table)) == {each for family in FAMILIES for each in family.suffixes if each}


def test_documents_page_lists_every_status() -> None:
    assert set(rows(sections("docs/documents.md")["Status"])) == set(get_args(FileStatus))


def test_documents_page_lists_every_metadata_key_by_names_that_are_understood() -> None:
    listed = rows(sections("docs/documents.md")["Metadata"])

    own = {"title", "title_fr", "title_zh", "date", "language", "access", "illustrative"}
    assert set(listed) == own | set(METADATA_FIELDS)
    for key, (others, _) in listed.items():
        assert {canonical_key(other) for other in _INLINE.findall(others)} <= {key}


@pytest.mark.parametrize("field", ["kind", "working_group"])
def test_documents_page_lists_every_id_of_a_closed_field(field: str) -> None:
    shown = _INLINE.findall(rows(sections("docs/documents.md")["Metadata"])[field][1])

    assert set(shown) == set(tomllib.loads(read("search_core/vocabulary.toml"))[field])
