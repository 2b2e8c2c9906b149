"""The sample collection as its tests see it: every document with its metadata and its plain text.

The reading here is done with the bare libraries on purpose: what the collection promises should not
depend on the converters that it serves to try out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
import yaml

CORPUS = Path(__file__).parents[2] / "corpus"
SIDECAR = ".meta.yaml"


@dataclass(frozen=True)
class Entry:
    path: str
    """Relative to corpus/, POSIX: the id that qrels.tsv uses."""
    file: Path
    metadata: dict[str, Any]
    text: str

    @property
    def language(self) -> str:
        return self.path.split("/")[0]

    @property
    def suffix(self) -> str:
        return Path(self.path).suffix


class HtmlText(HTMLParser):
    """The text of a small HTML file of ours: no script, no style."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.feed(markup)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def read_text(path: Path) -> str:
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as pdf:
            return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    if path.suffix == ".docx":
        return read_docx_text(path)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text.split("---\n", 2)[2]
    return "".join(HtmlText(text).pieces) if path.suffix == ".html" else text


def read_docx_text(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def read_metadata(path: Path) -> dict[str, Any]:
    if path.suffix == ".md":
        return dict(yaml.safe_load(path.read_text(encoding="utf-8").split("---\n", 2)[1]))
    return dict(yaml.safe_load(path.with_name(path.name + SIDECAR).read_text(encoding="utf-8")))


def list_documents(folder: Path) -> list[Path]:
    found = [path for language in ("fr", "zh") for path in (folder / language).iterdir()]
    return sorted(path for path in found if not path.name.endswith(SIDECAR))


def read_folder(folder: Path) -> dict[str, Entry]:
    """Every document below fr/ and zh/ of a folder, by its path relative to it."""
    entries = {}
    for path in list_documents(folder):
        name = path.relative_to(folder).as_posix()
        entries[name] = Entry(name, path, read_metadata(path), read_text(path))
    return entries


@pytest.fixture(scope="session")
def corpus() -> Path:
    return CORPUS


@pytest.fixture(scope="session")
def read_collection() -> Callable[[Path], dict[str, Entry]]:
    return read_folder


@pytest.fixture(scope="session")
def collection() -> dict[str, Entry]:
    return read_folder(CORPUS)
