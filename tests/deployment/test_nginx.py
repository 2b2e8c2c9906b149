"""The nginx examples, with a real nginx in front of a real service: TLS, a sub-path, questions kept out of its log."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import html

from tests.ports import free_ports

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "deploy" / "nginx"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PASSWORD = "mot de passe"
BEARER = {"Authorization": f"Bearer {PASSWORD}"}
LONGEST_QUESTION = "乐" * 1000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        NGINX is None and not os.environ.get("PASSERELLE_REQUIRE_NGINX"), reason="nginx is not installed"
    ),
]

MAIN = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/passerelle.conf;
}}
"""


@dataclass(frozen=True)
class Proxied:
    """A service behind nginx: its address, and the folder of nginx's files."""

    address: str
    plain_address: str
    folder: Path

    def client(self) -> httpx2.Client:
        trust = ssl.create_default_context(cafile=self.folder / "certificate.pem")
        return httpx2.Client(verify=trust, base_url=self.address, trust_env=False, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a certificate for localhost."""
    folder = tmp_path_factory.mktemp("nginx")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)
    shutil.copy(EXAMPLES / "passerelle-proxy.conf", folder)
    return folder


def place_example(folder: Path, backend: int, plain: int, secure: int) -> Path:
    """The example as an administrator would adapt it: name, certificate, ports; and nginx's own files in `folder`."""
    text = (EXAMPLES / "passerelle.conf").read_text("utf-8")
    for pattern, put in (
        (r"docs\.example;", "localhost;"),
        (r"/etc/ssl/passerelle/docs\.example\.pem", f"{folder}/certificate.pem"),
        (r"/etc/ssl/passerelle/docs\.example\.key", f"{folder}/key.pem"),
        (r"/etc/nginx/|/var/log/nginx/", f"{folder}/"),
        (r"server 127\.0\.0\.1:8000", f"server 127.0.0.1:{backend}"),
        (r"listen \[::\]:\d+[^;]*;", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain};"),
        (r"listen 443 ", f"listen 127.0.0.1:{secure} "),
    ):
        text, changed = re.subn(pattern, put, text)
        assert changed, pattern
    (folder / "passerelle.conf").write_text(text, "utf-8")
    main = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(MAIN.format(folder=folder, user=user))
    return main


@pytest.fixture(scope="module")
def proxied(folder: Path, make_served: Any) -> Iterator[Proxied]:
    backend, plain, secure = free_ports(3)
    main = place_example(folder, backend, plain, secure)
    settings = {"PASSERELLE_ROOT_PATH": "/passerelle", "PASSERELLE_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        make_served(backend, PASSERELLE_PASSWORD=PASSWORD, **settings),
        subprocess.Popen([str(NGINX), "-c", str(main), "-g", "daemon off;"], stderr=subprocess.PIPE) as nginx,
    ):
        wait_for_port(secure, nginx)
        try:
            yield Proxied(f"https://localhost:{secure}", f"http://localhost:{plain}", folder)
        finally:
            nginx.send_signal(signal.SIGTERM)


def wait_for_port(port: int, process: subprocess.Popen[Any]) -> None:
    while True:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, "it ended"
        time.sleep(0.05)


def sign_in(client: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
    form = html.fromstring(page.text).forms[0]
    return client.post(str(form.action), data={**dict(form.form_values()), "password": PASSWORD})


def test_example_is_accepted_by_nginx(folder: Path) -> None:
    main = place_example(folder, *free_ports(3))
    checked = subprocess.run([str(NGINX), "-t", "-c", str(main)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_container_configuration_is_accepted_by_nginx(folder: Path) -> None:
    text = (EXAMPLES / "container.conf").read_text("utf-8")
    for there, here in (
        ("/tmp/", f"{folder}/"),
        ("/etc/nginx/", f"{folder}/"),
        ("/run/secrets/proxy_certificate", f"{folder}/certificate.pem"),
        ("/run/secrets/proxy_key", f"{folder}/key.pem"),
    ):
        assert there in text
        text = text.replace(there, here)
    (folder / "container.conf").write_text(text, "utf-8")
    command = [str(NGINX), "-t", "-c", str(folder / "container.conf")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


def test_reader_signs_in_and_walks_below_the_sub_path(proxied: Proxied) -> None:
    with proxied.client() as client:
        page = client.get("/passerelle/?q=réseau", follow_redirects=True)
        welcomed = sign_in(client, page)
        assert (welcomed.status_code, welcomed.headers["location"]) == (303, "/passerelle/?q=r%C3%A9seau")
        cookie = welcomed.headers["set-cookie"].lower()
        assert {"secure", "httponly", "path=/passerelle"} <= {part.strip() for part in cookie.split(";")}
        answers = html.fromstring(client.get("/passerelle/?q=réseau").text)
        links = answers.xpath("//a/@href | //form/@action | //link/@href | //img/@src")
        assert all(link.startswith(("/passerelle/", "#")) for link in links)
        followed = {link.partition("#")[0] for link in answers.xpath("//a/@href | //link/@href | //img/@src")} - {""}
        assert len(followed) > 5
        assert {link: client.get(link).status_code for link in followed} == dict.fromkeys(followed, 200)


def test_sub_path_without_its_slash_and_plain_http_lead_to_the_page(proxied: Proxied) -> None:
    with proxied.client() as client:
        assert client.get("/passerelle").headers["location"].endswith("/passerelle/")
        plain = client.get(f"{proxied.plain_address}/passerelle/?q=a")
        assert (plain.status_code, plain.headers["location"]) == (301, "https://localhost/passerelle/?q=a")


def test_api_answers_below_the_sub_path(proxied: Proxied) -> None:
    with proxied.client() as client:
        assert client.get("/passerelle/api/v1/health").json() == {"status": "ok"}
        answer = client.get("/passerelle/api/v1/search", params={"q": "电网"}, headers=BEARER)
        assert answer.json()["total"] > 0
        assert "max-age" in answer.headers["strict-transport-security"]
        described = client.get("/passerelle/api/v1/openapi.json", headers=BEARER).json()
        assert described["servers"] == [{"url": "/passerelle"}]


def test_longest_question_passes_through_the_login(proxied: Proxied) -> None:
    with proxied.client() as client:
        page = client.get("/passerelle/", params={"q": LONGEST_QUESTION}, follow_redirects=True)
        assert page.status_code == 200
        answer = client.get(sign_in(client, page).headers["location"])
        assert answer.status_code == 200
        assert set(html.fromstring(answer.text).xpath("//input[@name='q']/@value")) == {LONGEST_QUESTION}


def test_guesses_count_by_reader_not_by_what_he_claims(proxied: Proxied) -> None:
    with proxied.client() as client:
        statuses = [
            client.get(
                "/passerelle/api/v1/search",
                headers={"Authorization": "Bearer wrong", "X-Forwarded-For": f"203.0.113.{number}"},
            ).status_code
            for number in range(6)
        ]
    assert statuses == [401] * 5 + [429]


def test_questions_are_in_no_log_of_nginx_even_when_the_service_is_gone(folder: Path) -> None:
    backend, plain, secure = free_ports(3)
    main = place_example(folder, backend, plain, secure)
    with subprocess.Popen([str(NGINX), "-c", str(main), "-g", "daemon off;"], stderr=subprocess.PIPE) as nginx:
        wait_for_port(secure, nginx)
        with Proxied(f"https://localhost:{secure}", "", folder).client() as client:
            assert client.get("/passerelle/?q=confidentiel").status_code == 502
        nginx.send_signal(signal.SIGTERM)
    logged = "".join(path.read_text("utf-8") for path in folder.glob("*.log"))
    assert '"GET /passerelle/" 502' in logged
    assert "confidentiel" not in logged
