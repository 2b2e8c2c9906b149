"""Files that LibreOffice saved with a password: that is said, whatever else could be."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.encrypted import is_encrypted, is_old_and_encrypted
from indexer.convert.office.legacy import DOC
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("name", ["encrypted.docx", "encrypted.odt", "encrypted.doc", "encrypted.xls"])
def test_document_with_a_password_says_so(name: str) -> None:
    data = (FILES / name).read_bytes()
    family = find_family(data, name)

    assert family is not None
    with pytest.raises(ConversionError, match=r"protected by a password\. Save a copy of it without the password"):
        convert_bytes(data, family)


def test_old_document_says_that_it_is_encrypted() -> None:
    assert is_old_and_encrypted((FILES / "encrypted.doc").read_bytes())


def test_encrypted_document_does_not_ask_for_libreoffice(without_libreoffice: None) -> None:
    with pytest.raises(ConversionError, match="protected by a password"):
        convert_bytes((FILES / "encrypted.doc").read_bytes(), DOC)


@pytest.mark.parametrize("name", ["visit-fr.docx", "visit-fr.doc", "fr-compteurs.xls"])
def test_document_without_a_password_is_not_taken_for_an_encrypted_one(name: str) -> None:
    data = (FILES / name).read_bytes()

    assert not is_encrypted(data)
    assert not is_old_and_encrypted(data)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["encrypted.docx", "encrypted.doc"])
def test_what_is_left_of_an_encrypted_file_is_looked_at_without_harm(name: str, keep: float) -> None:
    data = (FILES / name).read_bytes()
    cut = data[: int(len(data) * keep)]

    assert not is_encrypted(cut) or name == "encrypted.docx"
    assert is_old_and_encrypted(cut) in (True, False)
