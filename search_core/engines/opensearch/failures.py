"""What goes wrong at the server, as errors of our family: who is to blame and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opensearchpy import exceptions

from search_core.errors import IndexUnavailable

_LOG_IN = "Set PASSERELLE_OPENSEARCH_USER and PASSERELLE_OPENSEARCH_PASSWORD to a user that the server knows."
_TRUST = "Set PASSERELLE_OPENSEARCH_CA to the PEM file of the authority that signed the server's certificate."

_CERTIFICATES = (
    ("certificate has expired", "has a certificate that has expired", "Renew the server's certificate."),
    ("not yet valid", "has a certificate that is not valid yet", "Check the clocks of both machines."),
    ("mismatch", "has a certificate of another host name", "Name the server in the settings as its certificate does."),
    (
        "doesn't match",
        "has a certificate of another host name",
        "Name the server in the settings as its certificate does.",
    ),
    ("certificate verify failed", "has a certificate of an authority that is not trusted", _TRUST),
    ("wrong_version_number", "does not speak https", "Write http:// in PASSERELLE_OPENSEARCH_HOSTS if that is meant."),
    ("record layer failure", "does not speak https", "Write http:// in PASSERELLE_OPENSEARCH_HOSTS if that is meant."),
)
"""What OpenSSL says, in the order in which to look for it."""

_STATUSES = {
    401: ("does not know this user, or the password is wrong", _LOG_IN),
    413: ("does not take a request of this size", "Raise http.max_content_length on the server."),
    429: ("is too busy", "Try again later, or give the server more memory."),
    503: ("is not ready", "Look at the health of the cluster, and try again when it is yellow or green."),
}

_ROLES = {
    "passerelle_reader": (
        *("cluster:monitor/main", "cluster:monitor/health", "indices:monitor/", "indices:admin/aliases/get"),
        *("indices:data/read/get", "indices:data/read/search", "indices:data/read/msearch"),
    ),
    "passerelle_writer": (
        *("indices:data/", "indices:admin/create", "indices:admin/aliases", "indices:admin/mapping/put"),
        *("indices:admin/refresh", "indices:admin/flush", "indices:admin/forcemerge"),
    ),
}
"""Beginnings of the rights that the two lesser roles have; the operator has every other one."""

_GONE = "An index is gone from"

_DENIED = re.compile(r"no permissions for \[(.*?)\] and User")
_FULL = ("read-only-allow-delete", "read-only / allow delete")


class RightMissing(IndexUnavailable):
    """The user that is logged in may not do that; `right` is what the server calls it."""

    def __init__(self, server: str, right: str) -> None:
        role = lesser_role(right)
        super().__init__(
            f"The OpenSearch server {server} does not let this user do that: the right {right} is missing.",
            remedy=f"Give the user the role {role} of deploy/opensearch/roles.yml (for indices of "
            "PASSERELLE_OPENSEARCH_PREFIX), or use a user who has it: docs/opensearch.md.",
        )
        self.right = right


class WriteConflict(Exception):
    """A record was changed, or made, by somebody else in the meantime."""


class PassingFailure(IndexUnavailable):
    """May work a moment later: there was no answer, or the server is too busy or not ready."""


@dataclass(frozen=True)
class Refusal:
    """Why a row cannot be stored, however often it is sent."""

    reason: str


TOO_LARGE = Refusal("it is larger than the server takes at once (http.max_content_length)")


@contextmanager
def driver_errors(server: str) -> Iterator[None]:
    """Translate what the driver raises. Raises `IndexUnavailable`, `WriteConflict`."""
    try:
        yield
    except exceptions.ConflictError as error:
        raise WriteConflict from error
    except exceptions.OpenSearchException as error:
        raise translate(error, server) from error


def translate(error: Exception, server: str) -> IndexUnavailable:
    """The error of our family for one of the driver's."""
    if isinstance(error, exceptions.ConnectionTimeout):
        return _passing(server, "did not answer in time", "Look at its load, and try again.")
    if isinstance(error, exceptions.ConnectionError):
        return _explain_connection(str(error.info), server)
    if isinstance(error, exceptions.TransportError):
        return explain(int(error.status_code), _find_reason(error), server)
    return _unavailable(server, f"answered something else than OpenSearch does ({error})", "Check its address.")


