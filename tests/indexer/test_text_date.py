from __future__ import annotations

import pytest

from indexer.text_date import find_text_date

BODY = (
    "\n\nLe texte qui suit en dit davantage, et parle aussi du 5 mai 2011.\n\n文中还提到2011年5月5日。\n\nFin du texte."
)


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("Issy-les-Moulineaux, le 8 septembre 2016", "2016-09-08"),
        ("Fait à Issy-les-Moulineaux, le 1er décembre 2014", "2014-12-01"),
        ("Paris, le lundi 3 mars 2015", "2015-03-03"),
        ("Date : 31/10/2014", "2014-10-31"),
        ("Date de la réunion : mardi 3 mars 2015", "2015-03-03"),
        ("Publié le 12 mars 2015", "2015-03-12"),
        ("Communiqué de presse du 11 avril 2017", "2017-04-11"),
        ("Ville d’Issy-les-Moulineaux — information à la presse — 6 décembre 2016", "2016-12-06"),
        ("COMPTE RENDU DE LA RÉUNION DU 3 MARS 2015", "2015-03-03"),
        ("Conseil municipal du 15 décembre 2016 — délibération n° 23", "2016-12-15"),
        ("Réunion du mardi 16 juin 2015 à 14 h 30", "2015-06-16"),
        ("CR COPIL 12/03/2015", "2015-03-12"),
        ("Envoyé : mardi 3 mars 2015 14:20", "2015-03-03"),
        ("Le 3 mars 2015, à Issy", "2015-03-03"),
        ("Novembre 2016", "2016-11"),
        ("2014年10月31日", "2014-10-31"),
        ("（教育工作组，2016年7月8日）", "2016-07-08"),
        ("住房工作组　二〇一七年三月六日", "2017-03-06"),
        ("会议时间：2015年6月16日（星期二）上午9时15分", "2015-06-16"),
        ("发布日期：2014-10-31", "2014-10-31"),
        ("（2015年3月3日 乐山）", "2015-03-03"),
        ("2015年3月3日 星期二 上午9:00", "2015-03-03"),
        ("两市合作会议纪要（2016年3月22日，乐山）", "2016-03-22"),
        ("新闻稿，2017年4月11日", "2017-04-11"),
        ("乐山，2016年9月27日——世界旅游日当天，乐山大佛景区智慧导览服务正式上线。", "2016-09-27"),
        ("（2017年4月29日讯）昨晚七点半，首班夜间游船缓缓离开码头。", "2017-04-29"),
    ],
)
def test_a_document_is_dated_by_a_line_at_its_head(line: str, date: str) -> None:
    assert find_text_date(f"Un titre\n\n{line}{BODY}") == date


@pytest.mark.parametrize(
    "line",
    [
        "Prochaine réunion : le 14 juin 2016",
        "Préparation de la réunion du 14 juin 2016",
        "Convention du 3 mars 2015",
        "Repères sur l’accord du 31 octobre 2014",
        "Accueil de la délégation de Leshan, 7-10 décembre 2015",
        "Exposition du 17 septembre au 6 novembre 2016",
        "Relevés, février 2016 – juin 2017",
        "Comptages de mars 2016",
        "Date limite : 3 mars 2015",
        "Le pont a été ouvert le 3 mars 2015.",
        "截止日期：2015年3月4日",
        "下次会议：2016年6月14日",
        "2015年6月16日起施行",
        "三个学期抄表总结（2016年2月至2017年6月）",
        "2016年12月6日，第九次季度会议在伊西召开。",
        "Décision | Leshan | 30 juin 2016",
        "31 juin 2016",
        "Le 3 mars 2015, la Ville a signé un accord avec Leshan.",
        "3 mars 2015 : ouverture du chantier",
    ],
)
def test_what_a_document_speaks_of_is_not_its_date(line: str) -> None:
    assert find_text_date(f"Un titre\n\n{line}{BODY}") is None


def test_a_chinese_official_document_is_dated_below_its_last_line() -> None:
    assert (
        find_text_date("关于考察情况的报告\n\n正文。\n\n特此报告。\n\n乐山市赴法考察团\n2014年12月29日\n\n— 2 —")
        == "2014-12-29"
    )


def test_a_french_letter_may_be_dated_where_it_is_signed() -> None:
    text = "Monsieur le Maire,\n\nVeuillez agréer…\n\nIssy-les-Moulineaux, le 3 mars 2015\n\nLe directeur"

    assert find_text_date(text) == "2015-03-03"


def test_the_next_meeting_at_the_end_is_not_the_date() -> None:
    assert find_text_date("Compte rendu\n\nTexte.\n\nProchaine rencontre : Leshan, le 14 septembre 2015") is None
    assert find_text_date("会议纪要\n\n正文。\n\n第十一次会议：2017年6月13日，伊西莱穆利诺。") is None


def test_a_table_of_contents_with_many_dates_has_none() -> None:
    contents = "\n".join(f"第{number}篇\n（一九三七年八月{day}日）" for number, day in enumerate("一四十", 1))

    assert find_text_date(f"目录\n{contents}") is None


def test_the_head_comes_before_the_end() -> None:
    assert find_text_date("Réunion du 3 mars 2015\n\nTexte.\n\nFait à Issy, le 12 mars 2015") == "2015-03-03"


@pytest.mark.parametrize("text", ["", "\n\n", "2014", "le", "年月日" * 5000, "1/1/" * 50_000])
def test_a_text_without_a_date_has_none(text: str) -> None:
    assert find_text_date(text) is None
