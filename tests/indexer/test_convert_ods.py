from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.opendocument.ods import ODS
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for prefix, path in {"draw": "drawing", "office": "office", "table": "table", "text": "text"}.items()
)
_ENCRYPTED = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
)


def make_ods(rows: str, *, head: str = "", manifest: str = "") -> bytes:
    """A spreadsheet whose one sheet holds the rows given as XML."""
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"{head}<office:document-content {_NAMESPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="Feuille">{rows}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in {**parts, **({"META-INF/manifest.xml": manifest} if manifest else {})}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def row(cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def cell(text: str, times: int = 1, attributes: str = "") -> str:
    content = f"<text:p>{text}</text:p>" if text else ""
    return f'<table:table-cell table:number-columns-repeated="{times}" {attributes}>{content}</table:table-cell>'


def read(data: bytes) -> ConvertedFile:
    return convert_bytes(data, ODS)


def test_a_french_spreadsheet_reads_row_by_row_with_its_headers() -> None:
    data = (FILES / "fr-compteurs.ods").read_bytes()
    converted = read(data)

    assert find_family(data, "x.zip") is ODS
    assert (
        "Ville : Issy-les-Moulineaux | École : Les Épinettes | 2014 T1 : 980.00 kWh | 2014 T2 : 1,002.25 kWh | "
        "Écart : 2.3% | Relevé le : 2014-07-03" in converted.text.split("\n")
    )
    assert converted.notes == ("Hidden sheets were read too: Calculs.",)
    assert converted.declared.values["title"] == "Suivi des compteurs de la coopération"
    assert converted.declared.values["author"] == "Claire Morel"
    assert converted.declared.values["date"] == "2015-03-12"


def test_a_chinese_spreadsheet_is_titled_by_what_stands_above_its_first_table() -> None:
    converted = read((FILES / "zh-yongdian.ods").read_bytes())

    assert converted.declared.values["title"] == "结对学校用电量统计"
    assert (
        "城市：乐山市 | 学校：柏杨小学 | 上半年：3,980.50 千瓦时 | 变化：1.3% | 抄表日期：2016-01-06" in converted.text
    )


def test_repeated_empty_rows_and_columns_cost_nothing() -> None:
    rows = row(cell("a") + cell("", 16_382) + cell("b")) + row(cell("", 16_384), 1_048_574) + row(cell("fin"))

    assert read(make_ods(rows)).text == "Feuille\n\na | b\n\nfin"


def test_a_sheet_full_of_repeated_text_is_cut() -> None:
    converted = read(make_ods(row(cell("x" * 100, 16_384), 1_048_576)))

    assert 9_000_000 < len(converted.text) <= 10_000_000
    assert "Only the first 10000000 characters were kept" in converted.partial_reason


def test_dates_are_what_they_are_and_not_how_they_are_shown() -> None:
    day = cell("02/03/15", attributes='office:value-type="date" office:date-value="2015-03-02"')
    moment = cell("?", attributes='office:value-type="date" office:date-value="2015-03-02T14:30:00"')

    assert read(make_ods(row(day + moment))).text == "Feuille\n\n2015-03-02 | 2015-03-02 14:30"


def test_comments_and_shapes_follow_the_rows() -> None:
    content = (
        "<table:table-cell><office:annotation><text:p>à revoir</text:p></office:annotation>"
        "<text:p>Issy<text:s/>les</text:p><text:p>Moulineaux</text:p></table:table-cell>"
    )

    shapes = (
        "<table:shapes><draw:frame><draw:text-box><text:p>Post-it</text:p></draw:text-box></draw:frame></table:shapes>"
    )

    assert read(make_ods(shapes + row(cell("a", 2) + content))).text.split("\n\n") == [
        "Feuille",
        "a | a | Issy les Moulineaux",
        "Post-it",
        "C1 : à revoir",
    ]


def test_an_encrypted_spreadsheet_says_so() -> None:
    with pytest.raises(ConversionError, match="password"):
        read(make_ods(row(cell("x")), manifest=_ENCRYPTED))


def test_entities_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))
    head = f'<!DOCTYPE x [<!ENTITY e0 "rire">{levels}]>'

    with pytest.raises(ConversionError):
        read(make_ods(row(cell("&e11;")), head=head))


def test_a_file_from_outside_is_not_read_into_the_text(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("mot de passe")
    head = f'<!DOCTYPE x [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>'

    assert read(make_ods(row(cell("a &secret; b")), head=head)).text == "Feuille\n\na b"


def test_rows_nested_too_deeply_are_damaged() -> None:
    with pytest.raises(ConversionError):
        read(make_ods("<text:section>" * 3000 + row(cell("x")) + "</text:section>" * 3000))
