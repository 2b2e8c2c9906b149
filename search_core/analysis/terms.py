"""Finding rows of words in a text, the longest first: protected names and glossary terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class TermTable(Generic[T]):
    """Terms as rows of words, each with a value; of equal rows the first one added counts."""

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}

    def add(self, row: Sequence[str], value: T) -> None:
        """Add a term; an empty row is ignored."""
        if row:
            same_start = self._by_first.setdefault(row[0], [])
            same_start.append((tuple(row), value))
            same_start.sort(key=lambda term: -len(term[0]))

    def iter_at(self, words: Sequence[str], position: int) -> Iterator[tuple[int, T]]:
        """(number of words, value) of the terms that begin at a position, longest first."""
        for row, value in self._by_first.get(words[position], ()):
            if tuple(words[position : position + len(row)]) == row:
                yield len(row), value
