"""What a question becomes: its vector, centred as the calibration says, in a dense leg of each language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from search_api.legs import ALL_FILTERS, make_filters, make_legs, read_reply
from search_api.question import read_question
from search_api.schemas import SearchRequest
from search_api.tools import ToolCache
from search_core.engines.base import DenseLeg, Scope
from search_core.glossary import load_glossary


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_the_question_is_centred_by_a_share_of_its_language_s_mean(town: Any, language: Any) -> None:
    tools = ToolCache(town.index, town.embedder, load_glossary(), Scope.everything()).current()
    request = SearchRequest(q="vélo 自行车", query_lang=language)
    question = read_question(request, tools)
    vector = town.embedder.embed_queries([question.parsed.text])[0]

    calibration = replace(tools.calibration, anchors=replace(tools.calibration.anchors, share=0.25))
    asked = make_legs(question, vector, make_filters(request, question, tools.analyzer), calibration)

    expected = vector - 0.25 * calibration.query_mean(language)
    dense = [leg for leg in asked.legs if isinstance(leg, DenseLeg)]
    assert {leg.language for leg in dense} == {"fr", "zh", "other"}
    for leg in dense:
        assert np.allclose(leg.vector, expected)


def test_the_languages_of_documents_are_told_to_the_merge(town: Any) -> None:
    tools = ToolCache(town.index, town.embedder, load_glossary(), Scope.everything()).current()
    request = SearchRequest(q="自行车", query_lang="zh")
    question = read_question(request, tools)
    vector = town.embedder.embed_queries([question.parsed.text])[0]
    asked = make_legs(question, vector, make_filters(request, question, tools.analyzer), tools.calibration)

    reply = town.index.search(asked.legs, Scope.everything())
    found = read_reply(asked, reply, tools.calibration)[ALL_FILTERS]

    languages = {key: document.language for key, document in reply.documents.items()}
    assert {"fr", "zh"} <= set(languages.values())
    assert [legs.documents for legs in found] == [languages] * 3
    assert {legs.language: legs.foreign for legs in found} == {"fr": True, "zh": False, "other": True}
