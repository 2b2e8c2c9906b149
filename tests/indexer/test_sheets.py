from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.tables.cells import Cell, NumberedRow, Sheet
from indexer.convert.tables.sheets import write_sheets
from indexer.titles import choose_title


def endless_rows() -> Iterator[NumberedRow]:
    number = 0
    while True:
        number += 1
        yield number, {0: Cell("mot " * 20), 1: Cell(str(number))}


def test_reading_stops_where_the_text_is_as_long_as_it_may_get() -> None:
    written = write_sheets([Sheet("Un", endless_rows()), Sheet("Deux", endless_rows())], max_chars=1000)

    assert 900 < len(written.text) <= 1000
    assert written.partial_reason == "Only the first 1000 characters were kept, up to a part of the sheet “Un”."


def test_a_sheet_without_cells_leaves_no_heading() -> None:
    written = write_sheets([Sheet("Feuil1", []), Sheet("Feuil2", [(1, {0: Cell("texte")})])])

    assert written.text == "Feuil2\n\ntexte"


def test_hidden_sheets_are_read_and_told() -> None:
    written = write_sheets([Sheet("Calculs", [(1, {0: Cell("0.82")})], is_hidden=True)])

    assert written.text == "Calculs\n\n0.82"
    assert written.notes == ("Hidden sheets were read too: Calculs.",)


@pytest.mark.parametrize(("declared", "title"), [("", "budget-2015"), ("Budget prévisionnel", "Budget prévisionnel")])
def test_the_name_of_a_sheet_is_no_title(declared: str, title: str) -> None:
    written = write_sheets([Sheet("Recettes", [(1, {0: Cell("Ville"), 1: Cell("Montant")}), (2, {0: Cell("Issy")})])])
    converted = ConvertedFile(written.text, headings=written.headings, holds_title=False)

    assert choose_title(declared, converted, "budget-2015") == title
