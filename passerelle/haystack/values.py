"""Values of metadata as JSON and back, each of the type that it had.

What JSON has is written as it is; anything else as an object with the one key `$`, which says what it was:

    {"year": 2016, "seen": date(2016, 3, 14)}   <->   {"year": 2016, "seen": {"$": ["date", "2016-03-14"]}}
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

_MARK = "$"

_DEEPEST = 50
"""Lists and objects inside each other; SQLite reads JSON of 1,000 at most."""

_WRITTEN: Mapping[str, tuple[type, Callable[[Any], str]]] = {
    "float": (float, str),
    "datetime": (datetime, datetime.isoformat),
    "date": (date, date.isoformat),
    "time": (time, time.isoformat),
    "bytes": (bytes, lambda value: base64.b64encode(value).decode()),
}
"""A datetime is a date too, so it comes first."""

_READ: Mapping[str, Callable[[Any], Any]] = {
    "float": float,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "bytes": base64.b64decode,
    "tuple": lambda items: tuple(map(from_json, items)),
    "dict": lambda items: {key: from_json(value) for key, value in items},
}


def to_json(value: Any, name: str, depth: int = 0) -> Any:
    """A value as JSON. Raises ValueError, naming it, for one that could not be given back as it is."""
    if depth > _DEEPEST:
        raise ValueError(f"{name} has more than {_DEEPEST} lists or dictionaries inside each other.")
    if isinstance(value, list | tuple):
        items = [to_json(item, name, depth + 1) for item in value]
        return items if isinstance(value, list) else {_MARK: ["tuple", items]}
    if isinstance(value, dict):
        return _dict_to_json(value, name, depth)
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    for kind, (known, write) in _WRITTEN.items():
        if isinstance(value, known):
            return {_MARK: [kind, write(value)]}
    raise ValueError(
        f"{name} is a {type(value).__name__}. Use None, bool, int, float, str, bytes, datetime, date, time, "
        "and lists, tuples and dictionaries of them."
    )


def from_json(stored: Any) -> Any:
    """What `to_json` made this of."""
    if isinstance(stored, list):
        return [from_json(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    if _MARK in stored:
        kind, value = stored[_MARK]
        return _READ[kind](value)
    return {key: from_json(value) for key, value in stored.items()}


def _dict_to_json(value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"{name} has a key that is no text: {key!r}.")
    written = {key: to_json(item, f"{name}.{key}", depth + 1) for key, item in value.items()}
    return {_MARK: ["dict", list(written.items())]} if _MARK in written else written
