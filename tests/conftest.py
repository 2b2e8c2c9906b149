"""What every test shares: no telemetry, no hub, and a header that makes skips visible."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:  # workers with a thread a core each would wait for one another at every layer
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from indexer.ocr.installed import name_ocr
from search_core.anchors import read_anchors
from search_core.embedding import Embedder, HashEmbedder, Progress, load_embedder
from search_core.model import Matrix

SHARED = Path(__file__).parents[2] / "shared"


def pytest_report_header() -> list[str]:
    return [
        f"engine: embedded (SQLite {sqlite3.sqlite_version})",
        f"model: {os.environ.get('PASSERELLE_MODEL', 'bundled')} for tests marked `model`, hash for the others",
        f"OCR: {name_ocr() or 'not installed: its tests are skipped'}",
        f"judged sets: {SHARED if SHARED.is_dir() else 'none beside this folder: their tests are skipped'}",
    ]


@pytest.fixture(scope="session")
def bundled_embedder() -> Embedder:
    """The real model, loaded once a run (tests that ask for it are marked `model`)."""
    return load_embedder("bundled")


class TwinEmbedder(HashEmbedder):
    """Knows translations: Chinese sentences are read as the French ones that they are given with.

    It knows the passages of the anchors too, as any model that brings both languages together.
    """

    def __init__(self, twins: Mapping[str, str]) -> None:
        super().__init__(512)
        anchors = read_anchors().passages
        shared = zip(anchors["fr"], anchors["zh"], strict=True)
        self._twins = {**{zh: fr for fr, zh in shared}, **twins}

    def _embed(self, texts: Sequence[str], progress: Progress | None) -> Matrix:
        return super()._embed([self._read(text) for text in texts], progress)

    def _read(self, text: str) -> str:
        for zh, fr in self._twins.items():
            text = text.replace(zh, f" {fr} ")
        return text


@pytest.fixture(scope="session")
def make_twin_embedder() -> Callable[[Mapping[str, str]], Embedder]:
    return TwinEmbedder
