from __future__ import annotations

import pytest

from indexer.numerals import read_numeral


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12), ("0", 0), ("IV", 4), ("xii", 12), ("三", 3), ("十", 10), ("十二", 12), ("二十", 20), ("三十一", 31),
        ("一百零五", 105), ("二〇一四", 2014), ("一九三七", 1937), ("", 0), ("十十", 0), ("甲", 0), ("百百", 0),
    ],
)  # fmt: skip
def test_numerals_of_both_languages(text: str, number: int) -> None:
    assert read_numeral(text) == number
