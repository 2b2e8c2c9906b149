"""The data folder of the embedded index: what lies in it, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from search_core.disks import network_filesystem
from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.errors import IndexOutdated, IndexUnavailable

EVERYTHING = Scope.everything()


def index_files(folder):
    return sorted(path.name for path in folder.glob("index-*.sqlite"))


def test_first_opening_makes_folder_file_and_pointer(tmp_path):
    folder = tmp_path / "new" / "données 数据 ?#%"

    open_embedded_index(folder).close()

    assert index_files(folder) == ["index-0001.sqlite"]
    assert (folder / "CURRENT").read_text() == "index-0001.sqlite\n"


def test_new_folder_is_its_owners_alone(embedded, folder):
    assert folder.stat().st_mode & 0o077 == 0


def test_opening_again_finds_what_was_written(embedded, folder, make_document, put, find):
    put(embedded, make_document("d", "tram"))

    again = open_embedded_index(folder)

    assert find(again, "tram") == ["d"]
    again.close()


def test_opening_goes_on_after_a_crash_at_the_first_opening(folder):
    folder.mkdir()
    (folder / "index-0001.sqlite").touch()

    index = open_embedded_index(folder)

    assert index.status().documents == {}
    index.close()


def test_closed_index_says_so(embedded):
    embedded.close()

    with pytest.raises(IndexUnavailable, match="closed"):
        embedded.status()


def test_publishing_keeps_exactly_one_older_file(embedded, folder):
    for _ in range(4):
        with embedded.rebuild("reindex") as rebuild:
            rebuild.publish()

    assert index_files(folder) == ["index-0004.sqlite", "index-0005.sqlite"]
    assert (folder / "CURRENT").read_text() == "index-0005.sqlite\nindex-0004.sqlite\n"


def test_another_reader_of_the_folder_follows_a_publication(embedded, folder, make_document, put, find):
    put(embedded, make_document("old", "tram"))
    reader = open_embedded_index(folder)
    assert find(reader, "tram") == ["old"]

    for name in ("new", "newer", "newest"):
        with embedded.rebuild("reindex") as rebuild:
            rebuild.writer.replace([make_document(name, "tram")])
            rebuild.publish()

    assert find(reader, "tram") == ["newest"]
    reader.close()


def test_rebuild_begins_anew_on_a_file_of_another_schema(embedded, folder, make_document):
    with embedded.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("d", "tram")])
    set_pragma(folder / "index-0002.sqlite", "user_version = 99")

    with embedded.rebuild("reindex") as rebuild:
        assert list(rebuild.index.records(None, EVERYTHING)) == []


def test_file_of_a_newer_passerelle_is_refused(embedded, folder):
    embedded.close()
    set_pragma(folder / "index-0001.sqlite", "user_version = 99")

    with pytest.raises(IndexOutdated, match=r"newer Passerelle.*Upgrade"):
        open_embedded_index(folder)


def test_file_of_an_older_passerelle_names_the_command(embedded, folder):
    embedded.close()
    set_pragma(folder / "index-0001.sqlite", "user_version = 0")

    with pytest.raises(IndexOutdated, match=r"older Passerelle.*move CURRENT.*passerelle index"):
        open_embedded_index(folder)


def test_sqlite_file_of_somebody_else_is_refused(folder):
    folder.mkdir()
    (folder / "CURRENT").write_text("index-0001.sqlite")
    connection = sqlite3.connect(folder / "index-0001.sqlite")
    connection.execute("CREATE TABLE photos (name)")
    connection.close()

    with pytest.raises(IndexUnavailable, match="not an index of Passerelle"):
        open_embedded_index(folder)


def test_file_that_is_no_database_is_damaged(embedded, folder):
    embedded.close()
    (folder / "index-0001.sqlite").write_bytes(b"nothing like a database " * 1000)

    with pytest.raises(IndexUnavailable, match="damaged"):
        open_embedded_index(folder)


def test_damage_inside_the_file_is_told_when_it_is_met(embedded, folder, make_document, put):
    put(embedded, *(make_document(f"d{n}", "tram " * 50 + "fin") for n in range(50)))
    embedded.close()
    file = folder / "index-0001.sqlite"
    pages = bytearray(file.read_bytes())
    pages[8192:] = b"\xff" * (len(pages) - 8192)
    file.write_bytes(pages)

    with pytest.raises(IndexUnavailable, match="damaged"):
        open_embedded_index(folder).search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING)


@pytest.mark.parametrize(
    "pointer",
    [
        "",
        "index.sqlite",
        "../index-0001.sqlite",
        "/etc/passwd",
        "index-０００１.sqlite",
        "\udcff",
        "index-0001.sqlite\nx",
    ],
)
def test_pointer_to_no_index_file_is_refused(embedded, folder, pointer):
    embedded.close()
    (folder / "CURRENT").write_bytes(pointer.encode("utf-8", "surrogatepass"))

    with pytest.raises(IndexUnavailable, match="CURRENT"):
        open_embedded_index(folder)


def test_missing_index_file_is_told(embedded, folder):
    (folder / "index-0001.sqlite").unlink()

    with pytest.raises(IndexUnavailable, match="gone"):
        open_embedded_index(folder)


def test_missing_pointer_beside_index_files_is_told(embedded, folder):
    with embedded.rebuild("reindex") as rebuild:
        rebuild.publish()
    (folder / "CURRENT").unlink()

    with pytest.raises(IndexUnavailable, match="CURRENT"):
        open_embedded_index(folder)


def test_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "data").write_text("")

    with pytest.raises(IndexUnavailable, match=r"PASSERELLE_DATA"):
        open_embedded_index(tmp_path / "data")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder where nobody can write")
def test_folder_that_cannot_be_written_is_told():
    with pytest.raises(IndexUnavailable, match=r"cannot be used.*writable"):
        open_embedded_index(Path("/proc/self/passerelle"))


def test_full_disk_is_told_and_costs_only_the_last_call(embedded, make_document, put, find):
    put(embedded, make_document("before", "tram"))
    with embedded.writer("test") as writer:
        (pages,) = writer._connection.execute("PRAGMA page_count").fetchone()
        writer._connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(IndexUnavailable, match=r"cannot grow.*Free some disk space"):
            writer.replace([make_document(f"d{n}", "tram " * 500 + "fin") for n in range(100)])
        writer._connection.execute("PRAGMA max_page_count = 1000000")
        writer.replace([make_document("after", "tram")])

    assert find(embedded, "tram") == ["after", "before"]


def test_network_file_systems_are_recognised_by_their_innermost_mount():
    mounts = [
        SimpleNamespace(mountpoint=point, fstype=fstype)
        for point, fstype in [("/", "ext4"), ("/home", "nfs4"), ("/home/me/disk", "xfs"), ("/mnt/share", "cifs")]
    ]

    def kind(path):
        return network_filesystem(Path(path), mounts)

    assert kind("/home/me/data") == "nfs4"
    assert kind("/home/me/disk/data") is None
    assert kind("/homework") is None
    assert kind("/mnt/share") == "cifs"
    assert network_filesystem(Path("/home/me/data"), []) is None


def set_pragma(file, pragma):
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
