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
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return value if math.isfinite(value) else _marked("float", str(value))
        case datetime():
            return _marked("datetime", value.isoformat())
        case date():
            return _marked("date", value.isoformat())
        case time():
            return _marked("time", value.isoformat())
        case bytes():
            return _marked("bytes", base64.b64encode(value).decode())
        case list():
            return [to_json(item, name, depth + 1) for item in value]
        case tuple():
            return _marked("tuple", [to_json(item, name, depth + 1) for item in value])
        case dict():
            return _dict_to_json(value, name, depth)
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


def _marked(kind: str, value: Any) -> dict[str, Any]:
    return {_MARK: [kind, value]}


def _dict_to_json(value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"{name} has a key that is no text: {key!r}.")
    written = {key: to_json(item, f"{name}.{key}", depth + 1) for key, item in value.items()}
    return _marked("dict", list(written.items())) if _MARK in written else written
