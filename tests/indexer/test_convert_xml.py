"""Feeds and other XML: text in order, nothing resolved, nothing fetched."""

from __future__ import annotations

import pytest

from indexer.convert.registry import find_family
from indexer.convert.xml import convert_xml
from search_core.errors import ConversionError

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Ville d’Issy</title><subtitle>Actualités</subtitle>
<entry><title>Un accord &eacute;tonnant</title><summary>En bref.</summary>
<content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>Leshan et Issy signent.</p><p>Suite.</p></div></content>
</entry></feed>"""

RSS = """<rss version="2.0"><channel><title>乐山新闻</title><language>zh-cn</language><item><title>智慧城市</title>
<description><![CDATA[<p>双方成立<b>六个</b>工作组。</p><script>alert(1)</script>]]></description></item></channel></rss>"""


def test_atom_entry_is_read_in_full_below_its_title() -> None:
    converted = convert_xml(ATOM.encode())

    assert converted.text == ("Ville d’Issy\n\nActualités\n\nUn accord étonnant\n\nLeshan et Issy signent.\n\nSuite.")
    assert [found.level for found in converted.headings] == [1, 2]
    assert converted.language_hint == "fr"


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_feed_without_a_declaration_is_read_in_its_charset(charset: str) -> None:
    converted = convert_xml(RSS.encode(charset))

    assert converted.text == "乐山新闻\n\n智慧城市\n\n双方成立六个工作组。"
    assert converted.declared.values == {"title": "乐山新闻", "language": "zh-cn"}


def test_other_xml_gives_a_block_for_each_element_with_text() -> None:
    data = b"<rapport><title>Bilan</title><section><p>Un <b>premier</b> point.</p><p>Un autre.</p></section></rapport>"
    converted = convert_xml(data)

    assert converted.text == "Bilan\n\nUn premier point.\n\nUn autre."
    assert converted.declared.values == {"title": "Bilan"}


def test_entities_are_neither_resolved_nor_fetched() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    data = (
        f'<!DOCTYPE r [<!ENTITY e0 "boum">{bomb}<!ENTITY f SYSTEM "file:///etc/passwd">]><r><p>avant &e11; &f;</p></r>'
    )
    text = convert_xml(data.encode()).text

    assert "avant" in text
    assert "boum" not in text
    assert "root:" not in text


def test_broken_xml_is_read_as_far_as_it_goes_and_noted() -> None:
    converted = convert_xml(b"<r><p>premier</p><p>second")

    assert converted.text == "premier\n\nsecond"
    assert "broken at line 1" in converted.notes[0]


def test_what_is_no_xml_is_refused() -> None:
    with pytest.raises(ConversionError, match="cannot be read"):
        convert_xml(b"rien du tout")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b'<?xml version="1.0"?><note/>', "xml"),
        (b"\xef\xbb\xbf\n<rss version='2.0'>", "xml"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html>', "html"),
        ('<?xml version="1.0"?><a/>'.encode("utf-16"), "xml"),
    ],
)
def test_xml_is_known_by_its_first_tag(data: bytes, name: str) -> None:
    found = find_family(data, "nameless.bin")

    assert found is not None
    assert found.name == name
