"""Where a text stands among the characters of a page."""

from __future__ import annotations

import pytest

from search_api.preview.locate import locate

PAGE = (
    "RAPPORT ANNUEL 12\r\nLe réseau élec\x02\r\ntrique d’Issy relie 1 600 loge-\r\nments. Les coûts\r\n"
    "baissent depuis 2015.\r\nRAPPORT ANNUEL\r\n"
)


def found(wanted: str, page: str, before: str = "") -> list[str]:
    return [page[run.start : run.stop] for run in locate(wanted, page, before)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("Le réseau électrique d'Issy", "Le réseau élec\x02\r\ntrique d’Issy"),
        ("relie 1 600 logements.", "relie 1 600 loge-\r\nments"),
        ("Les coûts baissent depuis 2015.", "Les coûts\r\nbaissent depuis 2015"),
        ("Les cou\u0302ts baissent", "Les coûts\r\nbaissent"),
        ("ISSY", "Issy"),
    ],
)
def test_text_is_found_however_lines_hyphens_and_accents_are_written(wanted: str, expected: str) -> None:
    assert found(wanted, PAGE) == [expected]


def test_chinese_text_is_found_across_lines_and_spaces() -> None:
    page = "一、数据来源\r\n本研 究使用三组数据：一是景区逐日售\r\n票记录；二是⼊住登记汇总"
    assert found("本研究使用三组数据:一是景区逐日售票记录", page) == ["本研 究使用三组数据：一是景区逐日售\r\n票记录"]
    assert found("二是入住登记汇总", page) == ["二是⼊住登记汇总"]


def test_text_in_another_order_is_found_in_pieces() -> None:
    page = "Colonne une, première ligne\r\nColonne deux, début du texte\r\net sa seconde ligne\r\nqui va jusqu’à la fin"
    wanted = "Colonne une, première ligne et sa seconde ligne | Colonne deux, début du texte qui va jusqu’à la fin"
    assert "".join(found(wanted, page)).replace("\r\n", "") == page.replace("\r\n", "")


def test_of_equal_places_the_one_behind_the_same_text_is_meant() -> None:
    page = "Total : 100 000 euros\r\nGare et tramway\r\nTotal : 100 000 euros\r\nÉcoles\r\nTotal : 100 000 euros"
    starts = [page.index("Total", at) for at in (0, 20, 50)]
    before = [
        "",
        "Total : 100 000 euros Gare et tramway",
        "Total : 100 000 euros Gare et tramway Total : 100 000 euros Écoles",
    ]
    assert [locate("Total : 100 000 euros", page, each)[0].start for each in before] == starts


@pytest.mark.parametrize("wanted", ["", " – ", "Un tout autre texte, reconnu sur une image", "x"])
def test_what_is_not_on_the_page_is_not_found(wanted: str) -> None:
    assert locate(wanted, PAGE) == []


def test_half_of_a_text_must_be_on_the_page() -> None:
    wanted = "Les coûts baissent depuis 2015. La suite de ce paragraphe ne se lit nulle part sur cette page-là."
    assert locate(wanted, PAGE) == []
    assert found(wanted[:50], PAGE) == ["Les coûts\r\nbaissent depuis 2015"]


@pytest.mark.parametrize("page", ["", "\0\ufffe\r\n", "\ud800\udc00", "a" * 20_000, "ab" * 10_000])
def test_hostile_characters_do_no_harm(page: str) -> None:
    assert sum(map(len, locate("a" * 3000 + "ba" * 500, page))) <= len(page)
