"""Controlled values: ids, labels, and every way of writing them."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.model import FILTER_FIELDS
from search_core.vocabulary import load_vocabulary

VOCABULARY = load_vocabulary()
RAW = tomllib.loads(resources.files("search_core").joinpath("vocabulary.toml").read_text("utf-8"))
VALUES = [(field, value, term) for field, terms in RAW.items() if field != "field" for value, term in terms.items()]


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("kind", "study", "study"),
        ("kind", "Étude", "study"),
        ("kind", " etude ", "study"),
        ("kind", "ÉTUDE", "study"),
        ("kind", "E\u0301tude", "study"),
        ("kind", "研究报告", "study"),
        ("kind", "研究報告", "study"),
        ("kind", "compte-rendu", "minutes"),
        ("kind", "Communiqué de presse", "press"),
        ("working_group", "city management", "city_management"),
        ("working_group", "Gestion  de la ville", "city_management"),
        ("working_group", "城市規劃", "urban_planning"),
        ("city", "Issy les Moulineaux", "issy-les-moulineaux"),
        ("city", "樂山市", "leshan"),
        ("organisation", "Ville d'Issy-les-Moulineaux", "ville-issy-les-moulineaux"),
        ("language", "Français", "fr"),
        ("illustrative", "Oui", "true"),
    ],
)
def test_resolve_knows_ids_and_labels_in_any_spelling(field: str, written: str, value: str) -> None:
    assert VOCABULARY.resolve(field, written) == value


@pytest.mark.parametrize(("field", "value"), [("city", "Lyon"), ("author", "王 芳"), ("nonsense", "x"), ("city", "")])
def test_resolve_keeps_unknown_values_as_found(field: str, value: str) -> None:
    assert VOCABULARY.resolve(field, f"  {value} ") == value
    assert not VOCABULARY.known(field, value)
    assert VOCABULARY.label(field, value) == (value, value)


def test_resolve_composes_an_unknown_value() -> None:
    assert VOCABULARY.resolve("author", "Rene\u0301") == "René"


def test_label_in_both_languages() -> None:
    assert VOCABULARY.label("working_group", "city_management") == ("Gestion de la ville", "城市管理")
    assert VOCABULARY.known("working_group", "city_management")


def test_known_ids_only() -> None:
    assert not VOCABULARY.known("working_group", "Gestion de la ville")


def test_field_label_of_every_filter_in_both_languages() -> None:
    for field in FILTER_FIELDS:
        french, chinese = VOCABULARY.field_label(field)
        assert french != field
        assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert VOCABULARY.field_label("nonsense") == ("nonsense", "nonsense")


@pytest.mark.parametrize(("field", "value", "term"), VALUES, ids=[f"{field}-{value}" for field, value, _ in VALUES])
def test_every_label_leads_back_to_its_id(field: str, value: str, term: dict[str, str | list[str]]) -> None:
    for written in (value, term["fr"], term["zh"], *term.get("also", [])):
        assert VOCABULARY.resolve(field, str(written)) == value


@given(value=st.text(st.characters()))
def test_resolve_is_total(value: str) -> None:
    resolved = VOCABULARY.resolve("kind", value)
    assert VOCABULARY.resolve("kind", resolved) == resolved
