from __future__ import annotations

import pytest

from indexer.convert.charset import NotText, decode_bytes

FRENCH = "Été à Issy : l’œuvre coûte 3 € — « déjà » où naïveté et forêt se mêlent."
CHINESE = "乐山市与伊西莱穆利诺市签署了智慧城市合作协议，双方将成立六个工作组。"
TRADITIONAL = "樂山市與伊西市簽署了智慧城市合作協議，雙方將成立六個工作組。"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (FRENCH, "utf-8"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16"),
        (FRENCH, "utf-16-le"),
        (FRENCH, "utf-16-be"),
        (FRENCH, "utf-32"),
        (FRENCH, "cp1252"),
        ("Un seul é.", "cp1252"),
        ("20 °C", "cp1252"),
        ("CRÉÉE", "cp1252"),
        ("Été à Issy, où naïveté et forêt se mêlent.", "cp850"),
        (FRENCH, "mac-roman"),
        (CHINESE, "utf-8"),
        (CHINESE, "utf-16"),
        (CHINESE + "\n" + CHINESE, "utf-16-le"),
        (CHINESE, "gb18030"),
        (CHINESE, "gb2312"),
        ("乐山", "gb18030"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-8"),
        ("plain ASCII", "ascii"),
        ("", "utf-8"),
    ],
)
def test_decode_finds_the_charset_of_both_languages(text: str, charset: str) -> None:
    assert decode_bytes(text.encode(charset)).text == text


def test_decode_notes_an_assumed_charset_and_no_certain_one() -> None:
    assert decode_bytes(CHINESE.encode("gb18030")).notes == ("Charset assumed: gb18030.",)
    assert decode_bytes(CHINESE.encode("utf-8")).notes == ()
    assert decode_bytes(CHINESE.encode("gb18030"), declared="gb2312").notes == ()


def test_decode_believes_a_declaration_that_fits() -> None:
    assert decode_bytes("Žluťoučký kůň".encode("iso8859-2"), declared="ISO-8859-2").text == "Žluťoučký kůň"


@pytest.mark.parametrize("declared", ["iso-8859-1", "gbk", "big5", "no-such-charset", "punycode", "hex", ""])
def test_decode_does_not_believe_a_wrong_declaration(declared: str) -> None:
    assert decode_bytes(FRENCH.encode(), declared).text == FRENCH


@pytest.mark.parametrize("declared", ["iso-8859-15", "windows-1251", "iso-8859-1", "big5", "shift_jis", "euc-kr"])
def test_decode_does_not_believe_that_chinese_is_something_else(declared: str) -> None:
    assert decode_bytes(CHINESE.encode("gb2312"), declared).text == CHINESE


def test_decode_believes_that_a_text_is_in_another_language() -> None:
    assert decode_bytes("Прощай, оружие".encode("cp1251"), declared="windows-1251").text == "Прощай, оружие"
    assert decode_bytes("Información del año".encode("cp1252"), declared="iso-8859-1").text == "Información del año"
    assert decode_bytes("Le cœur coûte 3 €".encode("iso8859-15"), declared="iso-8859-15").text == "Le cœur coûte 3 €"


def test_decode_reads_utf_8_that_was_cut_inside_a_character() -> None:
    decoded = decode_bytes((CHINESE * 20).encode()[:-1])

    assert decoded.charset == "utf-8"
    assert decoded.notes == ("1 characters could not be read.",)
    assert decoded.text.startswith(CHINESE)


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"abc\0def" * 40, bytes(range(32)) * 50])
def test_decode_refuses_binary_data(data: bytes) -> None:
    with pytest.raises(NotText):
        decode_bytes(data)
