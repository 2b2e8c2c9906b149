"""What lies in an archive: names in any charset, paths that stay inside, bounds."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from search_core.archives import Archives, Contents
from search_core.archives.listing import list_contents
from search_core.errors import ConversionError
from tests.indexer.zips import ENCRYPTED, UTF8, Entry, unicode_extra, write_zip
from tools.fuzz_documents import PLAIN, mutate


def look(data: bytes) -> Contents:
    contents = list_contents(io.BytesIO(data), len(data))
    assert contents is not None
    return contents


def paths(data: bytes) -> list[str]:
    return [member.path for member in look(data).members]


@pytest.mark.parametrize(
    ("charset", "names", "assumed"),
    [
        ("gbk", ["会议纪要.txt", "乐山/智慧城市.txt"], "gb18030"),
        ("gbk", ["纪要.txt"], "gb18030"),
        ("big5", ["會議紀錄/樂山市.txt"], "big5hkscs"),
        ("cp850", ["Réunion du 3 février.txt", "À l'école.txt"], "cp850"),
        ("cp437", ["réunion à Leshan.txt"], "cp850"),
        ("cp1252", ["Été à l’hôtel de ville.txt"], "cp1252"),
        ("utf-8", ["réunion/会议.txt"], ""),
        ("ascii", ["plain.txt"], ""),
    ],
)
def test_names_are_read_in_the_charset_that_fits_all_of_them(charset: str, names: list[str], assumed: str) -> None:
    members = look(write_zip({name.encode(charset): b"x" for name in names})).members

    assert [member.path for member in members] == names
    assert {member.name_charset for member in members} == {assumed}


def test_one_name_that_could_be_french_is_read_as_its_chinese_neighbours() -> None:
    names = ["乐山.txt", "智慧城市合作备忘录.txt", "交通工作组第三次会议.txt"]

    assert paths(write_zip({name.encode("gbk"): b"x" for name in names})) == names


def test_declared_names_come_before_any_guess() -> None:
    raw = "会议.txt".encode("gbk")
    data = write_zip(
        {
            "réunion.txt".encode(): Entry(b"x", flags=UTF8),
            raw: Entry(b"x", extra=unicode_extra(raw, "会议纪要.txt")),
        }
    )

    assert paths(data) == ["réunion.txt", "会议纪要.txt"]


def test_extra_field_of_a_name_that_was_changed_since_does_not_count() -> None:
    raw = "会议.txt".encode("gbk")

    assert paths(write_zip({raw: Entry(b"x", extra=unicode_extra(b"other", "autre.txt"))})) == ["会议.txt"]


def test_name_that_says_utf_8_and_is_not_does_not_lose_the_archive() -> None:
    data = write_zip({b"caf\xe9.txt": Entry(b"un", flags=UTF8), b"plan.txt": b"deux"})

    assert paths(data) == ["café.txt", "plan.txt"]


def test_bytes_in_no_charset_are_replaced() -> None:
    (path,) = paths(write_zip({b"note\xff\xfe\x81\x8d\x01.txt": b"x"}))

    assert path.startswith("note")
    assert path.endswith(".txt")
    assert "\x01" not in path


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"dossier\\sous-dossier\\note.txt", "dossier/sous-dossier/note.txt"),
        (b"../../etc/passwd", "etc/passwd"),
        (b"/etc/passwd", "etc/passwd"),
        (b"C:\\Windows\\note.txt", "Windows/note.txt"),
        (b"a/./b//c.txt", "a/b/c.txt"),
        (b"..", "unnamed"),
    ],
)
def test_path_stays_inside_the_archive(name: bytes, path: str) -> None:
    assert paths(write_zip({name: b"x"})) == [path]


def test_names_that_become_one_are_kept_apart() -> None:
    assert paths(write_zip({b"a.txt": b"1", b"/a.txt": b"2", b"../a.txt": b"3"})) == [
        "a.txt",
        "a (2).txt",
        "a (3).txt",
    ]


def test_archives_within_are_folders_and_packages_are_files(tmp_path: Path) -> None:
    package = write_zip({b"[Content_Types].xml": b"x", b"word/document.xml": b"x"})
    inner = write_zip({"纪要.txt".encode("gbk"): "正文".encode()})
    path = tmp_path / "a.bin"
    path.write_bytes(write_zip({b"x/inner.zip": inner, b"rapport.docx": package, b"note.txt": b"texte"}))
    archives = Archives()
    contents = archives.look_into(path)
    assert contents is not None

    assert [member.path for member in contents.members] == ["x/inner.zip/纪要.txt", "rapport.docx", "note.txt"]
    assert contents.inner == {"x/inner.zip": 1}
    assert archives.read(path, contents.members[0].chain).decode() == "正文"
    assert archives.read(path, contents.members[2].chain) == b"texte"
    archives.close()


@pytest.mark.parametrize("part", ["[Content_Types].xml", "mimetype", "OFD.xml", "META-INF/MANIFEST.MF", "Data/a.iwa"])
def test_package_is_one_document(part: str) -> None:
    assert list_contents(io.BytesIO(write_zip({part.encode(): b"x"})), 100) is None


def test_archives_nested_too_deeply_are_named() -> None:
    data = write_zip({b"note.txt": b"x"})
    for _ in range(5):
        data = write_zip({b"in.zip": data})

    assert look(data).unreadable == {"in.zip/in.zip/in.zip": "The archives are nested too deeply. Unpack them."}


def test_broken_archive_within_is_named_and_the_others_are_read() -> None:
    contents = look(write_zip({b"broken.zip": b"PK\x03\x04junk", b"note.txt": b"x"}))

    assert [member.path for member in contents.members] == ["note.txt"]
    assert contents.unreadable == {"broken.zip": "The archive is damaged. Get it again, or pack it again."}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (write_zip({b"zeros.txt": Entry(b"x" * 100, says=4_000_000_000)}), "unpacks to more than 100 MB"),
        (write_zip({f"{number}.txt".encode(): b"" for number in range(10_001)}), "more than 10000 files"),
        (write_zip({f"{number}{'x' * 900}".encode(): b"" for number in range(9_000)}), "too many files"),
        (b"PK\x03\x04 and nothing else", "damaged"),
        (b"PK\x05\x06", "damaged"),
        (write_zip({b"a": b"x"})[:-30], "damaged"),
    ],
)
def test_what_may_do_harm_or_is_damaged_is_refused_without_unpacking(data: bytes, reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        list_contents(io.BytesIO(data), len(data))


def test_bombs_in_an_archive_are_counted_together() -> None:
    inner = write_zip({b"zeros.txt": Entry(b"x", says=60_000_000)})
    contents = look(write_zip({b"note.txt": b"x", b"1.zip": inner, b"2.zip": inner, b"3.zip": inner}))

    assert [member.path for member in contents.members] == ["note.txt", "1.zip/zeros.txt"]
    assert list(contents.unreadable) == ["2.zip", "3.zip"]
    assert "made to harm" in contents.unreadable["2.zip"]


def test_member_that_unpacks_to_more_than_it_says_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    path.write_bytes(write_zip({b"zeros.txt": Entry(bytes(10_000_000), says=100)}))
    archives = Archives()

    with pytest.raises(ConversionError, match="damaged in its archive"):
        archives.read(path, ("zeros.txt",))
    archives.close()


def test_encrypted_member_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(write_zip({b"secret.txt": Entry(b"x", flags=ENCRYPTED)}))
    archives = Archives()

    with pytest.raises(ConversionError, match="encrypted in its archive"):
        archives.read(path, ("secret.txt",))
    archives.close()


def test_archive_of_an_ordinary_program_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("dossier/", "")
        archive.writestr("dossier/réunion.txt", "texte")
    archives = Archives()
    contents = archives.look_into(path)
    assert contents is not None

    assert [(member.path, member.chain) for member in contents.members] == [
        ("dossier/réunion.txt", ("dossier/réunion.txt",))
    ]
    assert archives.read(path, contents.members[0].chain) == b"texte"
    archives.close()


def test_mutated_archive_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever is wrong with it: nothing else than `ConversionError` comes out."""
    inner = write_zip({"纪要.txt".encode("gbk"): b"x" * 300})
    whole = write_zip({b"a/b.txt": b"y" * 300, b"in.zip": inner, "réunion".encode(): Entry(b"z", flags=UTF8)})
    path = tmp_path / "a.zip"
    read = refused = 0
    for number in range(400):
        path.write_bytes(mutate(whole, random.Random(number), PLAIN))
        archives = Archives()
        try:
            contents = archives.look_into(path)
            for member in contents.members if contents else []:
                archives.read(path, member.chain)
            read += 1
        except ConversionError:
            refused += 1
        archives.close()

    assert min(read, refused) > 20
