"""Configurations of an experiment: read, and refused where they say what nobody understands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.split import PASSAGE_TOKENS
from passerelle.evaluation.configuration import load_configuration, load_configurations
from passerelle.evaluation.found_legs import POOLED
from passerelle.evaluation.merging import METHODS
from passerelle.evaluation.question_vectors import MEANS
from passerelle.evaluation.scratch import PRODUCT
from search_core.errors import InvalidRequest
from search_core.fusion import FusionSettings

WHOLE = """
name = "all of it"
[fusion]
lexical_weight = 1
[merge]
method = "zscore"
[centring]
means = "anchors"
[context]
title = false
[passages]
tokens = 128
pooling = "mean2"
[query]
glossary_weight = 0.25
[legs]
glossary = false
[model]
name = "hash"
query_prompt = ""
[rerank]
documents = 20
weight = 0.3
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, name: str = "one.toml") -> Path:
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write


def test_empty_configuration_is_the_product_and_bears_the_name_of_its_file(write: Callable[..., Path]) -> None:
    found = load_configuration(write("", "as it is.toml"))
    assert found.name == "as it is"
    assert (found.fusion, found.merge.method, found.centring.means) == (FusionSettings(), "profile", "collection")
    assert (found.passage_variant, found.passages.tokens) == (PRODUCT, PASSAGE_TOKENS)
    assert (found.legs.lexical, found.legs.dense, found.legs.glossary) == (True, True, True)
    assert (found.query.glossary_weight, found.rerank.documents, found.changes()) == (0.0, 0, {})


def test_every_section_is_read(write: Callable[..., Path]) -> None:
    found = load_configuration(write(WHOLE))
    assert found.fusion == FusionSettings(lexical_weight=1.0)
    assert (found.passage_variant.title, found.passage_variant.heading, found.passage_variant.tokens) == (
        False, True, 128,
    )  # fmt: skip
    assert found.model.settings() == {"model": "hash", "query_prompt": ""}
    assert found.changes()["rerank"] == {"documents": 20, "weight": 0.3}
    assert (found.name, found.merge.method, found.legs.glossary) == ("all of it", "zscore", False)


@pytest.mark.parametrize("table", ["merge.method", "centring.means", "passages.pooling"])
def test_every_value_that_a_key_takes_is_implemented(write: Callable[..., Path], table: str) -> None:
    section, key = table.split(".")
    values = {"method": METHODS, "means": MEANS, "pooling": POOLED}[key]
    for value in values:
        found = load_configuration(write(f'[{section}]\n{key} = "{value}"'))
        assert getattr(getattr(found, section), key) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("colour = 1", r"one\.toml: a configuration has no key 'colour'; known: name, recipe, fusion, merge"),
        ("[fusion]\nweight = 1", r"\[fusion\] has no key 'weight'; known: lexical_weight, least_ceiling"),
        ("[legs]\nsparse = true", r"\[legs\] has no key 'sparse'; known: lexical, dense, glossary"),
        ('[merge]\nmethod = "sum"', r"merge\.method: Input should be 'profile'"),
        ('[fusion]\nlexical_weight = "2"', r"fusion\.lexical_weight: Input should be a valid number"),
        ("[fusion]\nlexical_weight = nan", r"fusion\.lexical_weight is not a finite number"),
        ("[query]\nglossary_weight = 1.5", r"query\.glossary_weight: Input should be less than or equal to 1"),
        ("[passages]\ntokens = 3", r"passages\.tokens: Input should be greater"),
        ("[rerank]\ndocuments = -1", r"rerank\.documents: Input should be greater"),
        ("[legs]\nlexical = false\ndense = false\nglossary = false", "legs: at least one leg has to be on"),
        ('recipe = "usual"\n[merge]\nmethod = "plain"', r'the recipe "usual" has no \[merge\]'),
        ("merge = 3", r"merge: Input should be an object"),
        ("name = ''", "name: String should have at least 1 character"),
        ("name = [", "is not TOML"),
    ],
)
def test_what_is_not_understood_is_named_with_its_file(write: Callable[..., Path], text: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said) as refused:
        load_configuration(write(text))
    assert refused.value.message.startswith(str(write(text)))
    assert "docs/evaluation.md" in refused.value.remedy


def test_file_that_is_missing_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("absent.toml", "bytes.toml"):
        with pytest.raises(InvalidRequest, match=rf"{name}: cannot be read"):
            load_configuration(tmp_path / name)
    with pytest.raises(InvalidRequest, match="cannot be read"):
        load_configuration(tmp_path)


def test_two_configurations_of_one_name_are_refused(write: Callable[..., Path]) -> None:
    files = [write('name = "same"', "a.toml"), write('name = "same"', "b.toml")]
    with pytest.raises(InvalidRequest, match=r"b\.toml: another configuration has the name 'same'"):
        load_configurations(files)
