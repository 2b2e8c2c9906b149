"""Each command works for a user of its own role, and is refused, clearly, to one of the lesser. On a secured server."""

from __future__ import annotations

import json
import signal
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.opensearch.setup_roles import set_up
from search_core.engines.opensearch import ServerAddress
from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import PasserelleError
from tests.cli.processes import serving

pytestmark = [pytest.mark.opensearch, pytest.mark.secured]

ROLES = ("reader", "writer", "operator")

RunAs = Callable[..., Any]


@pytest.fixture(scope="module")
def logins(secured_address: ServerAddress) -> Iterator[Mapping[str, ServerAddress]]:
    """A collection of one's own, with the three roles as they are shipped and a user for each."""
    prefix = f"{secured_address.prefix}-roles"
    passwords = {role: f"Mot-de-passe-{uuid4().hex}" for role in ROLES}
    with closing(Cluster(secured_address)) as cluster:
        list(set_up(cluster, prefix, passwords))
        yield {
            role: replace(secured_address, user=f"{prefix}_{role}", password=passwords[role], prefix=prefix)
            for role in ROLES
        }
        for kind in ("rolesmapping", "internalusers", "roles"):
            for role in ROLES:
                cluster.ask("DELETE", f"/_plugins/_security/api/{kind}/{prefix}_{role}")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory, write_texts: Callable[[Path], Path]) -> Path:
    """The same four files for all tests: on the server they are one source."""
    return write_texts(tmp_path_factory.mktemp("roles") / "documents")


def to_environment(address: ServerAddress) -> dict[str, str]:
    return {
        "PASSERELLE_ENGINE": "opensearch",
        "PASSERELLE_OPENSEARCH_HOSTS": ",".join(address.hosts),
        "PASSERELLE_OPENSEARCH_USER": address.user,
        "PASSERELLE_OPENSEARCH_PASSWORD": address.password,
        "PASSERELLE_OPENSEARCH_PREFIX": address.prefix,
        **({"PASSERELLE_OPENSEARCH_CA": str(address.ca)} if address.ca else {}),
    }


@pytest.fixture
def run_as(
    passerelle: Callable[..., Any], logins: Mapping[str, ServerAddress], monkeypatch: pytest.MonkeyPatch
) -> RunAs:
    """Runs a command as the user of a role; `change` is a field of the address that is another one."""

    def run(role: str, *arguments: str | Path, **change: str) -> Any:
        for name, value in to_environment(replace(logins[role], **change)).items():  # type: ignore[arg-type]
            monkeypatch.setenv(name, value)
        ended = passerelle(*arguments)
        assert logins[role].password not in ended.out + ended.err
        return ended

    return run


@pytest.fixture
def indexed(run_as: RunAs, documents: Path) -> Path:
    """The documents, indexed by the writer; the first time this makes the indices."""
    assert run_as("writer", "index", documents).status == 0
    return documents


def expect_refusal(ended: Any, right: str, role: str) -> None:
    """The message names what is missing, the remedy who has it."""
    assert ended.status == 3
    assert f"the right {right} is missing" in ended.err
    assert f"role passerelle_{role} of deploy/opensearch/roles.yml" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_read(run_as: RunAs, indexed: Path, role: str) -> None:
    assert run_as(role, "search", "--json", "réseau électrique").json["hits"][0]["path"] == "fr/reseau.txt"
    assert run_as(role, "search", "--json", "").json["total"] == 4
    assert sum(run_as(role, "status", "--json").json["documents"].values()) == 4
    assert {each["status"] for each in run_as(role, "report", "--json").json["files"]} <= {"indexed", "unchanged"}
    assert run_as(role, "pairs", "--json").status == 0


