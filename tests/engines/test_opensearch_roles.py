"""The roles that are shipped hold for every index that a collection may have, and for no other one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import pytest

from deploy.opensearch.setup_roles import read_shipped
from search_core.engines.opensearch.failures import lesser_role
from search_core.engines.opensearch.names import ROW_KINDS, alias, kept_alias, lock_index, make_set

ROLES = ["reader", "writer", "operator"]


def read_roles(prefix: str = "passerelle") -> dict[str, Any]:
    return read_shipped("roles.yml", prefix)


def rights(role: str) -> set[str]:
    """All rights of a role; those on indices hold for one list of patterns."""
    (indices,) = read_roles()[f"passerelle_{role}"]["index_permissions"]
    return {*read_roles()[f"passerelle_{role}"]["cluster_permissions"], *indices["allowed_actions"]}


def patterns(role: str, prefix: str = "passerelle") -> list[str]:
    (indices,) = read_roles(prefix)[f"{prefix}_{role}"]["index_permissions"]
    found: list[str] = indices["index_patterns"]
    return found


def holds(role: str, index: str, prefix: str = "passerelle") -> bool:
    return any(fnmatchcase(index, pattern) for pattern in patterns(role, prefix))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("prefix", ["passerelle", "mairie-2"])
def test_role_holds_for_every_index_of_its_collection_and_no_other(role: str, prefix: str) -> None:
    own = [
        *make_set(prefix).indices,
        *(alias(prefix, kind) for kind in ROW_KINDS),
        kept_alias(prefix),
        lock_index(prefix),
    ]
    others = [*make_set(f"{prefix}-two").indices, lock_index(f"{prefix}-two"), ".opendistro_security", f"{prefix}"]

    assert [index for index in own if not holds(role, index, prefix)] == []
    assert [index for index in others if holds(role, index, prefix)] == []


def test_each_role_may_what_the_lesser_one_may() -> None:
    for lesser, greater in pairwise(ROLES):
        assert rights(lesser) < rights(greater)
        assert set(patterns(lesser)) <= set(patterns(greater))


def test_only_the_operator_reaches_scratch_indices_of_an_evaluation() -> None:
    assert [role for role in ROLES if holds(role, "passerelle-eval-0123abcd-passages-v1-1")] == ["operator"]


@pytest.mark.parametrize("right", sorted(rights("operator")))
def test_message_about_a_missing_right_names_the_least_role_that_has_it(right: str) -> None:
    least = next(role for role in ROLES if right in rights(role))

    assert lesser_role(right.rstrip("*")) == f"passerelle_{least}"


def test_role_that_writes_or_deletes_is_not_the_least() -> None:
    assert lesser_role("indices:data/write/bulk[s]") == "passerelle_writer"
    assert lesser_role("cluster:admin/snapshot/delete") == "passerelle_operator"


def test_roles_are_given_to_users_of_their_name() -> None:
    assert read_shipped("roles_mapping.yml", "mairie") == {
        f"mairie_{role}": {"users": [f"mairie_{role}"]} for role in ROLES
    }


def test_no_role_reads_or_writes_everything() -> None:
    assert not {right for role in ROLES for right in rights(role) if right.endswith("/*") or right == "*"}
