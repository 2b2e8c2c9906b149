"""Pages of PDF files as images, on the page of the document and in the API."""

import asyncio
import io
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from lxml import html
from PIL import Image

from search_api.preview import drawing
from search_api.preview.asked import AskedPage
from search_api.preview.cache import PageCache
from search_api.preview.previews import Previews
from search_api.preview.renderer import DrawingLimits
from search_api.schemas import Problem

API = "/api/v1"


def read(client: TestClient, address: str, ui: str = "fr") -> html.HtmlElement:
    response = client.get(address, headers={"Accept-Language": ui})
    assert response.status_code == 200
    return html.fromstring(response.text)


def find_passage(client: TestClient, library: Any) -> str:
    """The one passage of the brochure: its two pages are short."""
    hits = client.get(f"{API}/search", params={"q": "horaires du tramway en hiver"}).json()["hits"]
    passages = next(hit["passages"] for hit in hits if hit["document_id"] == library.id("brochure"))
    return next(passage["passage_id"] for passage in passages if "hiver" in passage["text"])


def open_image(response: Any) -> Image.Image:
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    assert response.headers["cache-control"] == "no-store"
    return Image.open(io.BytesIO(response.content))


def is_marked(image: Image.Image) -> bool:
    colours = image.convert("RGB").getcolors(2**24)
    return any(colour == drawing.MARK for _, colour in colours)


def problem_of(response: Any) -> tuple[int, str]:
    problem = Problem.model_validate(response.json())
    assert (response.status_code, response.headers["content-type"]) == (problem.status, "application/problem+json")
    return problem.status, problem.type.removeprefix("urn:passerelle:problem:")


@pytest.mark.slow
@pytest.mark.parametrize("root", [API, ""])
def test_page_comes_as_an_image_with_the_passage_marked(client: TestClient, library: Any, root: str) -> None:
    address, passage = f"{root}/documents/{library.id('brochure')}/pages", find_passage(client, library)
    small, large = (
        open_image(client.get(f"{address}/2.png?size={size}&passage={passage}")) for size in ("small", "large")
    )
    assert (small.width, large.width) == (900, 1800)
    assert is_marked(small)
    assert is_marked(large)
    assert not is_marked(open_image(client.get(f"{address}/2.png")))
    assert not is_marked(open_image(client.get(f"{address}/2.png?passage=0000-0")))
    assert is_marked(open_image(client.get(f"{address}/1.png?passage={passage}")))


def test_hit_opens_at_its_page_with_the_passage_marked_in_image_and_text(client: TestClient, library: Any) -> None:
    passage = find_passage(client, library)
    page = read(client, f"/documents/{library.id('brochure')}?passage={passage}&q=tramway")
    figure = page.get_element_by_id("passage")
    addresses = [f"/documents/{library.id('brochure')}/pages/{number}.png?passage={passage}" for number in (1, 2)]
    assert page.xpath("//figure//img/@src") == addresses
    assert figure.xpath("./a/@href") == [f"{addresses[0]}&size=large"]
    assert all(is_marked(open_image(client.get(address))) for address in addresses)
    assert page.get_element_by_id("passage-text").xpath("ancestor::details/preceding-sibling::figure[1]") == [figure]
    assert all(details.get("open") is not None for details in page.cssselect("details.page-text"))


@pytest.mark.parametrize("ui", ["fr", "zh"])
def test_every_page_image_says_which_page_it_is_and_has_its_text_beside_it(
    client: TestClient, library: Any, ui: str
) -> None:
    page = read(client, f"/documents/{library.id('brochure')}", ui)
    assert [image.get("loading") for image in page.cssselect("figure img")] == ["lazy", "lazy"]
    for number, (image, text) in enumerate(
        zip(page.cssselect("figure img"), page.cssselect("details"), strict=True), 1
    ):
        assert str(number) in image.get("alt")
        assert str(number) in text.cssselect("summary")[0].text_content()
        assert "tramway" in text.text_content()


def test_text_alone_is_one_link_away_and_keeps_the_passage(client: TestClient, library: Any) -> None:
    passage = find_passage(client, library)
    page = read(client, f"/documents/{library.id('brochure')}?passage={passage}&q=tramway")
    text_alone = page.cssselect("nav.views a:not([aria-current])")[0].get("href")
    shown = read(client, text_alone)
    assert not shown.cssselect("figure, details.page-text")
    assert shown.get_element_by_id("passage").text_content().startswith("Passage trouvé")
    assert shown.cssselect("mark")
    assert not read(client, f"/documents/{library.id('note')}").cssselect("nav.views, figure")


def test_page_is_found_by_what_is_printed_on_it(client: TestClient, library: Any) -> None:
    address = f"/documents/{library.id('brochure')}"
    response = client.get(f"{address}?page=2&q=tramway")
    assert (response.status_code, response.headers["location"]) == (303, f"{address}?q=tramway&part=1#page-2")
    assert read(client, response.headers["location"]).get_element_by_id("page-2") is not None
    assert "«\u00a03\u00a0»" in read(client, f"{address}?page=3").cssselect(".notice")[0].text_content()
    assert client.get(f"{address}?part=2").status_code == 404
    assert client.get(f"{address}?part=x").status_code == 422


