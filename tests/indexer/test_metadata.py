from __future__ import annotations

import json
from typing import Any

import pytest

from indexer.convert.base import ConvertedFile
from indexer.front_matter import Declared
from indexer.metadata import MetadataReader, order_declared, parse_language
from indexer.titles import MAX_TITLE_CHARS, choose_title
from search_core.model import HeadingSpan, Metadata
from search_core.vocabulary import Vocabulary


@pytest.fixture
def reader(vocabulary: Vocabulary) -> MetadataReader:
    return MetadataReader(vocabulary)


def test_metadata_is_read_from_all_keys(reader: MetadataReader) -> None:
    metadata = reader.read(
        Declared(
            {
                "title": "Étude de mobilité",
                "date": "31 octobre 2014",
                "kind": "study",
                "working_group": ["transport", "urban_planning"],
                "city": "Leshan",
                "authors": ["Zhang Tong", "A. Santini"],
                "organisations": "Ville d’Issy; 乐山市政府",
                "language": "fr-FR",
                "access": "membres, bureau",
                "illustrative": "true",
                "budget": {"total": ["1", "2"]},
            }
        )
    )

    assert metadata == Metadata(
        title="Étude de mobilité",
        date="2014-10-31",
        values={
            "kind": ("study",),
            "working_group": ("transport", "urban_planning"),
            "city": ("leshan",),
            "organisation": ("Ville d’Issy", "乐山市政府"),
            "author": ("Zhang Tong", "A. Santini"),
        },
        language="fr",
        access=("membres", "bureau"),
        illustrative=True,
        extra={"budget": {"total": ["1", "2"]}},
    )
    assert reader.notes == []


def test_labels_of_both_languages_and_other_spellings_of_keys_are_understood(reader: MetadataReader) -> None:
    metadata = reader.read(Declared({"类型": "研究报告", "Ville": "乐山", "Groupe de travail": "Transports"}))

    assert metadata.values == {"kind": ("study",), "city": ("leshan",), "working_group": ("transport",)}


def test_a_sidecar_overrides_the_file_key_by_key(reader: MetadataReader) -> None:
    metadata = reader.read(Declared({"title": "Du fichier", "date": "2013"}), Declared({"title": "Du voisin"}))

    assert (metadata.title, metadata.date) == ("Du voisin", "2013")


DATED = "Issy-les-Moulineaux, le 3 mars 2015\n\nTexte."


@pytest.mark.parametrize(
    ("own", "folder", "sidecar", "date", "proposed"),
    [
        (Declared({}), {}, {}, "2015-03-03", ("date",)),
        (Declared({"date": "2013-12-23"}), {}, {}, "2015-03-03", ("date",)),
        (Declared({"date": "2016-01-05"}, origin="message"), {}, {}, "2016-01-05", ()),
        (Declared({"date": "2016-01-05"}, origin="person"), {"date": "2014"}, {}, "2016-01-05", ()),
        (Declared({"date": "2016-01-05"}), {"date": "2014"}, {}, "2014", ()),
        (Declared({"date": "2016-01-05"}, origin="person"), {"date": "2014"}, {"date": "2017"}, "2017", ()),
        (Declared({}), {}, {"date": "~"}, None, ()),
    ],
)
def test_a_date_in_the_text_comes_after_people_and_before_programs(
    reader: MetadataReader, own: Declared, folder: Any, sidecar: Any, date: str | None, proposed: tuple[str, ...]
) -> None:
    folders, beside = [Declared(folder, origin="person")], Declared(sidecar, origin="person")
    found = reader.read(*order_declared(own, DATED, folders, beside))

    assert (found.date, found.proposed) == (date, proposed)


def test_properties_are_used_where_the_text_bears_no_date(reader: MetadataReader) -> None:
    found = reader.read(*order_declared(Declared({"date": "2013-12-23"}), "Texte.", [], Declared()))

    assert (found.date, found.proposed) == ("2013-12-23", ())


def test_what_programs_fill_in_is_no_author_and_no_date(reader: MetadataReader) -> None:
    assert reader.read(Declared({"author": "微软用户", "date": "1970-01-01"})) == Metadata()
    assert reader.read(Declared({"author": "admin"}, origin="person")).values == {"author": ("admin",)}


def test_a_person_may_say_that_there_is_none(reader: MetadataReader) -> None:
    said = Declared({"city": [], "author": ""}, origin="person")

    assert reader.read(Declared({"author": "X"}), said).values == {"city": (), "author": ()}


@pytest.mark.parametrize(
    ("declared", "expected", "note"),
    [
        ({"date": "2014-02-30"}, Metadata(), "date"),
        ({"date": ["2014", "2015"]}, Metadata(date="2014"), "several"),
        ({"title": {"fr": "x"}}, Metadata(), "title"),
        ({"language": "???"}, Metadata(), "language"),
        ({"illustrative": "peut-être"}, Metadata(), "illustrative"),
        ({"kind": "poème"}, Metadata(values={"kind": ("poème",)}), "vocabulary"),
        ({"city": ["leshan", {"a": "b"}]}, Metadata(values={"city": ("leshan",)}), "city"),
        ({"note": "x" * 30_000}, Metadata(), "left out"),
    ],
)
def test_a_wrong_value_is_told_and_the_rest_used(
    reader: MetadataReader, declared: dict[str, Any], expected: Metadata, note: str
) -> None:
    assert reader.read(Declared(declared)) == expected
    assert len(reader.notes) == 1
    assert note in reader.notes[0]


