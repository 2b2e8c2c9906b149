"""Words to text: lines and paragraphs in Tesseract's reading order, spaces only where the language writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from indexer.convert.lines import join_wrapped_lines
from indexer.ocr.script import is_mostly_han
from indexer.ocr.words import Word
from search_core.sentences import HAN

LEAST_LINE_CONFIDENCE = 0.3
"""Below this a line is what Tesseract sees in stamps, logos and photographs."""

_APART = 1.5
"""How many times the usual step from line to line makes a new paragraph."""

_WIDE = rf"[{HAN}\u3000-\u303f\uff01-\uff5e“”‘’…—·]"
_CLOSE = re.compile(rf"{_WIDE}{_WIDE}|{_WIDE}[\d,.:;!?()\[\]<>%]|[\d,.:;!?()\[\]<>%‰]{_WIDE}")
"""The last character of a word and the first of the next, where no space belongs between them."""

_AFTER_HAN = re.compile(rf"(?<={_WIDE}) ?[,:;!?]")
_AROUND_HAN = re.compile(rf"(?<={_WIDE}) ?[()]|[()] ?(?={_WIDE})")
_FULL_WIDTH = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in ",:;!?()"})

_SPLIT_NUMBER = re.compile(r"(?<=\d[.,]) (?=\d)")
_SPACED_MARK = re.compile(" ?([，。、：；！？（）]) ?")
_MISREAD_BRACKET = re.compile("〈(?=[^〈〉（]*）)")


def drop_noise(words: Sequence[Word]) -> list[Word]:
    """Without the lines in which Tesseract itself hardly believes."""
    kept: list[Word] = []
    for _, line in groupby(words, key=lambda word: word.line):
        found = list(line)
        if measure_confidence(found) >= LEAST_LINE_CONFIDENCE:
            kept += found
    return kept


def measure_confidence(words: Sequence[Word]) -> float:
    """From 0 to 1, each word weighing as much as it has characters; 0 of no words."""
    length = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / length if length else 0.0


def lay_out_words(words: Sequence[Word]) -> str:
    """Paragraphs, a blank line between two.

    Tesseract's own paragraphs and blocks break where a line is spaced a little differently: lines are joined as those
    of any page are, but for those that stand far apart.
    """
    lines = [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    tops = [min(word.top for word in line) for line in lines]
    steps = [below - above for above, below in pairwise(tops)]
    usual = median([step for step in steps if step > 0] or [0])
    texts = [_join_line([word.text for word in line]) for line in lines]
    if is_mostly_han("".join(texts)):
        texts = [_write_chinese(text) for text in texts]
    parts = texts[:1]
    for text, step in zip(texts[1:], steps, strict=True):
        parts += ["\n\n" if step > usual * _APART else "\n", text]
    return join_wrapped_lines("".join(parts))


def _join_line(words: Sequence[str]) -> str:
    parts = list(words[:1])
    for word, following in pairwise(words):
        parts += ["" if _CLOSE.match(word[-1] + following[0]) else " ", following]
    return "".join(parts)


def _write_chinese(line: str) -> str:
    """Numbers in one piece, and punctuation in the width that Chinese has: Tesseract gives either.

    `已投资 9, 500 万元〈见附件),` -> `已投资9,500万元（见附件），`
    """
    for marks in (_AROUND_HAN, _AFTER_HAN):
        line = marks.sub(lambda found: found[0].strip().translate(_FULL_WIDTH), line)
    line = _MISREAD_BRACKET.sub("（", _SPLIT_NUMBER.sub("", line))
    return _SPACED_MARK.sub(r"\1", line)
