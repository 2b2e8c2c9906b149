"""What every test shares: no telemetry, no hub, and a header that makes skips visible."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

import pytest

from search_core.embedding import Embedder, load_embedder

SHARED = Path(__file__).parents[2] / "shared"


def pytest_report_header() -> list[str]:
    return [
        f"engine: embedded (SQLite {sqlite3.sqlite_version})",
        f"model: {os.environ.get('PASSERELLE_MODEL', 'bundled')} for tests marked `model`, hash for the others",
        f"judged sets: {SHARED if SHARED.is_dir() else 'none beside this folder: their tests are skipped'}",
    ]


@pytest.fixture(scope="session")
def bundled_embedder() -> Embedder:
    """The real model, loaded once a run (tests that ask for it are marked `model`)."""
    return load_embedder("bundled")
