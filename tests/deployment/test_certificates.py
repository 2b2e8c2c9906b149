"""deploy/certificates.sh: an authority, what it signed, and passwords."""

import re
import shutil
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SECRET_FILES = {
    Path(each["file"]).name
    for each in yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["secrets"].values()
}


def make(folder: Path, *host: str) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "deploy" / "certificates.sh", folder)
    subprocess.run(["sh", str(folder / "certificates.sh"), *host], check=True, capture_output=True, cwd="/")
    return folder / "secrets"


def read(certificate: Path) -> str:
    command = ["openssl", "x509", "-noout", "-text", "-in", str(certificate)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("deploy"), "docs.example")


def test_everything_that_the_compose_file_mounts_is_made(secrets: Path) -> None:
    assert {path.name for path in secrets.iterdir()} >= SECRET_FILES


def test_only_the_owner_enters_and_containers_read(secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE((secrets / name).stat().st_mode) for name in SECRET_FILES} == {0o644}
    assert stat.S_IMODE((secrets / "ca.key").stat().st_mode) == 0o600
    assert "ca.key" not in SECRET_FILES


@pytest.mark.parametrize("name", ["node", "admin", "proxy"])
def test_certificates_are_signed_by_the_authority_and_fit_their_keys(secrets: Path, name: str) -> None:
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(secrets / "ca.pem"), str(secrets / f"{name}.pem")]
    subprocess.run(command, check=True, capture_output=True)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(secrets / f"{name}.pem", secrets / f"{name}.key")
    assert (secrets / f"{name}.key").read_text().startswith("-----BEGIN PRIVATE KEY")


def test_certificates_serve_their_purpose_and_no_other(secrets: Path) -> None:
    node, admin, proxy = (read(secrets / f"{name}.pem") for name in ("node", "admin", "proxy"))
    for number in (1, 2, 3):
        assert f"DNS:opensearch-{number}" in node
    assert "Client Authentication" in admin
    assert "Server Authentication" not in admin
    assert "DNS:docs.example" in proxy
    assert "Client Authentication" not in proxy
    assert re.search(r"Subject: CN ?= ?admin", admin)


@pytest.mark.slow
def test_a_second_run_keeps_what_is_there_and_makes_what_is_missing(tmp_path: Path) -> None:
    secrets = make(tmp_path, "192.0.2.1")
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    (secrets / "page_password").unlink()
    make(tmp_path, "192.0.2.1")
    after = {path.name: path.read_bytes() for path in secrets.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {"page_password"}
    assert "IP Address:192.0.2.1" in read(secrets / "proxy.pem")


def test_passwords_are_long_and_differ(secrets: Path) -> None:
    passwords = [path.read_text().strip() for path in secrets.glob("*_password")]
    assert len(set(passwords)) == 5
    assert min(map(len, passwords)) >= 32
