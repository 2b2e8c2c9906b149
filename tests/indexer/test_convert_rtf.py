"""RTF as LibreOffice writes it, and as the older programs of both administrations do."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.rtf.rtf import convert_rtf
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"

FONTS = rb"{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fnil\fcharset134 SimSun;}{\f2\fnil\fcharset2 Wingdings;}}"


def read(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0") -> str:
    return convert_rtf(rb"{\rtf1" + head + FONTS + body + b"}").text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (rb"\f0 \'e9t\'e9 \f1 \'c0\'d6\'c9\'bd\f0  \'e9t\'e9", "été 乐山 été"),  # each font has its charset
        (rb"\f1 \'81\'5c\'81A", "乗丄"),  # bytes that would be ASCII elsewhere
        (rb"\loch\af0\hich\af0\dbch\af1 \'c0\'d6", "乐"),
        (rb"{\rtlch \af0 \loch\af0\hich\af0\dbch\f1 \'c0\'d6}{\f1\rtlch \af0 \ltrch \'c9\'bd}", "乐山"),
        (rb"l\u8217?\u233 \'e9t\'e9 \uc2\u20048\'c0\'d6\uc0\u23665", "l’été 乐山"),
        (rb"\u-10179?\u-8704?", "😀"),  # one character in two halves
        (rb"\f2 n\f0 fin\~: \{x\}\_y\emdash\tab z", "fin\u00a0: {x}-y—\tz"),
        (rb"a{\deleted b}\v c\v0 d{\*\unknown e}{\pict 0102}{\object f}", "ad"),
        (rb"{\pict\bin4 }}}}}apr\'e8s", "après"),
        (rb"{\field{\*\fldinst HYPERLINK http://x}{\fldrslt lien}}, {\field{\*\fldinst PAGE}{\fldrslt 7}}", "lien,"),
    ],
)
def test_rtf_characters_are_those_that_were_written(body: bytes, expected: str) -> None:
    assert read(body) == expected


def test_rtf_of_a_chinese_system_is_in_its_code_page() -> None:
    assert read(rb"\'c0\'d6\'c9\'bd\par \f0 2014\'c4\'ea", rb"\ansi\ansicpg936") == "乐山\n\n2014年"


def test_rtf_table_with_one_column_is_a_frame_around_text() -> None:
    body = rb"\trowd\intbl Un\par Deux\cell\row\pard\trowd\intbl a\cell b\cell\row\pard fin\par"

    assert read(rb"\trowd\intbl Un\par Deux\cell\row\pard fin\par") == "Un\n\nDeux\n\nfin"
    assert read(body) == "Un Deux\na | b\n\nfin"


def test_rtf_without_its_end_is_read_as_far_as_it_goes() -> None:
    data = (FILES / "visit-fr.rtf").read_bytes()
    converted = convert_rtf(data[: data.index(b"Issy") + 4])

    assert converted.text == ""
    assert "gestion urbaine" in convert_rtf(data[: data.index(b"\\par", data.index(b"gestion urbaine"))]).text


def test_rtf_headers_are_those_of_the_first_section_once() -> None:
    body = rb"{\header Ville}{\headerf Ville}{\footer Page {\field{\*\fldinst PAGE}{\fldrslt 1}}}a\par\sect{\header B}b"

    assert read(body) == "a\n\nb\n\nVille\n\nPage"


def test_rtf_says_its_title_in_unicode() -> None:
    body = (
        rb"{\info{\upr{\title ??}{\*\ud{\title \u20048?\u23665?}}}{\creatim\yr2014\mo10\dy31}{\revtim\yr2020\mo1\dy1}}x"
    )

    assert convert_rtf(rb"{\rtf1\ansi" + body + b"}").declared.values == {"title": "乐山", "date": "2014-10-31"}


@pytest.mark.parametrize("data", [b"{\\rtf1 " + b"{" * 100_000, b"{\\x", b""])
def test_rtf_that_is_none_or_nests_too_deeply_is_refused(data: bytes) -> None:
    with pytest.raises(ConversionError):
        convert_rtf(data)