@pytest.mark.parametrize("page", ["0", "3", "x", "-1", "1.5", "%C2%B2", "9" * 5000])
def test_page_that_is_not_there_is_told(client: TestClient, library: Any, page: str) -> None:
    response = client.get(f"{API}/documents/{library.id('brochure')}/pages/{page}.png")
    assert problem_of(response) == (404, "not_found")


@pytest.mark.parametrize("name", ["note", "study"])
def test_other_formats_have_no_page_images(client: TestClient, library: Any, name: str) -> None:
    assert problem_of(client.get(f"{API}/documents/{library.id(name)}/pages/1.png")) == (404, "not_found")
    assert client.get(f"{API}/documents/{library.id(name)}").json()["page_images"] is False


@pytest.mark.parametrize("query", ["size=huge", "page=1", "size=small&size=large"])
def test_parameters_that_cannot_be_used_are_refused(client: TestClient, library: Any, query: str) -> None:
    response = client.get(f"{API}/documents/{library.id('brochure')}/pages/1.png?{query}")
    assert problem_of(response) == (422, "invalid_request")


def test_what_a_reader_may_not_see_is_not_there_whatever_is_kept_of_it(
    make_library: Callable[[Path], Any], tmp_path: Path
) -> None:
    library = make_library(tmp_path)
    client, brochure = library.client(), library.id("brochure")
    address = f"{API}/documents/{brochure}/pages/1.png"
    open_image(client.get(address))
    with library.index.writer("test") as writer:
        writer.remove([brochure], "2026-01-01T00:00:00+00:00")
    unknown = client.get(f"{API}/documents/{'0' * 16}/pages/1.png").json()
    assert client.get(address).json() == {
        **unknown,
        "instance": address,
        "detail": unknown["detail"].replace("0" * 16, brochure),
    }


def test_changed_file_shows_no_page_and_its_text_as_it_was_read(
    make_library: Callable[[Path], Any], tmp_path: Path
) -> None:
    library = make_library(tmp_path)
    client, address = library.client(), f"/documents/{library.id('brochure')}"
    open_image(client.get(f"{address}/pages/1.png"))
    library.file("brochure").write_bytes(library.file("brochure").read_bytes() + b"% changed")
    assert problem_of(client.get(f"{API}{address}/pages/1.png")) == (410, "original_changed")
    document = client.get(API + address).json()
    assert (document["original_changed"], document["page_images"], document["original_available"]) == (
        True,
        False,
        True,
    )
    page = read(client, address)
    assert "a changé" in page.cssselect(".notice")[0].text_content()
    assert not page.cssselect("figure")
    assert "horaires" in page.cssselect("section.text")[0].text_content()
    library.file("brochure").unlink()
    assert problem_of(client.get(f"{API}{address}/pages/1.png")) == (410, "original_gone")
    assert not read(client, address).cssselect("figure")


def test_file_whose_name_is_decomposed_on_disk_is_drawn_too(
    make_library: Callable[[Path], Any], tmp_path: Path
) -> None:
    library = make_library(tmp_path)
    for name in ("study", "brochure"):
        file = library.file(name)
        file.rename(file.with_name(unicodedata.normalize("NFD", file.name)))
    client = library.client()
    open_image(client.get(f"/documents/{library.id('brochure')}/pages/1.png"))
    assert client.get(f"/documents/{library.id('study')}/original").content == library.text("study").encode()


class WaitingPreviews(Previews):
    """Draws nothing before it may."""

    may_draw = threading.Event()

    def draw(self, asked: AskedPage) -> bytes:
        self.may_draw.wait()
        return super().draw(asked)


def test_pages_that_wait_for_their_turn_delay_no_search(library: Any, tmp_path: Path) -> None:
    previews = WaitingPreviews(PageCache(tmp_path, 1))
    transport = httpx.ASGITransport(library.client(previews=previews).app)

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            page = f"/documents/{library.id('brochure')}/pages/1.png"
            waiting = [asyncio.create_task(client.get(page)) for _ in range(80)]  # twice as many as there are threads
            try:
                found = await asyncio.wait_for(client.get("/api/v1/search?q=tramway"), timeout=60)
            finally:
                previews.may_draw.set()
            return [answer.status_code for answer in (found, *await asyncio.gather(*waiting))]

    assert asyncio.run(ask()) == [200] * 81


def test_page_that_cannot_be_drawn_gets_a_page_that_leads_to_its_text(
    make_library: Callable[[Path], Any], tmp_path: Path
) -> None:
    library = make_library(tmp_path)
    client = library.client(previews=Previews(limits=DrawingLimits(memory_mb=8)))
    address = f"/documents/{library.id('brochure')}"
    assert problem_of(client.get(f"{API}{address}/pages/1.png")) == (503, "page_not_drawn")
    page = client.get(f"{address}/pages/1.png")
    assert page.status_code == 503
    assert address in html.fromstring(page.text).xpath("//a[@class='button']/@href")
