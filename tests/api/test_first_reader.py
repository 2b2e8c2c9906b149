"""What is read first and what that is worth, which language has something close, and what follows for versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from search_api.first_reader import follow_versions, rank_languages
from search_core.fusion import FusedDocument
from search_core.model import Language
from search_core.pairs import Pair, PairTable

PAIRS = PairTable((Pair("fr-1", "zh-1", 0.9), Pair("fr-2", "zh-2", 0.9)))


def found(*names: str) -> dict[Language, list[FusedDocument]]:
    """What was ranked, best first; a document is named after its language."""
    return rank_languages([make_found(name) for name in names])


def make_found(name: str) -> FusedDocument:
    language: Any = name.partition("-")[0]
    return FusedDocument(name, language, 1.0, 1.0, 0.0, 0.0, {}, (f"{name}-0",))


@pytest.mark.parametrize(
    ("ranked", "close"),
    [
        pytest.param(["fr-1", "fr-2", "zh-3", "zh-1"], True, id="the first one's version was found"),
        pytest.param(["fr-1", "zh-3"], False, id="it was not found"),
        pytest.param(["fr-3", "fr-1", "zh-1"], False, id="only the second one has a version"),
        pytest.param(["zh-1"], False, id="nothing in the close language"),
        pytest.param(["fr-1", "zh-3", "zh-4", "zh-2", "zh-1"], False, id="far behind others"),
    ],
)
def test_a_version_of_the_first_document_of_a_close_language_is_close_as_well(
    ranked: Sequence[str], close: bool
) -> None:
    judged: dict[Language, bool] = {"fr": True, "zh": False}
    assert follow_versions(judged, found(*ranked), PAIRS) == {"fr": True, "zh": close}


def test_where_nothing_is_close_versions_change_nothing() -> None:
    nothing: dict[Language, bool] = {"fr": False, "zh": False}
    assert follow_versions(nothing, found("fr-1", "zh-1"), PAIRS) == nothing
    assert follow_versions({"fr": True, "zh": False}, found("fr-1", "zh-1"), PairTable()) == {"fr": True, "zh": False}
