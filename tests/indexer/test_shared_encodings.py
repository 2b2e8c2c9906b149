"""The shared files whose charset is awkward: the text is exactly right, its language too, and assumptions are told."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.registry import find_family
from indexer.report import RunReport
from search_core.model import Document

SHARED = Path(__file__).parents[3] / "shared" / "files"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not beside this folder")

MANIFEST_LANGUAGES = {"fr": "fr", "zh": "zh", "zh-Hant": "zh", "en": "other"}


def convert(name: str) -> ConvertedFile:
    data = (SHARED / name).read_bytes()
    family = find_family(data, name)
    assert family is not None
    return convert_bytes(data, family)


@pytest.mark.parametrize(
    ("name", "charset", "notes"),
    [
        ("derived-fr-nfd-utf8.txt", "utf-8", ()),
        ("derived-fr-windows-1252.txt", "cp1252", ("Charset assumed: cp1252.",)),
        ("derived-zh-gb18030.txt", "gb18030", ("Charset assumed: gb18030.",)),
        ("derived-zh-tw-big5.txt", "big5hkscs", ("Charset assumed: big5hkscs.",)),
        ("derived-zh-utf16le-bom.txt", "utf-16", ()),
    ],
)
def test_text_is_exactly_what_its_bytes_say(name: str, charset: str, notes: tuple[str, ...]) -> None:
    reference = (SHARED / name).read_bytes().decode(charset, "replace").replace("\r\n", "\n")
    converted = convert(name)

    assert converted.text == reference.strip("\n").rstrip()
    assert converted.notes == notes


def test_decomposed_accents_stay_as_the_file_has_them() -> None:
    text = convert("derived-fr-nfd-utf8.txt").text

    assert not unicodedata.is_normalized("NFC", text)
    assert "\u0301" in text


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("zh-big5-news.html", "律師鄭文龍則說，陳水扁抗議「查房」侵犯隱私，擔心抗辯文書會曝光或失蹤"),
        ("zh-gb2312-portal.html", "拨95933上网魔力宝贝免费玩"),
        ("zh-gb18030-feed.xml", "是一个专门用来清除特洛伊木马和自动修复系统文件的工具。"),
        ("fr-help-page.html", "Une ancre détermine le point de référence d'un objet."),
        ("zh-help-page.html", "要使图像在 HTML 页面上居中，请插入图像，将其锁定为"),
        ("zh-tw-handbook.html", "備份是管理員的主要責任之一，它是個複雜的主題，涉及難以掌握的強大工具。"),
        ("zh-message.msg", "恭喜 HQ 保全課 陳奎良 高票當選雲林縣總工會 100 年度模範勞工代表"),
    ],
)
def test_page_feed_and_mail_are_readable(name: str, said: str) -> None:
    text = convert(name).text

    assert said in text
    assert "\ufffd" not in text


@pytest.mark.parametrize(
    ("name", "menu"),
    [
        ("fr-help-page.html", ("Contenu", "Index", "Aide LibreOffice 7.4", "debug info", "Module")),
        ("zh-help-page.html", ("目录", "索引", "LibreOffice 7.4 帮助")),
        ("zh-tw-handbook.html", ("Download the ebook", "前一頁", "下一頁", "起始頁", "Product Site")),
    ],
)
def test_page_begins_with_its_heading_and_shows_no_menu(name: str, menu: tuple[str, ...]) -> None:
    converted = convert(name)

    assert converted.headings[0].start == 0
    assert not [label for label in menu if label in converted.text]


def test_feed_without_a_true_charset_gives_an_entry_a_heading() -> None:
    converted = convert("zh-gb18030-feed.xml")
    headings = [converted.text[found.start : found.end] for found in converted.headings]

    assert headings[:2] == ["系统工具", "Trojan Remover 6.4.5 Date 12.28"]
    assert len(headings) == 1 + (SHARED / "zh-gb18030-feed.xml").read_bytes().count(b"<item>")
    assert converted.declared.values["title"] == "系统工具"


def test_language_is_that_of_the_manifest(
    folder: Path, run: Callable[..., RunReport], read_all: Callable[[], dict[str, Document]]
) -> None:
    rows = [line.split("\t") for line in (SHARED / "MANIFEST.tsv").read_text("utf-8").splitlines()[1:]]
    expected = {
        row[0]: MANIFEST_LANGUAGES[row[1]]
        for row in rows
        if row[0].endswith((".txt", ".html", ".xml", ".msg")) or row[0] == "zh-debian-faq.pdf"
    }
    for name in expected:
        (folder / name).write_bytes((SHARED / name).read_bytes())
    run(folder)

    assert {path: found.language for path, found in read_all().items()} == expected
