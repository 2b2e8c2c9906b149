from __future__ import annotations

import pytest

from indexer.convert.text import convert_text
from search_core.errors import ConversionError


def test_text_keeps_its_spelling_and_gets_one_kind_of_line_end() -> None:
    converted = convert_text("De\u0301coupe\r\nligne deux\rligne trois\u2028quatre\x00\n".encode() + b"suite\n" * 20)

    assert converted.text == "De\u0301coupe\nligne deux\nligne trois\nquatre\n" + "suite\n" * 19 + "suite"


def test_text_takes_front_matter_as_metadata() -> None:
    converted = convert_text("\ufeff---\r\ntitle: Été\r\n---\r\nCorps".encode())

    assert (converted.text, converted.declared.values) == ("Corps", {"title": "Été"})


def test_text_in_windows_encoding_is_read_and_noted() -> None:
    converted = convert_text("La ville d’Issy a été équipée à grands frais.".encode("cp1252"))

    assert converted.text == "La ville d’Issy a été équipée à grands frais."
    assert converted.notes == ("Charset assumed: cp1252.",)


def test_binary_data_is_no_text() -> None:
    with pytest.raises(ConversionError, match="This is no text"):
        convert_text(b"MZ\x90\0\x03\0\0\0\x04" * 100)


def test_short_lines_above_longer_text_are_headings() -> None:
    text = """\
停车诱导系统调研

一、为什么又提停车

老城区车位不足，市民反映强烈；现有停车场利用率却只有六成。

（一）检测办法

地磁、视频和闸口计数各有优劣，综合造价与维护费用后建议采用闸口计数。

二、建议

今年十二月底前完成六座停车场的改造，明年四月评估。
"""
    converted = convert_text(text.encode())

    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("停车诱导系统调研", 1),
        ("一、为什么又提停车", 2),
        ("（一）检测办法", 3),
        ("二、建议", 2),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Monsieur Martin\n\n12 rue Rouget\n\n92130 Issy\n\nMadame Zhang\n\n3 avenue Foch\n\nParis",
        "Une seule ligne sans rien dessous",
        "Le premier paragraphe finit par un point.\n\nLe deuxième aussi, et il est plus long que le premier.",
        "- premier point\n\nSuite du premier point, qui est bien plus long que la ligne du dessus.",
        "31 octobre 2014\n\nLa ville vient de conclure un accord de coopération inédit avec sa ville jumelle.",
        "",
    ],
)
def test_addresses_lists_dates_and_sentences_are_no_headings(text: str) -> None:
    assert convert_text(text.encode()).headings == ()


def test_running_heads_are_no_headings() -> None:
    page = "Guide de la ville {}\n\nUn paragraphe assez long pour être celui d’une page imprimée, sans aucun doute.\n\n"

    assert convert_text("".join(page.format(number) for number in range(1, 9)).encode()).headings == ()
