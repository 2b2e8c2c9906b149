"""Machine translation by the administrator's service: a small one on a real socket, also slow, broken or hostile."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from search_api.access import Access
from search_api.app import create_app
from search_api.opening import open_translator
from search_api.service import SearchService
from search_api.translation import MAX_AT_ONCE, MAX_REPLY_BYTES, LibreTranslate
from search_core.engines.base import Scope
from search_core.errors import SettingsError, TranslationUnavailable
from search_core.glossary import load_glossary
from search_core.settings import Settings
from search_core.vocabulary import load_vocabulary


@dataclass
class Reply:
    """`body` is sent `pieces` times, each after a pause."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: int = 1
    pause_s: float = 0.0


def translated(text: Any) -> Reply:
    return Reply(json.dumps({"translatedText": text}).encode())


@dataclass
class TranslationService:
    """LibreTranslate's interface: `asked` are the bodies that came in, `paths` all that was asked for."""

    url: str
    reply: Reply = field(default_factory=lambda: translated("La délégation a visité le réseau."))
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    closing: Event = field(default_factory=Event)


@pytest.fixture
def remote() -> Iterator[TranslationService]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.do_GET()

        def do_GET(self) -> None:
            service.paths.append(self.path)
            self.send_response(service.reply.status)
            for name, value in service.reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for _ in range(service.reply.pieces):
                    if not service.closing.wait(service.reply.pause_s):
                        self.wfile.write(service.reply.body)
            except OSError:
                return  # who asked has hung up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = TranslationService(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def open_client(library: Any, translator: LibreTranslate | None) -> TestClient:
    glossary, scope = load_glossary(), Scope.of({"public"})
    service = SearchService(library.index, library.embedder, load_vocabulary(), glossary, scope, translator=translator)
    return TestClient(create_app(service, Access()), base_url="http://localhost")


def find_passage(client: TestClient, question: str = "智能电网", lang: str = "zh") -> tuple[str, str]:
    """Document and passage of the first hit."""
    hit = client.get("/api/v1/search", params={"q": question, "lang": lang}).json()["hits"][0]
    return hit["document_id"], hit["passages"][0]["passage_id"]


def ask(client: TestClient, document: str, passage: str, into: str = "fr") -> Any:
    return client.get(f"/api/v1/documents/{document}/translation", params={"passage": passage, "into": into})


def test_passage_is_translated_and_marked_as_made_by_a_machine(library: Any, remote: TranslationService) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    document, passage = find_passage(client)

    answer = ask(client, document, passage).json()

    text = library.text("note")[answer["start"] : answer["end"]]
    assert remote.asked == [{"q": text, "source": "zh", "target": "fr", "format": "text"}]
    assert remote.paths == ["/translate"]
    assert (answer["text"], answer["machine"], answer["service"]) == (
        "La délégation a visité le réseau.",
        True,
        "127.0.0.1",
    )
    assert (answer["source"], answer["into"]) == ("zh", "fr")


def test_key_and_path_of_the_service_are_used(remote: TranslationService) -> None:
    settings = Settings(translation_url=f"{remote.url}/lt/", translation_api_key="s3same")  # type: ignore[arg-type]
    translator = open_translator(settings)

    assert translator is not None
    translator.translate("乐山", "zh", "fr")

    assert (remote.asked[0]["api_key"], remote.paths) == ("s3same", ["/lt/translate"])
    assert "s3same" not in repr(settings)


def test_nothing_is_offered_or_sent_unless_it_is_set_up(library: Any, remote: TranslationService) -> None:
    assert open_translator(Settings()) is None
    client = open_client(library, None)
    document, passage = find_passage(client)

    refused = ask(client, document, passage)
    page = client.get("/", params={"q": "智能电网", "ui": "fr", "translate": passage})

    assert (refused.status_code, refused.json()["type"][-23:]) == (503, "translation_unavailable")
    assert "PASSERELLE_TRANSLATION_URL" in refused.json()["remedy"]
    assert page.status_code == 200
    assert not html.fromstring(page.text).cssselect(".translate, .translation")


def test_what_a_reader_may_not_see_is_not_sent(library: Any, remote: TranslationService) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    document, passage = find_passage(client)
    secret = library.id("secret")
    sample = library.index.sample("fr", 100, Scope.everything())
    [hidden] = [found.passage.passage_id for found in sample if found.passage.document_id == secret]

    assert ask(client, secret, hidden, "zh").status_code == 404
    assert ask(client, document, hidden, "zh").status_code == 404
    assert ask(client, document, "unknown").status_code == 404
    assert ask(client, document, passage, "zh").json()["parameter"] == "into"
    assert ask(client, document, passage, "de").json()["parameter"] == "into"
    assert ask(client, document, passage, "").json()["parameter"] == "into"
    assert remote.asked == []


