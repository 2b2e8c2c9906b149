"""One spelling for every way of writing the same text, with the way back to the original characters.

    "L’ÉNERGIE ５Ｇ 智慧城市（樂山）"  ->  "l'energie 5g 智慧城市(乐山)"

Normalising goes cluster by cluster (a character and the marks that combine with it), so the result never depends on
what stands around a phrase, and each normalised character knows the original characters it came from. Traditional
characters are simplified one by one for the same reason: OpenCC's phrases write 乾 differently inside 乾隆 than alone.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc
import regex

_COMBINING = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_JOINING = r"\u3099\u309a\uff9e\uff9f\u1160-\u11ff\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"

_HAS_MARK = regex.compile(f"[{_COMBINING}{_JOINING}]")
# 30 marks as in Unicode's stream-safe format: canonical ordering of a longer hostile row takes quadratic time.
_CLUSTER = regex.compile(f"(?s:.)[{_COMBINING}{_JOINING}]{{0,30}}")
_DIACRITIC = regex.compile(f"[{_COMBINING}]")
_INVISIBLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
_HAN = regex.compile(r"\p{Han}")

_PUNCTUATION = str.maketrans(dict.fromkeys("’‘‛ʼʹ′`´＇ꞌꞋ", "'") | dict.fromkeys("‐‑‒–−﹣－", "-"))
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})

Step = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """`text` is normalised; offsets into it lead back to the original by `original_span`."""

    text: str
    _starts: array[int] | None
    _ends: array[int] | None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of original code points that the normalised span [start, end) came from."""
        if self._starts is None or self._ends is None:
            return start, end
        if start >= end:
            at = self._starts[start] if start < len(self._starts) else (self._ends[-1] if self._ends else 0)
            return at, at
        return self._starts[start], self._ends[end - 1]


def normalize(text: str) -> NormalizedText:
    """NFKC, half width, lower case, without accents, one apostrophe, simplified characters."""
    clusters = _split_clusters(text)
    pieces = list(map(_fold, clusters))
    folded = "".join(pieces)
    if len(folded) == len(text) == len(pieces) and "" not in pieces:
        return NormalizedText(folded, None, None)
    return NormalizedText(folded, *_trace(clusters, pieces))


def fold(text: str) -> str:
    """Just the normalised text."""
    return "".join(map(_fold, _split_clusters(text)))


def _split_clusters(text: str) -> str | list[str]:
    """Characters with the marks that combine with them; a text without marks is a row of clusters as it stands."""
    return _CLUSTER.findall(text) if _HAS_MARK.search(text) else text


def _trace(clusters: str | list[str], pieces: list[str]) -> tuple[array[int], array[int]]:
    starts, ends, at = array("Q"), array("Q"), 0
    for cluster, piece in zip(clusters, pieces, strict=True):
        for _ in piece:
            starts.append(at)
            ends.append(at + len(cluster))
        at += len(cluster)
    return starts, ends


def _unify_punctuation(text: str) -> str:
    return text.translate(_PUNCTUATION)


def _make_compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _lower_case(text: str) -> str:
    return text.casefold()


def _drop_accents(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _DIACRITIC.sub("", unicodedata.normalize("NFD", text)))


def _spell_ligatures(text: str) -> str:
    return text.translate(_LIGATURES)


def _drop_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _simplify(text: str) -> str:
    return _HAN.sub(lambda match: _simplify_character(match.group()), text)


STEPS: tuple[Step, ...] = (
    _unify_punctuation,
    _make_compatible,
    _unify_punctuation,
    _lower_case,
    _drop_accents,
    _spell_ligatures,
    _drop_invisible,
    _simplify,
)
"""What is done to each cluster, in this order: ´ has to go before NFKC makes a space of it, ′ comes out of it."""


@lru_cache(maxsize=1 << 16)
def _fold(cluster: str) -> str:
    for step in STEPS:
        cluster = step(cluster)
    return cluster


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _simplify_character(character: str) -> str:
    simplified: str = _converter().convert(character)
    simplified = _converter().convert(simplified)  # 薴 > 苧 > 苎
    return simplified if len(simplified) == 1 else character
