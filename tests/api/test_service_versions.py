"""Two versions of one document are one result; each is linked to the other wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import SearchResult
from search_core.engines.base import Scope
from search_core.pairs import Link, PairRecord, PairTable, read_pairs, write_record

PAIR = ("fr/reseau.txt", "zh/dianwang.txt")
QUESTION = "réseau électrique intelligent vélos"


def put_pairs(collection: Any, *pairs: tuple[str, str], **known: Any) -> None:
    links = tuple(Link(collection.id(fr), collection.id(zh), 3.0) for fr, zh in pairs)
    with collection.index.writer("test") as writer:
        write_record(collection.index, writer, PairRecord(links, **known))


def shown(result: SearchResult) -> dict[str, list[str]]:
    return {hit.path: [version.path for version in hit.versions] for hit in result.hits}


@pytest.fixture(scope="module")
def before_and_after(make_collection: Callable[..., Any], texts: dict[str, str]) -> tuple[list[str], Any]:
    """What was found in the town before two of its documents were versions of each other, and the town."""
    collection = make_collection(texts, {"fr/reseau.txt": {"date": "2014"}, "zh/dianwang.txt": {"date": "2016"}})
    found = [hit.path for hit in collection.search(QUESTION, limit=100).hits]
    put_pairs(collection, PAIR)
    return found, collection


@pytest.fixture(scope="module")
def paired(before_and_after: tuple[list[str], Any]) -> Any:
    """The town, in which two documents are versions of each other. Shared: look, do not touch."""
    return before_and_after[1]


def test_two_versions_are_one_result_where_the_better_one_stood(before_and_after: tuple[list[str], Any]) -> None:
    alone, paired = before_and_after
    result = paired.search(QUESTION, limit=100)
    leader, other = sorted(PAIR, key=alone.index)

    assert [hit.path for hit in result.hits] == [path for path in alone if path != other]
    assert shown(result)[leader] == [other]
    assert (result.total, len(result.hits)) == (len(alone) - 1, len(alone) - 1)


def test_the_other_version_says_where_it_answers(paired: Any) -> None:
    (hit,) = (hit for hit in paired.search(QUESTION, limit=100).hits if hit.path in PAIR)
    (version,) = hit.versions

    assert (version.found, version.confirmed, version.language != hit.language) == (True, False, True)
    assert version.passage_id is not None
    assert version.passage_id.startswith(version.document_id)


def test_the_preferred_language_leads_its_result(paired: Any) -> None:
    for language, path in (("fr", PAIR[0]), ("zh", PAIR[1])):
        leaders = [hit.path for hit in paired.search(QUESTION, prefer=language, limit=100).hits if hit.path in PAIR]
        assert leaders == [path]


def test_a_filter_by_language_finds_one_version_and_names_the_other(paired: Any) -> None:
    for language, path, other in (("fr", *PAIR), ("zh", *reversed(PAIR))):
        result = paired.search(QUESTION, lang=language, limit=100)
        (version,) = next(hit.versions for hit in result.hits if hit.path == path)
        assert (version.path, version.found, version.passage_id) == (other, False, None)
        assert result.total == len(result.hits)


def test_a_result_counts_once_for_each_value_of_its_versions(paired: Any) -> None:
    result = paired.search(QUESTION, limit=100)
    counts = {facet.value: facet.count for facet in result.facets["language"]}

    assert sum(counts.values()) == result.total + 1
    for language, count in counts.items():
        if language != "other":
            assert paired.search(QUESTION, filters={"language": (language,)}, limit=100).total == count


def test_pages_show_every_result_once(paired: Any) -> None:
    whole = [hit.path for hit in paired.search(QUESTION, limit=100).hits]
    seen, cursor = [], None
    while True:
        page = paired.search(QUESTION, limit=2, cursor=cursor)
        seen += [hit.path for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break

    assert seen == whole


def test_by_date_the_version_that_comes_first_leads(paired: Any) -> None:
    for order, path in (("oldest", PAIR[0]), ("newest", PAIR[1])):
        leaders = [hit.path for hit in paired.search(QUESTION, sort=order, limit=100).hits if hit.path in PAIR]
        assert leaders == [path]


def test_of_a_document_that_stands_there_in_both_languages_neither_is_said_to_hold_nothing_close(
    make_collection: Callable[..., Any], texts: dict[str, str]
) -> None:
    collection = make_collection(texts)
    asked = "Les parents signent une charte"
    assert [each.code for each in collection.search(asked).notices] == ["nothing_close_in_language"]
    put_pairs(collection, ("fr/ecole.txt", "zh/xuexiao.txt"))
    result = collection.search(asked)
    assert shown(result)["fr/ecole.txt"] == ["zh/xuexiao.txt"]
    assert not result.notices


def test_beside_a_close_document_its_version_is_close_as_well(
    make_collection: Callable[..., Any], texts: dict[str, str]
) -> None:
    collection = make_collection(texts)
    asked = "réseau électrique de quartier"
    alone = {each.language: each.close for each in collection.search(asked).languages}
    put_pairs(collection, PAIR)
    paired = {each.language: each.close for each in collection.search(asked).languages}

    assert alone == {"fr": True, "zh": False, "other": False}
    assert paired == {"fr": True, "zh": True, "other": False}


def test_browsing_lists_each_version_by_itself_and_names_the_other(paired: Any, texts: dict[str, str]) -> None:
    result = paired.search("", limit=100)

    assert result.total == len(texts)
    assert shown(result)[PAIR[0]] == [PAIR[1]]
    assert shown(result)[PAIR[1]] == [PAIR[0]]


def test_the_other_version_gives_the_title_in_the_reader_s_language(paired: Any) -> None:
    hits = {hit.path: hit for hit in paired.search("", limit=100).hits}
    document = paired.public.document(paired.id(PAIR[1]))

    assert hits[PAIR[1]].titles == document.titles == {"fr": hits[PAIR[0]].title}
    assert hits["fr/velo.txt"].titles == {}


def test_a_document_names_its_other_version(paired: Any) -> None:
    (version,) = paired.public.document(paired.id(PAIR[0])).versions

    assert (version.path, version.language) == (PAIR[1], "zh")
    assert paired.public.document(paired.id("fr/velo.txt")).versions == []


def test_a_version_that_the_reader_may_not_see_is_neither_shown_nor_counted(
    make_collection: Callable[..., Any], texts: dict[str, str]
) -> None:
    collection = make_collection(texts, {PAIR[1]: {"access": "board"}})
    put_pairs(collection, PAIR)
    result = collection.search(QUESTION, limit=100)

    assert shown(result)[PAIR[0]] == []
    assert collection.public.document(collection.id(PAIR[0])).versions == []
    assert collection.serve("public", "board").document(collection.id(PAIR[0])).versions != []


def test_a_running_service_follows_what_people_say(make_collection: Callable[..., Any], texts: dict[str, str]) -> None:
    collection = make_collection(texts)
    assert shown(collection.search(QUESTION, limit=100))[PAIR[0]] == []

    ids = (collection.id(PAIR[0]), collection.id(PAIR[1]))
    put_pairs(collection, verdicts={ids: "confirmed"})
    found = [hit for hit in collection.search(QUESTION, limit=100).hits if hit.path in PAIR]
    assert [hit.versions[0].confirmed for hit in found] == [True]

    put_pairs(collection, PAIR, verdicts={ids: "refuted"})
    assert shown(collection.search(QUESTION, limit=100))[PAIR[0]] == []


def test_a_removed_version_is_not_shown(make_collection: Callable[..., Any], texts: dict[str, str]) -> None:
    collection = make_collection(texts)
    put_pairs(collection, PAIR)
    with collection.index.writer("test") as writer:
        writer.remove([collection.id(PAIR[1])], "2026-01-01T00:00:00")

    assert shown(collection.search(QUESTION, limit=100))[PAIR[0]] == []
    assert read_pairs(collection.index, Scope.everything()) == PairTable()
