"""Give an OpenSearch server the three roles of roles.yml, who has them, and a user for each that has a password here.

    READER_PASSWORD=… WRITER_PASSWORD=… OPERATOR_PASSWORD=… python deploy/opensearch/setup_roles.py

The server is the one of PASSERELLE_OPENSEARCH_HOSTS and _CA; PASSERELLE_OPENSEARCH_USER and _PASSWORD are those of an
administrator of its security plugin. With PASSERELLE_OPENSEARCH_PREFIX=name the roles and users are called name_reader,
name_writer and name_operator, and hold for that collection only. Run again, it sets everything anew, passwords
included; a password that is not given leaves its user alone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml

from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import IndexUnavailable, PasserelleError, SettingsError
from search_core.opening import read_address
from search_core.settings import Settings

FOLDER = Path(__file__).parent
SHIPPED_PREFIX = "passerelle"
FAILED = 3


def read_shipped(name: str, prefix: str) -> dict[str, Any]:
    """The entries of a file of the security plugin, for the indices and roles of a prefix."""
    entries = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return {key: value for key, value in _put_prefix(entries, prefix).items() if key != "_meta"}


def set_up(cluster: Cluster, prefix: str, passwords: Mapping[str, str]) -> Iterator[str]:
    """Send roles, users and mappings; yields a sentence for each. `passwords` are by role: reader, writer, operator."""
    for name, role in read_shipped("roles.yml", prefix).items():
        cluster.ask("PUT", f"/_plugins/_security/api/roles/{name}", role)
        yield f"Role {name} is set."
    for role, password in passwords.items():
        if password:
            yield _set_user(cluster, f"{prefix}_{role}", role, password)
    for name, mapping in read_shipped("roles_mapping.yml", prefix).items():
        cluster.ask("PUT", f"/_plugins/_security/api/rolesmapping/{name}", mapping)
        yield f"Role {name} is given to {', '.join(each for held in mapping.values() for each in held)}."


def _set_user(cluster: Cluster, name: str, role: str, password: str) -> str:
    try:
        cluster.ask("PUT", f"/_plugins/_security/api/internalusers/{name}", {"password": password})
    except IndexUnavailable as error:
        if "password" not in error.message:
            raise
        raise SettingsError(
            f"The server does not take the password of {name}: {error.message}",
            remedy=f"Set {role.upper()}_PASSWORD to a longer one of letters, digits and signs.",
        ) from error
    return f"User {name} is set."


def _put_prefix(value: Any, prefix: str) -> Any:
    """The same with another beginning of names in place of the shipped one."""
    if isinstance(value, dict):
        return {_put_prefix(key, prefix): _put_prefix(each, prefix) for key, each in value.items()}
    if isinstance(value, list):
        return [_put_prefix(each, prefix) for each in value]
    if isinstance(value, str) and value.startswith(SHIPPED_PREFIX):
        return prefix + value.removeprefix(SHIPPED_PREFIX)
    return value


def main() -> None:
    settings = Settings()
    passwords = {role: os.environ.get(f"{role.upper()}_PASSWORD", "") for role in ("reader", "writer", "operator")}
    try:
        with closing(Cluster(read_address(settings))) as cluster:
            for sentence in set_up(cluster, settings.opensearch_prefix, passwords):
                print(sentence)
    except PasserelleError as error:
        print(f"Error: {error}", file=sys.stderr)
        raise SystemExit(FAILED) from None


if __name__ == "__main__":
    main()
