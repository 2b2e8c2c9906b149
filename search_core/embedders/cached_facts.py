"""Small JSON files in the user's cache: what took long to find out, for as long as it holds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any


def recall(file: Path) -> dict[str, Any]:
    """What `remember` wrote; empty where nothing usable is."""
    try:
        remembered = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return remembered if isinstance(remembered, dict) else {}


def remember(file: Path, content: Mapping[str, object]) -> None:
    """Write it wholly or, where the cache cannot be written, not at all."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(file)


def forget(file: Path) -> None:
    """Undo `remember`."""
    with suppress(OSError):
        file.unlink()