def explain(status: int, reason: Any, server: str) -> IndexUnavailable:
    """The error for an HTTP status and the `error` of a reply, or of one item of it."""
    said = describe(reason)
    if "index_not_found_exception" in said:
        return IndexUnavailable(f"{_GONE} {server} ({said}).", remedy="Run `passerelle recover`, or index again.")
    if any(sign in said for sign in _FULL):
        return _unavailable(server, "takes no more documents: its disk is nearly full", "Free some space on its disk.")
    if status == 403 and "cluster_block_exception" in said:
        return _unavailable(server, f"is set not to take writes ({said})", "Take that block off the index.")
    if status == 403:
        denied = _DENIED.search(said)
        if denied:
            return RightMissing(server, denied[1])
        return _unavailable(server, f"does not let this user do that ({said})", "Log in as a user who may.")
    meaning = _STATUSES.get(status, (f"refused a request ({status}: {said})", "`passerelle doctor` checks the server."))
    return _passing(server, *meaning) if is_passing(status) else _unavailable(server, *meaning)


def explain_row(status: int, reason: Any, server: str) -> IndexUnavailable | Refusal | None:
    """What became of one row of a bulk: it is stored, it never will be, or the server is to blame."""
    if status < 300:
        return None
    if status == 413:
        return TOO_LARGE
    if status == 400:
        return Refusal(describe(reason))
    return explain(status, reason, server)


def is_passing(status: int) -> bool:
    """Whether a request that was answered so may work later."""
    return status == 429 or status >= 500


def lesser_role(right: str) -> str:
    """Which of the roles of deploy/opensearch is the least that has a right, as it is called there."""
    return next((role for role, rights in _ROLES.items() if right.startswith(rights)), "passerelle_operator")


def is_gone(error: IndexUnavailable) -> bool:
    """Whether an index does not exist (any more): a reader looks for the living one again."""
    return error.message.startswith(_GONE)


def describe(reason: Any) -> str:
    """The type and the words of an error, innermost first; never what was asked."""
    if not isinstance(reason, Mapping):
        return str(reason)[:300]
    causes = [*(reason.get("root_cause") or ()), reason]
    said = dict.fromkeys(f"{each.get('type')}: {each.get('reason')}" for each in causes)
    inner = reason.get("caused_by")
    return "; ".join([*said, *([describe(inner)] if inner else [])])[:600]


def _find_reason(error: exceptions.TransportError) -> Any:
    """What the server says went wrong; where only shards or rows failed, what it says of the first one."""
    told = error.info
    if not isinstance(told, Mapping):
        return error.error
    shards = [each["reason"] for each in told.get("_shards", {}).get("failures", ())]
    rows = [each["cause"] for each in told.get("failures", ())]
    # The security plugin's own requests answer with a reason or a message.
    reasons = [told.get("error"), *shards, *rows, told.get("reason"), told.get("message")]
    return next(filter(None, reasons), "no reason given")


def _explain_connection(cause: str, server: str) -> IndexUnavailable:
    for sign, meaning, remedy in _CERTIFICATES:
        if sign in cause.lower():
            return _unavailable(server, meaning, remedy)
    return _passing(
        server,
        "cannot be reached",
        "Start it, and check PASSERELLE_OPENSEARCH_HOSTS (https:// where the server has security on).",
    )


def _unavailable(server: str, what: str, remedy: str) -> IndexUnavailable:
    return IndexUnavailable(f"The OpenSearch server {server} {what}.", remedy=remedy)


def _passing(server: str, what: str, remedy: str) -> PassingFailure:
    return PassingFailure(f"The OpenSearch server {server} {what}.", remedy=remedy)
