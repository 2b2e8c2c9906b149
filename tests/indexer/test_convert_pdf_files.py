"""PDF files that LibreOffice made: columns, a table, a form, running headers, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.pdf.pdf import convert_pdf

FILES = Path(__file__).parent / "files"


def read(name: str) -> str:
    return convert_pdf((FILES / name).read_bytes()).text


@pytest.mark.parametrize(
    ("name", "in_order"),
    [
        (
            "fr-navettes.pdf",
            [
                "Deux navettes, deux villes",
                "La navette autonome circule depuis le printemps entre la gare de Leshan et le parc du grand bouddha.",
                "l’absence d’ombre aux arrêts.",
                "À Issy-les-Moulineaux, l’expérimentation a commencé un an plus tôt",
                "répondre aux questions.",
                "Ce que montrent les relevés",
                "Les deux équipes ont comparé leurs relevés pendant six mois.",
                "Peut-être faudra-t-il aussi revoir les horaires",
                "En France, l’expérimentation a commencé un an plus tôt",
            ],
        ),
        (
            "zh-navettes.pdf",
            [
                "两座城市的无人小巴",
                "意见主要集中在站点没有遮阳设施。",
                "伊西市的试验早一年开始，线路较短，路上车辆较多。",
                "记录说明的问题",
                "因为乐山的车道与其他车辆分开。",
                "法国的试验早一年开始，线路较短，路上车辆较多。",
            ],
        ),
    ],
)
def test_columns_are_read_in_order_between_headings_and_tables(name: str, in_order: list[str]) -> None:
    text = read(name)
    places = [text.find(part) for part in in_order]

    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        (
            "fr-navettes.pdf",
            "Ville | Arrêts imprévus par jour, moyenne des six mois d’observation | Voyageurs\n"
            "Issy | 12 | 340\nLeshan | 4 | 910\n",
        ),
        ("zh-navettes.pdf", "城市 | 六个月中平均每天计划外停车的次数 | 乘客\n伊西 | 12 | 340\n乐山 | 4 | 910\n"),
    ],
)
def test_a_table_is_read_row_by_row(name: str, rows: str) -> None:
    assert rows in read(name)


@pytest.mark.parametrize(
    ("name", "header", "footer"),
    [
        ("fr-navettes.pdf", "Coopération Issy – Leshan · Rapport 2016", "sur 3"),
        ("zh-navettes.pdf", "两市合作报告 2016", "共 3 页"),
    ],
)
def test_a_running_header_is_read_once_and_page_numbers_not_at_all(name: str, header: str, footer: str) -> None:
    text = read(name)

    assert text.count(header) == 1
    assert footer not in text


@pytest.mark.parametrize(
    ("name", "title", "others"),
    [
        ("fr-navettes.pdf", "Deux navettes, deux villes", ["Ce que montrent les relevés"]),
        ("zh-navettes.pdf", "两座城市的无人小巴", ["记录说明的问题"]),
    ],
)
def test_large_lines_are_headings_where_there_is_no_outline(name: str, title: str, others: list[str]) -> None:
    converted = convert_pdf((FILES / name).read_bytes())
    first, *rest = [(found.level, converted.text[found.start : found.end]) for found in converted.headings]

    assert first == (1, title)
    assert rest == [(2, other) for other in others]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "fr-formulaire-visite.pdf",
            "Inscription à la visite de Leshan\n\nNom du visiteur : Claire Dubois\nService : Urbanisme\n"
            "☑ Je demande un interprète\n☐ Je viens en train",
        ),
        (
            "zh-formulaire-visite.pdf",
            "伊西访问登记表\n\n来访人姓名： 王晓明\n所在部门： 规划局\n☑ 需要翻译\n☐ 乘火车前来",
        ),
    ],
)
def test_what_was_filled_in_stands_beside_its_labels(name: str, text: str) -> None:
    assert read(name) == text


def test_chinese_written_from_the_top_down_is_read_line_by_line() -> None:
    assert read("zh-shupai.pdf") == (
        "两座城市的无人小巴\n\n无人驾驶小巴往返于车站和景区之间，沿途设十二个停靠点，乘客认为小巴准时、安静。\n\n"
        "伊西市的试验早一年开始。"
    )
