"""Where sentences end, in French and in Chinese: the splitter and the snippets cut at the same borders."""

from __future__ import annotations

import re
from itertools import pairwise

Span = tuple[int, int]

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_FULL_WIDTH_ENDS = frozenset("。！？；｡")

_CLOSERS = r"(?:[”’」』）》】〉\"')\]]|[ \u00a0\u202f]?»)*"
_END = re.compile(rf"(?P<marks>[.。｡!！?？；…]+){_CLOSERS}")

_LIST_MARK = (
    r"(?:[-–—•*◦▪●·]\s|[（(]?\d{1,3}(?:\.\d{1,3})*[.)）、．](?!\d)|[（(]?[一二三四五六七八九十百]{1,4}[)）、．.])"
)
_HARD_BREAK = re.compile(rf"\n(?=[ \t\u3000]*(?:\n|{_LIST_MARK}))|\n(?=[^\n]* \| )|(?<= \|)\n")
"""A line break that ends what stands before it: a blank line, a list item, a table row. Others only wrap a line."""

_STARTS_FLUSH = re.compile(rf"[{HAN}《「『（“【]")
_STARTS_AFTER_SPACE = re.compile(rf"\s+[^\W_a-zß-öø-ÿœ{HAN}]|\s+[{HAN}«“\"‘'(\[—–•《「『（【-]")
_WORD_BEFORE = re.compile(r"(?:^|[\s(\[«“’'])([\w°.-]{1,12})$")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_INITIALS = re.compile(rf"[^\W\d_a-zß-öø-ÿœ{HAN}](?:[.-]+[^\W\d_a-zß-öø-ÿœ{HAN}])*")

_ABBREVIATED_WORDS = """
    m mm mme mmes mlle mlles dr drs pr prof me mgr st ste al art arr chap ch cf fig tab vol t éd ed coll p pp n no nos
    num ex p.ex c.-à-d env av apr bd boul tél tel réf ref resp dép dépt hab janv févr fév avr juil sept oct nov déc op
    cit loc ibid id i.e e.g vs mr mrs ms jr sr inc ltd co corp
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED_WORDS.split())
"""Words, without their last dot, after which a dot ends no sentence. One that is wrong here makes a longer sentence."""


def sentence_spans(text: str) -> list[Span]:
    """Half-open spans of the sentences, in order, without white space at their ends.

    Together they hold every character that is not white space, exactly once.

    `M. Zhang Tong est venu. Il a signé.` → `M. Zhang Tong est venu.`, `Il a signé.`
    `乐山是一座城市。它有350万人！` → `乐山是一座城市。`, `它有350万人！`
    """
    ends = {match.end() for match in _END.finditer(text) if _ends_sentence(text, match)}
    breaks = {match.start() for match in _HARD_BREAK.finditer(text)}
    borders = sorted({0, len(text)} | ends | breaks)
    return [span for span in (trim_span(text, start, end) for start, end in pairwise(borders)) if span[0] < span[1]]


def trim_span(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty (start == end) where there is nothing else."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, max(start, start + len(piece.strip()))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    marks = match["marks"]
    if not _FULL_WIDTH_ENDS.isdisjoint(marks):
        return True
    if _STARTS_FLUSH.match(text, match.end()):
        return marks != "." or not _is_abbreviated(text, match.start())
    if not _STARTS_AFTER_SPACE.match(text, match.end()):
        return False
    return marks != "." or not _is_abbreviated(text, match.start())


def _is_abbreviated(text: str, dot: int) -> bool:
    """Whether the dot at this offset belongs to the word before it: `art.`, `J.-P.`, `1.` at the start of a line."""
    before = _WORD_BEFORE.search(text[max(0, dot - 13) : dot])
    if before is None:
        return False
    word = before[1].rstrip(".")
    if _NUMBER.fullmatch(word):
        return not text[text.rfind("\n", 0, dot) + 1 : dot].strip(" \t\u3000(（").strip(word)
    return word.casefold() in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None
