"""Who may import whom. Read from the source: imports inside functions and for type checkers count as well."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ROOMS = ("search_core", "indexer", "search_api", "passerelle")

FORBIDDEN = {
    "search_core": {"indexer", "search_api", "passerelle"},
    "indexer": {"search_api", "passerelle"},
    "search_api": {"indexer", "passerelle"},
    "passerelle": set[str](),
}
"""Only the command knows both the indexer and the search service."""

DRIVERS = {"sqlite3", "opensearchpy"}
DRIVER_HOMES = (
    "search_core/engines/",
    "search_core/people.py",
    "passerelle/condition.py",
    "passerelle/evaluation/vector_store.py",
)
"""`passerelle doctor` tells SQLite's version; it opens nothing."""

HAYSTACK_HOMES = ("indexer/pipeline.py", "search_api/pipeline.py", "passerelle/haystack/")
"""The two pipelines, and what is offered to pipelines of other people, which the command does not load."""

HAYSTACK_TYPED = ("indexer/run.py",)
"""Names a pipeline's type, for type checkers only."""

WEB = {"fastapi", "jinja2", "starlette", "uvicorn"}

HEAVY = {"haystack", "sentence_transformers", "torch", "transformers"}


def imported_modules(source: str, package: str) -> set[str]:
    """Every module that `source`, a module of `package`, imports, by its absolute name."""
    return set(_iter_modules(ast.parse(source), package))


def _iter_modules(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def modules_of(room: str) -> Iterator[tuple[str, set[str]]]:
    """Path and imports of each module of a room."""
    for file in sorted((ROOT / room).rglob("*.py")):
        path = file.relative_to(ROOT)
        yield path.as_posix(), imported_modules(file.read_text("utf-8"), ".".join(path.parts[:-1]))


def find_offenders(room: str, packages: set[str], allowed: tuple[str, ...] = ()) -> list[str]:
    """Modules of a room that import one of these top-level packages, those below `allowed` paths excepted."""
    return [
        f"{path} imports {name}"
        for path, names in modules_of(room)
        if not path.startswith(allowed)
        for name in sorted(names)
        if name.split(".")[0] in packages
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    assert find_offenders(room, FORBIDDEN[room]) == []


def test_the_command_knows_both_the_indexer_and_the_search_service() -> None:
    known = {name.split(".")[0] for _, names in modules_of("passerelle") for name in names}

    assert {"indexer", "search_api", "search_core"} <= known


@pytest.mark.parametrize("room", ROOMS)
def test_drivers_are_imported_by_engines_and_the_store_of_what_people_entered_only(room: str) -> None:
    assert find_offenders(room, DRIVERS, DRIVER_HOMES) == []


def test_an_engine_is_imported_where_engines_are_opened_and_by_the_command_only() -> None:
    importers = [
        path
        for room in ("search_core", "indexer", "search_api")
        for path, names in modules_of(room)
        for engine in ("embedded", "opensearch")
        if not path.startswith(f"search_core/engines/{engine}/")
        and any(name.startswith(f"search_core.engines.{engine}") for name in names)
    ]

    assert set(importers) == {"search_core/opening.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_haystack_is_imported_by_the_two_pipelines_and_what_is_made_for_it_only(room: str) -> None:
    assert find_offenders(room, {"haystack"}, HAYSTACK_HOMES + HAYSTACK_TYPED) == []


@pytest.mark.parametrize("path", HAYSTACK_TYPED)
def test_what_names_a_pipeline_for_type_checkers_does_not_load_haystack(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = [ast.Pass()]

    assert not any(name.startswith("haystack") for name in _iter_modules(tree, "indexer"))


@pytest.mark.parametrize("room", ["search_core", "indexer"])
def test_nothing_below_the_service_knows_the_web(room: str) -> None:
    assert find_offenders(room, WEB) == []


@pytest.mark.parametrize("path", ["passerelle/cli.py", "passerelle/console.py", "search_core/embedding.py"])
def test_what_every_command_loads_imports_nothing_heavy_at_its_top(path: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    top = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])

    assert {name.split(".")[0] for name in _iter_modules(top, "")}.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("passerelle.console", "indexer"),
        ("passerelle.workspace", "indexer"),
        ("indexer.convert_file", "indexer.convert.registry"),
    ],
)
def test_what_starts_often_does_not_load_every_converter(module: str, spared: str) -> None:
    code = f"import sys, {module}; print(*(name for name in sys.modules if name.startswith('{spared}')))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)

    assert loaded.stdout.split() == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import indexer.run as run", "indexer.run"),
        ("from indexer import run", "indexer.run"),
        ("def late():\n    from indexer.run import index_paths", "indexer.run"),
        ("if TYPE_CHECKING:\n    import indexer", "indexer"),
        ("from . import run", "indexer.run"),
        ("from .run import index_paths", "indexer.run"),
    ],
)
def test_an_import_is_seen_however_it_is_written(source: str, expected: str) -> None:
    assert expected in imported_modules(source, "indexer")


def test_an_import_from_the_package_above_is_seen() -> None:
    assert "indexer.run" in imported_modules("from ..run import index_paths", "indexer.convert")
