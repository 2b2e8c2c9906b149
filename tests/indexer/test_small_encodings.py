"""Small files in the charsets of both administrations, made by iconv, LibreOffice and Info-ZIP, as documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.registry import find_family
from indexer.report import RunReport
from search_core.model import Document

FILES = Path(__file__).with_name("files")

FRENCH = "« une première en Île-de-France », selon le maire.\n\nCoût de l’opération : 2 millions d’€ — dont la moitié"
CHINESE = "代表团参观了堡垒社区的智能电网，并与市政府的六个工作组座谈。"
TRADITIONAL = "代表團參觀了堡壘社區的智慧電網，並與市政府的六個工作組座談。"


@pytest.mark.parametrize(
    ("name", "said", "notes"),
    [
        ("note-fr-windows-1252.txt", FRENCH, ("Charset assumed: cp1252.",)),
        ("note-fr-utf-16le.txt", FRENCH, ("Charset assumed: utf-16-le.",)),
        ("note-zh-gb18030.txt", CHINESE, ("Charset assumed: gb18030.",)),
        ("note-zh-utf-16.txt", CHINESE, ()),
        ("note-zh-big5.txt", TRADITIONAL, ("Charset assumed: big5hkscs.",)),
        ("page-fr.html", FRENCH, ()),
        ("page-zh-gb18030.html", CHINESE, ("Charset assumed: gb18030.",)),
        ("feed-fr.xml", "La délégation a visité le Fort et son réseau.", ()),
        ("feed-zh-gb18030.xml", "代表团参观了堡垒社区的智能电网，并与六个工作组座谈。", ("Charset assumed: gb18030.",)),
    ],
)
def test_file_is_read_in_the_charset_it_has(name: str, said: str, notes: tuple[str, ...]) -> None:
    data = (FILES / name).read_bytes()
    family = find_family(data, name)
    assert family is not None
    converted = convert_bytes(data, family)

    assert said in converted.text
    assert converted.notes == notes


def test_archives_of_both_administrations_are_folders(
    folder: Path, run: Callable[..., RunReport], read_all: Callable[[], dict[str, Document]]
) -> None:
    for name in ("archive-zh-gbk.zip", "archive-fr-cp850.zip"):
        (folder / name).write_bytes((FILES / name).read_bytes())
    report = run(folder)
    documents = read_all()

    assert set(documents) == {
        "archive-zh-gbk.zip/plan.txt",
        "archive-zh-gbk.zip/乐山/会议纪要.txt",
        "archive-fr-cp850.zip/Réunions/Été à Issy.txt",
    }
    assert CHINESE in documents["archive-zh-gbk.zip/乐山/会议纪要.txt"].text
    assert FRENCH in documents["archive-fr-cp850.zip/Réunions/Été à Issy.txt"].text
    notes = {entry.path: entry.notes for entry in report.files}
    assert notes["archive-zh-gbk.zip/乐山/会议纪要.txt"] == ("File names in the archive are taken for gb18030.",)
    assert notes["archive-fr-cp850.zip/Réunions/Été à Issy.txt"] == ("File names in the archive are taken for cp850.",)
