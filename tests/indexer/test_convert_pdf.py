from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.convert.lines import join_wrapped_lines
from indexer.convert.pdf.pdf import convert_pdf
from search_core.errors import ConversionError

SHARED = Path(__file__).parents[3] / "shared" / "files"

FRENCH = (
    "Rapport sur le réseau",
    "La municipalité a décidé de prolonger la ligne de tramway jusqu’à la gare,",
    "afin de désengorger le centre et de relier les nouveaux quartiers d’ici 2017.",
)
CHINESE = (
    "一、数据来源",
    "本研究使用三组数据：一是景区逐日售票记录；二是市区宾馆的入住登记汇总，不含姓名等个",
    "人信息；三是在高铁站出站口发放的问卷。",
)


def test_pdf_text_comes_by_page_and_wrapped_lines_are_joined(make_pdf: Callable[..., bytes]) -> None:
    converted = convert_pdf(make_pdf(FRENCH, CHINESE))
    first, second = (converted.text[page.start : page.end] for page in converted.pages)

    assert first == "Rapport sur le réseau\n" + " ".join(FRENCH[1:]).replace("’", "’")
    assert second == CHINESE[0] + "\n" + CHINESE[1] + CHINESE[2]
    assert [page.label for page in converted.pages] == ["1", "2"]


def test_pdf_page_labels_are_those_printed(make_pdf: Callable[..., bytes]) -> None:
    assert [page.label for page in convert_pdf(make_pdf(FRENCH, FRENCH, labels="ROMAN_LOWER")).pages] == ["i", "ii"]


def test_pdf_properties_are_metadata(make_pdf: Callable[..., bytes]) -> None:
    declared = convert_pdf(make_pdf(FRENCH, title="智慧城市报告", author="É. Martin")).declared.values

    assert (declared["title"], declared["author"]) == ("智慧城市报告", "É. Martin")


def test_pdf_outline_becomes_headings_on_their_pages(make_pdf: Callable[..., bytes]) -> None:
    outline = [("Rapport sur le reseau", 0, 0), ("数据来源", 1, 1), ("Ailleurs", 1, 1)]
    converted = convert_pdf(make_pdf(FRENCH, CHINESE, outline=outline))

    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("Rapport sur le réseau", 1),
        ("一、数据来源", 2),
    ]


@pytest.mark.usefixtures("without_tesseract")
def test_a_page_without_text_makes_the_document_partial_and_is_named(make_pdf: Callable[..., bytes]) -> None:
    converted = convert_pdf(make_pdf(FRENCH, (), (), picture_on=1))

    assert converted.partial_reason.startswith("Page 2 of 3: ")
    assert "apt install tesseract-ocr tesseract-ocr-fra" in converted.partial_reason
    assert len(converted.pages) == 3


def test_an_encrypted_pdf_says_so(make_pdf: Callable[..., bytes]) -> None:
    with pytest.raises(ConversionError, match="password"):
        convert_pdf(make_pdf(FRENCH, password="secret"))


@pytest.mark.parametrize("keep", [0, 5, 0.1, 0.5])
def test_a_truncated_pdf_is_damaged_or_read_as_far_as_it_goes(make_pdf: Callable[..., bytes], keep: float) -> None:
    data = make_pdf(FRENCH, CHINESE)
    cut = data[: int(keep * len(data)) if keep < 1 else int(keep)]

    with pytest.raises(ConversionError, match="damaged"):
        convert_pdf(cut)


def test_several_threads_may_convert_at_once(make_pdf: Callable[..., bytes]) -> None:
    data = make_pdf(FRENCH, CHINESE)
    expected = convert_pdf(data)
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(convert_pdf(data) == expected)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 8


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (
            "Une ligne qui va jusqu’au bord de la colonne et qui\ncontinue sur la suivante, aussi longue que la\n"
            "première, puis finit ici.\nUn autre paragraphe commence, et il est lui aussi\nlong.",
            "Une ligne qui va jusqu’au bord de la colonne et qui continue sur la suivante, aussi longue que la "
            "première, puis finit ici.\n\nUn autre paragraphe commence, et il est lui aussi long.",
        ),
        ("关 于 红 军 作 战 的 原 则 … … … … … １\n目 录", "关于红军作战的原则… １\n目录"),
        ("2.1 Titre . . . . . . . . . . . . 5\n2.2 Suite . . . . . . . . . . . . 7", "2.1 Titre … 5\n2.2 Suite … 7"),
        (
            "国庆期间试行单日售票上限，其中两天触顶，累计劝退\n6140人，约四成改去对岸；入户调查开始日期为2017年1\n月9日。",
            "国庆期间试行单日售票上限，其中两天触顶，累计劝退6140人，约四成改去对岸；入户调查开始日期为2017年1月9日。",
        ),
        (
            "Le rapport cite les villes de Chengdu, de Leshan et de “Meishan”\n2014 "
            "compris, puis les autres, dans l’ordre de leur population, et\nfin.",
            "Le rapport cite les villes de Chengdu, de Leshan et de “Meishan” 2014 "
            "compris, puis les autres, dans l’ordre de leur population, et fin.",
        ),
        ("Nom\nPrénom\nÂge", "Nom\nPrénom\nÂge"),
        ("", ""),
    ],
)
def test_lines_of_a_page_become_paragraphs(page: str, text: str) -> None:
    assert join_wrapped_lines(page) == text


@pytest.mark.usefixtures("without_tesseract")
@pytest.mark.skipif(not SHARED.is_dir(), reason="the awkward files are not beside this folder")
@pytest.mark.parametrize(
    ("name", "words", "partial"),
    [
        ("fr-debian-faq.pdf", "Guide d’installation Debian GNU/Linux", False),
        ("fr-formulaire.pdf", "DEMANDE DE RATTACHEMENT", False),
        ("fr-scan-francais.pdf", "", True),
        ("zh-gbk-euc-noembed.pdf", "浅谈校长的魅力", False),
        ("zh-maint-guide.pdf", "本文档在撰写过程中参考了以下两篇文档", False),
        ("zh-xiaobiaosong.pdf", "关于红军作战的原则", False),
        pytest.param("zh-tw-debian-reference.pdf", "你可以使用這個關閉", True, marks=pytest.mark.slow),
    ],
)
def test_real_files_are_read(name: str, words: str, partial: bool) -> None:
    converted = convert_pdf((SHARED / name).read_bytes())

    assert words in converted.text
    assert bool(converted.partial_reason) is partial
