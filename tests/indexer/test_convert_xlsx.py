from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office import xlsx
from indexer.convert.office.xlsx import XLSX
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def make_xlsx(*sheets: str, head: str = "", dimension: str = "A1") -> bytes:
    """A workbook whose sheets hold the rows given as XML; `head` stands before the first sheet's root."""
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
        + "".join(f'<sheet name="Feuille {number}" sheetId="{number}" r:id="r{number}"/>' for number in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{number}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        + "</Relationships>",
    }
    for number, rows in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = (
            f'{head}<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
        )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def read(data: bytes) -> ConvertedFile:
    return convert_bytes(data, XLSX)


def test_a_french_workbook_reads_row_by_row_with_its_headers() -> None:
    converted = read((FILES / "fr-compteurs.xlsx").read_bytes())

    assert (
        "Ville : Issy-les-Moulineaux | École : Les Épinettes | 2014 T1 : 980.00 kWh | 2014 T2 : 1002.25 kWh | "
        "Écart : 2.3% | Relevé le : 2014-07-03" in converted.text.split("\n")
    )
    assert "Lieu | Fort d’Issy" in converted.text
    assert "Date : 2015-04-20 | Délégation : Leshan | Thème : Éclairage public et mobilité" in converted.text
    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("Compteurs", 1),
        ("Consommation des écoles jumelées", 2),
        ("Contacts", 1),
        ("Prochaines visites", 2),
        ("Calculs", 1),
    ]
    assert converted.notes == ("Hidden sheets were read too: Calculs.",)
    assert converted.declared.values == {
        "title": "Suivi des compteurs de la coopération",
        "author": "Claire Morel",
        "date": "2015-03-12",
    }
    assert not converted.partial_reason


def test_a_chinese_workbook_is_titled_by_what_stands_above_its_first_table() -> None:
    converted = read((FILES / "zh-yongdian.xlsx").read_bytes())

    assert converted.declared.values["title"] == "结对学校用电量统计"
    assert (
        "城市：乐山市 | 学校：柏杨小学 | 上半年：3980.50 千瓦时 | 变化：1.3% | 抄表日期：2016-01-06" in converted.text
    )


def test_a_title_that_tells_nothing_gives_way_to_the_one_above_the_table() -> None:
    edited = io.BytesIO()
    with zipfile.ZipFile(FILES / "fr-compteurs.xlsx") as old, zipfile.ZipFile(edited, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("Suivi des compteurs de la coopération".encode(), b"Classeur1"))

    assert read(edited.getvalue()).declared.values["title"] == "Consommation des écoles jumelées"


def test_comments_and_text_boxes_follow_the_rows_of_their_sheet() -> None:
    converted = read((FILES / "fr-compteurs.xlsx").read_bytes())
    contacts = converted.text.partition("Contacts\n")[2].partition("Calculs\n")[0]

    assert contacts.rstrip().endswith("B1 : Entrée par la porte sud.\n\nÀ transmettre au groupe tourisme.")
    assert "A1 : 日期待确认。" in read((FILES / "zh-yongdian.xlsx").read_bytes()).text


def test_a_workbook_is_known_under_any_name() -> None:
    family = find_family((FILES / "fr-compteurs.xlsx").read_bytes(), "compteurs.bin")

    assert family is XLSX


def test_a_declared_size_of_all_cells_costs_nothing() -> None:
    data = make_xlsx(f'<row r="1">{text_cell("A1", "seul")}</row>', dimension="A1:XFD1048576")

    assert read(data).text == "Feuille 1\n\nseul"


def test_cells_in_the_last_row_and_column_are_read() -> None:
    rows = f'<row r="1">{text_cell("A1", "début")}</row><row r="1048576">{text_cell("XFD1048576", "fin")}</row>'

    assert read(make_xlsx(rows)).text == "Feuille 1\n\ndébut\n\nfin"


def test_rows_beyond_what_a_sheet_can_hold_are_not_waited_for() -> None:
    rows = f'<row r="1">{text_cell("A1", "début")}</row><row r="4000000000">{text_cell("A4000000000", "fin")}</row>'
    converted = read(make_xlsx(rows))

    assert converted.text == "Feuille 1\n\ndébut"
    assert converted.partial_reason == "Of the sheet “Feuille 1” only the first 1048576 rows were read."


def test_a_sheet_of_more_cells_than_are_looked_at_is_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_CELLS", 20_000)
    rows = "".join(f'<row r="{number}">{text_cell(f"XFD{number}", "x")}</row>' for number in range(1, 9))

    assert "only the first 1 rows" in read(make_xlsx(rows)).partial_reason


def test_formulas_without_stored_results_are_told() -> None:
    rows = '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>2+2</f><v>4</v></c><c r="C1"><f>A1</f><v/></c></row>'
    converted = read(make_xlsx(rows))

    assert converted.text == "Feuille 1\n\n4"
    assert converted.partial_reason.startswith("2 formulas have no stored result")


def test_a_workbook_with_styles_that_openpyxl_refuses_is_read_without_them() -> None:
    edited = io.BytesIO()
    with zipfile.ZipFile(FILES / "fr-compteurs.xlsx") as old, zipfile.ZipFile(edited, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"<fill>.*?</fill>", b"<fill/>", old.read(name)))
    converted = read(edited.getvalue())

    assert "École : Les Épinettes | 2014 T1 : 980 | 2014 T2 : 1002.25 | Écart : 0.0227" in converted.text
    assert any(note.startswith("Its number formats cannot be read") for note in converted.notes)


def test_entities_are_not_expanded_to_gigabytes() -> None:
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))
    head = f'<!DOCTYPE worksheet [<!ENTITY e0 "rire">{levels}]>'

    with pytest.raises(ConversionError):
        read(make_xlsx(f'<row r="1">{text_cell("A1", "&e11;")}</row>', head=head))


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_workbook_is_damaged(keep: float) -> None:
    data = (FILES / "fr-compteurs.xlsx").read_bytes()

    with pytest.raises(ConversionError, match="damaged"):
        read(data[: int(len(data) * keep)])
