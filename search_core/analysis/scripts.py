"""Cutting normalised text into runs that are analysed by their script, whatever language surrounds them.

    "5g智慧城市 à issy"  ->  latin "5g" · han "智慧城市" · latin "à" · latin "issy"

A single line break inside Han text is bridged: hard-wrapped files and PDF pages break lines in the middle of words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import regex

RunKind = Literal["han", "latin"]

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
"""Scripts that write words without spaces between them, as the inside of a character class."""

LETTER = rf"[[\p{{L}}\p{{N}}]--[{UNSPACED}]]"
"""A letter or digit of a script with spaces (regex.V1 syntax)."""

WORD = rf"{LETTER}[[\p{{L}}\p{{N}}\p{{M}}]--[{UNSPACED}]]*"
"""A whole word of a script with spaces: never depends on what stands around it."""

KANA = r"[\p{Hiragana}\p{Katakana}ー]+"

_RUN = regex.compile(
    r"(?P<han>\p{Han}+(?:[ \t]*\n[ \t]*\p{Han}+)*)|(?P<latin>[^\s\p{Han}]+)",
    regex.V1,
)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one script; offsets into the normalised text. `latin` stands for all that is not Han."""

    kind: RunKind
    text: str
    start: int


def iter_runs(text: str) -> Iterator[Run]:
    """The runs of a normalised text in order; only white space lies between them."""
    for match in _RUN.finditer(text):
        kind: RunKind = "han" if match.lastgroup == "han" else "latin"
        yield Run(kind, match.group(), match.start())
