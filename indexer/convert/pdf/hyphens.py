"""Words that a line's end cut in two: whether the hyphen is the word's own is learned from the rest of the document."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.convert.lines import choose_seam

MAX_WORDS = 500_000

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CUT = re.compile(r"(?:^|(?<=[^\w-]))([^\W\d_]+(?:-[^\W\d_]+)*)-$")
_REST = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"[/@\\]|\w[.:_]\w")
_WHOLE_WORD = 4

_AFTER_HYPHEN = frozenset({
    "ce", "ci", "dire", "elle", "elles", "en", "il", "ils", "je", "la", "le", "les", "leur", "lui", "là", "moi", "même",
    "mêmes", "nous", "on", "t", "toi", "tu", "un", "une", "vis", "vous", "y",
})  # fmt: skip
"""What French writes after a hyphen of its own: peut-être is learned, parle-t-il may stand in a document once."""


class Hyphens:
    """Joins lines of paragraphs, after it has seen the lines of a document, or of its first pages."""

    def __init__(self) -> None:
        self._words: set[str] = set()

    def learn(self, lines: Iterable[str]) -> None:
        """Their words but the first ones, and the last ones before a hyphen: they may be halves."""
        for line in lines:
            if len(self._words) < MAX_WORDS:
                last = -1 if line.endswith("-") else None
                self._words.update(word.casefold() for word in _WORD.findall(line)[1:last])

    def join(self, line: str, following: str) -> str:
        """Both lines as one."""
        if not line.endswith("-") or not following:
            return line + choose_seam(line, following) + following
        cut, rest = _CUT.search(line), _REST.match(following)
        if _ADDRESS.search(line.rsplit(maxsplit=1)[-1]):
            # LaTeX marks with a hyphen that it broke an address after a slash.
            is_cut = line.endswith("/-") or (cut and rest and f"{cut[1]}{rest[0]}".casefold() in self._words)
            return (line[:-1] if is_cut else line) + following
        if cut is None or rest is None:
            return line + ("" if cut or following[:1].isdecimal() else " ") + following
        return (line if self._has_own_hyphen(cut[1], rest[0]) else line[:-1]) + following

    def _has_own_hyphen(self, first: str, rest: str) -> bool:
        is_name = rest[0].isupper() and not first.isupper()
        first, folded = first.casefold(), rest.casefold()
        if f"{first}{folded}" in self._words:
            return False
        if f"{first}-{folded}" in self._words or is_name or folded in _AFTER_HYPHEN:
            return True
        return min(len(first), len(rest)) >= _WHOLE_WORD and {first, folded} <= self._words
