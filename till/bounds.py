"""Rewards that the ledger bounds for all tills: what it is asked with, and what this till knows of their stock."""

from __future__ import annotations

from typing import Final

from points import Offer
from protocol.reservations import BoundedReward, Verdict
from till.desk import Desk

OWN_ONLINE: Final = "own-points-online"
"""Whose points they are stands in the ledger's lots: nothing here can tell."""
BOUNDED_ONLINE: Final = "bounded-online"
"""What is left of a stock, or of a month's quota of others' points, nobody here can tell either."""


def needs_ledger(desk: Desk, reward: str) -> str:
    """Why a reward is to be had with the ledger's yes alone; empty for one that is not."""
    known = desk.store.programme.reward_by_id.get(reward)
    if known is None or not known.is_online_only:
        return ""
    return OWN_ONLINE if known.accepts else BOUNDED_ONLINE


def bounded(desk: Desk, offer: Offer) -> BoundedReward | None:
    """How the ledger is told which reward the points are for, where more than points bounds it."""
    programme = desk.store.programme
    known = programme.reward_by_id.get(offer.reward_id)
    if known is None or not known.is_bounded:
        return None
    return BoundedReward(
        reward=offer.reward_id, programme=programme.id, version=programme.version, engine=programme.engine,
        business_day=desk.business_day,
    )  # fmt: skip


def hear(desk: Desk, offer: Offer, verdict: Verdict) -> None:
    """Remember what the ledger said of the reward's stock."""
    if verdict.given:
        desk.given[offer.reward_id] = verdict.given


def left_in_stock(desk: Desk) -> dict[str, int]:
    """By reward, how many there were when the ledger said so last to this till since it was started."""
    known = desk.store.programme.reward_by_id
    found = {reward: known[reward].stock for reward in desk.given if reward in known}
    return {reward: max(0, stock - desk.given[reward]) for reward, stock in found.items() if stock is not None}
