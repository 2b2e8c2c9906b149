"""Reading judged sets: every fault is named with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from passerelle.evaluation.judged_set import MAX_GRADE, load_judged_set
from search_core.errors import InvalidRequest


def test_set_is_read_whole(judged: Path) -> None:
    loaded = load_judged_set(judged)
    assert loaded.name == "tiny"
    assert loaded.documents
    assert [document.id for document in loaded.documents] == ["f1", "f2", "z1", "z2"]
    assert [(query.id, query.language) for query in loaded.queries] == [("q1", "fr"), ("q2", "zh"), ("q3", "fr")]
    assert loaded.grades == {"q1": {"f1": 2, "z1": 1}, "q2": {"z2": 1, "f2": 0}, "q3": {}}


def test_set_without_documents_is_a_folder_of_files(judged: Path) -> None:
    (judged / "documents.jsonl").unlink()
    assert load_judged_set(judged).documents is None


def test_windows_line_ends_marks_and_empty_lines_do_no_harm(judged: Path) -> None:
    for name in ("documents.jsonl", "queries.jsonl", "qrels.tsv"):
        text = (judged / name).read_text("utf-8")
        (judged / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n\r\n").encode())
    loaded = load_judged_set(judged)
    assert (len(loaded.documents or ()), len(loaded.queries), loaded.grades["q1"]["f1"]) == (4, 3, 2)


def test_known_versions_are_read_where_a_set_has_them(judged: Path) -> None:
    assert load_judged_set(judged).pairs is None
    (judged / "pairs.tsv").write_bytes("key\tfr_doc\tzh_doc\r\nvélo\tf1\tz1\r\n\r\n".encode())
    assert load_judged_set(judged).pairs == {("f1", "z1")}


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("fr\tzh\n", 1), ("key\tfr_doc\tzh_doc\nvélo\tf1\n", 2), ("key\tfr_doc\tzh_doc\nv\tf1\t \n", 2)],
)
def test_a_fault_in_known_versions_is_named(judged: Path, text: str, line: int) -> None:
    (judged / "pairs.tsv").write_text(text, "utf-8")
    with pytest.raises(InvalidRequest, match=rf"pairs\.tsv, line {line}"):
        load_judged_set(judged)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_line_end_of_unicode_inside_a_text_is_text(
    judged: Path, add_line: Callable[[str, str], int], separator: str
) -> None:
    text = separator if separator > "\x1f" else f"\\u{ord(separator):04x}"
    add_line("documents.jsonl", f'{{"id": "f3", "lang": "fr", "title": "", "text": "une{text}phrase"}}')
    assert (load_judged_set(judged).documents or ())[-1].text == f"une{separator}phrase"


@pytest.mark.parametrize("name", ["queries.jsonl", "qrels.tsv"])
def test_missing_file_is_named(judged: Path, name: str) -> None:
    (judged / name).unlink()
    with pytest.raises(InvalidRequest, match=name):
        load_judged_set(judged)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("documents.jsonl", "{"),
        ("documents.jsonl", "[]"),
        ("documents.jsonl", '"text"'),
        ("documents.jsonl", '{"id": "f3", "lang": "fr"}'),
        ("documents.jsonl", '{"id": 3, "lang": "fr", "text": "mot"}'),
        ("documents.jsonl", '{"id": "f3", "lang": "de", "text": "Wort"}'),
        ("documents.jsonl", '{"id": "f3", "lang": "fr", "text": "une \\ud800 phrase"}'),
        ("queries.jsonl", '{"id": "q4", "text": "mot"}'),
        ("queries.jsonl", '{"id": "q4", "lang": "fr", "text": null}'),
        ("qrels.tsv", "q1\tf2"),
        ("qrels.tsv", "q1 f2 1"),
        ("qrels.tsv", "q1\tf2\tbon"),
        ("qrels.tsv", "q1\tf2\t1.5"),
        ("qrels.tsv", f"q1\tf2\t{MAX_GRADE + 1}"),
        ("qrels.tsv", "q9\tf2\t1"),
        ("qrels.tsv", "q1\tf1\t1"),
    ],
)
def test_broken_line_is_named_with_file_and_number(
    judged: Path, add_line: Callable[[str, str], int], name: str, line: str
) -> None:
    number = add_line(name, line)
    with pytest.raises(InvalidRequest, match=rf"{name}, line {number}: .*docs/evaluation\.md"):
        load_judged_set(judged)


@pytest.mark.parametrize("name", ["documents.jsonl", "queries.jsonl"])
def test_repeated_id_is_named(judged: Path, add_line: Callable[[str, str], int], name: str) -> None:
    first = (judged / name).read_text("utf-8").splitlines()[0]
    add_line(name, first)
    with pytest.raises(InvalidRequest, match=rf"{name} has the id '[fq]1' twice"):
        load_judged_set(judged)


def test_qrels_without_heading_are_refused(judged: Path) -> None:
    (judged / "qrels.tsv").write_text("q1\tf1\t2\n")
    with pytest.raises(InvalidRequest, match=r"qrels\.tsv, line 1"):
        load_judged_set(judged)


def test_file_that_is_no_text_is_named(judged: Path) -> None:
    (judged / "queries.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidRequest, match=r"queries\.jsonl cannot be read as UTF-8"):
        load_judged_set(judged)
