"""A small cache of arrays that several threads fill."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ArrayCache(Generic[Value]):
    """Keeps values until their sizes add up to more than `limit`; then it begins again."""

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self._limit = limit
        self._size = size
        self._lock = threading.Lock()
        self._values: dict[Hashable, Value] = {}
        self._used = 0

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not there (by two threads at once, if they meet)."""
        known = self._values.get(key)
        if known is not None:
            return known
        value = make()
        with self._lock:
            if self._used + self._size(value) > self._limit:
                self._values.clear()
                self._used = 0
            if key not in self._values:
                self._values[key] = value
                self._used += self._size(value)
        return value
