from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.opendocument.odp import ODP
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


def test_french_slides_are_pages_with_titles_tables_charts_and_notes() -> None:
    data = (FILES / "fr-eclairage.odp").read_bytes()
    converted = convert_bytes(data, ODP)
    slides = [converted.text[page.start : page.end] for page in converted.pages]

    assert find_family(data, "x.zip") is ODP
    assert [page.label for page in converted.pages] == ["1", "2", "3", "4"]
    assert slides[0].endswith("Novembre 2016\n\nNotes\n\nRemercier la délégation de Leshan avant de commencer.")
    assert slides[1].split("\n\n") == [
        "Deux sites pilotes",
        "À Issy\nQuarante mâts autour du fort.\nCapteurs de présence posés en mars.",
        "À Leshan\nSoixante mâts sur la rive du Dadu.",
        "Budget tenu",
        "Économie : 38 %",
    ]
    assert "Ville | Mâts | Économie\nIssy | 40 | 38 %" in slides[2]
    assert "Consommation par mois (kWh)\nJanvier | Avant : 820 | Après : 510\nFévrier | Avant : 760" in slides[2]
    assert slides[3].startswith("Diapositive 4\n\nSans titre, cette diapositive")
    assert converted.notes == ("Hidden slides were read too: 4.",)
    assert converted.declared.values == {"author": "Paul Garnier", "date": "2016-11-08"}


def test_chinese_notes_are_marked_in_chinese() -> None:
    converted = convert_bytes((FILES / "zh-lvyou.odp").read_bytes(), ODP)
    headings = [(converted.text[found.start : found.end], found.level) for found in converted.headings]

    assert headings == [("乐山智慧旅游平台", 1), ("大佛景区客流监测", 1), ("备注", 2)]
    assert converted.text.endswith("备注\n\n请翻译人员说明预警标准。")
    assert converted.declared.values["title"] == "智慧旅游平台建设汇报"


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_presentation_is_damaged(keep: float) -> None:
    data = (FILES / "fr-eclairage.odp").read_bytes()

    with pytest.raises(ConversionError):
        convert_bytes(data[: int(len(data) * keep)], ODP)