def test_service_needs_the_reader_only(
    indexed: Path, logins: Mapping[str, ServerAddress], environment: dict[str, str]
) -> None:
    with serving(environment | to_environment(logins["reader"])) as (process, address):
        with urllib.request.urlopen(f"{address}/api/v1/search?q=zanzibarite", timeout=60) as answer:
            (found, *_) = json.load(answer)["hits"]
        for page in ("/?q=zanzibarite", f"/documents/{found['document_id']}", "/report", "/api/v1/facets?q="):
            with urllib.request.urlopen(f"{address}{page}", timeout=60) as answer:
                assert answer.status == 200, page
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert found["path"] == "fr/vélo.txt"
    assert (process.returncode, errors) == (0, "")


WRITING = [
    ("index", "{documents}/fr/neuf.txt"),
    ("sync", "{documents}", "--adopt"),
    ("remove", "{documents}/fr/vélo.txt"),
    ("remove", "--purge", "--yes", "{documents}/fr/vélo.txt"),
    ("pairs", "confirm", "{documents}/fr/vélo.txt", "{documents}/zh/自行车.txt"),
    ("pairs", "refute", "{documents}/fr/vélo.txt", "{documents}/zh/自行车.txt"),
]
OPERATING = [("reindex",), ("reindex", "--discard")]


@pytest.mark.parametrize("command", WRITING + OPERATING, ids=" ".join)
def test_reader_writes_nothing(run_as: RunAs, indexed: Path, command: tuple[str, ...]) -> None:
    before = run_as("reader", "report", "--json").json
    (indexed / "fr" / "neuf.txt").write_text("Un document arrivé après.", "utf-8")

    ended = run_as("reader", *(each.format(documents=indexed) for each in command))

    (indexed / "fr" / "neuf.txt").unlink()
    operating = command in OPERATING
    expect_refusal(
        ended,
        "indices:admin/delete" if operating else "indices:admin/create",
        "operator" if operating else "writer",
    )
    assert run_as("reader", "report", "--json").json == before


def test_writer_writes(run_as: RunAs, indexed: Path) -> None:
    new = indexed / "fr" / "neuf.txt"
    new.write_text("Un document arrivé après.", "utf-8")
    assert run_as("writer", "index", indexed, "--json").json["counts"]["indexed"] == 1
    assert run_as("writer", "remove", new).status == 0
    expect_refusal(run_as("reader", "restore", new), "indices:admin/create", "writer")
    assert run_as("writer", "restore", new).status == 0
    assert run_as("writer", "pairs", "confirm", new, indexed / "zh" / "自行车.txt").status == 0
    assert run_as("writer", "pairs", "forget", new, indexed / "zh" / "自行车.txt").status == 0
    new.unlink()
    assert run_as("writer", "sync", indexed, "--adopt").status == 0
    assert run_as("writer", "remove", "--purge", "--yes", new).out == "1 document erased.\n"


@pytest.mark.parametrize("command", OPERATING, ids=" ".join)
def test_writer_makes_no_other_index(run_as: RunAs, indexed: Path, command: tuple[str, ...]) -> None:
    expect_refusal(run_as("writer", *command), "indices:admin/delete", "operator")


def test_operator_reindexes_and_goes_back_and_nobody_else(run_as: RunAs, indexed: Path) -> None:
    for _ in range(3):  # the third time there is an index to delete
        assert run_as("operator", "reindex").status == 0
    for role in ("reader", "writer"):
        expect_refusal(run_as(role, "rollback", "--yes"), "indices:admin/delete", "operator")
    assert run_as("operator", "rollback", "--yes").status == 0
    assert run_as("operator", "reindex", "--discard").status == 0
    assert run_as("operator", "index", indexed).status == 0
    assert run_as("reader", "search", "--json", "zanzibarite").json["total"] == 1


