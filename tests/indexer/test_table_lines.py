from __future__ import annotations

from indexer.convert.tables.cells import Cell, NumberedRow, fill_merged
from indexer.convert.tables.lines import iter_lines


def rows_of(text: str) -> list[NumberedRow]:
    """One row a line, `|` between cells; `Ville>2` covers two columns, `Ville/2` two rows."""
    lines = [line.strip() for line in text.strip().split("\n")]
    rows = [(number, [cell.strip() for cell in line.split("|")]) for number, line in enumerate(lines)]
    return [
        (number, {at: make_cell(cell) for at, cell in enumerate(cells) if cell}) for number, cells in rows if any(cells)
    ]


def make_cell(text: str) -> Cell:
    name, _, columns = text.partition(">")
    name, _, rows = name.partition("/")
    return Cell(name, int(rows or 1), int(columns or 1))


def lines_of(text: str) -> list[str]:
    """`# ` before titles, an empty line before what begins anew."""
    marks = {"title": "# ", "first": "", "next": ""}
    return [marks[line.kind] + line.text for line in iter_lines(fill_merged(rows_of(text)))]


def test_each_row_names_its_values() -> None:
    assert lines_of("""
        Ville  | Habitants | Depuis
        Leshan | 3200000   | 2014
        Issy   | 68000     |
    """) == [
        "Ville | Habitants | Depuis",
        "Ville : Leshan | Habitants : 3200000 | Depuis : 2014",
        "Ville : Issy | Habitants : 68000",
    ]


def test_chinese_headers_have_a_chinese_colon() -> None:
    assert lines_of("城市|人口\n乐山|350万\n伊西|6.8万")[1:] == ["城市：乐山 | 人口：350万", "城市：伊西 | 人口：6.8万"]


def test_years_may_head_columns_of_numbers() -> None:
    assert lines_of("Ville|2014|2015\nLeshan|12|14")[1] == "Ville : Leshan | 2014 : 12 | 2015 : 14"


def test_a_form_has_no_header() -> None:
    form = "Lieu|Fort d’Issy\nDate|2015-03-02\nParticipants|12\nObjet|Éclairage"

    assert lines_of(form) == ["Lieu | Fort d’Issy", "Date | 2015-03-02", "Participants | 12", "Objet | Éclairage"]
    assert lines_of("Année|2015\nBudget|1200\nParticipants|12")[0:2] == ["Année | 2015", "Budget | 1200"]


def test_rows_of_numbers_have_no_header() -> None:
    assert lines_of("12|13\n14|15") == ["12 | 13", "14 | 15"]


def test_a_line_above_a_table_is_its_title_also_with_an_empty_row_between() -> None:
    table = "Ville|Mâts\nIssy|40\nLeshan|60"
    expected = ["# Éclairage", "Ville | Mâts", "Ville : Issy | Mâts : 40", "Ville : Leshan | Mâts : 60"]

    assert lines_of(f"Éclairage\n{table}") == expected
    assert lines_of(f"Éclairage\n\n{table}") == expected


def test_a_remark_below_a_table_is_no_title() -> None:
    assert lines_of("Ville|Mâts\nIssy|40\n\nSource : mairie.")[-1] == "Source : mairie."


def test_two_tables_have_each_their_header() -> None:
    assert lines_of("Ville|Mâts\nIssy|40\n\nÉcole|Élèves|Classes\nTongjiang|900|24")[-1] == (
        "École : Tongjiang | Élèves : 900 | Classes : 24"
    )


def test_a_table_goes_on_after_an_empty_row() -> None:
    assert (
        lines_of("Ville|Mâts|Depuis\nIssy|40|2015\n\nLeshan|60|2016")[-1]
        == "Ville : Leshan | Mâts : 60 | Depuis : 2016"
    )


def test_merged_labels_stand_in_each_row_and_over_each_column() -> None:
    assert lines_of("""
        Ville/2 | 2014>2 |     | Écart/2
                | T1     | T2  |
        Issy/2  | 10     | 12  | 20 %
                | 7      | 8   | 14 %
        Leshan  | 30     | 33  | 10 %
    """)[2:] == [
        "Ville : Issy | 2014 T1 : 10 | 2014 T2 : 12 | Écart : 20 %",
        "Ville : Issy | 2014 T1 : 7 | 2014 T2 : 8 | Écart : 14 %",
        "Ville : Leshan | 2014 T1 : 30 | 2014 T2 : 33 | Écart : 10 %",
    ]


def test_a_wide_row_goes_on_in_lines_that_say_whose_they_are() -> None:
    header = "|".join(["Ville", *(f"Indicateur numéro {number}" for number in range(40))])
    values = "|".join(["Leshan", *(str(1000 + number) for number in range(40))])
    lines = lines_of(f"{header}\n{values}")

    wide = [line for line in lines if "1000" in line or "1039" in line]
    assert len(wide) == 2
    assert all(line.startswith("Ville : Leshan | Indicateur numéro ") and len(line) < 400 for line in wide)


def test_a_single_cell_among_rows_names_nothing() -> None:
    assert "Dépenses" in lines_of("Poste|Montant\nDépenses|\nVoyage|1200\nAccueil|300")


def test_a_list_is_a_paragraph() -> None:
    assert [line.kind for line in iter_lines(rows_of("un\ndeux\ntrois"))] == ["first", "next", "next"]
