"""Headings by their numbers: those of official documents in both languages, and what only looks like them."""

from __future__ import annotations

import pytest

from indexer.convert.numbered_headings import find_numbered_headings
from indexer.convert.text import convert_text


def headings(text: str) -> list[tuple[int, str]]:
    return [(found.level, text[found.start : found.end]) for found in find_numbered_headings(text)]


def test_a_chinese_official_document_has_its_levels_without_blank_lines() -> None:
    text = """\
关于考察情况的报告
市人民政府：
现将考察情况报告如下。
一、考察概况
考察团在社区内住了两晚，走访住户十一家。
（一）访问经过
八人于十二月八日抵达。
（二）主要收获
带回问题三十八个的答复。
二、主要做法
（一）先定规矩后出让
土地出让之前写进合同。
（二）垃圾走管道
每天抽送四次，夜间停运。
三、建议
1. 修改合同文本
由规划部门牵头，三月底前完成。
2. 开展入户调查
为期两个月。
"""
    assert headings(text) == [
        (2, "一、考察概况"),
        (3, "（一）访问经过"),
        (3, "（二）主要收获"),
        (2, "二、主要做法"),
        (3, "（一）先定规矩后出让"),
        (3, "（二）垃圾走管道"),
        (2, "三、建议"),
        (4, "1. 修改合同文本"),
        (4, "2. 开展入户调查"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "I. Objet\nLa présente convention lie deux villes.\nII. Durée\nElle dure deux ans, renouvelables une fois.",
            [(2, "I. Objet"), (2, "II. Durée")],
        ),
        (
            "ARTICLE 1 – Objet\nElle porte sur les relevés.\nARTICLE 2 – Durée\nElle dure deux années entières.",
            [(2, "ARTICLE 1 – Objet"), (2, "ARTICLE 2 – Durée")],
        ),
        (
            "1. Contexte\n1.1 La ville\nElle compte 65 000 habitants.\n1.2 Le réseau\nIl relie deux mille logements.\n"
            "2. Méthode\nLes relevés durent un an, sans interruption.",
            [(2, "1. Contexte"), (3, "1.1 La ville"), (3, "1.2 Le réseau"), (2, "2. Méthode")],
        ),
        (
            "第一章 总则\n第一条 适用范围\n本办法适用于两市的合作项目。\n第二条 术语\n项目是指共同立项的试验。\n"
            "第二章 附则\n第一条 施行\n本办法自发布之日起施行。\n第二条 解释\n由秘书处负责解释。",
            [
                (1, "第一章 总则"), (2, "第一条 适用范围"), (2, "第二条 术语"),
                (1, "第二章 附则"), (2, "第一条 施行"), (2, "第二条 解释"),
            ],
        ),
    ],
)  # fmt: skip
def test_series_of_both_administrations_are_headings(text: str, expected: list[tuple[int, str]]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1. Vélos\n2. Bus\n3. Tramway\nVoilà trois moyens de transport pour qui habite au centre de la ville.",
        "1. Préférer la retenue de garantie.\n2. Contrôler chaque opération.\nCes deux mesures suffisent.",
        "一、同意试点方案；\n二、由规划部门牵头；\n以上事项请抓紧落实。",
        "第一条 为了规范合作，制定本办法。\n第二条 本办法适用于两市。\n",
        "3. Seul point retenu\nIl sera examiné à la prochaine séance du conseil.",
        "1. Un seul point\nIl sera examiné à la prochaine séance du conseil.",
        "1.1 million d’habitants\nvivent dans la région aujourd’hui.\n1.2 million\ny vivront demain, dit-on partout.",
        "12.03.2015\nLa réunion a eu lieu.\n13.03.2015\nLe compte rendu a été envoyé.",
        "1 | Bus | 12\n2 | Tram | 30\n",
        "A. Dupont\n3 rue Foch\nB. Martin\n5 rue Foch",
        "",
        "1. \n2. \n" * 1000,
        "（一）" * 5000,
    ],
)
def test_lists_sentences_amounts_and_dates_are_none(text: str) -> None:
    assert headings(text) == []


def test_contents_in_front_are_none_and_the_chapters_behind_are() -> None:
    chapters = "1. Contexte\nLa ville compte 65 000 habitants.\n2. Méthode\nLes relevés durent un an."
    text = f"Sommaire\n1. Contexte\n2. Méthode\n{chapters}"

    found = find_numbered_headings(text)
    assert [text[span.start : span.end] for span in found] == ["1. Contexte", "2. Méthode"]
    assert found[0].start == text.index(chapters)


def test_plain_text_gets_numbered_headings_beside_those_that_stand_alone() -> None:
    text = "Compte rendu\n\n1. Transports\nLe billet combiné est approuvé.\n2. Tourisme\nLe comptage commence en mai."
    converted = convert_text(text.encode())

    assert [(found.level, text[found.start : found.end]) for found in converted.headings] == [
        (1, "Compte rendu"),
        (2, "1. Transports"),
        (2, "2. Tourisme"),
    ]