@pytest.mark.parametrize(
    "declared",
    [
        Declared({"access": {"a": "b"}}),
        Declared({"access": " , "}),
        Declared({"title": "x"}, ("line 2: broken",), frozenset({"access"})),
        Declared({}, ("broken",), frozenset({"Accès"})),
    ],
)
def test_access_labels_that_cannot_be_read_hide_the_document(reader: MetadataReader, declared: Declared) -> None:
    assert reader.read(declared).access == ()


def test_access_is_public_where_nothing_is_said(reader: MetadataReader) -> None:
    assert reader.read(Declared({"access": "~"})).access == ("public",)


def test_metadata_survives_its_stored_form(reader: MetadataReader) -> None:
    metadata = reader.read(Declared({"title": "a\ud800b\0", "x": {"y": ["\ud800"]}, "1": "2"}))

    assert Metadata.from_json(metadata.to_json()) == metadata
    assert json.loads(metadata.to_json().encode("utf-8"))["title"] == "ab"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr", "fr"),
        ("zh-Hant-TW", "zh"),
        ("zho", "zh"),
        ("Français", "fr"),
        ("中文", "zh"),
        ("en_US", "other"),
        ("?", None),
    ],
)
def test_parse_language_reads_tags_and_names(tag: str, language: str | None) -> None:
    assert parse_language(tag) == language


@pytest.mark.parametrize(
    ("declared", "text", "headings", "title"),
    [
        ("Étude", "Autre\n\ntexte", (), "Étude"),
        ("Microsoft Word - note.doc", "Autre titre\n\nSuite du texte.", (), "Autre titre"),
        ("rapport_final_v2.docx", "Autre titre\n\nSuite du texte.", (), "Autre titre"),
        ("untitled", "乐山考察报告\n\n正文。", (), "乐山考察报告"),
        ("Présentation PowerPoint", "Bilan", (HeadingSpan(0, 5, 1),), "Bilan"),
        ("PowerPoint 演示文稿", "总结", (HeadingSpan(0, 2, 1),), "总结"),
        ("Classeur1", "Feuil1", (HeadingSpan(0, 6, 1),), "fichier"),
        ("", "Chapô.\n\nBilan\n\nTexte", (HeadingSpan(8, 13, 1),), "Bilan"),
        ("", "31 octobre 2014\nLa ville d’Issy vient de conclure un accord.", (), "fichier"),
        ("", "Une phrase entière qui commence le texte.\nEt une autre.", (), "fichier"),
        ("", "42\n\nTexte", (), "fichier"),
        ("", "", (), "fichier"),
    ],
)
def test_title_is_declared_or_found_or_the_name_of_the_file(
    declared: str, text: str, headings: tuple[HeadingSpan, ...], title: str
) -> None:
    assert choose_title(declared, ConvertedFile(text, headings=headings), "fichier") == title


def test_an_endless_title_is_cut() -> None:
    title = choose_title("很长" * 1000, ConvertedFile("x"), "fichier")

    assert len(title) == MAX_TITLE_CHARS
    assert title.endswith("…")


def test_titles_in_the_other_language_are_read_under_their_many_names(reader: MetadataReader) -> None:
    metadata = reader.read(
        Declared({"标题": "考察报告", "Titre-FR": " Rapport de\nvisite ", "中文标题": "", "title_en": "Report"})
    )

    assert (metadata.title, metadata.titles) == ("考察报告", {"fr": "Rapport de visite"})
    assert metadata.extra == {"title_en": "Report"}


def test_a_sidecar_overrides_a_translated_title_and_one_that_tells_nothing_is_none(reader: MetadataReader) -> None:
    metadata = reader.read(
        Declared({"title_fr": "Ancien", "title_zh": "无标题"}), Declared({"titre_fr": ["Nouveau", "x"]})
    )

    assert metadata.titles == {"fr": "Nouveau"}
    assert reader.notes == ["Metadata: title_fr has several values; the first is used."]


def test_metadata_stored_before_there_were_translated_titles_and_proposals_can_be_read() -> None:
    older = json.loads(Metadata(title="Étude", extra={"budget": "1"}).to_json())
    del older["titles"], older["proposed"]

    assert Metadata.from_json(json.dumps(older)) == Metadata(title="Étude", extra={"budget": "1"})


def test_translated_titles_survive_storage() -> None:
    metadata = Metadata(title="考察报告", titles={"fr": "Rapport de visite"}, date="2015", proposed=("date",))

    assert Metadata.from_json(metadata.to_json()) == metadata
