"""The process that draws a page: started for it, waited for, ended.

A process a page costs 0.05 s besides drawing (0.02 to 0.15 s), needs no care between two pages, and keeps nothing of a
document in memory. PDFium is not thread-safe either: what is in a process of its own needs no lock.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from search_api.preview.asked import AskedPage
from search_core.errors import PasserelleError

_ROOT = Path(__file__).parents[2]
_PNG = b"\x89PNG\r\n\x1a\n"


class PageNotDrawn(PasserelleError):
    """A page cannot be shown as an image: it is damaged, or takes too long or too much memory."""

    code = "page_not_drawn"


@dataclass(frozen=True)
class DrawingLimits:
    """What drawing one page may take."""

    seconds: int = 15
    memory_mb: int = 768


def render_page(file: BinaryIO, asked: AskedPage, limits: DrawingLimits) -> bytes:
    """The page as a PNG image. Raises `PageNotDrawn`."""
    request = {
        "seconds": limits.seconds,
        "memory_mb": limits.memory_mb,
        "handle": file.fileno(),
        "number": asked.number,
        "size": asked.size,
        "wanted": asked.wanted,
        "before": asked.before,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "search_api.preview.program"],
            input=json.dumps(request).encode(),
            env=_make_environment(),
            pass_fds=(file.fileno(),),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _refuse(asked, f"takes more than {limits.seconds} seconds to draw") from None
    except OSError:
        raise _refuse(asked, "cannot be drawn now: this machine has no process or memory left") from None
    if ended.returncode or not ended.stdout.startswith(_PNG):
        raise _refuse(asked, "cannot be drawn: the file is damaged there, or too large for that")
    return ended.stdout


def _make_environment() -> dict[str, str]:
    """Ours without the settings: no password lies where a file may have taken over."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), kept.get("PYTHONPATH"))))}


def _refuse(asked: AskedPage, why: str) -> PageNotDrawn:
    return PageNotDrawn(
        f"Page {asked.number} {why}.", remedy="Its text is on the page of the document; or download the original file."
    )
