"""Pages drawn in processes of their own, within limits, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search_api.originals import OriginalChanged, Stamp
from search_api.preview.asked import AskedPage
from search_api.preview.cache import PageCache
from search_api.preview.previews import Previews
from search_api.preview.renderer import DrawingLimits, PageNotDrawn

PNG = b"\x89PNG"


def ask(file: Path, data: bytes, number: int = 1, **known: Any) -> AskedPage:
    file.write_bytes(data)
    return AskedPage("d", file.name, "checksum", file, Stamp.of(file.stat()), number, **known)


def test_page_is_drawn_once_and_then_found(make_pdf: Callable[..., bytes], tmp_path: Path) -> None:
    previews = Previews(PageCache(tmp_path, 1))
    asked = ask(tmp_path / "a.pdf", make_pdf(["Bonjour"]))
    assert previews.find(asked) is None
    image = previews.draw(asked)
    assert image.startswith(PNG)
    asked.file.unlink()
    assert previews.find(asked) == previews.draw(asked) == image
    previews.forget("d")
    assert previews.find(asked) is None


def test_images_differ_by_page_size_and_mark(make_pdf: Callable[..., bytes], tmp_path: Path) -> None:
    data = make_pdf(["Bonjour", "Bonjour"], ["Au revoir"])
    places: list[dict[str, Any]] = [{}, {"number": 2}, {"size": "large"}, {"wanted": "Bonjour"}]
    places.append({"wanted": "Bonjour", "before": "Bonjour"})
    previews = Previews(PageCache(tmp_path, 1))
    images = [previews.draw(ask(tmp_path / "a.pdf", data, **place)) for place in places]
    assert len(set(images)) == len(places)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n%%EOF", b"GIF89a"])
def test_damaged_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PageNotDrawn, match="Page 1"):
        Previews().draw(ask(tmp_path / "a.pdf", data))


def test_page_that_is_not_there_is_refused(make_pdf: Callable[..., bytes], tmp_path: Path) -> None:
    with pytest.raises(PageNotDrawn, match="Page 3"):
        Previews().draw(ask(tmp_path / "a.pdf", make_pdf(["un"], ["deux"]), number=3))


def test_page_that_takes_too_long_is_given_up_and_not_tried_again(endless_pdf: bytes, tmp_path: Path) -> None:
    previews = Previews(limits=DrawingLimits(seconds=1))
    asked = ask(tmp_path / "a.pdf", endless_pdf)
    with pytest.raises(PageNotDrawn, match="1 seconds"):
        previews.draw(asked)
    asked.file.unlink()  # another try would find that it is gone
    for again in (asked, replace(asked, wanted="un passage")):
        with pytest.raises(PageNotDrawn, match="1 seconds"):
            previews.find(again)
    assert previews.find(replace(asked, number=2)) is None


def test_page_that_takes_too_much_memory_is_refused(make_pdf: Callable[..., bytes], tmp_path: Path) -> None:
    with pytest.raises(PageNotDrawn):
        Previews(limits=DrawingLimits(memory_mb=8)).draw(ask(tmp_path / "a.pdf", make_pdf(["Bonjour"]), size="large"))


def test_file_replaced_behind_our_back_is_not_drawn(make_pdf: Callable[..., bytes], tmp_path: Path) -> None:
    asked = ask(tmp_path / "a.pdf", make_pdf(["Bonjour"]))
    (tmp_path / "b.pdf").write_bytes(make_pdf(["Au revoir"]))
    (tmp_path / "b.pdf").replace(asked.file)
    with pytest.raises(OriginalChanged, match=r"a\.pdf"):
        Previews().draw(asked)
    asked.file.unlink()
    with pytest.raises(OriginalChanged):
        Previews().draw(asked)
