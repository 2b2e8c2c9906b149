"""Drawing at random, each once before any is drawn again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Generic, TypeVar

Card = TypeVar("Card")


class Deck(Generic[Card]):
    """Cards in random order, shuffled anew when all are drawn. An empty deck has nothing to draw."""

    def __init__(self, cards: Sequence[Card], source: random.Random) -> None:
        self._cards, self._random = list(cards), source
        self._left: list[Card] = []

    def __len__(self) -> int:
        return len(self._cards)

    def draw(self) -> Card:
        if not self._left:
            self._left = self._random.sample(self._cards, len(self._cards))
        return self._left.pop()
