from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.csv import convert_csv, find_delimiter
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


def test_french_rows_in_windows_1252_between_semicolons() -> None:
    converted = convert_csv((FILES / "fr-compteurs.csv").read_bytes())

    assert "École : Les Épinettes | 2014 T1 : 980.00 kWh | T2 : 1,002.25 kWh | Écart : 2.3%" in converted.text
    assert converted.declared.values == {"title": "Consommation des écoles jumelées"}
    assert converted.notes == ("Charset assumed: cp1252.",)


def test_chinese_rows_in_gb18030_between_commas() -> None:
    converted = convert_csv((FILES / "zh-yongdian.csv").read_bytes())

    assert (
        "城市：乐山市 | 学校：通江小学 | 上半年：4,315.00 千瓦时 | 变化：-4.8% | 抄表日期：05/01/2016" in converted.text
    )
    assert converted.notes == ("Charset assumed: gb18030.",)


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n", ";"),
        ("a,b\n1.5,2.5\n", ","),
        ("a\tb\n1,5\t2;5\n", "\t"),
        ('nom,texte\nIssy,"a;b;c"\nLeshan,"d;e;f"\n', ","),
        ('nom;texte\n"x";"Un, deux, trois"\n', ";"),
        ("un\ndeux\n", "\t"),
    ],
)
def test_the_delimiter_is_the_one_that_makes_regular_rows(text: str, delimiter: str) -> None:
    assert find_delimiter(text) == delimiter


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ville;Mâts\nIssy;40\n", "Ville | Mâts\nVille : Issy | Mâts : 40"),
        ("sep=,\nVille,Mâts\nIssy,40\n", "Ville | Mâts\nVille : Issy | Mâts : 40"),
        ('Ville;Mâts\n"Issy\nles-Moulineaux";40\n', "Ville | Mâts\nVille : Issy les-Moulineaux | Mâts : 40"),
        ("Ville;Mâts\nIssy;40;de trop\nLeshan\n", "Ville | Mâts\nVille : Issy | Mâts : 40 | de trop\nLeshan"),
        ("Ville\tMâts\r\nIssy\t40\r\n", "Ville | Mâts\nVille : Issy | Mâts : 40"),
    ],
)
def test_rows_of_all_kinds(text: str, expected: str) -> None:
    assert convert_csv(text.encode()).text == expected


def test_a_quotation_mark_that_nothing_closes_loses_nothing() -> None:
    rows = "".join(f"Issy;{number}\n" for number in range(30_000))
    converted = convert_csv(f'Ville;Mâts\n"Leshan;60\n{rows}'.encode())

    assert 'Ville : "Leshan | Mâts : 60' in converted.text
    assert converted.text.endswith("Ville : Issy | Mâts : 29999")


def test_binary_data_is_refused() -> None:
    family = find_family(b"\0\1\2\3" * 100, "table.csv")

    assert family is not None
    with pytest.raises(ConversionError, match="no text"):
        convert_bytes(b"\0\1\2\3" * 100, family)
