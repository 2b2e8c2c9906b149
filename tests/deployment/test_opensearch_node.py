"""A real OpenSearch node that begins with what docker-compose.yml mounts: our settings, certificates and set-up.

Only its addresses and folders are changed. The server lies beside the repository; without it these tests are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import yaml

from search_core.engines.base import Scope
from search_core.engines.opensearch import open_opensearch_index
from search_core.errors import IndexUnavailable
from search_core.opening import read_address
from search_core.settings import Settings

ROOT = Path(__file__).parents[2]
SERVER = ROOT.parent / "shared" / "opensearch"
NOBODY = 65534

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SERVER.is_dir(), reason="no OpenSearch server lies beside this folder"),
]


@dataclass(frozen=True)
class Node:
    """A node at `address`; `folder` is its configuration, with the certificates in it."""

    address: str
    folder: Path
    secrets: Path

    def settings(self, user: str) -> Settings:
        password = (self.secrets / f"{user.removeprefix('passerelle_')}_password").read_text().strip()
        return Settings(
            engine="opensearch",
            opensearch_hosts=self.address,
            opensearch_user=user,
            opensearch_password=password,
            opensearch_ca=self.secrets / "ca.pem",
        )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One that other users may enter: a node refuses to run as root. Those of pytest are its owner's alone."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def node(folder: Path) -> Iterator[Node]:
    secrets = make_secrets(folder)
    server = install_server(folder, secrets)
    http, transport = 19000 + os.getpid() % 5000, 24000 + os.getpid() % 5000
    write_settings(folder, server, http, transport)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", str(NOBODY), str(folder / "data"), str(server)], check=True)
    with (
        (folder / "out").open("wb") as out,
        subprocess.Popen(
            [server / "bin/opensearch"], env=environment(folder), user=user(), stdout=out, stderr=out
        ) as running,
    ):
        node = Node(f"https://localhost:{http}", server / "config", secrets)
        try:
            wait_until_healthy(node, running, folder / "out")
            yield node
        finally:
            running.kill()


def make_secrets(folder: Path) -> Path:
    shutil.copy(ROOT / "deploy" / "certificates.sh", folder)
    subprocess.run(["sh", str(folder / "certificates.sh")], check=True, capture_output=True)
    return folder / "secrets"


def install_server(folder: Path, secrets: Path) -> Path:
    server = folder / "server"
    shutil.copytree(SERVER / "server", server)
    subprocess.run(["chmod", "-R", "u+w", str(server)], check=True)
    shutil.copytree(SERVER / "security" / "plugin", server / "plugins" / "opensearch-security")
    shutil.copytree(ROOT / "deploy" / "opensearch" / "security", server / "config" / "opensearch-security")
    (server / "config" / "certificates").mkdir()
    for name in ("ca.pem", "node.pem", "node.key"):
        shutil.copy(secrets / name, server / "config" / "certificates")
    (folder / "data").mkdir()
    return server


def write_settings(folder: Path, server: Path, http: int, transport: int) -> None:
    """Ours, for loopback. `discovery` and the founder's name stay as they are."""
    text = (ROOT / "deploy" / "opensearch" / "opensearch.yml").read_text("utf-8")
    for there, here in (
        ("network.host: 0.0.0.0", f"network.host: 127.0.0.1\nhttp.port: {http}\ntransport.port: {transport}"),
        ("[opensearch-1, opensearch-2, opensearch-3]", f'["127.0.0.1:{transport}"]'),
        ("path.repo: [/backups]", f"path.repo: [{folder}/data]\npath.data: {folder}/data\nnode.name: opensearch-1"),
    ):
        assert there in text
        text = text.replace(there, here)
    (server / "config" / "opensearch.yml").write_text(text, "utf-8")


