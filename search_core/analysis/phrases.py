"""Phrases as people quote them: where they stand in a text, letter by letter of its normalised form."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from search_core.analysis.scripts import LETTER, UNSPACED

_UNSPACED_RUN = regex.compile(rf"[{UNSPACED}](?:\s*[{UNSPACED}])*")
_PIECE = regex.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
_IS_UNSPACED = regex.compile(rf"[{UNSPACED}]")
_IS_LETTER = regex.compile(LETTER, regex.V1)


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
        for match in regex.finditer(_make_pattern(pieces, phrase), folded, regex.V1):
            yield match.span()


def _make_pattern(pieces: list[str], phrase: str) -> str:
    pattern, rest = "", phrase
    for before, piece in zip([None, *pieces], pieces, strict=False):
        gap, rest = rest.split(piece, 1)
        if before is not None:
            pattern += (
                r"\s+"
                if gap and not _touches_unspaced(before, piece)
                else r"\s*"
                if gap or _touches_unspaced(before, piece)
                else ""
            )
        pattern += regex.escape(piece)
    opening = rf"(?<!{LETTER})" if _IS_LETTER.match(pieces[0]) else ""
    closing = rf"(?![{LETTER}\p{{M}}])" if _IS_LETTER.match(pieces[-1][-1]) else ""
    return opening + pattern + closing


def _touches_unspaced(before: str, after: str) -> bool:
    return bool(_IS_UNSPACED.match(before) or _IS_UNSPACED.match(after))
