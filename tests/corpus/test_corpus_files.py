"""What the sample collection promises to whoever searches it first: size, formats, honesty, typography, no copies."""

from __future__ import annotations

import datetime
import importlib.util
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

import pathspec
import pypdfium2
import pytest
import yaml

SIDECAR = ".meta.yaml"
FORMATS = {".txt", ".md", ".html", ".pdf", ".docx"}
KINDS = {"study", "delegation_note", "report", "minutes", "press"}
GROUPS = {"urban_planning", "transport", "education", "housing", "tourism", "city_management"}
REQUIRED = {"title", "date", "kind", "working_group", "city", "organisations", "language", "access", "illustrative"}

YEARS = range(2014, 2018)
QUARTERLY_MEETINGS = {
    datetime.date(2015, 6, 16),
    datetime.date(2015, 9, 15),
    datetime.date(2015, 12, 8),
    datetime.date(2016, 3, 22),
    datetime.date(2016, 6, 14),
    datetime.date(2016, 9, 20),
    datetime.date(2016, 12, 6),
    datetime.date(2017, 3, 21),
}

FACTS_ONLY = {"fr/reperes-accord-octobre-2014.md", "zh/两市合作协议要点.md"}
"""They restate the communiqué of 31 October 2014 and nothing else; every other document is invented."""

BACKGROUND = Path(__file__).parents[3] / "shared" / "background" / "communique-2014-10-31.fr.txt"

SHARED_RUN = {"fr": 10, "zh": 18}
"""Words or Han characters in a row that two documents may not have in common."""

Collection = dict[str, Any]


def fold_words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def han_runs(text: str) -> list[str]:
    """Runs of Han characters; line ends of a PDF do not interrupt them."""
    return re.findall(r"[\u4e00-\u9fff]+", re.sub(r"\s+", "", text))


def make_shingles(text: str, language: str, size: int) -> set[str]:
    if language == "fr":
        words = fold_words(text)
        return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}
    return {run[i : i + size] for run in han_runs(text) for i in range(len(run) - size + 1)}


def test_each_language_has_thirty_documents_and_six_of_each_format(collection: Collection) -> None:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in collection.values():
        found[entry.language][entry.suffix] += 1
    for language in ("fr", "zh"):
        assert set(found[language]) == FORMATS
        assert min(found[language].values()) >= 6, language
        assert found[language].total() >= 30, language


def test_each_language_has_several_documents_of_each_kind_and_working_group(collection: Collection) -> None:
    for language in ("fr", "zh"):
        entries = [entry for entry in collection.values() if entry.language == language]
        kinds = Counter(entry.metadata["kind"] for entry in entries)
        groups = Counter(group for entry in entries for group in entry.metadata["working_group"])
        assert (set(kinds), set(groups)) == (KINDS, GROUPS), language
        assert min(*kinds.values(), *groups.values()) >= 3, language


def test_every_year_of_the_cooperation_has_documents_in_both_languages(collection: Collection) -> None:
    years = {(entry.language, entry.metadata["date"].year) for entry in collection.values()}
    assert years == {(language, year) for language in ("fr", "zh") for year in YEARS}


def test_minutes_form_a_series_of_meetings_three_months_apart(collection: Collection) -> None:
    """Those of a quarter differ mostly in date and detail: what a search by meaning alone cannot tell apart."""
    minutes = {entry.metadata["date"] for entry in collection.values() if entry.metadata["kind"] == "minutes"}
    assert minutes >= QUARTERLY_MEETINGS


def test_documents_have_the_length_of_real_ones(collection: Collection) -> None:
    for entry in collection.values():
        if entry.language == "fr":
            assert 300 <= len(fold_words(entry.text)) <= 1500, entry.path
        else:
            assert 500 <= len("".join(han_runs(entry.text))) <= 2500, entry.path


def test_metadata_is_complete_and_uses_known_values(collection: Collection) -> None:
    for entry in collection.values():
        metadata = entry.metadata
        assert set(metadata) >= REQUIRED, entry.path
        assert metadata["kind"] in KINDS, entry.path
        assert set(metadata["working_group"]) <= GROUPS, entry.path
        assert metadata["language"] == entry.language, entry.path
        assert isinstance(metadata["date"], datetime.date), entry.path
        assert metadata["date"].year in YEARS, entry.path


def test_everything_invented_says_that_it_is_illustrative(collection: Collection) -> None:
    assert {path for path, entry in collection.items() if entry.metadata["illustrative"] is not True} == FACTS_ONLY


def test_a_built_file_says_in_its_properties_that_it_is_illustrative(collection: Collection) -> None:
    for entry in collection.values():
        if entry.suffix == ".pdf":
            with pypdfium2.PdfDocument(entry.file) as pdf:
                assert "illustratif" in pdf.get_metadata_dict()["Subject"], entry.path
        elif entry.suffix == ".docx":
            with zipfile.ZipFile(entry.file) as parts:
                assert "illustratif" in parts.read("docProps/core.xml").decode("utf-8"), entry.path


def test_sidecars_belong_to_documents(corpus: Path) -> None:
    for sidecar in corpus.glob(f"*/*{SIDECAR}"):
        assert sidecar.with_name(sidecar.name.removesuffix(SIDECAR)).is_file(), sidecar.name


def test_ignore_file_leaves_documents_and_sidecars_only(corpus: Path) -> None:
    ignore = pathspec.GitIgnoreSpec.from_lines((corpus / ".passerelleignore").read_text(encoding="utf-8").splitlines())
    kept = [path for path in ignore.match_tree_files(corpus, negate=True) if "__pycache__" not in path]
    assert {path.split("/")[0] for path in kept} == {"fr", "zh", ".passerelleignore"}


