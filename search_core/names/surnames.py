"""Chinese family names: where a name that nobody listed may begin."""

from __future__ import annotations

from functools import cache
from importlib import resources

import regex

_HAN = regex.compile(r"\p{Han}+")
MAX_GIVEN = 2
"""Characters of a given name."""


def split_person(characters: str) -> tuple[str, str] | None:
    """Family and given name of what looks like a Chinese person's name, simplified; None of anything else.

    欧阳修 -> 欧阳 修      王建国 -> 王 建国      张 -> None      智慧城市 -> None
    """
    if not _HAN.fullmatch(characters):
        return None
    for length in (2, 1):
        family, given = characters[:length], characters[length:]
        if family in surnames() and 0 < len(given) <= MAX_GIVEN:
            return family, given
    return None


@cache
def surnames() -> frozenset[str]:
    """Every listed family name, simplified."""
    lines = resources.files(__package__).joinpath("surnames.txt").read_text("utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())
