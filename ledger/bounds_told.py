"""How far the bounded rewards of a programme are used up, and which members had one more often than its limit allows.

A limit is held by the ledger where it is asked. Where it was not (an allowance, the floor, a phone's permission) two tills can
each give the last one: it is booked, its merchant bears what he gave, and it is shown here for as long as counts are kept.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.documents import newest
from ledger.problems import NotKnownError
from ledger.schema_standing import MerchantCount
from ledger.terms import parsed
from points import counts
from points.forms import RewardBase
from points.programme import Programme
from protocol.counts import Counted, counted
from protocol.documents import ProgrammeText

_LENGTHS = {"day": 10, "month": 7, "ever": 4}


class Used(NamedTuple):
    """Of a reward's `stock`, or of its `quota` of others' points in a month: `used` of `most`, with what is reserved."""

    reward: str
    bound: str
    used: int
    most: int


class Over(NamedTuple):
    """A member who had a reward `times` in a `period` (2026-11-22, 2026-11, ever) in which its limit is `most`."""

    reward: str
    member: str
    period: str
    times: int
    most: int


class Bounded(NamedTuple):
    """Of one programme, by the rules of its newest version."""

    used: tuple[Used, ...]
    over: tuple[Over, ...]


def bounds_told(connection: Connection, programme_id: str, day: str) -> Bounded:
    """On a day. Raises `NotKnownError`."""
    text = newest(connection, "programme", programme_id, ProgrammeText)
    if text is None:
        raise NotKnownError("programme", programme_id)
    programme = parsed(text)
    return Bounded(
        tuple(used for reward in programme.rewards for used in _used(connection, programme, reward, day)),
        tuple(over for reward in programme.rewards if reward.limit for over in _over(connection, programme, reward)),
    )


def _used(connection: Connection, programme: Programme, reward: RewardBase, day: str) -> list[Used]:
    found = []
    if reward.stock is not None:
        given = _sum(connection, programme.merchant, counted(counts.given(reward.id), day))
        found.append(Used(reward.id, "stock", given, reward.stock))
    if reward.others_per_month is not None:
        others = _sum(connection, programme.merchant, counted(counts.others(reward.id), day))
        found.append(Used(reward.id, "quota", others, reward.others_per_month))
    return found


def _sum(connection: Connection, merchant: str, what: Counted) -> int:
    names = ("merchant", "name", "period")
    return sum(amount for (amount,) in rows.find(connection, MerchantCount, names, [(merchant, *what)], "amount"))


def _over(connection: Connection, programme: Programme, reward: RewardBase) -> list[Over]:
    assert reward.limit is not None
    name, _slash, period = counts.taken(reward.id, reward.limit.period).rpartition("/")
    most = reward.limit.per_member
    found = rows.fetch(
        connection,
        "SELECT member, period, amount FROM member_count WHERE merchant = ? AND name = ? AND length(period) = ?"
        " AND amount > ? ORDER BY period, member",
        programme.merchant, name, _LENGTHS[period], most,
    )  # fmt: skip
    return [Over(reward.id, member, on, times, most) for member, on, times in found]
