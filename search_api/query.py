"""What people type, taken apart: quoted phrases, excluded words, and the text to search.

    "réseau intelligent" -domotique Fort d'Issy   ->   text     réseau intelligent Fort d'Issy
                                                       phrases  réseau intelligent
                                                       excluded domotique

Nothing else is syntax: AND, NEAR, `*`, `:` and lone quotes are plain text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from search_api.schemas import MAX_QUERY_CHARS

_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("＂", "＂"), ("„", "“"))
_QUOTED = "|".join(f"{re.escape(left)}([^{re.escape(left + right)}]+){re.escape(right)}" for left, right in _QUOTES)

# A minus excludes only at the start of a word and in front of a letter or a quote, so that "peut-être",
# "2014-2017" and "-5 °C" stay what they are.
_PART = re.compile(rf"(?P<minus>(?<!\S)[-－−])?(?P<quoted>{_QUOTED})|(?<!\S)[-－−](?P<word>[^\W\d_]\S*)")


@dataclass(frozen=True)
class ParsedQuery:
    """`text` is what is searched (phrases included, excluded words not); `truncated` when the input was cut."""

    text: str
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    truncated: bool = False


def parse_query(raw: str, max_chars: int = MAX_QUERY_CHARS) -> ParsedQuery:
    """Take a typed or pasted text apart. Every input is accepted; control characters count as spaces."""
    typed = _clean(raw)
    kept = typed[:max_chars]
    phrases: list[str] = []
    excluded: list[str] = []

    def take(match: re.Match[str]) -> str:
        if word := match["word"]:
            excluded.append(word.strip("\"“”«»「」『』＂„"))
            return " "
        phrase = match["quoted"][1:-1].strip()
        if match["minus"]:
            excluded.append(phrase)
            return " "
        phrases.append(phrase)
        return f" {phrase} "

    text = " ".join(_PART.sub(take, kept).split())
    return ParsedQuery(text, _distinct(phrases), _distinct(excluded), truncated=len(typed) > max_chars)


def _clean(raw: str) -> str:
    spaced = (" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in raw)
    return " ".join("".join(spaced).split())


def _distinct(parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in parts if any(char.isalnum() for char in part)))
