from __future__ import annotations

from pathlib import Path

import pytest

from indexer.find import FoundFile
from indexer.read import parse_sidecar, read_file
from search_core.errors import ConversionError


def found(path: Path) -> FoundFile:
    return FoundFile(str(path.parent), path.name, path)


def test_a_file_is_read_with_its_sidecar(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"texte")
    alone = read_file(found(tmp_path / "a.txt"))
    (tmp_path / "a.txt.meta.yaml").write_bytes(b"title: T")
    described = read_file(found(tmp_path / "a.txt"))

    assert (alone.data, alone.sidecar, alone.sidecar_checksum) == (b"texte", b"", "")
    assert described.sidecar == b"title: T"
    assert described.checksum == alone.checksum


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 11)

    with pytest.raises(ConversionError, match="Split it"):
        read_file(found(tmp_path / "a.txt"), max_bytes=10)


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="No such file"):
        read_file(found(tmp_path / "absent.txt"))


def test_a_sidecar_that_is_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"texte")
    (tmp_path / "secret").write_bytes(b"key: value")
    (tmp_path / "in" / "a.txt.meta.yaml").symlink_to(tmp_path / "secret")

    with pytest.raises(ConversionError, match="leaves the folder"):
        read_file(found(tmp_path / "in" / "a.txt"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a file whose size is not what it holds")
def test_a_file_that_changes_while_it_is_read_is_refused() -> None:
    with pytest.raises(ConversionError, match="being written"):
        read_file(found(Path("/proc/self/status")))


@pytest.mark.parametrize(
    ("sidecar", "hidden"),
    [(b"", False), (b"title: T", False), (b"title: T\ncity: [x", False), (b"access: [x", True), (b"\0\1\2" * 99, True)],
)
def test_a_sidecar_hides_its_file_only_where_its_access_labels_may_be_lost(sidecar: bytes, hidden: bool) -> None:
    assert ("access" in parse_sidecar(sidecar).unreadable) is hidden
