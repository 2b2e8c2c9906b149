from __future__ import annotations

from PIL import Image, ImageDraw

from indexer.ocr.lost_lines import Band, find_lost_lines, insert_words
from indexer.ocr.words import Word

HEIGHT = 30


def draw_page(*tops: int, heights: int = HEIGHT) -> Image.Image:
    """Bars in place of lines."""
    page = Image.new("L", (400, 600), 255)
    for top in tops:
        ImageDraw.Draw(page).rectangle((50, top, 350, top + heights - 1), fill=0)
    return page


def make_word(text: str, top: int) -> Word:
    return Word(text, (1, 1, top), 0.9, top, top + HEIGHT)


def test_ink_between_two_lines_is_a_lost_line() -> None:
    words = [make_word("un", 100), make_word("trois", 200)]

    assert find_lost_lines(draw_page(100, 150, 200), words) == [Band(142, 188)]


def test_rules_pictures_and_what_lies_outside_are_none() -> None:
    words = [make_word("un", 100), make_word("deux", 300)]

    assert find_lost_lines(draw_page(100, 300), words) == []
    assert find_lost_lines(draw_page(150, heights=4), words) == []
    assert find_lost_lines(draw_page(150, heights=100), words) == []
    assert find_lost_lines(draw_page(20, 500), words) == []
    assert find_lost_lines(draw_page(150), []) == []


def test_words_of_a_lost_line_come_in_their_place() -> None:
    words = [make_word("un", 100), make_word("trois", 200)]
    merged = insert_words(words, Band(142, 188), [make_word("deux", 8)])

    assert [(word.text, word.top) for word in merged] == [("un", 100), ("deux", 150), ("trois", 200)]
    assert len({word.line for word in merged}) == 3
