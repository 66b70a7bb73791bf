"""Points that a member brings along when his account is opened: an entry of the ledger's own, with postings and a lot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlmodel import col

from ledger.accounts import Booking, Draft
from ledger.booking import DEFAULT_PRICE_MFEN
from ledger.chance import own_id
from ledger.clock import day_of
from ledger.problems import BadRequestError, NotKnownError
from ledger.receiving import prices_of_today
from ledger.reserving import own_entry
from ledger.schema import Merchant
from ledger.shelf import Shelf, load_accounts, lock_buckets
from ledger.visits import remember
from points.amounts import MAX_POINTS
from protocol.ids import bucket_of

ENTRY_TYPE = "opening"


class Opening(NamedTuple):
    """`points` of a `kind` that `issuer` (a merchant) stands for; `expires_on` empty for points that never expire."""

    kind: str
    points: int
    issuer: str
    expires_on: str = ""


def book_openings(connection: Connection, member: str, openings: Sequence[Opening], now_us: int) -> None:
    """Give an existing member what he brings; the tills of who gave it to him know him.

    Raises `BadRequestError`, `NotKnownError`.
    """
    bucket = bucket_of(member)
    shelf = Shelf(lock_buckets(connection, [bucket]))
    load_accounts(connection, shelf, [(bucket, member)], [])
    for opening in openings:
        identity = own_id(now_us, bucket)
        draft = Draft(shelf.accounts[bucket, member], identity)
        entry = own_entry(identity, ENTRY_TYPE, member, now_us, shelf.next_position(bucket))
        shelf.add(bucket, entry, member, _draft(connection, draft, opening))
    shelf.store(connection)
    remember(connection, {(bucket, member, opening.issuer): day_of(now_us) for opening in openings})


def _draft(connection: Connection, draft: Draft, opening: Opening) -> Booking:
    _check(opening)
    if (
        connection.execute(select(col(Merchant.merchant)).where(col(Merchant.merchant) == opening.issuer)).first()
        is None
    ):
        raise NotKnownError("merchant", opening.issuer)
    draft.move(opening.kind, opening.points, "issuance", "available", merchant=opening.issuer)
    price_mfen = prices_of_today(connection).get(opening.kind, DEFAULT_PRICE_MFEN)
    draft.make_lot(opening.kind, opening.points, opening.issuer, opening.expires_on, price_mfen)
    return draft.finish()


def _check(opening: Opening) -> None:
    if not 0 < opening.points <= MAX_POINTS:
        raise BadRequestError(f"an opening balance is 1 to {MAX_POINTS} points")
    try:
        is_day = not opening.expires_on or date.fromisoformat(opening.expires_on).isoformat() == opening.expires_on
    except ValueError:
        is_day = False
    if not is_day:
        raise BadRequestError(f"{opening.expires_on!r} is not a day")
