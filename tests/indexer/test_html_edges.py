"""Menus at both ends of the main content go; who wrote it and when, sources and pages of links stay."""

from __future__ import annotations

import pytest

from indexer.convert.html import convert_html

ARTICLE = "".join(
    f"<p>Le réseau électrique intelligent du Fort d’Issy relie mille logements, et la mesure {number} le confirme.</p>"
    for number in range(6)
)


def convert(before: str, after: str = "") -> str:
    page = f"<!DOCTYPE html><html><body><div>{before}<h1>Le réseau</h1>{ARTICLE}{after}</div></body></html>"
    return convert_html(page.encode()).text


@pytest.mark.parametrize(
    "menu",
    [
        "<p><a href='a'>Accueil</a></p>",
        "<ul><li><a href='a'>Accueil</a></li><li><a href='b'>Actualités</a></li></ul>",
        "<ul class='docnav'><li><a href='a'>Accueil</a></li><li>Manuel</li></ul>",
        "<aside><div>Accueil</div></aside>",
        "<button>Accueil</button>",
        "<header id='top'><a href='a'>Accueil</a></header>",
    ],
)
def test_menu_above_the_content_is_left_out(menu: str) -> None:
    text = convert(menu)

    assert text.startswith("Le réseau\n\nLe réseau électrique")
    assert "mesure 5" in text


@pytest.mark.parametrize(
    "kept",
    [
        "<header><p>Ville d’Issy — 6 décembre 2016</p></header>",
        "<p>Par Jean Dupont, le 31 octobre 2014 (<a href='a'>contact</a>)</p>",
    ],
)
def test_who_wrote_it_and_when_stays(kept: str) -> None:
    assert "201" in convert(kept)


def test_menu_below_the_content_is_left_out_and_sources_are_not() -> None:
    sources = "<ul><li><a href='a'>Rapport annuel 2014</a></li><li><a href='b'>Bilan énergétique</a></li></ul>"
    text = convert("", f"{sources}<ul class='pager'><li><a href='c'>Page suivante</a></li></ul>")

    assert text.endswith("- Rapport annuel 2014\n- Bilan énergétique")


def test_page_of_links_is_its_links() -> None:
    links = "".join(f"<p><a href='{number}'>Dossier {number} du conseil municipal</a></p>" for number in range(9))
    text = convert_html(f"<html><body>{links}</body></html>".encode()).text

    assert text.count("conseil municipal") == 9
