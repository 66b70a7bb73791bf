"""What a member's points are good for: the rewards of merchants where he was within 13 months, by the rules of today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.clock import ZONE
from ledger.pages.account import Account
from ledger.programmes import Programmes
from ledger.schema_people import Visit
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
    """By the merchant's name. What cannot be had today, whatever he has, is left out."""
    key = bucket_of(account.member), account.member
    since = first_day(now_us)
    been = {
        merchant
        for merchant, day in rows.find(connection, Visit, ("bucket", "member"), [key], "merchant, day")
        if day >= since
    }
    names: dict[str, str] = dict(rows.fetch(connection, "SELECT merchant, name FROM merchant"))
    at = datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(ZONE).replace(tzinfo=None)
    found = [
        Shelf(names.get(programme.merchant, programme.merchant), programme.name, _offers(programme, account, at))
        for programme in programmes.current(connection)
        if programme.merchant in been
    ]
    return sorted((shelf for shelf in found if shelf.offers), key=lambda shelf: shelf.merchant)


def _offers(programme: Programme, account: Account, at: datetime) -> tuple[Offer, ...]:
    """No goods yet: what is asked is what his points reach."""
    has = {kind: balance.available for kind, balance in account.row.balances.items()}
    facts = MemberFacts(tier=account.tier, held=has, spendable=has)
    found = [
        offer
        for offer in offers(programme, Basket(), facts, at)
        if not isinstance(offer.obstacle, RewardNotNowError | ProgrammeNotInForceError)
    ]
    return tuple(sorted(found, key=lambda offer: (offer.missing_points, offer.points)))
