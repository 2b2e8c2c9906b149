"""What only words can answer comes first among documents that are near in meaning, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import SearchRequest
from search_core.embedding import Embedder

NEAR = {
    "fr/réseau.txt": "Le réseau électrique intelligent relie les logements du quartier.",
    "fr/compteurs.txt": "Les compteurs communicants mesurent la consommation du réseau électrique.",
    "fr/énergie.txt": "La délégation a étudié la gestion intelligente de l’énergie.",
    "fr/stockage.txt": "Le stockage de l’électricité lisse la pointe du réseau.",
    "zh/电网.txt": "智能电网连接小区的住宅。",
    "zh/电表.txt": "智能电表测量电网的用电量。",
    "zh/能源.txt": "代表团研究了能源的智能管理。",
    "zh/储能.txt": "储能设备缓解电网的用电高峰。",
}
NAMED = {
    "fr/0417.txt": "Note DGA-2015/0417 : la crèche ouvrira ses portes en septembre.",
    "fr/0418.txt": "Note DGA-2015/0418 : le marché se tient le samedi.",
    "fr/14.txt": "La circulaire 乐府发〔2015〕14号 porte sur les écoles.",
    "zh/12.txt": "乐府发〔2015〕12号：关于幼儿园开园时间的通知。",
    "zh/13.txt": "乐府发〔2015〕13号：关于集市时间的通知。",
    "zh/0420.txt": "编号DGA-2015/0420的文件：学校食堂。",
    "fr/issygrid.txt": "IssyGrid a réuni les écoles pour un après-midi de jeux.",
    "zh/issygrid.txt": "IssyGrid邀请学校参加下午的游戏。",
    "fr/zhang.txt": "M. Zhang Wei a dirigé le chantier de la piscine.",
    "zh/zhang.txt": "张伟主持游泳馆的施工。",
    "fr/dupont.txt": "Marie Dupont a dirigé le chantier du marché.",
}
TEXTS = NEAR | NAMED

ASKED = [
    ("DGA-2015/0417", ["fr/0417.txt"]),
    ("dga 2015 0417", ["fr/0417.txt"]),
    ("note DGA-2015/0417", ["fr/0417.txt"]),
    ("文件DGA-2015/0417", ["fr/0417.txt"]),
    ("DGA-2015/0420", ["zh/0420.txt"]),
    ("la note DGA-2015/0420", ["zh/0420.txt"]),
    ("乐府发〔2015〕12号", ["zh/12.txt"]),
    ("乐府发（2015）12号文件", ["zh/12.txt"]),
    ("la circulaire 乐府发[2015]12号", ["zh/12.txt"]),
    ("乐府发〔2015〕14号", ["fr/14.txt"]),
    ("IssyGrid", ["fr/issygrid.txt", "zh/issygrid.txt"]),
    ("que dit IssyGrid ?", ["fr/issygrid.txt", "zh/issygrid.txt"]),
    ("IssyGrid是什么", ["fr/issygrid.txt", "zh/issygrid.txt"]),
    ("Marie Dupont", ["fr/dupont.txt"]),
    ("张伟", ["fr/zhang.txt", "zh/zhang.txt"]),
]


@pytest.fixture(scope="module")
def exact(make_collection: Callable[..., Any]) -> Any:
    """张伟 is an author too, so that Zhang Wei is known to be one."""
    return make_collection(TEXTS, {"zh/zhang.txt": {"author": "张伟"}})


def first(service: Any, asked: str, count: int) -> list[str]:
    """The first documents; two versions of one document are one hit."""
    hits = service.search(SearchRequest(q=asked)).hits
    found = [path for hit in hits for path in (hit.path, *(each.path for each in hit.versions if each.found))]
    return sorted(found[:count])


@pytest.mark.parametrize(("asked", "expected"), [*ASKED, ("Zhang Wei", ["fr/zhang.txt", "zh/zhang.txt"])])
def test_what_is_asked_for_exactly_comes_first(exact: Any, asked: str, expected: list[str]) -> None:
    assert first(exact.public, asked, len(expected)) == expected


def test_reference_number_is_found_by_its_words_and_told_as_no_name(exact: Any) -> None:
    result = exact.search("DGA-2015/0417")
    assert result.query.names == []
    assert {leg.leg for leg in result.hits[0].legs} == {"lexical", "dense"}
    assert {mark.kind for mark in result.hits[0].passages[0].highlights} == {"word"}


@pytest.mark.model
@pytest.mark.slow
def test_what_is_asked_for_exactly_comes_first_with_the_real_model(
    bundled_embedder: Embedder, make_collection: Callable[..., Any]
) -> None:
    collection = make_collection({})
    collection.embedder = bundled_embedder
    for path, text in TEXTS.items():
        collection.write(path, text)
    assert collection.update().ok
    service = collection.serve()
    found = {asked: first(service, asked, len(expected)) for asked, expected in ASKED}
    assert found == dict(ASKED)
