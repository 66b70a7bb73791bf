"""What rules with a memory ask about a member at one merchant, by name: the keys of `MemberFacts.counts`. Two of them, `given`
and `others`, are sums over all its members, which the ledger alone knows.

A cap asks what a kind brought him so far, a limit how often he took a reward, an activity whether he finished it. Periods are
those of the sale's business day, so the rules compare numbers and never reckon with dates.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Period: TypeAlias = Literal["day", "month", "ever"]
"""The business day, its calendar month, or all the time that there is."""

SPENT: Final = "spent/month"
"""Fen that he paid in a calendar month."""

STAFF: Final = "staff"
"""1, if he works in this store: nothing that is counted, but what the list of its staff says."""

VISITS: Final = "visits/month"
"""Sales in which he paid something."""


def earned(kind: str, period: Period) -> str:
    """Points of a kind that this merchant gave him."""
    return f"earned/{kind}/{period}"


def gained(campaign: str) -> str:
    """Points that he would not have without a campaign whose gain is bounded."""
    return f"gained/{campaign}/ever"


def taken(reward: str, period: Period) -> str:
    """How often he took a reward."""
    return f"taken/{reward}/{period}"


def given(reward: str) -> str:
    """How many of a reward were given, to all members together: what its stock bounds."""
    return f"given/{reward}/ever"


def others(reward: str) -> str:
    """Points of other merchants that a reward took in a calendar month, from all members together."""
    return f"others/{reward}/month"


def done(activity: str) -> str:
    """1, if he finished it."""
    return f"done/{activity}"


def offered(campaign_or_reward: str) -> str:
    """1, if this campaign or reward is offered to him in person; his merchant says until when."""
    return f"offered/{campaign_or_reward}"
