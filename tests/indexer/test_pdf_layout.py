from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.convert.pdf.grid import find_grids
from indexer.convert.pdf.hyphens import Hyphens
from indexer.convert.pdf.layout import arrange
from indexer.convert.pdf.paragraphs import join_paragraphs, make_paragraphs
from indexer.convert.pdf.rows import Row, make_rows
from indexer.convert.pdf.rules import Rule
from indexer.convert.pdf.running import PageRows, RunningLines
from indexer.convert.pdf.runs import Run

LEFT = (
    "La navette autonome relie la gare",
    "de Leshan au grand bouddha en douze",
    "minutes, sans conducteur à bord et",
)
RIGHT = (
    "Le budget de la première tranche",
    "est de quatre millions d’euros dont",
    "la moitié est portée par la région",
)


def run(text: str, left: float, baseline: float, size: float = 10.0, *, fixed: bool = False) -> Run:
    """A run whose letters are half as wide as they are high."""
    width = 0.5 * size * len(text)
    return Run(text, left, left + width, baseline - 0.2 * size, baseline + 0.8 * size, baseline, size, fixed)


def read(runs: Sequence[Run], rules: Sequence[Rule] = ()) -> str:
    lines = arrange(make_rows(runs, rules), find_grids(rules))
    return join_paragraphs(make_paragraphs(lines, Hyphens()))


def test_columns_are_read_one_after_the_other() -> None:
    drawn = [
        run(text, left, 700 - 12 * number)
        for left, lines in ((60, LEFT * 2), (310, RIGHT * 2))
        for number, text in enumerate(lines)
    ]

    text = read([run("Deux villes, une navette", 60, 760, size=16), *drawn])

    assert text.startswith("Deux villes, une navette\n\nLa navette autonome relie la gare de Leshan au grand bouddha")
    assert text.index("sans conducteur") < text.index("Le budget")


def test_rows_of_a_table_without_borders_keep_their_cells() -> None:
    table = [("Année", "Passagers"), ("2014", "12 000"), ("2015", "18 500"), ("2016", "23 100")]
    drawn = [
        run(cell, left, 700 - 14 * number)
        for number, row in enumerate(table)
        for left, cell in zip((60, 200), row, strict=True)
    ]

    assert read(drawn) == "Année | Passagers\n2014 | 12 000\n2015 | 18 500\n2016 | 23 100"


def test_a_drawn_table_keeps_wrapped_cells_whole() -> None:
    rules = [Rule(True, at, 50, 400) for at in (700, 670, 640)] + [Rule(False, at, 640, 700) for at in (50, 150, 400)]
    drawn = [
        run("城市", 60, 680),
        run("试点", 160, 680),
        run("乐山", 60, 651),
        run("第一期包括三条公交线路和两个", 160, 657),
        run("换乘站", 160, 645),
    ]

    assert read(drawn, rules) == "城市 | 试点\n乐山 | 第一期包括三条公交线路和两个换乘站"


def test_a_frame_around_text_is_no_table() -> None:
    rules = [Rule(True, at, 50, 400) for at in (700, 640)] + [Rule(False, at, 640, 700) for at in (50, 400)]

    assert read([run("Attention", 60, 680), run("Travaux", 60, 660)], rules) == "Attention\nTravaux"


def test_list_marks_stay_with_their_items() -> None:
    drawn = [
        run(text, left, 700 - 12 * number) for number in range(4) for left, text in ((60, "•"), (80, "un arrêt de bus"))
    ]

    assert read(drawn) == "\n".join(["• un arrêt de bus"] * 4)


def test_lines_of_code_keep_their_breaks_and_indents() -> None:
    code = ("if gare:", "    partir()", "else:", "    attendre()")
    drawn = [
        run(line.strip(), 60 + 6 * (len(line) - len(line.lstrip())), 700 - 12 * number, fixed=True)
        for number, line in enumerate(code)
    ]

    assert read(drawn) == "\n".join(code)


