"""What `passerelle doctor` finds, from the machine and from the engine alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from search_core.errors import PasserelleError


@dataclass(frozen=True)
class Finding:
    """One thing checked; `remedy` is empty when it is well."""

    subject: str
    state: str
    remedy: str = ""

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def attempt(subject: str, check: Callable[[], Finding | str]) -> Finding:
    """What a check finds, or how it failed."""
    try:
        found = check()
    except PasserelleError as error:
        return Finding(subject, error.message, error.remedy)
    return found if isinstance(found, Finding) else Finding(subject, found)