def test_sources_page_names_every_document(corpus: Path, collection: Collection) -> None:
    page = (corpus / "SOURCES.md").read_text(encoding="utf-8")
    assert [path for path in collection if f"`{path}`" not in page] == []


@pytest.fixture(scope="module")
def counterparts(corpus: Path) -> dict[str, str]:
    """Document to counterpart, both ways, as the table of SOURCES.md gives them."""
    page = (corpus / "SOURCES.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|", page, re.MULTILINE))


def test_at_least_twelve_pairs_and_half_of_each_language_stands_alone(
    collection: Collection, counterparts: dict[str, str]
) -> None:
    assert len(counterparts) >= 24
    for language in ("fr", "zh"):
        documents = [path for path, entry in collection.items() if entry.language == language]
        assert sum(path not in counterparts for path in documents) >= len(documents) / 2


def test_counterparts_name_each_other_and_agree_on_their_metadata(
    collection: Collection, counterparts: dict[str, str]
) -> None:
    for path, other in counterparts.items():
        assert counterparts[other] == path
        assert collection[path].language != collection[other].language
        for field in ("date", "kind", "working_group", "city", "organisations", "delegation", "access"):
            assert collection[path].metadata.get(field) == collection[other].metadata.get(field), (path, field)


def test_every_document_has_a_title_in_the_other_language(collection: Collection, counterparts: dict[str, str]) -> None:
    """For the reader of the other language; a counterpart's title is the translation."""
    han = re.compile(r"[\u4e00-\u9fff]")
    for path, entry in collection.items():
        other = {"fr": "zh", "zh": "fr"}[entry.language]
        translated = entry.metadata[f"title_{other}"]
        assert bool(han.search(translated)) == (other == "zh"), path
        assert f"title_{entry.language}" not in entry.metadata, path
        if path in counterparts:
            assert translated == collection[counterparts[path]].metadata["title"], path


def test_counterparts_give_the_same_percentages(collection: Collection, counterparts: dict[str, str]) -> None:
    for path, other in counterparts.items():
        assert read_percentages(collection[path].text) == read_percentages(collection[other].text), path


def read_percentages(text: str) -> set[str]:
    return {number.replace(",", ".") for number in re.findall(r"(\d+(?:[.,]\d+)?)\s?%", text)}


def read_written_files(corpus: Path, language: str) -> Iterator[tuple[str, str]]:
    """The files as they were written: PDF extraction turns no-break spaces into plain ones."""
    for path in [*(corpus / language).iterdir(), *(corpus / "sources" / language).iterdir()]:
        if path.suffix not in {".pdf", ".docx"}:
            yield path.name, path.read_text(encoding="utf-8")


def test_french_typography(corpus: Path) -> None:
    for name, text in read_written_files(corpus, "fr"):
        assert re.findall(r"\w'\w", text) == [], name
        assert re.findall(r"\w [:;!?»](?=\s)|« |\w[;!?](?=\s)", text) == [], name


def test_chinese_typography(corpus: Path) -> None:
    for name, text in read_written_files(corpus, "zh"):
        assert re.findall(r"[\u4e00-\u9fff][,;:!?()\"]", text) == [], name


def test_no_two_documents_of_a_language_share_a_passage(collection: Collection) -> None:
    shingles = {
        path: make_shingles(entry.text, entry.language, SHARED_RUN[entry.language])
        for path, entry in collection.items()
    }
    shared = {(a, b): shingles[a] & shingles[b] for a, b in combinations(shingles, 2) if shingles[a] & shingles[b]}
    assert shared == {}


def test_the_communique_is_never_quoted(collection: Collection) -> None:
    if not BACKGROUND.is_file():
        pytest.skip("no shared folder beside the repository: the communiqué is not there to compare with")
    communique = make_shingles(BACKGROUND.read_text(encoding="utf-8"), "fr", 8)
    quoted = {path: communique & make_shingles(entry.text, "fr", 8) for path, entry in collection.items()}
    assert {path: runs for path, runs in quoted.items() if runs} == {}


@pytest.fixture(scope="module")
def builder(corpus: Path) -> ModuleType:
    """corpus/build.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("corpus_build", corpus / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def built(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The binary files, made in a folder of their own."""
    try:
        written: list[Path] = builder.build(tmp_path_factory.mktemp("built"))
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    return written


@pytest.mark.slow
def test_building_twice_gives_the_same_bytes(builder: ModuleType, built: list[Path], tmp_path: Path) -> None:
    for first, second in zip(built, builder.build(tmp_path / "second"), strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_committed_binary_files_are_what_the_sources_say(
    collection: Collection, built: list[Path], read_collection: Callable[[Path], Collection]
) -> None:
    for path, entry in read_collection(built[0].parents[1]).items():
        assert entry.text == collection[path].text, path


def test_committed_sidecars_are_what_the_sources_say(builder: ModuleType, corpus: Path) -> None:
    for path in (corpus / "sources").glob("*/*.md"):
        sidecar = corpus / path.parent.name / (path.stem + SIDECAR)
        metadata = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
        assert metadata == builder.read_source(path).metadata, path.name


def test_binary_files_exercise_what_their_format_can_do(collection: Collection) -> None:
    for entry in collection.values():
        if entry.suffix == ".pdf":
            with pypdfium2.PdfDocument(entry.file) as pdf:
                assert len(pdf) >= 2, entry.path
        elif entry.suffix == ".docx":
            with zipfile.ZipFile(entry.file) as parts:
                body = parts.read("word/document.xml").decode("utf-8")
            assert "<w:tbl>" in body, entry.path
            assert 'w:val="Heading2"' in body, entry.path
