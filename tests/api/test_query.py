import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_api.query import ParsedQuery, parse_query


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("réseau intelligent", ParsedQuery("réseau intelligent")),
        ('"réseau intelligent" Issy', ParsedQuery("réseau intelligent Issy", ("réseau intelligent",))),
        ("« réseau intelligent » Issy", ParsedQuery("réseau intelligent Issy", ("réseau intelligent",))),
        ("“智慧城市” 乐山", ParsedQuery("智慧城市 乐山", ("智慧城市",))),
        ('"智慧城市"乐山', ParsedQuery("智慧城市 乐山", ("智慧城市",))),
        ("「动画」面板", ParsedQuery("「动画」面板")),
        ("他把谣言称为“愚蠢行为”。", ParsedQuery("他把谣言称为“愚蠢行为”。")),
        ('Que veut dire "zone et parcs" ?', ParsedQuery('Que veut dire "zone et parcs" ?')),
        ("「智慧城市」", ParsedQuery("智慧城市", ("智慧城市",))),
        ("logement -domotique", ParsedQuery("logement", (), ("domotique",))),
        ("乐山 -太阳能", ParsedQuery("乐山", (), ("太阳能",))),
        ("乐山 －太阳能", ParsedQuery("乐山", (), ("太阳能",))),
        ('logement -"maison connectée"', ParsedQuery("logement", (), ("maison connectée",))),
        ("-domotique", ParsedQuery("", (), ("domotique",))),
        ("peut-être 2014-2017 -5 °C", ParsedQuery("peut-être 2014-2017 -5 °C")),
        ("vélo AND (bus NEAR/3 tram*) title:x", ParsedQuery("vélo AND (bus NEAR/3 tram*) title:x")),
        ('un guillemet " seul', ParsedQuery('un guillemet " seul')),
        ('"" - «»', ParsedQuery('"" - «»')),
        ("a\x00b\nc\td", ParsedQuery("a b c d")),
        ("  ", ParsedQuery("")),
    ],
)
def test_parse_takes_phrases_and_exclusions_and_leaves_the_rest_as_text(typed: str, parsed: ParsedQuery) -> None:
    assert parse_query(typed) == parsed


def test_parse_cuts_a_pasted_page_and_says_so() -> None:
    parsed = parse_query("mot " * 1000, max_chars=100)
    assert parsed.truncated
    assert len(parsed.text) <= 100


@given(st.text())
def test_parse_accepts_every_text(typed: str) -> None:
    parsed = parse_query(typed)
    assert len(parsed.text) <= 2 * len(typed) + 2
    assert parse_query(parsed.text).truncated is False
