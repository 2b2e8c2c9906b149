"""Words that Tesseract found become text as people write it."""

from __future__ import annotations

import pytest

from indexer.ocr.lay_out import drop_noise, lay_out_words, measure_confidence
from indexer.ocr.words import Word


def make_words(*lines: str, step: int = 40, confidence: float = 0.9) -> list[Word]:
    """Words of one block, a line under the other."""
    return [
        Word(text, (1, 1, number), confidence, 100 + number * step, 130 + number * step)
        for number, line in enumerate(lines)
        for text in line.split()
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Le tramway , la gare", "Le tramway , la gare"),
        ("乐 山 市 于 2015 年 开 通", "乐山市于2015年开通"),
        ("投资 9, 500 万 元 (见 附件) ,", "投资9,500万元（见附件），"),
        ("使用 IssyGrid 系统 : 5G 网络", "使用 IssyGrid 系统：5G 网络"),
        ("伊西 〈Issy-les-Moulineaux ) 建议 使用", "伊西（Issy-les-Moulineaux）建议使用"),
        ("visite de Leshan (乐山) en mai", "visite de Leshan (乐山) en mai"),
        ("时间 12:30", "时间12:30"),
    ],
)
def test_a_line_has_spaces_and_punctuation_as_its_language_writes_them(line: str, text: str) -> None:
    assert lay_out_words(make_words(line)) == text


def test_lines_become_paragraphs_even_where_tesseract_sees_several_blocks() -> None:
    words = [
        Word(text, (block, 1, top), 0.9, top, top + 30)
        for block, top, line in (
            (1, 100, "Une ligne qui va jusqu’au bord de la colonne et qui"),
            (2, 140, "continue sur la suivante, qui est aussi longue que la"),
            (2, 180, "première, puis finit ici"),
            (3, 300, "Signature"),
        )
        for text in line.split()
    ]

    assert lay_out_words(words) == (
        "Une ligne qui va jusqu’au bord de la colonne et qui continue sur la suivante, qui est aussi longue que la "
        "première, puis finit ici\n\nSignature"
    )


def test_lines_in_which_tesseract_hardly_believes_are_left_out() -> None:
    text = make_words("Le tramway")
    stamp = [Word("#~", (2, 1, 1), 0.1, 200, 230), Word("le", (2, 1, 1), 0.4, 200, 230)]

    assert drop_noise([*text, *stamp]) == text


def test_long_words_weigh_more_in_a_confidence() -> None:
    words = [Word("à", (1, 1, 1), 0.5, 0, 30), Word("tramway", (1, 1, 1), 0.9, 0, 30)]

    assert measure_confidence(words) == pytest.approx((0.5 + 7 * 0.9) / 8)
    assert measure_confidence([]) == 0
