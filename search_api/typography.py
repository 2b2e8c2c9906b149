"""French as it is printed: the spaces beside its punctuation keep it on the line of its word."""

from __future__ import annotations

import re

_SPACES = (
    (re.compile(r" (?=[:»%](?:\W|$))|(?<=«) "), "\u00a0"),
    (re.compile(r" (?=[;!?](?:\W|$))"), "\u202f"),
)


def set_french(text: str) -> str:
    """Interface text with no-break spaces: `« mot » : 12 %` and, narrow ones, `vraiment ?`."""
    for space, unbroken in _SPACES:
        text = space.sub(unbroken, text)
    return text
