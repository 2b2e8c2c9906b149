"""Where people know the files of a source to be: a share's own name in place of the folder that it is mounted on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from search_core.engines.base import IndexWriter, PassageIndex
from search_core.errors import InvalidRequest

STATE_KEY = "shown_as"

MAX_PREFIX_CHARS = 500
_WINDOWS = re.compile(r"\\\\|[A-Za-z]:(\\|\Z)")


def read_prefixes(index: PassageIndex) -> dict[str, str]:
    """Prefixes by source; sources without one are absent."""
    stored = index.state(STATE_KEY)
    prefixes: dict[str, str] = json.loads(stored) if stored else {}
    return prefixes


def set_prefix(index: PassageIndex, writer: IndexWriter, source: str, prefix: str) -> None:
    """Show the files of a source below this prefix from now on; an empty one ends that. Raises `InvalidRequest`."""
    if len(prefix) > MAX_PREFIX_CHARS or not prefix.isprintable():
        raise InvalidRequest(
            "The place that is to be shown cannot be used.",
            remedy=rf"Write it as people know it, e.g. '\\server\share'; at most {MAX_PREFIX_CHARS} characters.",
            parameter="shown_as",
        )
    others = {name: shown for name, shown in read_prefixes(index).items() if name != source}
    prefixes = {**others, source: prefix} if prefix else others
    writer.put_state(STATE_KEY, json.dumps(prefixes, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def show_path(path: str, source: str, prefixes: Mapping[str, str]) -> str:
    r"""A path in its source as people know it: `\\server\share\folder\name`, or `folder/name` without a prefix."""
    prefix = prefixes.get(source, "")
    if not prefix:
        return path
    if _WINDOWS.match(prefix):
        return prefix.rstrip("\\/") + "\\" + path.replace("/", "\\")
    return f"{prefix.rstrip('/')}/{path}"
