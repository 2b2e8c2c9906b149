from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tools.measure_documents import Units, count_errors, cut_out, format_table, read_file, read_reference

SENTENCES = ("La navette relie la gare au parc.", "Douze arrêts sont prévus.", "Le budget est voté.")


def encode(text: str, units: Units) -> str:
    return units.encode(units.clean(text))


def test_a_sentence_counts_no_error_wherever_it_stands() -> None:
    units = Units([], by_character=False)
    found = encode(" ".join((SENTENCES[2], SENTENCES[0], SENTENCES[1])), units)

    errors = count_errors(found, [encode(sentence, units) for sentence in SENTENCES])

    assert (errors.units, errors.errors, errors.left_over) == (15, 0, 0)


def test_wrong_words_missing_sentences_and_what_is_too_much_are_counted() -> None:
    units = Units([], by_character=False)
    found = encode(f"Page 12 {SENTENCES[0].replace('gare', 'garo')} {SENTENCES[2]}", units)

    errors = count_errors(found, [encode(sentence, units) for sentence in SENTENCES])

    assert (errors.errors, errors.left_over) == (1 + 4, 2)


def test_chinese_is_counted_in_characters_and_addresses_are_not() -> None:
    units = Units([r"(第 \d 节)“[^”]*”"], by_character=True)

    assert units.decode(encode("见 第 2 节“公交”（https://ville.example/bus），乐山", units)) == "见第2节,乐山"


def test_comparison_begins_and_ends_at_phrases() -> None:
    assert "".join(cut_out(["abc", "def", "ghi"], "cd", "h")) == "cdefg"
    assert "".join(cut_out(["abc", "def"], "", "")) == "abcdef"


def test_navigation_of_a_reference_is_left_out(tmp_path: Path) -> None:
    page = tmp_path / "chapter.html"
    page.write_text('<div class="toc">Sommaire</div><p>Le <b>tram</b>way</p><p>La gare</p>', encoding="utf-8")
    packed = tmp_path / "chapter.txt.gz"
    packed.write_bytes(gzip.compress(b"Le tramway"))

    assert read_reference(page).split() == ["Le", "tramway", "La", "gare"]
    assert read_reference(packed) == "Le tramway"


@pytest.mark.slow
def test_a_table_has_a_row_for_each_file_with_its_outcome(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Les deux villes ont signé un accord de coopération.\ue000", encoding="utf-8")
    (tmp_path / "vide.pdf").write_bytes(b"")

    rows = list(format_table([read_file(tmp_path / "note.txt"), read_file(tmp_path / "vide.pdf")]))

    assert rows[2].startswith("| note.txt | 52 | 2.27% | fr |")
    assert rows[3].endswith("| failed: The file is empty. Get it again from where it came. |")
