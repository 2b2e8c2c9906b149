"""docker-compose.yml without a container engine: its schema, what it asks for, and how little its services may do."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from search_core.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROFILES = ("embedded", "opensearch", "cluster")
ONE_SHOT = {"set-up", "operator"}
WRITES_TO_ITS_ROOT = {"opensearch-1", "opensearch-2", "opensearch-3"}

_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?:(:?[-?])([^}]*))?\}")


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def active(profile: str) -> dict[str, dict[str, Any]]:
    return {name: service for name, service in SERVICES.items() if profile in service["profiles"]}


def environment(name: str) -> dict[str, str]:
    """What a service is given, with every variable as it is by default."""
    return {key: _VARIABLE.sub(r"\3", value) for key, value in SERVICES[name].get("environment", {}).items()}


def secret_files(name: str) -> set[str]:
    given = [each if isinstance(each, dict) else {"source": each} for each in SERVICES[name].get("secrets", [])]
    return {each.get("target", each["source"]) for each in given}


def test_file_keeps_the_compose_specification() -> None:
    schema = json.loads((files("check_jsonschema.builtin_schemas") / "vendor" / "compose-spec.json").read_text("utf-8"))
    checker = jsonschema.Draft202012Validator(schema)
    assert [error.message for error in checker.iter_errors(COMPOSE)] == []
    broken = {**COMPOSE, "services": {"api": {"image": "x", "depends_on": {"sync": {"condition": "healthy"}}}}}
    assert not checker.is_valid(broken)


def test_every_variable_is_in_the_example_and_no_other() -> None:
    asked = {match[1] for match in _VARIABLE.finditer(TEXT)}
    assert asked | {"COMPOSE_PROFILES"} == set(example())
    assert example()["COMPOSE_PROFILES"] in PROFILES


def test_defaults_are_those_of_the_example() -> None:
    for name, kind, default in _VARIABLE.findall(TEXT):
        assert kind in (":-", ":?"), f"{name} may be empty unnoticed"
        assert kind == ":?" or default == example()[name]


def test_no_password_stands_in_file_or_example() -> None:
    for name, value in {
        **example(),
        **{key: value for each in SERVICES for key, value in environment(each).items()},
    }.items():
        assert not re.search(r"PASSWORD|SECRET_KEY|TOKEN", name), name
        assert "://" not in value or "@" not in value


@pytest.mark.parametrize("name", SERVICES)
def test_service_may_do_little(name: str) -> None:
    service = SERVICES[name]
    uid, _, gid = service["user"].partition(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service)
    assert "docker.sock" not in yaml.safe_dump(service)
    assert service.get("read_only", False) is (name not in WRITES_TO_ITS_ROOT)
    assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped")
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_service_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_named_by_an_exact_version(name: str) -> None:
    image = _VARIABLE.sub(r"\3", SERVICES[name]["image"])
    assert re.fullmatch(r"[a-z]+(/[a-z]+)?:\d+\.\d+\.\d+(-alpine)?", image)


def test_opensearch_is_the_version_that_the_tests_run() -> None:
    said = re.search(r"the tests run (\d+\.\d+\.\d+)", (ROOT / "docs" / "opensearch.md").read_text("utf-8"))
    assert said is not None
    assert SERVICES["opensearch-1"]["image"].endswith(f":{said[1]}")


@pytest.mark.parametrize("profile", PROFILES)
def test_profile_is_whole(profile: str) -> None:
    """What its services wait for, mount and join is there; what answers the proxy is named api."""
    services = active(profile)
    for service in services.values():
        waits = {name for name, how in service.get("depends_on", {}).items() if how.get("required", True)}
        assert waits <= set(services)
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        for each in service.get("secrets", []):
            assert (each if isinstance(each, str) else each["source"]) in COMPOSE["secrets"]
        for each in service.get("volumes", []):
            source = each["source"] if isinstance(each, dict) else each.split(":")[0]
            assert source in COMPOSE["volumes"] or "$" in source or (ROOT / source).exists(), source
    answering = [
        name
        for name, service in services.items()
        if "front" in service["networks"] and name != "proxy"
        and (name == "api" or "api" in service["networks"]["front"]["aliases"])
    ]  # fmt: skip
    assert len(answering) == 1


def test_only_the_proxy_can_be_reached_or_reach_out() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert [name for name, network in COMPOSE["networks"].items() if not network.get("internal")] == ["edge"]
    assert [name for name, service in SERVICES.items() if "edge" in service["networks"]] == ["proxy"]


@pytest.mark.parametrize("name", ["embedded", "api", "sync", "operator"])
def test_settings_of_a_service_exist_and_can_be_used(name: str) -> None:
    given = {key.lower(): value for key, value in environment(name).items()}
    known = {f"passerelle_{field}" for field in Settings.model_fields}
    assert set(given) <= known
    assert {file for file in secret_files(name) if file.startswith("passerelle_")} <= known
    Settings(**{key.removeprefix("passerelle_"): value for key, value in given.items() if key != "passerelle_secrets"})


def test_each_service_holds_the_least_secrets() -> None:
    sources = {
        name: {each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])}
        for name, service in SERVICES.items()
    }
    holders = {secret: {name for name, held in sources.items() if secret in held} for secret in COMPOSE["secrets"]}
    assert holders["admin_key"] == {"set-up"}
    assert holders["admin_password"] == {"set-up"}
    assert holders["operator_password"] == {"set-up", "operator"}
    assert holders["writer_password"] == {"set-up", "sync"}
    assert holders["reader_password"] == {"set-up", "api"}
    assert holders["proxy_key"] == {"proxy"}
    assert holders["page_password"] == {"api", "embedded"}


def test_documents_cannot_be_written_to() -> None:
    mounts = [each for service in SERVICES.values() for each in service.get("volumes", []) if isinstance(each, dict)]
    documents = [mount for mount in mounts if mount["target"] == "/documents"]
    assert len(documents) == 4
    assert all(mount["read_only"] for mount in documents)