def test_the_number_of_a_footnote_is_no_part_of_the_word() -> None:
    assert read([run("bouddha", 60, 700), run("12", 95, 704, size=6)]) == "bouddha 12"
    assert read([run("m", 60, 700), run("2", 65, 704, size=6)]) == "m2"


def page(number: int, *lines: tuple[str, float]) -> PageRows:
    rows: list[Row] = make_rows([run(text, 60, baseline) for text, baseline in lines])
    return PageRows(number, str(number), 0, 842, rows)


def text_of(rows: Sequence[Row]) -> list[str]:
    return [run.text for row in rows for run in row.runs]


BODY = ("Premier constat du groupe", "Deuxième visite à Leshan", "Troisième réunion plénière", "Quatrième et dernier")


def test_what_runs_over_the_pages_is_dropped_with_their_numbers() -> None:
    pages = [
        page(number, ("Coopération Issy – Leshan", 800), (body, 600), (f"Page {number} sur 4", 30))
        for number, body in enumerate(BODY, 1)
    ]

    left = RunningLines().drop(pages)

    assert text_of(left[0]) == ["Coopération Issy – Leshan", BODY[0]], "said nowhere else: kept where it comes first"
    assert [text_of(rows) for rows in left[1:]] == [[body] for body in BODY[1:]]


def test_the_last_batch_of_pages_knows_the_earlier_ones() -> None:
    running = RunningLines()
    running.drop([page(number, (body, 600), (str(number), 30)) for number, body in enumerate(BODY, 1)])

    assert text_of(running.drop([page(5, ("Annexe", 600), ("5", 30))])[0]) == ["Annexe"]


@pytest.mark.parametrize(
    "tops",
    [
        ("Étape 1", "Étape 2", "Étape 3", "Étape 4"),
        ("12", "7", "31", "9"),
        ("Bilan", "Calendrier", "Budget", "Suites"),
    ],
)
def test_what_begins_a_page_is_kept(tops: Sequence[str]) -> None:
    pages = [
        page(number, (top, 800), (body, 780)) for number, (top, body) in enumerate(zip(tops, BODY, strict=True), 1)
    ]

    assert [text_of(rows) for rows in RunningLines().drop(pages)] == [[*pair] for pair in zip(tops, BODY, strict=True)]


def test_two_pages_keep_all_that_they_have_in_common() -> None:
    pages = [page(number, ("Formulaire", 800), ("Nom :", 600), (str(number), 30)) for number in (1, 2)]

    assert [text_of(rows) for rows in RunningLines().drop(pages)] == [
        ["Formulaire", "Nom :", "1"],
        ["Formulaire", "Nom :", "2"],
    ]


@pytest.mark.parametrize(
    ("line", "following", "joined"),
    [
        ("la munici-", "palité", "la municipalité"),
        ("une loi indi-", "viduelle", "une loi individuelle"),
        ("LES GA-", "RANTIES", "LES GARANTIES"),
        ("Issy-les-", "Moulineaux", "Issy-les-Moulineaux"),
        ("peut-", "être", "peut-être"),
        ("celui-", "ci", "celui-ci"),
        ("un rez-de-", "chaussée", "un rez-de-chaussée"),
        ("2014-", "2016", "2014-2016"),
        ("voir /etc/munici-", "palité", "voir /etc/municipalité"),
        ("https://ville.example/smart-", "city", "https://ville.example/smart-city"),
        ("une phrase –", "une incise", "une phrase – une incise"),
        ("智慧城", "市", "智慧城市"),
        ("une ligne", "suivante", "une ligne suivante"),
    ],
)
def test_words_cut_at_a_line_end_are_put_together(line: str, following: str, joined: str) -> None:
    hyphens = Hyphens()
    hyphens.learn(["Cela, peut-être, au rez-de-chaussée de la municipalité.", "une loi indi-", "viduelle, et d’autres"])

    assert hyphens.join(line, following) == joined
