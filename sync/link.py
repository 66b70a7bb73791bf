"""The state of the link, in the words that the status line needs, as a pure function of what happened.

One failure after a success is `slow`: a radio that lost one packet is not an outage. A network that is known to be gone is
`offline` at once. What was offline is `recovering` until the journal is empty again, so that the cashier sees it going.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from sync.errors import Cause

Condition = Literal["online", "slow", "offline", "recovering", "portal"]

SLOW_FROM_US = 1_500_000
"""An exchange that takes longer is felt at the counter: about twice the bound of an online redemption."""

_CERTAIN: frozenset[Cause] = frozenset(
    {"unplugged", "dns", "certificate", "certificate-time", "not-recognised", "revoked", "version"}
)
"""Causes that leave nothing to hope for from the next second."""


class Sending(NamedTuple):
    """正在上传 20/37."""

    done: int
    total: int


CacheTroubled = Literal["", "full", "failed"]
"""The disk has no room for what comes, or cannot be written."""


@dataclass(frozen=True)
class LinkState:
    """What the status line says. Times are µs UTC of the clock that the agent was given."""

    condition: Condition = "offline"
    cause: Cause | None = None
    """Why it is not `online`; None while nothing is known yet."""
    since_us: int = 0
    """When the condition began; of an outage, when the first call failed."""
    waiting: int = 0
    """Entries without an outcome."""
    sending: Sending | None = None
    as_of_us: int = 0
    """Until when the balances are known to be the newest; 0 before the first pull."""
    quarantined: int = 0
    """Entries that wait for a person."""
    stuck: str = ""
    """The code of what a person has to do before anything more is pushed; empty while pushing goes on by itself."""
    cache_trouble: CacheTroubled = ""
    """Why members and balances are not kept up though the ledger may be there; empty once a pull has ended again."""
    failing_since_us: int = 0
    """When the present run of failures began; 0 when the last call was answered."""

    @property
    def is_reachable(self) -> bool:
        """Whether the last call was answered by the ledger."""
        return self.failing_since_us == 0 and self.condition not in ("offline", "portal")


class Answered(NamedTuple):
    """The ledger answered, and signed it."""

    took_us: int


class Failed(NamedTuple):
    """A call came to nothing."""

    cause: Cause


class Counted(NamedTuple):
    """What lies in the journal. `sending` is the total of the push under way, 0 for none."""

    waiting: int
    quarantined: int
    sending: int = 0


class Refreshed(NamedTuple):
    """A pull ended with nothing more to come."""

    as_of_us: int


class Stuck(NamedTuple):
    """Pushing ended for good, or (with an empty code) goes on. It says nothing about the network."""

    code: str


class NotKeptUp(NamedTuple):
    """The process that pulls has ended for want of its disk. What is in the cache goes on serving."""

    why: CacheTroubled


Happening = Answered | Failed | Counted | Refreshed | Stuck | NotKeptUp


def after(link: LinkState, happening: Happening, now_us: int) -> LinkState:
    """The link once this has happened."""
    match happening:
        case Answered(took_us):
            return _answered(link, took_us, now_us)
        case Failed(cause):
            return _failed(link, cause, now_us)
        case Counted(waiting, quarantined, sending):
            return _counted(link, waiting, quarantined, sending, now_us)
        case Refreshed(as_of_us):
            return replace(link, as_of_us=max(link.as_of_us, as_of_us), cache_trouble="")
        case NotKeptUp(why):
            return replace(link, cache_trouble=why)
        case Stuck(code):
            return replace(link, stuck=code)


def _answered(link: LinkState, took_us: int, now_us: int) -> LinkState:
    link = replace(link, failing_since_us=0)
    is_back = link.condition in ("offline", "portal", "recovering")
    if is_back and link.waiting:
        return _become(link, "recovering", None, now_us)
    if took_us > SLOW_FROM_US:
        return _become(link, "slow", "no-answer", now_us)
    return _become(link, "online", None, now_us)


def _failed(link: LinkState, cause: Cause, now_us: int) -> LinkState:
    since_us = link.failing_since_us or now_us
    is_first = link.failing_since_us == 0 and link.condition in ("online", "slow")
    link = replace(link, failing_since_us=since_us, sending=None)
    if cause == "portal":
        return _become(link, "portal", cause, since_us)
    if is_first and cause not in _CERTAIN:
        return _become(link, "slow", cause, now_us)
    return _become(link, "offline", cause, since_us)


def _counted(link: LinkState, waiting: int, quarantined: int, sending: int, now_us: int) -> LinkState:
    shown = Sending(max(0, sending - waiting), sending) if sending and waiting else None
    link = replace(link, waiting=waiting, quarantined=quarantined, sending=shown)
    if link.condition == "recovering" and not waiting:
        return _become(link, "online", None, now_us)
    return link


def _become(link: LinkState, condition: Condition, cause: Cause | None, now_us: int) -> LinkState:
    since_us = link.since_us if link.condition == condition else now_us
    return replace(link, condition=condition, cause=cause, since_us=since_us)
