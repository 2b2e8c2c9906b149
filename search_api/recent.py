"""What was worked out lately, by the hash of what it was made of."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The last `most` values; what was used longest ago goes first. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[bytes, Value] = OrderedDict()

    def find(self, keys: Iterable[bytes]) -> dict[bytes, Value]:
        """What is known of these keys."""
        with self._lock:
            return {key: self._values[key] for key in keys if key in self._values}

    def keep(self, values: Mapping[bytes, Value]) -> None:
        """These count as used now."""
        with self._lock:
            for key, value in values.items():
                self._values[key] = value
                self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


def make_key(*parts: str) -> bytes:
    """Stands for texts in their order."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
