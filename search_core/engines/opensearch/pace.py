"""How long an answer is waited for, and when a request that failed in passing is made again.

A read is made again at once, on another node where there are several: every row has a copy there. What a writer sends
is made again after pauses, drawn at random up to a bound that doubles (so that writers that were refused together do
not come back together), for as long as a node takes to start, or the others to take over its rows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_after_delay,
    wait_chain,
    wait_none,
    wait_random_exponential,
)

from search_core.engines.opensearch.failures import PassingFailure

_log = logging.getLogger(__name__)

PATIENCE_S = 180
"""A node starts within a minute or two; a cluster that lost its manager has another one within seconds."""

_LONGEST_PAUSE_S = 15

_READ_AGAIN_S = 5
"""A read that waited for longer has been to every node by then."""


@dataclass(frozen=True)
class Pace:
    """Seconds until an answer counts as lost, and what is made of a `PassingFailure`, for reads and for writes."""

    read_s: float
    write_s: float
    reading: Retrying
    writing: Retrying


def _tell(state: RetryCallState) -> None:
    if state.attempt_number == 1 and state.outcome:
        _log.warning("%s Trying again for up to %d seconds.", state.outcome.exception(), PATIENCE_S)


_ONCE_MORE = Retrying(
    retry=retry_if_exception_type(PassingFailure),
    stop=stop_after_attempt(4) | stop_after_delay(_READ_AGAIN_S),
    wait=wait_chain(wait_none(), wait_random_exponential(multiplier=0.1, max=1)),
    reraise=True,
)

_PATIENTLY = Retrying(
    retry=retry_if_exception_type(PassingFailure),
    stop=stop_after_delay(PATIENCE_S),
    wait=wait_random_exponential(multiplier=0.5, max=_LONGEST_PAUSE_S),
    before_sleep=_tell,
    reraise=True,
)

STEADY = Pace(read_s=20, write_s=30, reading=_ONCE_MORE, writing=_PATIENTLY)

HURRIED = Pace(read_s=5, write_s=5, reading=_ONCE_MORE, writing=_ONCE_MORE)
"""For keeping a lock, where a late answer is as bad as none."""
