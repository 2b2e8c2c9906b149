"""Mails, as EML and as MSG: headers and bodies in the charset they really have, attachments as sections."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.mail.eml import convert_eml, looks_like_mail
from indexer.convert.mail.headers import read_date, read_header, read_people
from indexer.convert.registry import find_family
from search_core.errors import ConversionError
from tests.indexer.zips import write_zip

FILES = Path(__file__).with_name("files")
SHARED = Path(__file__).parents[3] / "shared" / "files"


def convert(path: Path) -> ConvertedFile:
    data = path.read_bytes()
    family = find_family(data, "nameless")
    assert family is not None
    assert family.name == path.suffix.removeprefix(".")
    return convert_bytes(data, family)


def headings(converted: ConvertedFile) -> list[tuple[str, int]]:
    return [(converted.text[found.start : found.end], found.level) for found in converted.headings]


def test_french_mail_is_read_with_its_quoted_reply_and_its_attachment() -> None:
    converted = convert(FILES / "mail-fr.eml")

    assert converted.declared.values == {
        "title": "Visite à Issy : le programme de la délégation",
        "author": "Hélène Lefèvre",
        "date": "2014-10-31",
    }
    assert "Hélène Lefèvre → Zhang Wei, Œuvres sociales, secretariat@ville.example" in converted.text
    assert "reçue à l’hôtel de ville, puis au Fort d’Issy, dont le réseau" in converted.text
    assert "> Pouvez-vous nous envoyer le programme ?\n> Zhang Wei" in converted.text
    assert "Mercredi : l’école numérique — 10 €." in converted.text
    assert ("programme détaillé.txt", 2) in headings(converted)
    assert converted.partial_reason.startswith("Attachment winmail.dat: what Outlook packed for itself is not read.")


def test_chinese_mail_is_read_though_its_headers_and_body_declare_nothing_or_lie() -> None:
    converted = convert(FILES / "mail-zh.eml")

    assert converted.declared.values == {"title": "回复：智慧城市合作备忘录", "author": "张伟", "date": "2014-11-03"}
    assert "张伟 → 法国伊西市政府" in converted.text
    assert "日期 | 内容\n11月4日 | 参观堡垒社区" in converted.text
    assert "原始邮件：请确认行程。" in converted.text
    assert "alert" not in converted.text
    assert headings(converted) == [
        ("回复：智慧城市合作备忘录", 1),
        ("轉寄：城市管理", 2),
        ("行程安排.md", 2),
        ("行程安排", 3),
        ("第一天", 4),
    ]
    assert "樂山市的城市管理平台已經上線，市民可以報告問題。" in converted.text
    assert (converted.notes, converted.partial_reason) == (("Charset assumed: gb18030.",), "")


def test_outlook_mail_in_a_chinese_code_page_is_read_with_the_mail_within_it() -> None:
    converted = convert(FILES / "mail-zh.msg")

    assert converted.declared.values == {"title": "智慧城市工作组会议纪要", "author": "李明", "date": "2014-11-03"}
    assert "附上会议纪要和法方来信，请审阅。\n\n-----原始邮件-----\n请尽快寄来。" in converted.text
    assert "会议决定成立六个工作组，并于明年三月访问法国。" in converted.text
    assert "Le réseau IssyGrid relie déjà mille logements du Fort d’Issy." in converted.text
    assert [name for name, _ in headings(converted)][1:] == ["会议纪要.txt", "Réseau électrique du Fort"]


def test_outlook_mail_with_html_only_is_read() -> None:
    converted = convert(FILES / "mail-fr.msg")

    assert converted.declared.values["title"] == "Compte rendu de la visite à Leshan"
    assert "Hélène Lefèvre → Zoé Noël" in converted.text
    assert "le centre de gestion de la ville — une œuvre de dix ans.\n- le réseau\n- l’école" in converted.text


def test_outlook_mail_with_rtf_only_is_read_as_rtf() -> None:
    converted = convert(FILES / "mail-fr-rtf.msg")

    assert (
        "la visite du Fort d’Issy aura lieu le 3 novembre\u00a0: le réseau électrique y est intelligent."
        in converted.text
    )
    assert "Bien à vous" in converted.text


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not beside this folder")
def test_real_outlook_mail_in_a_legacy_code_page_is_readable_chinese() -> None:
    converted = convert(SHARED / "zh-message.msg")

    assert converted.declared.values["date"] == "2011-03-29"
    assert "恭喜 HQ 保全課 陳奎良 高票當選雲林縣總工會 100 年度模範勞工代表" in converted.text
    assert "經無記名投票由 HQ 保全課 陳奎良 高票當選" in converted.text
    assert "\ufffd" not in converted.text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?gb2312?B?1tC5+g==?= =?gb2312?B?tcTKr9Tz?=", "中国的石泽"),
        ("Re: =?utf-8?Q?=C3=A9t=C3=A9?=", "Re: été"),
        ("=?iso-8859-1?B?5LmQ5bGx?=", "乐山"),  # UTF-8 that says to be Latin
        ("=?no-such?B?5LmQ5bGx?=", "乐山"),
        ("C:\\users et 100 %", "C:\\users et 100 %"),
        ("\udcc9t\udce9 \udce0 Issy", "Été à Issy"),
        ("\udce4\udcb9\udc90\udce5\udcb1\udcb1 =?utf-8?B?5LmQ5bGx?=", "乐山 乐山"),
        ("", ""),
    ],
)
def test_header_is_read_whatever_charset_it_declares(raw: str, text: str) -> None:
    assert read_header(raw) == text


def test_header_whose_encoding_is_broken_is_no_error() -> None:
    assert read_header("=?utf-8?B?abc?= =?x") != ""


def test_people_are_named_by_their_address_where_they_have_no_name() -> None:
    raw = ['"Lefèvre, Hélène" <h@x.example>, =?utf-8?B?5byg5Lyf?= <z@y.example>', "a@b.example, <>"]

    assert read_people(raw) == ["Lefèvre, Hélène", "张伟", "a@b.example"]


@pytest.mark.parametrize("raw", ["", "hier", "Mon, 99 Foo 2014", "1 Jan 99999999 00:00:00"])
def test_what_is_no_date_is_none(raw: str) -> None:
    assert read_date(raw) == ""


@pytest.mark.parametrize(
    ("data", "is_mail"),
    [
        (b"From: a@b\nSubject: x\n\ntext", True),
        (b"From a@b Fri Oct 31 2014\nReceived: by x\n\tmore\nDate: today\n\ntext", True),
        (b"Subject: only one of them\n\ntext", False),
        (b"Titre: x\nDate: 2014\nDe: moi\n\ntexte", False),
        (b"Un texte.\nFrom: a\nTo: b\n", False),
        (b"From: a@b\r\nTo: c@d\r\n" + b"X-Long: " + b"y" * 9000, True),
    ],
)
def test_mail_is_known_by_its_headers(data: bytes, is_mail: bool) -> None:
    assert looks_like_mail(data) == is_mail


def test_web_page_saved_as_one_file_is_its_text() -> None:
    data = (
        b"From: <Saved by Blink>\nSubject: =?utf-8?B?5LmQ5bGx?=\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/related; type="text/html"; boundary=x\n\n'
        b"--x\nContent-Type: text/html\nContent-Location: http://x.example/\n\n"
        b'<meta charset="gbk"><p>' + "代表团参观了智能电网。".encode("gbk") + b"\n"
        b"--x\nContent-Type: text/css\nContent-Location: cid:css\n\np {}\n"
        b"--x\nContent-Type: image/png\nContent-Location: http://x.example/a.png\n\nPNG\n--x--\n"
    )
    converted = convert_eml(data)

    assert "代表团参观了智能电网。" in converted.text
    assert (converted.declared.values["title"], converted.partial_reason) == ("乐山", "")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mailbox_gives_a_section_for_each_mail(end: bytes) -> None:
    mails = [
        [b"From a@b Fri Oct 31 10:00:00 2014", b"From: a@b", b"Subject: =?utf-8?B?5LmQ5bGx?=", b"", b"Un.", b""],
        [b"From c@d Sat Nov  1 10:00:00 2014", b"From: c@d", b"Subject: Issy", b"", b"From here on.", b""],
    ]
    converted = convert_eml(end.join(line for mail in mails for line in mail))

    assert [name for name, _ in headings(converted)] == ["乐山", "Issy"]
    assert converted.text.endswith("c@d\n\nFrom here on.")


def test_encrypted_mail_is_refused_by_name() -> None:
    data = b"From: a@b\nTo: c@d\nContent-Type: application/pkcs7-mime; name=smime.p7m\n\nAAAA"

    with pytest.raises(ConversionError, match="encrypted"):
        convert_eml(data)


def test_mail_with_an_attachment_that_cannot_be_read_is_partial_and_says_which() -> None:
    data = (
        b"From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nVoici le plan.\n"
        b'--x\nContent-Type: application/octet-stream; name="plan.dwg"\nContent-Transfer-Encoding: base64\n\nAAEC\n'
        b"--x\nContent-Type: image/png\nContent-ID: <logo>\n\nPNG\n--x--\n"
    )
    converted = convert_eml(data)

    assert "Voici le plan." in converted.text
    assert converted.partial_reason == "Attachment plan.dwg: not a format that can be read."
    assert converted.notes == ("Pictures within the text are not read.",)


def test_archive_in_a_mail_gives_a_section_for_each_of_its_files() -> None:
    packed = write_zip({"纪要.txt".encode("gbk"): "正文。".encode(), b"plan.dwg": b"\0\1", b"a.zip": b"PK\x03\x04junk"})
    data = (
        b"From: a@b\nTo: c@d\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nVoici.\n"
        b'--x\nContent-Type: application/zip; name="envoi.zip"\nContent-Transfer-Encoding: base64\n\n'
        + base64.b64encode(packed)
        + b"\n--x--\n"
    )
    converted = convert_eml(data)

    assert [name for name, _ in headings(converted)] == ["envoi.zip/纪要.txt", "envoi.zip/plan.dwg"]
    assert "正文。" in converted.text
    assert "envoi.zip/plan.dwg: not a format" in converted.partial_reason
    assert "envoi.zip/a.zip: The archive is damaged." in converted.partial_reason


def test_mails_nested_without_end_are_cut_and_say_so() -> None:
    inner = b"From: a@b\nTo: c@d\nSubject: end\n\nfin"
    for number in range(12):
        inner = b"From: a@b\nTo: c@d\nSubject: %d\nContent-Type: message/rfc822\n\n" % number + inner
    converted = convert_eml(inner)

    assert "nested" in converted.partial_reason or "cannot be read" in converted.partial_reason
    assert "fin" not in converted.text
