"""What a text keeps when it is translated."""

from __future__ import annotations

import pytest

from indexer.pairs.facts import read_facts


@pytest.mark.parametrize(
    ("fr", "zh", "figures"),
    [
        ("le 14 juin 2016", "2016年6月14日", {"2016-06", "06-14"}),
        ("en mars 2015, le 1er mai", "2015年3月；5月1日", {"2015-03", "05-01"}),
        ("27 600 voyageurs", "旅客27,600人次", {"27600"}),
        ("27\u202f600 voyageurs", "旅客２.７６万人次", {"27600"}),
        ("3,5 millions d’habitants", "350万人", {"3500000"}),
        ("1,2 milliard d’euros", "12亿欧元", {"1200000000"}),
        ("12,5 % et −3 °C", "12.5%，-3℃", {"12.5", "3"}),
        ("le 15/03/2016", "2016-03-15", {"2016-03", "03-15"}),
    ],
)
def test_figures_are_the_same_in_both_languages(fr: str, zh: str, figures: set[str]) -> None:
    assert read_facts(fr).figures == read_facts(zh).figures == figures


@pytest.mark.parametrize("text", ["", "mars", "Mai 68e", "13月", "2016年", "n° 99/99/2016", "1 2 3", "٣٤", "1" * 400])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_facts(text).dates == frozenset()


def test_names_are_latin_letters_that_are_no_ordinary_words() -> None:
    french = read_facts("IssyGrid relie le réseau 5G du MOST, dit print_range.")
    chinese = read_facts("IssyGrid 与 MOST 的 print_range")

    assert french.names == {"issygrid", "most", "print_range"}
    assert chinese.words == {"issygrid", "most", "print_range"}


def test_a_huge_text_is_read_as_far_as_it_matters() -> None:
    assert read_facts("mot " * 1_000_000 + "12345").figures == frozenset()
