from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.html import convert_html
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

SHARED = Path(__file__).parents[3] / "shared" / "files"

BODY = """
<nav><a href="/">Accueil</a> <a href="/plan">Plan du site</a></nav>
<main>
<h1>Le tramway <em>d’Issy</em></h1>
<p>La ligne relie la gare au centre en douze minutes, et transporte neuf mille voyageurs par jour depuis 2014.</p>
<h2>Fréquentation</h2>
<table><caption>Voyageurs</caption><tr><th>Année</th><th>Voyageurs</th></tr>
<tr><td>2014</td><td>2<br>millions</td></tr></table>
<ul><li>Matin</li><li>Soir<ol start="3"><li>trois</li><li>quatre</li></ol></li></ul>
<pre>a
  b</pre>
<p hidden>invisible</p><script>alert(1)</script><p>智慧
城市</p>
</main>
<footer>Mentions légales</footer>
"""


def make_page(body: str = BODY, head: str = "<title>Tramway</title>", lang: str = "fr") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'


def test_html_keeps_headings_tables_and_lists_of_the_main_content() -> None:
    converted = convert_html(make_page().encode())

    assert (
        converted.text
        == """\
Le tramway d’Issy

La ligne relie la gare au centre en douze minutes, et transporte neuf mille voyageurs par jour depuis 2014.

Fréquentation

Voyageurs

Année | Voyageurs
2014 | 2 millions
- Matin
- Soir
3. trois
4. quatre

a
  b

智慧城市"""
    )
    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("Le tramway d’Issy", 1),
        ("Fréquentation", 2),
    ]


def test_html_metadata_comes_from_title_and_meta_tags() -> None:
    head = """<title>Tramway</title><meta name="author" content="Service transports">
    <meta property="article:published_time" content="2014-10-31T08:00:00Z"><meta name="Description" content="Court">"""
    converted = convert_html(make_page(head=head, lang="zh-CN").encode())

    assert converted.declared.values == {
        "title": "Tramway",
        "author": "Service transports",
        "date": "2014-10-31T08:00:00Z",
        "description": "Court",
    }
    assert converted.language_hint == "zh"


@pytest.mark.parametrize(
    ("charset", "declared", "text"),
    [
        ("cp1252", "iso-8859-1", "Été à l’hôtel de ville, cœur œuvré"),
        ("utf-8", "iso-8859-1", "Été à l’hôtel de ville, cœur œuvré"),
        ("gb18030", "gb2312", "乐山市人民政府关于智慧城市的报告"),
        ("big5", "utf-8", "樂山市人民政府關於智慧城市的報告"),
        ("gb18030", "", "乐山市人民政府关于智慧城市的报告"),
    ],
)
def test_html_charset_is_the_declared_one_unless_that_is_wrong(charset: str, declared: str, text: str) -> None:
    meta = f'<meta charset="{declared}">' if declared else ""

    assert convert_html(make_page(f"<p>{text}</p>", meta).encode(charset)).text == text


def test_html_leaves_out_the_navigation_around_a_long_page() -> None:
    menu = "".join(f'<li><a href="/{number}">Rubrique numéro {number}</a></li>' for number in range(80))
    paragraphs = "".join(
        f"<p>Le paragraphe {number} parle de la ville, de ses rues et de ses habitants.</p>" for number in range(30)
    )
    page = make_page(f'<div id="menu"><ul>{menu}</ul></div><div id="content"><h2>Titre</h2>{paragraphs}</div>')
    text = convert_html(page.encode()).text

    assert text.startswith("Titre\n\nLe paragraphe 0")
    assert text.endswith("Le paragraphe 29 parle de la ville, de ses rues et de ses habitants.")
    assert "Rubrique" not in text


def test_layout_tables_of_old_pages_are_read_as_text() -> None:
    page = make_page("<table><tr><td><h2>Titre</h2><p>Un.</p><p>Deux.</p></td><td>Trois.</td></tr></table>")

    assert convert_html(page.encode()).text == "Titre\n\nUn.\n\nDeux.\n\nTrois."


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>" + "<div>" * 200 + "fond" + "</div>" * 200,
        "<html><body>" + "<p>x" * 20_000,
        "<html><body><p>x</p>" + "&#0;&#xD800;&lt;" * 100,
        '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><html><p>x&c;</p></html>',
    ],
)
def test_hostile_pages_end_in_text(page: str) -> None:
    assert convert_html(page.encode()).text


@pytest.mark.parametrize("page", ["<!doctype html>", "<!doctype html>" + "<div>" * 5000 + "fond" + "</div>" * 5000])
def test_a_page_without_text_or_of_hostile_depth_is_refused(page: str) -> None:
    family = find_family(page.encode(), "x.html")

    assert family is not None
    with pytest.raises(ConversionError, match=r"There is no|RecursionError"):
        convert_bytes(page.encode(), family)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the awkward files are not beside this folder")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fr-help-page.html", "Déplacer une ancre"),
        ("zh-help-page.html", "插入、编辑和链接框架"),
        ("zh-tw-handbook.html", "使用 rsync 備份"),
        ("zh-big5-news.html", "台北看守所"),
        ("zh-gb2312-portal.html", "搜狐在线"),
    ],
)
def test_real_pages_keep_their_content(name: str, words: str) -> None:
    assert words in convert_html((SHARED / name).read_bytes()).text
