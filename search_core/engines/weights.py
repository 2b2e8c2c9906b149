"""What a token weighs in BM25, the same in every engine: FTS5's constants and FTS5's inverse document frequency."""

from __future__ import annotations

import math

# The last is the least weight of a token, which one in most rows would fall below.
K1 = 1.2
B = 0.75
LEAST_WEIGHT = 1e-6


def token_weight(rows: int, holding: int) -> float:
    """The inverse document frequency of a token that `holding` of `rows` rows hold."""
    return max(math.log((rows - holding + 0.5) / (holding + 0.5)), LEAST_WEIGHT)
