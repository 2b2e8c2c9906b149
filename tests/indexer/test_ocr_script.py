from __future__ import annotations

import pytest

from indexer.ocr.script import is_mostly_han, is_traditional


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("乐山市公共自行车站点调查", False),
        ("樂山市公共自行車站點調查", True),
        ("樂山市公共自行車站点調查", True),
        ("四川省人口", False),
        ("Issy 2015", False),
    ],
)
def test_traditional_is_known_by_its_characters(text: str, traditional: bool) -> None:
    assert is_traditional(text) is traditional


@pytest.mark.parametrize(
    ("text", "han"),
    [("乐山市 Leshan", True), ("visite de la délégation de Leshan (乐山)", False), ("2015", False), ("", False)],
)
def test_a_han_character_says_as_much_as_three_letters(text: str, han: bool) -> None:
    assert is_mostly_han(text) is han
