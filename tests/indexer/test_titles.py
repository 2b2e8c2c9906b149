from __future__ import annotations

import pytest

from indexer.convert.base import ConvertedFile
from indexer.titles import choose_title, clean_title, find_title_line
from indexer.unasked import is_unasked_author
from search_core.model import HeadingSpan

WRITTEN_BY_PROGRAMS = [
    "Microsoft Word – doc1",
    "Microsoft Word - Compte rendu.doc",
    "Présentation PowerPoint",
    "PowerPoint 演示文稿",
    "PowerPoint-Presentation",
    "幻灯片 1",
    "Diapositive 1",
    "新建 Microsoft Word 文档",
    "新建 Microsoft Office Word 文档 (2).docx",
    "新建文本文档",
    "Nouveau document Microsoft Word (2)",
    "Sans nom 1",
    "未命名",
    "文字文稿1",
    "演示文稿1",
    "工作簿1",
    "Classeur1",
    "WPS文字 - 报告.wps",
    "SKM_C25820150312",
    "Scan0001",
    "IMG-20150312-WA0001",
    "Numérisation_20150312",
    "扫描全能王 2015-03-12 10.20",
    "20150312093000",
    "compte rendu du 3 mars.docx",
    "C:\\Mes documents\\note.doc",
    "C:/Users/DONGDO~1/AppData/Local/Temp/tp6d377f97",
    "affiche navette.ai",
    "[键入文档标题]",
    "Cliquez pour ajouter un titre",
    "Table des matières",
    "目 录",
]

WRITTEN_BY_PEOPLE = [
    "Type de logements à Issy",
    "Document d’orientation 2015",
    "Impression 3D à Leshan",
    "Présentation de la ville",
    "Numérisation des archives",
    "Le format .docx",
    "Microsoft Word pour débutants",
    "文件管理办法",
    "演示文稿编写规范",
    "新建道路规划",
    "扫描电镜报告",
]


@pytest.mark.parametrize("title", WRITTEN_BY_PROGRAMS)
def test_what_programs_and_scanners_write_is_no_title(title: str) -> None:
    assert clean_title(title) == ""


@pytest.mark.parametrize("title", WRITTEN_BY_PEOPLE)
def test_what_people_write_stays(title: str) -> None:
    assert clean_title(title) == title


def test_a_chinese_title_stored_as_latin_letters_is_read() -> None:
    assert clean_title("关于乐山市的报告".encode("gbk").decode("latin-1")) == "关于乐山市的报告"
    assert clean_title("Noël, été : à côté") == "Noël, été : à côté"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("乐山市人民政府文件\n\n乐府发〔2015〕12号\n\n关于开展合作的通知\n各区县人民政府：", "关于开展合作的通知"),
        ("新闻稿\n\n2016年9月27日\n\n大佛景区智慧导览服务上线\n\n正文。", "大佛景区智慧导览服务上线"),
        ("Communiqué de presse\n\nIssy, le 3 mars 2015\n\nLe Fort est ouvert\n\nTexte.", "Le Fort est ouvert"),
        ("Procès-verbal de la rencontre, 22\nmars 2016\nPrésents", "Procès-verbal de la rencontre, 22 mars 2016"),
        ("RÉUNION DU 16 JUIN 2015\nCompte rendu\nLieu : Issy", "RÉUNION DU 16 JUIN 2015"),
        ("Ville d’Issy\nDirection des transports\n\nCOMPTE RENDU\nRéunion du 3 mai\n\nTexte.", "Réunion du 3 mai"),
        ("Ville d’Issy, ville numérique\n\nUn long texte suit, " + "mot " * 30, "Ville d’Issy, ville numérique"),
        ("Compte rendu\n\nUne phrase, qui n’est pas un titre.", "Compte rendu"),
        ("Madame, Monsieur,\n\nTexte.", ""),
    ],
)
def test_the_title_line_stands_below_letterhead_number_date_and_kind(text: str, title: str) -> None:
    assert find_title_line(text) == title


def test_the_chapters_of_an_outline_are_no_title() -> None:
    text = "La FAQ du réseau, deuxième édition.\n\nDéfinitions\n\nTexte\n\nUsages\n\nTexte"
    chapters = tuple(
        HeadingSpan(start, start + len(word), 1) for word in ("Définitions", "Usages") for start in [text.index(word)]
    )

    assert choose_title("", ConvertedFile(text, headings=chapters), "faq") == "faq"


@pytest.mark.parametrize(
    "author",
    [
        "admin",
        "Administrateur",
        "微软用户",
        "User",
        "Utilisateur Windows",
        "Windows 用户",
        "雨林木风",
        "DESKTOP-AB12",
        "用户",
        "pc",
        "openpyxl",
        "Steve Canny",
    ],
)
def test_accounts_and_programs_are_no_authors(author: str) -> None:
    assert is_unasked_author(author)


@pytest.mark.parametrize(
    "author", ["Marie Dupont", "张彤", "Secrétariat", "Testard", "HP Martin", "合作事务中方秘书处"]
)
def test_people_and_offices_are_authors(author: str) -> None:
    assert not is_unasked_author(author)
