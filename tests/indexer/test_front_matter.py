from __future__ import annotations

import pytest

from indexer.front_matter import MAX_YAML_CHARS, parse_yaml, split_front_matter


def test_front_matter_is_taken_off_the_text() -> None:
    assert split_front_matter("---\ntitle: Été\n---\n# Corps\n") == ("title: Été\n", "# Corps\n")


@pytest.mark.parametrize(
    "text",
    [
        "---\nUne ligne entre deux filets.\n---\nSuite\n",
        "---\ntitle: jamais fermé\n",
        "Texte\n---\ntitle: x\n---\n",
        "",
    ],
)
def test_text_that_only_looks_like_front_matter_stays(text: str) -> None:
    assert split_front_matter(text) == (None, text)


def test_yaml_values_stay_as_they_are_written() -> None:
    parsed = parse_yaml("date: 2014-02-30\nheure: 12:30\nnon: no\ncode: 007\nlist: [a, 'b']")

    assert parsed.values == {"date": "2014-02-30", "heure": "12:30", "non": "no", "code": "007", "list": ["a", "b"]}
    assert parsed.problems == ()


def test_yaml_reads_a_title_with_a_colon_and_full_width_colons() -> None:
    assert parse_yaml("title: Rapport : la mobilité\ndate: 2014").values == {
        "title": "Rapport : la mobilité",
        "date": "2014",
    }
    assert parse_yaml("标题：智慧城市\n日期：2014年").values == {"标题": "智慧城市", "日期": "2014年"}


def test_yaml_keeps_the_rest_of_a_broken_block_and_names_the_line() -> None:
    parsed = parse_yaml("title: Rapport\ncity: [leshan\nkind: study\n")

    assert parsed.values == {"title": "Rapport", "kind": "study"}
    assert len(parsed.problems) == 1
    assert parsed.problems[0].startswith("line 2: ")
    assert parsed.unreadable == {"city"}


@pytest.mark.parametrize(
    "hostile",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "[" * 5000,
        "{" * 5000,
        "a: " + "9" * 50_000,
        "x" * (MAX_YAML_CHARS + 1),
        "? [a]\n: b",
        "- a\n- b",
        "a: !!python/object/apply:os.system [id]",
        "\t- {",
        "%YAML 9.9\n---\na: 1",
    ],
)
def test_hostile_yaml_ends_in_plain_values_or_problems(hostile: str) -> None:
    parsed = parse_yaml(hostile)

    assert parsed.values or parsed.problems
    assert all(isinstance(value, str | list) for value in parsed.values.values())
