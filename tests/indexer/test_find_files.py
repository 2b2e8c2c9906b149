from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from indexer.find import list_files
from search_core.errors import InvalidRequest
from search_core.file_names import locate


def make_files(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("texte")


def found_paths(*paths: Path) -> list[str]:
    return [found.path for found in list_files(paths).files]


def test_files_come_in_the_order_of_their_names_folders_after_files(folder: Path) -> None:
    make_files(folder, "b.txt", "zh/乐山.txt", "a.txt", "fr/x.md", "fr/deep/y.md")

    assert found_paths(folder) == ["a.txt", "b.txt", "fr/x.md", "fr/deep/y.md", "zh/乐山.txt"]


def test_hidden_and_lock_files_and_sidecars_are_no_documents(folder: Path) -> None:
    make_files(folder, ".secret.txt", ".git/config", "~$note.docx", "note.docx", "note.docx.meta.yaml")
    listing = list_files([folder])

    assert [found.path for found in listing.files] == ["note.docx"]
    assert listing.passed_over == []


def test_a_sidecar_without_its_file_is_told(folder: Path) -> None:
    make_files(folder, "gone.pdf.meta.yaml")

    assert [passed.path for passed in list_files([folder]).passed_over] == ["gone.pdf.meta.yaml"]


def test_ignore_files_hold_below_their_folder_and_the_inner_one_wins(folder: Path) -> None:
    make_files(folder, "keep.txt", "draft.txt", "old/a.txt", "fr/draft.txt", "fr/note.tmp", "zh/note.tmp")
    (folder / ".passerelleignore").write_text("# rien\ndraft.txt\nold/\n")
    (folder / "fr" / ".passerelleignore").write_text("!draft.txt\n*.tmp\n")

    assert found_paths(folder) == ["keep.txt", "fr/draft.txt", "zh/note.tmp"]


def test_links_are_followed_inside_the_folder_only(folder: Path, tmp_path: Path) -> None:
    make_files(folder, "real.txt", "sub/x.txt")
    make_files(tmp_path, "outside.txt")
    (folder / "inner.txt").symlink_to("real.txt")
    (folder / "leaves.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "nowhere.txt").symlink_to("missing.txt")
    (folder / "itself.txt").symlink_to("itself.txt")
    (folder / "again").symlink_to("sub")
    (folder / "sub" / "up").symlink_to("..")
    listing = list_files([folder])

    assert [found.path for found in listing.files] == ["inner.txt", "real.txt", "sub/x.txt"]
    assert {passed.path for passed in listing.passed_over} == {
        "again",
        "itself.txt",
        "leaves.txt",
        "nowhere.txt",
        "sub/up",
    }


def test_a_pipe_is_passed_over_and_not_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")

    assert [passed.path for passed in list_files([folder]).passed_over] == ["pipe.txt"]


def test_a_file_belongs_to_its_folder_and_overlapping_arguments_count_once(folder: Path) -> None:
    make_files(folder, "fr/x.md")
    listing = list_files([folder / "fr" / "x.md", folder, folder])

    assert [(found.source, found.path) for found in listing.files] == [(str(folder / "fr"), "x.md")]


def test_paths_are_nfc_whatever_the_disk_says(folder: Path) -> None:
    make_files(folder, unicodedata.normalize("NFD", "été.txt"))
    listing = list_files([folder])

    assert [found.path for found in listing.files] == [unicodedata.normalize("NFC", "été.txt")]
    assert listing.files[0].location.is_file()


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"caf\xe9.txt", "café.txt"),
        ("会议纪要.txt".encode("gbk"), "会议纪要.txt"),
        ("été".encode() + "/réunion.txt".encode("cp850"), "été/réunion.txt"),
        ("资料".encode("gbk") + b"/note.txt", "资料/note.txt"),
    ],
)
def test_a_name_that_is_no_utf_8_is_shown_as_it_was_meant(folder: Path, raw: bytes, path: str) -> None:
    place = Path(os.fsdecode(os.fsencode(folder) + b"/" + raw))
    place.parent.mkdir(exist_ok=True)
    place.write_text("x")
    (found,) = list_files([folder]).files

    assert (found.path, found.location) == (path, place)
    assert "no UTF-8" in found.notes[0]
    assert locate(folder, path) == place


def test_files_whose_names_become_one_are_told(folder: Path) -> None:
    make_files(folder, unicodedata.normalize("NFC", "été.txt"), unicodedata.normalize("NFD", "été.txt"))
    listing = list_files([folder])

    assert [found.path for found in listing.files] == ["été.txt"]
    assert [(passed.path, passed.reason) for passed in listing.passed_over] == [
        ("été.txt (2)", "Another file beside it has the same name; rename one of them.")
    ]


def test_a_path_that_does_not_exist_is_an_error(folder: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"absent\.txt"):
        list_files([folder / "absent.txt"])
