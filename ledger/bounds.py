"""What bounds a reward beside a member's points: its limit for each member, its stock, its quota of others' points.

Counted are the sales that stand and the reservations that are open. The limit is looked at under the member's bucket. Stock and
quota are sums over all members: a row a reward, locked only by who asks for such a reward, gives it back or takes it otherwise;
a sale that uses its reservation leaves the row alone. These rows are locked last, in rising order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Account, Holding
from ledger.booking import own_points
from ledger.persons import merged_into
from ledger.schema_standing import Held, MemberCount, MerchantCount
from points import counts
from points.forms import RewardBase
from protocol.counts import Counted, counted
from protocol.ids import bucket_of
from protocol.reservations import BoundedReward, Refused, ReserveRequest


class Shared(NamedTuple):
    """The key of a row of `MerchantCount`."""

    merchant: str
    name: str
    period: str


class Holds(NamedTuple):
    """A row of `Held`."""

    bucket: int
    id: bytes
    member: str
    merchant: str
    reward: str
    day: str
    stock: int = 0
    others: int = 0

    @property
    def sums(self) -> list[tuple[Shared, int]]:
        """What it adds to the sums over all members."""
        both = ((counts.given(self.reward), self.stock), (counts.others(self.reward), self.others))
        return [(Shared(self.merchant, *counted(asked, self.day)), amount) for asked, amount in both if amount]


class Bounds:
    """What one transaction changes in these sums."""

    def __init__(self) -> None:
        self._sums: dict[Shared, int] = defaultdict(int)
        self._released: dict[tuple[int, bytes], None] = {}

    def add(self, merchant: str, what: Counted, amount: int) -> None:
        """A sale was booked, or taken back."""
        self._sums[Shared(merchant, *what)] += amount

    def release(self, bucket: int, reservation: bytes) -> None:
        """A reservation with `holds` has ended."""
        self._released[bucket, reservation] = None

    def store(self, connection: Connection) -> None:
        """Last of all that a transaction writes. Nothing at all where no rule asks."""
        if self._released:
            for found in rows.find(connection, Held, ("bucket", "id"), self._released):
                for shared, amount in Holds(*found).sums:
                    self._sums[shared] -= amount
            rows.delete(connection, Held, list(self._released))
        changed = sorted((*shared, amount) for shared, amount in self._sums.items() if amount)
        if changed:
            rows.add(connection, MerchantCount, "amount", changed)


class Room(NamedTuple):
    """That a reward can be had: what is held with the points; `given`: of its stock, this one too."""

    holds: Holds
    given: int = 0


def find_room(
    connection: Connection, reward: RewardBase, bounded: BoundedReward, request: ReserveRequest, account: Account,
    merchant: str,
) -> Room | Refused:  # fmt: skip
    """Whether a reward can be had for `request`, with the rows locked that `hold` then changes."""
    day, bucket = bounded.business_day, bucket_of(request.member)
    if (
        reward.limit is not None
        and _taken(connection, request.member, merchant, reward, day) >= reward.limit.per_member
    ):
        return Refused(reason="limit-reached")
    holds = Holds(bucket, request.id.bytes, request.member, merchant, reward.id, day)
    own = own_points(account, request.kind, merchant)
    if reward.stock is not None:
        holds = holds._replace(stock=1)
    if reward.others_per_month is not None:
        holds = holds._replace(others=max(0, request.points - own))
    before = _locked(connection, [shared for shared, _amount in holds.sums])
    given = before.get(Shared(merchant, *counted(counts.given(reward.id), day)), 0)
    if reward.stock is not None and given >= reward.stock:
        return Refused(reason="out-of-stock", given=given)
    used = before.get(Shared(merchant, *counted(counts.others(reward.id), day)), 0)
    if reward.others_per_month is not None and used + holds.others > reward.others_per_month and holds.others:
        available = account.holdings.get(request.kind, Holding()).available
        return Refused(reason="quota-used-up", spendable=min(available, own + max(0, reward.others_per_month - used)))
    return Room(holds, given + holds.stock)


def hold(connection: Connection, room: Room) -> None:
    """It is held from now on, until its reservation ends."""
    rows.insert(connection, Held, [room.holds])
    rows.add(connection, MerchantCount, "amount", sorted((*shared, amount) for shared, amount in room.holds.sums))


def held_with(connection: Connection, bucket: int, reservation: bytes) -> Room | None:
    """What an open reservation holds, for who asks again."""
    found = rows.find(connection, Held, ("bucket", "id"), [(bucket, reservation)])
    if not found:
        return None
    holds = Holds(*found[0])
    shared = Shared(holds.merchant, *counted(counts.given(holds.reward), holds.day))
    given = rows.find(connection, MerchantCount, Shared._fields, [shared], "amount") if holds.stock else []
    return Room(holds, sum(amount for (amount,) in given))


def _taken(connection: Connection, member: str, merchant: str, reward: RewardBase, day: str) -> int:
    """How often he took it in the limit's period or is about to, under each of his numbers."""
    assert reward.limit is not None
    asked = counts.taken(reward.id, reward.limit.period)
    period = counted(asked, day)
    persons = [(bucket_of(one), one) for one in (member, *merged_into(connection, member))]
    names = ("bucket", "member", "merchant", "name", "period")
    booked = rows.find(connection, MemberCount, names, [(*key, merchant, *period) for key in persons], "amount")
    about_to = rows.find(connection, Held, ("bucket", "member"), persons, "merchant, reward, day")
    times: int = sum(amount for (amount,) in booked)
    return times + sum(
        (where, what) == (merchant, reward.id) and counted(asked, on) == period for where, what, on in about_to
    )


def _locked(connection: Connection, wanted: Sequence[Shared]) -> dict[Shared, int]:
    """The sums as they are, nobody else changing them. On SQLite whoever writes has the whole file."""
    if not wanted:
        return {}
    keys = sorted(wanted)
    rows.insert_missing(connection, MerchantCount, [(*key, 0) for key in keys])
    lock = "" if connection.dialect.name == "sqlite" else " FOR UPDATE"
    one = "SELECT amount FROM merchant_count WHERE merchant = ? AND name = ? AND period = ?"
    return {key: rows.fetch(connection, one + lock, *key)[0][0] for key in keys}
