"""Phrases as people quote them: where they stand in a text, letter by letter of its normalised form."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import regex

from search_core.analysis.scripts import LETTER, UNSPACED

_UNSPACED_RUN = regex.compile(rf"[{UNSPACED}](?:\s*+[{UNSPACED}])*")
_PIECE = regex.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_IS_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_WORD_CHARACTER = rf"[{LETTER}\p{{M}}]"
_IS_WORD_CHARACTER = regex.compile(_WORD_CHARACTER, regex.V1)


def iter_unspaced(folded: str) -> Iterator[str]:
    """Runs of Han and kana characters of a normalised text, white space inside them left out."""
    for match in _UNSPACED_RUN.finditer(folded):
        yield "".join(match.group().split())


def find_in_normalized(folded: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Spans of a normalised phrase in a normalised text.

    Words with spaces match at word borders only. Any white space equals any other; none is needed beside a Han one.
    """
    pieces = _PIECE.findall(phrase)
    if pieces:
        for match in regex.finditer(_make_pattern(pieces), folded, regex.V1):
            yield match.span()


def _make_pattern(pieces: list[str]) -> str:
    opening = rf"(?<!{_WORD_CHARACTER})" if _IS_WORD_CHARACTER.match(pieces[0][0]) else ""
    closing = rf"(?!{_WORD_CHARACTER})" if _IS_WORD_CHARACTER.match(pieces[-1][-1]) else ""
    pattern = regex.escape(pieces[0])
    for before, piece in pairwise(pieces):
        gap = r"\s*+" if _IS_UNSPACED.match(before) or _IS_UNSPACED.match(piece) else r"\s++"
        pattern += gap + regex.escape(piece)
    return opening + pattern + closing
