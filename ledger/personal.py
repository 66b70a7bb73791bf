"""What suits one member: what he usually takes, and what is offered to him in person (A6). Only of who agreed to it (A10).

The books hold nothing of this about anybody else. Who withdraws his word loses what was kept, at once and for good; points,
limits, tiers and every reward that is open to all stay as they were: the standard programme applies in full.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger import rows
from ledger.consent import agreeing
from ledger.database import Database
from ledger.feed import advance
from ledger.problems import BadRequestError, NotKnownError
from ledger.programmes import Programmes
from ledger.schema import Member
from ledger.schema_standing import PersonalOffer
from ledger.sessions import accounts_of
from ledger.shelf import lock_buckets
from points.programme import Programme


def offer(database: Database, member: str, what: str, until: str, now_us: int, merchant: str = "") -> str:
    """Offer a campaign or a personal reward to him up to and including the day `until`; the merchant whose it is.

    Raises `NotKnownError` for a member or an offer that there is not, `BadRequestError` for who did not agree, and where two
    merchants have an offer of this name and none is named.
    """
    return database.transact(lambda connection: _offer(connection, member, what, until, now_us, merchant))


def _offer(connection: Connection, member: str, what: str, until: str, now_us: int, merchant: str) -> str:
    key = accounts_of(connection, member)[0]
    found = rows.find(connection, Member, ("bucket", "member"), [key], "status, merged_into")
    if not found:
        raise NotKnownError("member", member)
    if found[0] != ("active", ""):
        raise BadRequestError(f"{member} is {found[0][0]}")
    whose = _merchant_of(Programmes().current(connection), what, merchant)
    lock_buckets(connection, [key[0]])
    if key not in agreeing(connection, [key], "personal"):
        raise BadRequestError(
            f"{member} did not agree to personal offers; he says so on his page, or at the service desk"
        )
    rows.put(connection, PersonalOffer, [(*key, whose, what, until, now_us)])
    rows.update(connection, Member, ("position",), [(*key, advance(connection, key[0]))])
    return whose


def _merchant_of(programmes: Iterable[Programme], what: str, merchant: str) -> str:
    whose = sorted(
        programme.merchant
        for programme in programmes
        if what in _personal(programme) and merchant in ("", programme.merchant)
    )
    if not whose:
        raise NotKnownError("personal offer", what)
    if len(whose) > 1:
        raise BadRequestError(f"{what} is offered by {', '.join(whose)}: say whose with --merchant")
    return whose[0]


def _personal(programme: Programme) -> set[str]:
    """Campaigns and rewards that are for those alone to whom they are offered."""
    campaigns = {campaign.id for campaign in programme.campaigns if campaign.offer}
    return campaigns | {reward.id for reward in programme.rewards if reward.personal}


def forget_offers(database: Database, today: str) -> int:
    """Delete those whose last day is over; how many."""
    with database.read() as connection:
        ended = rows.fetch(
            connection, "SELECT bucket, member, merchant, id FROM personal_offer WHERE until < ?", today
        )
    if ended:
        with database.write() as connection:
            rows.delete(connection, PersonalOffer, ended)
    return len(ended)
