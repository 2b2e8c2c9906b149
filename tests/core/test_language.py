"""Which language a passage, a document and a query is in."""

from __future__ import annotations

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.language import detect_language, detect_query_language, majority_language
from search_core.model import LANGUAGES, Language

JUDGED = Path(__file__).parents[3] / "shared" / "eval" / "flores_sentences"

PASSAGES: list[tuple[str, Language]] = [
    ("La ville numérique repose sur des réseaux électriques intelligents et des capteurs.", "fr"),
    ("LE CONSEIL MUNICIPAL A APPROUVÉ LE PROJET DE LOGEMENT SOCIAL", "fr"),
    ("乐山市人民政府与伊西莱穆利诺市签署了合作协议。", "zh"),
    ("樂山市人民政府與伊西萊穆利諾市簽署了合作協議。", "zh"),
    ("IssyGrid 是 Bouygues Immobilier 与 EDF 在法国建设的第一个街区级智能电网项目，覆盖两千户居民。", "zh"),
    ("Le rapport 智慧城市发展报告 a été remis aux membres de la délégation chinoise en mars.", "fr"),
    ("The city council approved the budget for new electric buses and cycling lanes.", "other"),
    ("Der Stadtrat hat den Haushalt für neue Elektrobusse und Radwege beschlossen.", "other"),
    ("El ayuntamiento aprobó el presupuesto para nuevos autobuses eléctricos.", "other"),
    ("Il consiglio comunale ha approvato il bilancio per i nuovi autobus elettrici.", "other"),
    ("Consiliul local a aprobat bugetul pentru autobuze electrice noi.", "other"),
    ("Rada miasta zatwierdziła budżet na nowe autobusy elektryczne.", "other"),
    ("Hội đồng thành phố đã phê duyệt ngân sách cho xe buýt điện mới.", "other"),
    ("東京都は新しい電気バスの予算を承認しました。", "other"),
    ("서울시는 새로운 전기 버스 예산을 승인했습니다.", "other"),
    ("Городской совет утвердил бюджет на новые автобусы.", "other"),
]

QUERIES = [
    ("Quels sont les résultats de la domotique à Issy ?", "fr"),
    ("quels sont les resultats de la domotique a issy", "fr"),
    ("qualite de l'air", "fr"),
    ("gestion des dechets", "fr"),
    ("crèche", "fr"),
    ("panneaux solaires", "fr"),
    ("智慧城市", "zh"),
    ("樂山大佛", "zh"),
    ("IssyGrid 项目", "zh"),
    ("5G智慧城市", "zh"),
    ("MOST 与 EDF 的合作", "zh"),
    ("le 乐山 projet", "fr"),
    ("les travaux de 乐山 sur le tourisme", "fr"),
    ("transport", "both"),
    ("smart city", "both"),
    ("Leshan", "both"),
    ("urban planning in Leshan", "both"),
    ("how to save energy", "both"),
    ("smart city 乐山", "both"),
    ("请问 le projet 在乐山市的进展如何", "both"),
    ("DCM-2014/117", "both"),
    ("2014", "both"),
    ("", "both"),
    ("???", "both"),
    ("東京のバス", "both"),
    ("Москва", "both"),
]


@pytest.mark.parametrize(("text", "language"), PASSAGES)
def test_detect_language_of_a_passage(text: str, language: Language) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", " ", "2014", "3,5 % — 12 000", "Smart City", "IssyGrid, EDF", "\ud800"])
@pytest.mark.parametrize("default", LANGUAGES)
def test_detect_language_too_short_to_tell_is_the_default(text: str, default: Language) -> None:
    assert detect_language(text, default) == default


@pytest.mark.parametrize(("query", "language"), QUERIES)
def test_detect_query_language(query: str, language: str) -> None:
    assert detect_query_language(query) == language


def test_detect_query_language_of_french_typed_without_accents() -> None:
    """Function words make up for the accents: 99 % of the judged French sentences."""
    queries = read_judged("fr")
    folded = [unicodedata.normalize("NFD", query).encode("ascii", "ignore").decode().lower() for query in queries]
    assert sum(detect_query_language(query) == "fr" for query in folded) >= 0.98 * len(folded)


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_detect_language_of_judged_sentences(language: Language) -> None:
    queries = read_judged(language)
    assert sum(detect_language(query) == language for query in queries) >= 0.98 * len(queries)
    assert sum(detect_query_language(query) == language for query in queries) >= 0.99 * len(queries)


def test_majority_language_weighs_passages() -> None:
    assert majority_language([("fr", 300), ("zh", 200), ("zh", 200), ("other", 10)]) == "zh"


def test_majority_language_of_equal_weights_is_the_first() -> None:
    assert majority_language([("zh", 5), ("fr", 5)]) == "zh"


def test_majority_language_of_nothing_is_other() -> None:
    assert majority_language([]) == "other"


@given(text=st.text(st.characters(), max_size=80))
def test_detect_language_is_total(text: str) -> None:
    assert detect_language(text) in LANGUAGES
    assert detect_query_language(text) in ("fr", "zh", "both")


def test_detect_language_of_one_endless_word_comes_back() -> None:
    assert detect_language("a" * 1_000_000) == "other"


def test_detect_language_from_several_threads_agrees_with_one() -> None:
    texts = [text for text, _ in PASSAGES] * 10
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detect_language, texts)) == [detect_language(text) for text in texts]


def read_judged(language: str) -> list[str]:
    if not JUDGED.is_dir():
        pytest.skip("the judged sets are not beside this folder")
    lines = (JUDGED / "queries.jsonl").read_text("utf-8").splitlines()
    return [query["text"] for query in map(json.loads, lines) if query["lang"] == language]
