"""The analyzer's promises one by one: same words from either side, phrases, threads, processes, one dictionary."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jieba
import pytest

from search_core.analysis.analyzer import Analyzer
from search_core.analysis.chinese import ChineseSegmenter
from search_core.analysis.french import FrenchStemmer
from search_core.analysis.normalize import fold, normalize
from search_core.glossary import Glossary


def words_of(analyzer: Analyzer, text: str) -> set[str]:
    return {token.text for token in analyzer.analyze(text)}


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("velo", "un vélo"),
        ("vélo", "les vélos électriques"),
        ("électricité", "ELECTRICITE"),
        ("l'energie", "l’énergie"),
        ("énergies renouvelables", "énergie renouvelable"),
        ("élu", "les élus"),
        ("publique", "public"),
        ("privé", "voie privée"),
        ("oeuvre", "œuvre"),
        ("oeuvre", "chef-d’œuvre"),
        ("ecoquartier", "l’éco-quartier"),
        ("eco-quartier", "des écoquartiers"),
        ("wifi", "Wi-Fi"),
        ("UNESCO", "l’U.N.E.S.C.O."),
        ("dcm-2014/117", "délibération DCM-2014/117."),
        ("3.5%", "3,5%"),
        ("3,5", "增长3.5%"),
        ("IssyGrid", "乐山IssyGrid项目"),
        ("5g", "５Ｇ智慧城市"),
        ("vélo", "在vélo道上"),
        ("农业", "中国农业发展银行"),
        ("智慧城市", "智慧城市建設"),
        ("智慧城市", "智慧城\n市建设"),
        ("樂山", "乐山市人民政府"),
        ("A区", "在A区"),
        ("AI", "AI技术"),
        ("été", "activités d'été"),
    ],
)
def test_a_query_meets_a_text(analyzer: Analyzer, query: str, text: str) -> None:
    assert words_of(analyzer, query) & words_of(analyzer, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [("Saintes", "un saint"), ("sur", "c’est sûr"), ("国家", "中国家庭"), ("l", "l’énergie")],
)
def test_a_query_does_not_meet_a_text(analyzer: Analyzer, query: str, text: str) -> None:
    assert not words_of(analyzer, query) & words_of(analyzer, text)


def test_accents_are_folded_before_stemming() -> None:
    """Snowball alone gives électr for électricité and electricit for electricite."""
    stemmer = FrenchStemmer()
    assert stemmer.stem(fold("électricité")) == stemmer.stem("electricite") == "electricit"


@pytest.mark.parametrize(
    "forms",
    [
        ("vélo", "vélos"),
        ("caméra", "caméras"),
        ("quai", "quais"),
        ("revenu", "revenus"),
        ("lieu", "lieux"),
        ("réseau", "réseaux"),
        ("municipal", "municipaux"),
        ("chinois", "chinoise", "chinoises"),
        ("connecté", "connectée", "connectés", "connectées"),
        ("public", "publique", "publiques"),
        ("actif", "active", "actifs"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    stemmer = FrenchStemmer()
    assert len({stemmer.stem(fold(form)) for form in forms}) == 1


def test_long_words_keep_apart_and_are_found_as_typed(analyzer: Analyzer) -> None:
    one, other = "x" * 100 + "1", "x" * 100 + "2"
    assert words_of(analyzer, one) == words_of(analyzer, f"voir {one}.") - words_of(analyzer, "voir")
    assert words_of(analyzer, one).isdisjoint(words_of(analyzer, other))


def test_filter_tokens_hold_stop_words_and_han_bigrams(analyzer: Analyzer) -> None:
    assert " ".join(analyzer.filter_tokens("À l’été, 智慧 城市!")) == "a l ete 智 慧 城 市 智慧 慧城 城市"


@pytest.mark.parametrize(
    ("phrase", "tokens"),
    [
        ("智慧城市", ("智慧", "慧城", "城市")),
        ("城", ("城",)),
        ("l’eau de 乐山", ("l", "eau", "de", "乐山")),
        ("第5届", ("5", "第", "届")),
        ("…", ()),
    ],
)
def test_phrase_tokens_leave_out_single_characters_beside_bigrams(
    analyzer: Analyzer, phrase: str, tokens: tuple[str, ...]
) -> None:
    assert analyzer.phrase_tokens(phrase) == tokens


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("la Ville  Intelligente", "ville intelligente", "Ville  Intelligente"),
        ("la ville\nintelligente", "ville intelligente", "ville\nintelligente"),
        ("villes", "ville", ""),
        ("intraville", "ville", ""),
        ("l’eau et L'EAU", "l'eau", "l’eau|L'EAU"),
        ("l’eau", "eau", "eau"),
        ("e\u0301te\u0301", "été", "e\u0301te\u0301"),
        ("智慧城市", "慧城", "慧城"),
        ("智慧\n城市", "智慧城市", "智慧\n城市"),
        ("智慧城市", "智慧 城市", "智慧城市"),
        ("５Ｇ 智慧", "5g智慧", "５Ｇ 智慧"),
        ("樂山（四川）", "乐山(四川)", "樂山（四川）"),
        ("le c++ et le c", "c++", "c++"),
        ("a.c", "a+c", ""),
        ("abc [x]* abc", "[x]*", "[x]*"),
        ("n'importe quoi", "", ""),
        ("n'importe quoi", "  ", ""),
    ],
)
def test_find_phrase(analyzer: Analyzer, text: str, phrase: str, found: str) -> None:
    assert "|".join(text[start:end] for start, end in analyzer.find_phrase(text, phrase)) == found


def test_normalized_span_covers_a_whole_ligature_and_its_accent() -> None:
    text = "cœu\u0301r"
    normalized = normalize(text)
    assert normalized.text == "coeur"
    assert [text[slice(*normalized.original_span(at, at + 1))] for at in range(5)] == ["c", "œ", "œ", "u\u0301", "r"]


def test_glossaries_do_not_meet_in_the_shared_dictionary(analyzer: Analyzer) -> None:
    assert "伊西莱穆利诺" in words_of(analyzer, "伊西莱穆利诺")
    assert "伊西莱穆利诺" not in words_of(Analyzer(Glossary()), "伊西莱穆利诺")


def test_module_wide_jieba_tokenizer_is_left_alone(analyzer: Analyzer) -> None:
    analyzer.analyze("智慧城市")
    assert not jieba.dt.initialized


def test_dictionary_is_spelled_as_texts_are() -> None:
    """Simplified one by one, 乾 becomes 干: jieba knows 乾隆 and would not know 干隆."""
    assert ChineseSegmenter([]).segment(fold("乾隆")) == ["干隆"]


def test_version_does_not_depend_on_the_glossary(analyzer: Analyzer) -> None:
    assert Analyzer(Glossary()).version == analyzer.version


def test_threads_get_the_tokens_that_one_gets(analyzer: Analyzer) -> None:
    texts = [f"les réseaux électriques {number} 智慧城市建設 d’Issy et vélos" for number in range(400)]
    alone = [analyzer.analyze(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(analyzer.analyze, texts)) == alone


def test_two_processes_start_at_once_silently_and_leave_no_file(tmp_path: Path) -> None:
    """jieba by itself writes its cache into the temporary folder, loads what lies there, and talks on stderr."""
    program = (
        "from search_core.analysis.analyzer import Analyzer; from search_core.glossary import load_glossary\n"
        "print(len(Analyzer(load_glossary()).analyze('智慧城市 à Issy')))"
    )
    (tmp_path / "jieba.cache").write_bytes(b"not what it seems")
    environment = os.environ | {"TMPDIR": str(tmp_path), "HOME": "/nonexistent"}
    started = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=-1, stderr=-1) for _ in range(2)
    ]
    assert [process.communicate(timeout=120) for process in started] == [(b"4\n", b"")] * 2
    assert [path.name for path in tmp_path.iterdir()] == ["jieba.cache"]
