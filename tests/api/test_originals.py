from pathlib import Path

import pytest

from search_api.originals import OriginalGone, content_disposition, send_original
from search_core.model import Document


def document(source: Path | str, path: str, media_type: str = "text/plain") -> Document:
    return Document("0" * 16, str(source), path, "fr", media_type=media_type)


@pytest.mark.parametrize(
    ("path", "header"),
    [
        ("fr/note.pdf", "attachment; filename=\"note.pdf\"; filename*=UTF-8''note.pdf"),
        ("d’été.pdf", "attachment; filename=\"dete.pdf\"; filename*=UTF-8''d%E2%80%99%C3%A9t%C3%A9.pdf"),
        ("zh/考察.docx", "attachment; filename=\"document.docx\"; filename*=UTF-8''%E8%80%83%E5%AF%9F.docx"),
        ('a"b\\c%41.txt', "attachment; filename=\"a_b_c_41.txt\"; filename*=UTF-8''a%22b%5Cc%2541.txt"),
        ("a\r\nCookie: x.txt", "attachment; filename=\"aCookie: x.txt\"; filename*=UTF-8''aCookie%3A%20x.txt"),
        ("invoice\u202efdp.exe", "attachment; filename=\"invoicefdp.exe\"; filename*=UTF-8''invoicefdp.exe"),
        ("\udcff.txt", "attachment; filename=\"document.txt\"; filename*=UTF-8''%3F.txt"),
        ("\u202e", "attachment; filename=\"document\"; filename*=UTF-8''document"),
    ],
)  # fmt: skip
def test_content_disposition_keeps_the_name_and_nothing_else(path: str, header: str) -> None:
    assert content_disposition(path) == header
    assert header.isascii()


def test_original_is_sent_with_its_media_type_and_never_as_our_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<script>")
    response = send_original(document(tmp_path, "page.html", "text/html"), tmp_path / "page.html")
    assert response.headers["content-type"] == "text/html"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["content-security-policy"].startswith("sandbox;")
    assert response.headers["x-content-type-options"] == "nosniff"


def test_original_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OriginalGone, match=r"note\.txt"):
        send_original(document(tmp_path, "note.txt"), tmp_path / "note.txt")
    with pytest.raises(OriginalGone):
        send_original(document(tmp_path, "note.txt"), None)


def test_original_outside_of_its_source_is_not_sent(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (source / "link.txt").symlink_to(tmp_path / "secret.txt")
    for path in ("link.txt", "../secret.txt"):
        with pytest.raises(OriginalGone):
            send_original(document(source, path), source / path)


def test_original_through_a_link_inside_its_source_is_sent(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.txt").write_text("a")
    (tmp_path / "source" / "b.txt").symlink_to("a.txt")
    (tmp_path / "alias").symlink_to("source")
    assert send_original(document(tmp_path / "alias", "b.txt"), tmp_path / "alias" / "b.txt")


def test_original_must_be_a_file_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OriginalGone):
        send_original(document(tmp_path, "folder"), tmp_path / "folder")
    with pytest.raises(OriginalGone):
        send_original(document("uploads", "pyproject.toml"), Path("pyproject.toml").resolve())
    with pytest.raises(OriginalGone):
        send_original(document(tmp_path, "a\0b"), tmp_path / "a\0b")