def environment(folder: Path) -> dict[str, str]:
    java = next(path for path in sorted(Path("/usr/lib/jvm").glob("*2[1-9]*")) if (path / "bin" / "java").exists())
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "data"),
        "OPENSEARCH_JAVA_HOME": str(java),
        "OPENSEARCH_JAVA_OPTS": "-Xms512m -Xmx512m",
        "OPENSEARCH_TMPDIR": str(folder / "data"),
    }


def user() -> int | None:
    return NOBODY if os.geteuid() == 0 else None


def check_health(node: Node) -> bool:
    """The health check of the compose file, for this node's port."""
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]["opensearch-1"]
    command = service["healthcheck"]["test"][1].replace("$$", "$").replace("https://localhost:9200", node.address)
    return subprocess.run(["sh", "-c", command], cwd=node.folder.parent, check=False).returncode == 0


def wait_until_healthy(node: Node, running: subprocess.Popen[bytes], out: Path) -> None:
    while not check_health(node):
        assert running.poll() is None, out.read_text("utf-8", "replace")[-3000:]
        time.sleep(1)


def set_up(node: Node, secrets: Path) -> subprocess.CompletedProcess[str]:
    """What the one-shot service runs."""
    known = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PASSERELLE_SECRETS": str(secrets),
        "PASSERELLE_OPENSEARCH_HOSTS": node.address,
        "PASSERELLE_OPENSEARCH_CA": str(node.secrets / "ca.pem"),
        "PASSERELLE_OPENSEARCH_USER": "admin",
        "OPENSEARCH_ADMIN_CERTIFICATE": str(node.secrets / "admin.pem"),
        "OPENSEARCH_ADMIN_KEY": str(node.secrets / "admin.key"),
    }
    command = ["sh", str(ROOT / "deploy" / "opensearch" / "set-up.sh")]
    return subprocess.run(command, env=known, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def ready(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Set up, twice over: the service runs at each `docker compose up`."""
    mounted = tmp_path_factory.mktemp("mounted")
    for path in node.secrets.glob("*_password"):
        shutil.copy(path, mounted)
    (mounted / "admin_password").rename(mounted / "passerelle_opensearch_password")
    for _ in range(2):
        done = set_up(node, mounted)
        assert done.returncode == 0, done.stdout + done.stderr
        for path in mounted.iterdir():
            assert path.read_text().strip() not in done.stdout + done.stderr
    return node


@pytest.mark.parametrize("login", [None, ("admin", "admin"), ("kibanaserver", "kibanaserver"), ("anyone", "")])
def test_new_cluster_knows_no_user_of_the_demonstration(node: Node, login: tuple[str, str] | None) -> None:
    trust = ssl.create_default_context(cafile=node.secrets / "ca.pem")
    assert httpx2.get(node.address, auth=login, verify=trust, trust_env=False).status_code == 401


def test_node_is_known_by_our_authority_only(node: Node) -> None:
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx2.get(node.address, trust_env=False)


def test_users_of_the_services_can_do_their_work_and_no_more(ready: Node) -> None:
    with closing(open_opensearch_index(read_address(ready.settings("passerelle_writer")))) as index:
        assert not list(index.records(None, Scope.everything()))
    with closing(open_opensearch_index(read_address(ready.settings("passerelle_reader")))) as index:
        assert not list(index.records(None, Scope.everything()))
        with pytest.raises(IndexUnavailable, match=r"right|refuse|403"), index.writer("a trial"):
            pass


def test_indices_are_made_by_name_only(ready: Node) -> None:
    trust = ssl.create_default_context(cafile=ready.secrets / "ca.pem")
    login = ("admin", (ready.secrets / "admin_password").read_text().strip())
    with httpx2.Client(base_url=ready.address, auth=login, verify=trust, trust_env=False) as admin:
        assert admin.put("/mistyped/_doc/1", json={"a": 1}).status_code == 404
        assert admin.delete("/pass*").status_code == 400


def test_settings_name_no_demonstration_certificate() -> None:
    text = (ROOT / "deploy" / "opensearch" / "opensearch.yml").read_text("utf-8")
    assert not re.search(r"kirk|esnode|demo", text)
