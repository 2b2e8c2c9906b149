from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office.xls import XLS
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    ("name", "line", "title"),
    [
        (
            "fr-compteurs.xls",
            "Ville : Issy-les-Moulineaux | École : Les Épinettes | 2014 T1 : 980 | 2014 T2 : 1002.25 | Écart : 0.0227"
            " | Relevé le : 2014-07-03",
            "Consommation des écoles jumelées",
        ),
        (
            "zh-yongdian.xls",
            "城市：乐山市 | 学校：柏杨小学 | 上半年：3980.5 | 变化：0.013 | 抄表日期：2016-01-06",
            "结对学校用电量统计",
        ),
    ],
)
def test_old_workbooks_are_read_without_libreoffice(name: str, line: str, title: str) -> None:
    data = (FILES / name).read_bytes()
    family = find_family(data, "classeur.bin")
    converted = convert_bytes(data, XLS)

    assert family is XLS
    assert line in converted.text.split("\n")
    assert converted.declared.values == {"title": title}


def test_another_file_that_holds_a_workbook_is_none() -> None:
    data = (FILES / "fr-compteurs.xls").read_bytes()
    renamed = data.replace("Workbook".encode("utf-16-le"), "WorkBack".encode("utf-16-le"))

    assert find_family(renamed + data, "courriel.bin") is None


@pytest.mark.parametrize("keep", [0.1, 0.3, 0.6, 0.9])
def test_a_truncated_old_workbook_is_damaged(keep: float) -> None:
    data = (FILES / "fr-compteurs.xls").read_bytes()

    with pytest.raises(ConversionError, match="damaged"):
        convert_bytes(data[: int(len(data) * keep)], XLS)
