"""Lines of a page back to paragraphs: a PDF knows where glyphs stand, not which lines belong together."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from search_core.sentences import HAN

_WIDE = rf"[{HAN}\u3000-\u303f\uff01-\uff5e“”‘’…—·]"
_CHINESE = rf"[{HAN}\u3000-\u303f\uff01-\uff5e]"
_SEAM_WITHOUT_SPACE = re.compile(rf"{_WIDE}{_WIDE}|{_CHINESE}\d|[\d%‰]{_CHINESE}")
"""Two characters around a line's end. Chinese writes numbers without spaces; names in Latin letters may have them."""

_SPACED_HAN = re.compile(rf"(?<={_WIDE})[ \t\u3000]+(?={_WIDE})")
_ADJACENT_HAN = re.compile(rf"(?<={_WIDE}){_WIDE}")

_STARTS_NEW = re.compile(
    r"[-–—•*◦▪●·]\s|[（(]?\d{1,3}([.)）、．]|\.\d+)+(?!\d)|[（(]?[一二三四五六七八九十]{1,3}[)）、．.]"
    r"|第[一二三四五六七八九十百\d]+[章节条]|(chapitre|article|annexe)\s",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\. ?){5,}|(?:… ?){3,}|·{5,}|_{5,}")
_LEADERS_AT_END = re.compile(r"(?:[.…·_] ?){4}$")
_CONTENTS_LINE = re.compile(r"… \w{1,6}$")
_ENDS_SENTENCE = re.compile(r"[.!?:;。！？：；…][”’」』）》\"')\]»]*$")

_FULL_SHARE = 0.8
_NARROWEST_COLUMNS = 30
"""Below this a column holds a table or labels: its lines are not joined."""


def join_wrapped_lines(text: str) -> str:
    """Paragraphs of a page's lines: a line that fills the column goes on in the next one.

    What ends a paragraph leaves a blank line where it ends a sentence, a line break where it may be a heading or cell.
    """
    lines = [shorten_leaders(line).strip() for line in close_spaced_han(text).split("\n")]
    widths = [measure_line(line) for line in lines]
    full = _find_column_width(widths)
    parts = lines[:1]
    for (line, following), width in zip(pairwise(lines), widths, strict=False):
        parts += [_choose_joint(line, following, filled=full > 0 and width >= _FULL_SHARE * full), following]
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip("\n")


def close_spaced_han(text: str) -> str:
    """Close the gaps where a program placed each Chinese character by itself, and spaces came out between them all."""
    spaced = len(_SPACED_HAN.findall(text))
    return _SPACED_HAN.sub("", text) if spaced > len(_ADJACENT_HAN.findall(text)) else text


def choose_seam(line: str, following: str) -> str:
    """What stands between two lines of one paragraph: a space, or nothing within Chinese and after a hyphen."""
    whole = not line or not following or line[-1] == "-" or _SEAM_WITHOUT_SPACE.match(line[-1] + following[0])
    return "" if whole else " "


def _choose_joint(line: str, following: str, *, filled: bool) -> str:
    if not line or not following:
        return "\n"
    if filled and not begins_anew(line, following):
        return choose_seam(line, following)
    return "\n\n" if ends_sentence(line) else "\n"


def begins_anew(line: str, following: str) -> bool:
    """Whether the second of two lines begins an item, an article, a chapter; or the first is one of a contents list."""
    return bool(_STARTS_NEW.match(following) or _CONTENTS_LINE.search(line))


def ends_sentence(line: str) -> bool:
    return bool(_ENDS_SENTENCE.search(line))


def ends_in_leaders(line: str) -> bool:
    """Whether a row of dots leads from it to a page number, or to a place to fill in."""
    return bool(_LEADERS_AT_END.search(line))


def shorten_leaders(line: str) -> str:
    """Rows of dots or lines to fill in as one ellipsis."""
    return _LEADERS.sub("… ", line)


def _find_column_width(widths: list[int]) -> int:
    """The width that nine in ten lines stay within; 0 where there is no column of text."""
    used = sorted(width for width in widths if width)
    width = used[int(len(used) * 0.9)] if len(used) > 2 else 0
    return width if width >= _NARROWEST_COLUMNS else 0


def measure_line(line: str) -> int:
    """How many columns a line takes, Chinese characters two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)