def test_operator_backs_up_and_recovers_and_nobody_else(run_as: RunAs, indexed: Path, snapshot_place: str) -> None:
    for role in ("reader", "writer"):
        expect_refusal(run_as(role, "backup", snapshot_place), "cluster:admin/repository/get", "operator")
    for _ in range(2):
        ended = run_as("operator", "backup", snapshot_place, "--keep", "1")
        assert ended.status == 0, ended.err
    assert len(run_as("operator", "backup", snapshot_place, "--list", "--json").json) == 1

    for role in ("reader", "writer"):
        expect_refusal(run_as(role, "recover", snapshot_place, "--yes"), "cluster:admin/repository/get", "operator")
    ended = run_as("operator", "recover", snapshot_place, "--yes")
    assert ended.status == 0, ended.err
    assert run_as("reader", "search", "--json", "zanzibarite").json["total"] == 1
    assert run_as("writer", "index", indexed).status == 0


@pytest.mark.parametrize("role", ROLES)
def test_role_of_another_collection_sees_nothing_of_it(run_as: RunAs, indexed: Path, role: str) -> None:
    other = "passerelle-of-others"

    ended = run_as(role, "status", prefix=other)

    expect_refusal(ended, "indices:data/read/get", "reader")
    assert "PASSERELLE_OPENSEARCH_PREFIX" in ended.err


def test_reader_is_told_when_there_is_no_index_yet(
    secured_address: ServerAddress, run_as: RunAs, environment: dict[str, str]
) -> None:
    prefix = f"{secured_address.prefix}-none"
    password = f"Mot-de-passe-{uuid4().hex}"
    with closing(Cluster(secured_address)) as cluster:
        list(set_up(cluster, prefix, {"reader": password}))
        ended = run_as("reader", "search", "vélo", prefix=prefix, user=f"{prefix}_reader", password=password)
        for kind in ("rolesmapping", "internalusers", "roles"):
            for role in ROLES:
                with suppress(PasserelleError):  # a user was made for one of them only
                    cluster.ask("DELETE", f"/_plugins/_security/api/{kind}/{prefix}_{role}")

    assert ended.status == 3
    assert f"There is no index {prefix}" in ended.err
    assert "Run `passerelle index` first, as a user with the role passerelle_writer" in ended.err


@pytest.mark.parametrize("change", [{"password": "n0t-this-one"}, {"user": "nobody"}, {"user": ""}])
@pytest.mark.parametrize("command", ["status", "search vélo", "serve --port 0", "index .", "reindex", "report"])
def test_wrong_login_is_a_sentence(run_as: RunAs, command: str, change: dict[str, str]) -> None:
    ended = run_as("writer", *command.split(), **change)

    assert ended.status == 3
    assert "does not know this user, or the password is wrong" in ended.err
    assert "PASSERELLE_OPENSEARCH_PASSWORD" in ended.err
    assert "n0t-this-one" not in ended.err + ended.out


RIGHTS = {
    "reader": "may search; may not index (",
    "writer": "may search, index, purge; may not reindex (indices:admin/delete missing), back up (",
    "operator": "may search, index, purge, reindex, back up",
}


@pytest.mark.parametrize("role", ROLES)
def test_doctor_tells_what_a_user_may_do(run_as: RunAs, indexed: Path, role: str, logins: Any) -> None:
    findings = {each["subject"]: each for each in run_as(role, "doctor", "--json").json}

    assert findings["login"]["state"].startswith(f"user {logins[role].user}, roles ")
    assert findings["server rights"]["state"].startswith(RIGHTS[role])
    engine = ("server", "encryption", "login", "server rights", "health", "write blocks", "writer", "index")
    assert [subject for subject in engine if findings[subject]["remedy"]] == []
    unseen = [subject for subject in findings if "not shown to this user" in findings[subject]["state"]]
    assert unseen == ([] if role == "operator" else ["server disks", "k-NN plugin"])


def test_doctor_of_a_user_without_a_role_says_what_to_give(run_as: RunAs, indexed: Path) -> None:
    findings = {each["subject"]: each for each in run_as("reader", "doctor", "--json", prefix="of-others").json}

    assert findings["server rights"]["state"].startswith("may do nothing; may not search (")
    assert "deploy/opensearch/roles.yml" in findings["server rights"]["remedy"]
