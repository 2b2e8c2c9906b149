"""Whether Chinese is written in Simplified or Traditional characters."""

from __future__ import annotations

from functools import cache

import regex
from opencc import OpenCC

_HAN = regex.compile(r"\p{Han}")


def is_mostly_han(text: str) -> bool:
    """Whether a text has more Han characters than a third of its other letters: one says as much as three letters."""
    han = len(_HAN.findall(text))
    return han * 3 > sum(map(str.isalpha, text)) - han


def is_traditional(text: str) -> bool:
    """Whether more of its characters exist only in Traditional writing than only in Simplified."""
    simplified, traditional = _converter("t2s").convert(text), _converter("s2t").convert(text)
    return _count_changes(text, simplified) > _count_changes(text, traditional)


def _count_changes(text: str, converted: str) -> int:
    return sum(before != after for before, after in zip(text, converted, strict=False))


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)
