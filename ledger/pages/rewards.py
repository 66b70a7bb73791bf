"""What a member's points are good for: the rewards of merchants where he was within 13 months, by the rules of today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import accounts, rows
from ledger.booking import own_points
from ledger.clock import ZONE
from ledger.pages.account import Account
from ledger.pages.standings import facts_at
from ledger.programmes import Programmes
from ledger.schema import Lot
from ledger.schema_people import Visit
from ledger.suspending import suspended
from ledger.visits import first_day
from points.basket import Basket, MemberFacts
from points.errors import ProgrammeNotInForceError, RewardNotNowError
from points.fields import Text
from points.programme import Programme
from points.rewards import Offer, offers
from protocol.ids import bucket_of


class Shelf(NamedTuple):
    """The rewards of one merchant, those within reach first."""

    merchant: str
    programme: Text
    offers: tuple[Offer, ...]


def shelves_for(connection: Connection, programmes: Programmes, account: Account, now_us: int) -> list[Shelf]:
    """By the merchant's name. What cannot be had today, whatever he has, is left out; so is all of who is suspended."""
    key = bucket_of(account.member), account.member
    since = first_day(now_us)
    been = {
        merchant
        for merchant, day in rows.find(connection, Visit, ("bucket", "member"), [key], "merchant, day")
        if day >= since
    }
    names: dict[str, str] = dict(rows.fetch(connection, "SELECT merchant, name FROM merchant"))
    at = datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(ZONE).replace(tzinfo=None)
    stopped = suspended(connection)
    found = [
        Shelf(names.get(programme.merchant, programme.merchant), programme.name,
              _offers(programme, facts_at(connection, programme, account, now_us), at, _own(connection, programme, account)))
        for programme in programmes.current(connection)
        if programme.merchant in been
        and not stopped & {("merchant", programme.merchant), ("programme", programme.id)}
    ]  # fmt: skip
    return sorted((shelf for shelf in found if shelf.offers), key=lambda shelf: shelf.merchant)


def _own(connection: Connection, programme: Programme, account: Account) -> dict[str, int]:
    """What he can spend by kind where only points of this merchant do; not looked for where no reward asks."""
    if not any(reward.accepts for reward in programme.rewards):
        return {}
    key = bucket_of(account.member), account.member
    lots = rows.find(connection, Lot, ("bucket", "member"), [key], where="t.points_left > 0", index="lot_open")
    held = [accounts.Lot(*lot[1:3], *lot[4:]) for lot in lots]
    balances = account.row.balances.items()
    books = accounts.Account(
        account.member, {kind: accounts.Holding(one.available, one.reserved) for kind, one in balances},
        {lot.key: lot for lot in held},
    )  # fmt: skip
    return {kind: own_points(books, kind, programme.merchant) for kind, _balance in balances}


def _offers(programme: Programme, facts: MemberFacts, at: datetime, own: Mapping[str, int]) -> tuple[Offer, ...]:
    """No goods yet: what is asked is what his points reach, his `own` of this merchant where only those do."""
    listed = offers(programme, Basket(), facts, at)
    if own:
        of_own = offers(programme, Basket(), replace(facts, spendable=own), at)
        listed = tuple(mine if mine.own_points else one for one, mine in zip(listed, of_own, strict=True))
    found = [
        offer for offer in listed if not isinstance(offer.obstacle, RewardNotNowError | ProgrammeNotInForceError)
    ]
    return tuple(sorted(found, key=lambda offer: (offer.missing_points, offer.points)))
