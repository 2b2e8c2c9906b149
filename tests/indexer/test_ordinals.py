from __future__ import annotations

import pytest

from indexer.convert.ordinals import write_ordinal


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("decimal", {1: "1", 12: "12"}),
        ("decimalZero", {1: "01", 12: "12"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA"}),
        ("lowerRoman", {4: "iv", 1994: "mcmxciv"}),
        (
            "chineseCounting",
            {1: "一", 10: "十", 12: "十二", 20: "二十", 105: "一百零五", 110: "一百一十", 1005: "一千零五"},
        ),
        ("chineseLegalSimplified", {3: "叁", 12: "壹拾贰"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("decimalEnclosedCircle", {3: "③", 21: "21"}),
        ("unknown", {7: "7"}),
        ("upperRoman", {0: "0"}),
    ],
)
def test_ordinal_is_written_as_readers_of_its_kind_write_it(kind: str, written: dict[int, str]) -> None:
    assert {number: write_ordinal(number, kind) for number in written} == written