FAILURES = {
    "refused": Reply(b'{"error": "Invalid API key"}', status=403),
    "broken": Reply(b"Traceback", status=500),
    "rubbish": Reply(b"<html>"),
    "not text": translated(["La", "ville"]),
    "empty": translated("  "),
    "no object": Reply(b'["translatedText"]'),
    "deep": Reply(b"[" * 200_000),
    "huge": Reply(b"x" * 65536, pieces=MAX_REPLY_BYTES // 65536 + 1),
    "compressed": Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    "redirect": Reply(status=302, headers={"Location": "/elsewhere"}),
    "trickle": Reply(b" ", pieces=600, pause_s=0.05),
    "silent": Reply(pause_s=30.0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FAILURES)
def test_a_service_that_fails_is_told_to_the_reader_and_costs_nothing_else(
    library: Any, remote: TranslationService, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = open_client(library, LibreTranslate(remote.url, timeout_s=1.0))
    document, passage = find_passage(client)
    remote.reply = FAILURES[name]

    refused = ask(client, document, passage)
    found = client.get("/", params={"q": "智能电网", "ui": "fr", "translate": passage})
    read = client.get(f"/documents/{document}", params={"passage": passage, "ui": "fr", "translate": passage})

    assert (refused.status_code, refused.json()["type"][-23:]) == (503, "translation_unavailable")
    assert "/elsewhere" not in remote.paths
    for page in (found, read):
        assert page.status_code == 200
        shown = html.fromstring(page.text).cssselect(".translation")
        assert "n’est pas disponible" in shown[0].text_content()
    assert html.fromstring(found.text).cssselect(".hit")
    assert "代表团" not in caplog.text
    assert "The translation service at 127.0.0.1" in caplog.text


def test_a_service_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(TranslationUnavailable, match="cannot be used"):
        LibreTranslate(f"http://127.0.0.1:{port}").translate("乐山", "zh", "fr")


def test_a_slow_service_does_not_take_all_threads(remote: TranslationService) -> None:
    remote.reply = Reply(pause_s=30.0)
    translator = LibreTranslate(remote.url, timeout_s=5.0)

    def wait_for_it() -> None:
        with pytest.raises(TranslationUnavailable):
            translator.translate("乐山", "zh", "fr")

    waiting = [Thread(target=wait_for_it) for _ in range(MAX_AT_ONCE)]
    for thread in waiting:
        thread.start()
    while len(remote.asked) < MAX_AT_ONCE:
        remote.closing.wait(0.01)
    with pytest.raises(TranslationUnavailable, match="is busy"):
        translator.translate("乐山", "zh", "fr")
    remote.closing.set()
    for thread in waiting:
        thread.join()


def test_page_shows_the_translation_beside_its_passage_and_escapes_it(library: Any, remote: TranslationService) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    remote.reply = translated("<script>alert(1)</script> \ud83d visité")
    page = html.fromstring(client.get("/", params={"q": "智能电网", "lang": "zh", "ui": "fr"}).text)
    assert remote.asked == []
    link = page.cssselect(".hit .translate")[0]

    answered = client.get(link.get("href"))

    shown = html.fromstring(answered.text).cssselect(".hit .translation")[0]
    assert shown.cssselect(".translated")[0].text == "<script>alert(1)</script> ? visité"
    assert shown.cssselect(".translated")[0].get("lang") == "fr"
    assert "Traduction automatique (127.0.0.1)" in shown.cssselect(".label")[0].text
    assert shown.get("id") == link.get("href").partition("#")[2]


def test_document_page_translates_the_passage_that_was_found(library: Any, remote: TranslationService) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    document, passage = find_passage(client)
    page = html.fromstring(client.get(f"/documents/{document}", params={"passage": passage, "ui": "fr"}).text)

    answered = html.fromstring(client.get(page.cssselect(".translate")[0].get("href")).text)

    assert answered.cssselect(".translation .translated")[0].text == "La délégation a visité le réseau."


def test_who_reads_the_language_of_a_passage_is_offered_no_translation(
    library: Any, remote: TranslationService
) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    document, passage = find_passage(client)

    found = client.get("/", params={"q": "智能电网", "lang": "zh", "ui": "zh", "translate": passage})
    read = client.get(f"/documents/{document}", params={"passage": passage, "ui": "zh", "translate": passage})

    for page in (found, read):
        assert not html.fromstring(page.text).cssselect(".translate, .translation")
    assert remote.asked == []


def test_nothing_of_a_translation_is_kept(library: Any, remote: TranslationService) -> None:
    client = open_client(library, LibreTranslate(remote.url))
    remote.reply = translated("Quetzalcoatlus")
    before = library.index.status().version

    ask(client, *find_passage(client))

    files = [file for file in Path(library.folder).parent.rglob("*") if file.is_file()]
    assert files
    assert not any(b"Quetzalcoatlus" in file.read_bytes() for file in files)
    assert client.get("/api/v1/search", params={"q": "Quetzalcoatlus"}).json()["index_version"] == before


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://translate.example", "without encryption"),
        ("http://192.0.2.1:5000", "without encryption"),
        ("ftp://translate.example", "not the address"),
        ("translate.example", "not the address"),
        ("https://", "not the address"),
        ("https://translate.example:x", "not the address"),
        ("https://translate.example/?q=1", "not the address"),
        ("https://[::1", "not the address"),
        ("https://user:secret@translate.example", "user name or password"),
    ],
)
def test_an_address_that_texts_must_not_go_to_is_refused_at_the_start(url: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as refused:
        open_translator(Settings(translation_url=url))

    assert "PASSERELLE_TRANSLATION_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://translate.example/lt", "http://localhost:5000", "http://[::1]:5000"])
def test_https_and_services_of_this_machine_are_accepted(url: str) -> None:
    assert open_translator(Settings(translation_url=url)) is not None


def test_texts_do_not_go_through_a_proxy_of_the_environment(
    remote: TranslationService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with caplog.at_level(logging.DEBUG):
        assert LibreTranslate(remote.url).translate("机密文字", "zh", "fr") == "La délégation a visité le réseau."
    assert "机密文字" not in caplog.text
