"""The glossary: files as people save them, and terms found in texts of either language."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.analysis.analyzer import Analyzer
from search_core.analysis.normalize import fold
from search_core.errors import GlossaryError
from search_core.glossary import Glossary, GlossaryEntry, GlossaryMatcher, load_glossary
from search_core.glossary_file import MAX_BYTES, parse_glossary

SHIPPED = len(load_glossary().entries)
LINE = "tramway | tram\t有轨电车\ttransport\tessai\t"


@pytest.fixture(scope="module")
def matcher(glossary: Glossary, analyzer: Analyzer) -> GlossaryMatcher:
    return GlossaryMatcher(glossary, analyzer)


def load_own(path: Path) -> tuple[list[GlossaryEntry], list[tuple[int, str]]]:
    """The entries of a user's own file, and line and message of its problems."""
    glossary = load_glossary(path)
    return list(glossary.entries[SHIPPED:]), [(problem.line, problem.message) for problem in glossary.problems]


def write(folder: Path, data: bytes) -> Path:
    path = folder / "mon glossaire 术语.tsv"
    path.write_bytes(data)
    return path


def test_shipped_glossary_is_whole() -> None:
    glossary = load_glossary()
    assert glossary.problems == ()
    assert len(glossary.entries) >= 80


def test_shipped_glossary_names_each_pair_once() -> None:
    pairs = [(fold(entry.fr[0]), entry.zh[0]) for entry in load_glossary().entries]
    assert len(pairs) == len(set(pairs))


def test_load_glossary_adds_a_file_of_ones_own(tmp_path: Path) -> None:
    entries, problems = load_own(write(tmp_path, LINE.encode()))
    assert entries == [GlossaryEntry(("tramway", "tram"), ("有轨电车",), "transport", "essai", name=False)]
    assert problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_load_glossary_reads_what_editors_save(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = line_end.join(["# à moi", LINE, "", "vélo\t自行车", ""])
    entries, problems = load_own(write(tmp_path, text.encode(encoding)))
    assert [entry.fr[0] for entry in entries] == ["tramway", "vélo"]
    assert problems == []


def test_load_glossary_reads_gb18030_and_says_so(tmp_path: Path) -> None:
    entries, [(line, message)] = load_own(write(tmp_path, "vélo\t自行车".encode("gb18030")))
    assert entries == [GlossaryEntry(("vélo",), ("自行车",))]
    assert line == 0
    assert "UTF-8" in message


def test_load_glossary_numbers_malformed_lines_and_uses_the_rest(tmp_path: Path) -> None:
    lines = ["# titre", "sans tabulation", LINE, "\t自行车", "vélo\t", "a\tb", "城市\t城市", "…\t自行车"]
    lines += ["x" * 65 + "\t长", "bus\t公交车\ts\ts\tpeut-être", "a\t自\tb\tc\tyes\td", "métro\t地铁"]
    entries, problems = load_own(write(tmp_path, "\n".join(lines).encode()))
    assert [entry.fr[0] for entry in entries] == ["tramway", "métro"]
    assert [line for line, _ in problems] == [2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert "column fr is empty" in problems[1][1]
    assert "peut-être" in problems[7][1]


def test_load_glossary_reads_columns_in_another_order_and_quoted_cells(tmp_path: Path) -> None:
    entries, problems = load_own(write(tmp_path, 'zh\tname\tfr\n巴黎\toui\t"Paris, ""capitale"""\n'.encode()))
    assert entries == [GlossaryEntry(('Paris, "capitale"',), ("巴黎",), name=True)]
    assert problems == []


def test_load_glossary_composes_terms(tmp_path: Path) -> None:
    entries, _ = load_own(write(tmp_path, "ve\u0301lo  pliant\t折叠自行车".encode()))
    assert entries[0].fr == ("vélo pliant",)


def test_load_glossary_of_an_empty_file_adds_nothing(tmp_path: Path) -> None:
    assert load_own(write(tmp_path, b"")) == ([], [])


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x00\x00", b"a\t\xff\xff\xff", b"\xff\xfe\x00"], ids=["xlsx", "bytes", "half"]
)
def test_load_glossary_refuses_what_is_no_text(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path, data)
    with pytest.raises(GlossaryError) as refused:
        load_glossary(path)
    assert str(path) in refused.value.message
    assert "UTF-8" in refused.value.remedy


def test_load_glossary_refuses_a_huge_file(tmp_path: Path) -> None:
    path = tmp_path / "huge.tsv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(GlossaryError, match="larger than 8 MiB"):
        load_glossary(path)


def test_load_glossary_refuses_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.tsv", tmp_path):
        with pytest.raises(GlossaryError, match="PASSERELLE_GLOSSARY"):
            load_glossary(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_load_glossary_refuses_an_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path, LINE.encode())
    path.chmod(0)
    with pytest.raises(GlossaryError, match="cannot be read"):
        load_glossary(path)


@given(
    text=st.text(st.characters())
    | st.lists(st.sampled_from(["\t", "\n", "|", "#", '"', "vélo", "车", "yes"])).map("".join)
)
def test_parse_glossary_is_total_and_its_entries_can_be_matched(analyzer: Analyzer, text: str) -> None:
    entries, _ = parse_glossary(text, "any")
    GlossaryMatcher(Glossary(tuple(entries)), analyzer).match(text)


def test_version_follows_the_entries_only() -> None:
    one = Glossary((GlossaryEntry(("vélo",), ("自行车",)),))
    other = Glossary((GlossaryEntry(("vélo",), ("自行车", "单车")),))
    assert one.version != other.version
    assert one.version == Glossary.from_bytes(one.to_bytes()).version


def test_stored_glossary_comes_back_the_same(glossary: Glossary) -> None:
    assert Glossary.from_bytes(glossary.to_bytes()).entries == glossary.entries


@pytest.mark.parametrize("data", [b"", b"{}x", b"\xff", b"[1]", b'[{"fr": ["a"]}]', b"{}[]"])
def test_stored_glossary_that_is_damaged_names_the_remedy(data: bytes) -> None:
    with pytest.raises(GlossaryError, match="passerelle reindex"):
        Glossary.from_bytes(data)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("la ville intelligente", "ville intelligente"),
        ("les VILLES INTELLIGENTES", "VILLES INTELLIGENTES"),
        ("reseaux electriques intelligents", "reseaux electriques intelligents"),
        ("l’accord\nde   coopération", "accord\nde   coopération"),
        ("un éco-quartier", "éco-quartier"),
        ("un e\u0301co-quartier", "e\u0301co-quartier"),
        ("plan local d'urbanisme", "plan local d'urbanisme"),
        ("ISSYGRID", "ISSYGRID"),
        ("la Smart-City", "Smart-City"),
        ("５G与智慧城市", "智慧城市"),
        ("樂山大佛", "樂山大佛"),
        ("乐山市人民政府", "乐山市|人民政府"),
        ("le Fort d’Issy", "Fort d’Issy"),
        ("d’Issy et de Leshan", "Issy|Leshan"),
        ("Saintes", "Saintes"),
        ("un saint", ""),
        ("La ville. Intelligente, elle", ""),
        ("intraville intelligente", ""),
        ("垃圾分类管理", "垃圾分类"),
        ("教育界", "教育"),
        ("", ""),
    ],
)
def test_match_finds_terms_in_any_spelling(matcher: GlossaryMatcher, text: str, found: str) -> None:
    assert "|".join(text[match.start : match.end] for match in matcher.match(text)) == found


