from __future__ import annotations

import pytest

from indexer.convert.tables.number_format import format_number


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (0.125, "0.0%", "12.5%"),
        (0.41, "0%", "41%"),
        (0.41, "0 %", "41 %"),
        (1234.5, '#,##0.00 "€"', "1234.50 €"),
        (1234.5, "#,##0.00\\ [$€-40C]", "1234.50 €"),
        (-3, "0.00", "-3.00"),
        (-1250, "#,##0;[Red]-#,##0", "-1250"),
        (-1250, "#,##0_);(#,##0)", "(1250)"),
        (0, '0;-0;"néant"', "néant"),
        (92130, "00000", "92130"),
        (1400, "00000", "01400"),
        (12.3456789, "0.00", "12.35"),
        (12.5, "0.0##", "12.5"),
        (2500000, '0.0,," M"', "2.5 M"),
        (3, '0" 辆"', "3 辆"),
        (0.1 + 0.2, "General", "0.3"),
        (2014, "General", "2014"),
        (2014.0, "General", "2014"),
        (-0.001, "0.0", "0.0"),
        (0.5, "# ?/?", "0.5"),
        (1e20, "General", "1e+20"),
        (7, "", "7"),
        (7, '"fermé"', "fermé"),
        (7, ";;;", "7"),
    ],
)
def test_a_number_is_shown_as_its_format_says(value: float, code: str, shown: str) -> None:
    assert format_number(value, code) == shown


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_is_shown_all_the_same(value: float) -> None:
    assert format_number(value, "0.00")
