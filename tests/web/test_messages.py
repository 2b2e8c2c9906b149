from collections.abc import Iterator
from importlib import resources
from string import Formatter

import pytest
from jinja2 import Environment, nodes
from starlette.requests import Request

from search_api.messages import UI_LANGUAGES, Texts, load_messages, texts_for
from search_api.problems import STATUS
from search_api.routes_report import STATUSES
from search_api.routes_web import MODES, QUERY_LANGUAGES

FAMILIES = {
    "badge.": {"fr", "zh", "other"},
    "date.": {"month", "day"},
    "error.": {f"{kind.code}.{part}" for kind in STATUS for part in ("title", "advice")}
    | {"parameter", "detail", "open_document"},
    "leg.": {"lexical", "dense", "glossary", "name"},
    "leg_among.": {"fr", "zh", "other"},
    "legend.": {"word", "stem", "glossary", "phrase", "name", "answer", "label"},
    "login.": {"wrong", "expired", "wait", "title", "password", "button", "intro"},
    "mode.": {name for name, _, _ in MODES} | {"label"},
    "period.": {"date_from", "date_to"},
    "month.": {str(number) for number in range(1, 13)},
    "query.": {*QUERY_LANGUAGES, "auto", "understood", "given", "change", "phrases", "excluded", "glossary"},
    "sort.": {"relevance", "newest", "oldest", "label"},
    "status.": set(STATUSES),
    "version.": {"fr", "zh", "detected"},
}
"""Keys that are put together where they are used, or used by `Texts` itself: exactly these."""


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def texts_asked_for() -> Iterator[tuple[str, nodes.Node]]:
    """How each template asks for a text (`t`, `t.counted`), and what it asks for."""
    for file in resources.files("search_api").joinpath("templates").iterdir():
        for call in Environment().parse(file.read_text("utf-8")).find_all(nodes.Call):
            match call.node:
                case nodes.Name(name="t"):
                    yield "t", call.args[0]
                case nodes.Getattr(node=nodes.Name(name="t"), attr="counted"):
                    yield "counted", call.args[0]


def keys_written_out() -> Iterator[str]:
    for way, asked in texts_asked_for():
        match asked:
            case nodes.Const(value=key):
                yield from [f"{key}.{form}" for form in ("none", "one", "many")] if way == "counted" else [key]
            case nodes.CondExpr(expr1=nodes.Const(value=one), expr2=nodes.Const(value=other)):
                yield from (one, other)


@pytest.mark.parametrize("key", load_messages())
def test_message_stands_in_both_languages_with_the_same_blanks(key: str) -> None:
    message = load_messages()[key]
    assert set(message) == set(UI_LANGUAGES)
    assert all(text.strip() for text in message.values())
    assert placeholders(message["fr"]) == placeholders(message["zh"])


def test_no_message_is_missing_and_none_unused() -> None:
    composed = {prefix + name for prefix, names in FAMILIES.items() for name in names}
    assert {*keys_written_out(), *composed} == set(load_messages())


def test_keys_are_composed_only_within_known_families() -> None:
    composed = {asked.nodes[0].value for _, asked in texts_asked_for() if isinstance(asked, nodes.Concat)}
    assert composed | {"month.", "date."} == set(FAMILIES)


@pytest.mark.parametrize(
    ("iso", "french", "chinese"),
    [
        ("2014", "2014", "2014"),
        ("2014-11", "novembre 2014", "2014年11月"),
        ("2014-11-03", "3 novembre 2014", "2014年11月3日"),
        ("2014-13", "2014-13", "2014-13"),
        ("autrefois", "autrefois", "autrefois"),
        ("٢٠١٤-٠١", "٢٠١٤-٠١", "٢٠١٤-٠١"),
    ],
)
def test_dates_read_as_people_write_them(iso: str, french: str, chinese: str) -> None:
    assert (Texts("fr").date(iso), Texts("zh").date(iso)) == (french, chinese)


def test_counts_have_their_own_form() -> None:
    texts = Texts("fr")
    counted = [texts.counted("results", count) for count in (0, 1, 1057)]
    assert counted == ["Aucun document", "1 document", "1\u202f057 documents"]


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        ("", "", "", "fr"),
        ("", "", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("", "", "en-GB,en;q=0.9", "fr"),
        ("", "", "en, zh-TW;q=0.5, fr;q=0.6", "fr"),
        ("", "", "fr;q=0, zh;q=0.1", "zh"),
        ("", "", "zh;q=0", "fr"),
        ("", "", "zh;q=beaucoup, ;;,=", "fr"),
        ("", "zh", "fr", "zh"),
        ("ui=fr", "zh", "zh", "fr"),
        ("ui=de", "de", "zh", "zh"),
    ],
)
def test_interface_language_is_the_one_chosen_last(query: str, cookie: str, accepted: str, language: str) -> None:
    headers = [(b"accept-language", accepted.encode()), (b"cookie", f"passerelle_ui={cookie}".encode())]
    request = Request({"type": "http", "query_string": query.encode(), "headers": headers})
    assert texts_for(request).language == language