def test_match_prefers_the_longest_term(matcher: GlossaryMatcher) -> None:
    assert [match.entry.fr[0] for match in matcher.match("réseau électrique intelligent")] == [
        "réseau électrique intelligent"
    ]
    assert [match.entry.fr[0] for match in matcher.match("智慧旅游")] == ["tourisme intelligent"]


def test_match_takes_no_short_term_across_two_words() -> None:
    glossary = Glossary((GlossaryEntry(("pays",), ("国家",)),))
    matcher = GlossaryMatcher(glossary, Analyzer(glossary))
    assert matcher.match("中国家庭") == []
    assert [match.start for match in matcher.match("一个国家")] == [2]


def test_match_gives_every_entry_of_a_term() -> None:
    glossary = Glossary((GlossaryEntry(("réseau",), ("网络",)), GlossaryEntry(("réseau",), ("电网",))))
    matcher = GlossaryMatcher(glossary, Analyzer(glossary))
    assert matcher.translations("les réseaux", "zh") == ("网络", "电网")


def test_translations_of_what_a_question_names(matcher: GlossaryMatcher) -> None:
    assert matcher.translations("la ville intelligente de Leshan", "zh") == ("智慧城市", "智能城市", "乐山", "乐山市")
    assert matcher.translations("樂山的智慧城市", "fr") == ("Leshan", "ville intelligente", "smart city", "smartcity")


def test_translations_into_the_text_s_own_language_are_none(matcher: GlossaryMatcher) -> None:
    assert matcher.translations("la ville intelligente", "fr") == ()
    assert matcher.translations("智慧城市", "zh") == ()
    assert matcher.translations("la ville intelligente", "other") == ()


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_every_shipped_term_is_found_in_a_sentence(matcher: GlossaryMatcher, glossary: Glossary, language: str) -> None:
    for entry in glossary.entries:
        for term in entry.fr if language == "fr" else entry.zh:
            text = f"Voir « {term} » ici." if language == "fr" else f"关于{term}的报告"
            assert any(match.entry == entry for match in matcher.match(text)), term


@given(
    text=st.lists(
        st.sampled_from(["Issy", " ", "’", "d", "fort", "智慧", "城市", "乐", "山", "villes", "intelligente"])
    ).map("".join)
)
def test_matches_are_in_order_and_never_overlap(matcher: GlossaryMatcher, text: str) -> None:
    spans = list(dict.fromkeys((match.start, match.end) for match in matcher.match(text)))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    assert all(0 <= start < end <= len(text) for start, end in spans)
