"""Points that a member brings along when his account is opened: an entry of the ledger's own, with postings and a lot."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.accounts import Draft
from ledger.booking import DEFAULT_PRICE_MFEN
from ledger.chance import own_id
from ledger.clock import day_of
from ledger.problems import BadRequestError, NotKnownError
from ledger.receiving import prices_of_today
from ledger.reserving import own_entry
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


def book_openings(
    connection: Connection, openings: Mapping[str, Sequence[Opening]], now_us: int, *, are_here: bool = True
) -> None:
    """Give existing members, by their number, what they bring; it pays what they owe first.

    `are_here`: the tills of who gave it to them know them.

    Raises `BadRequestError`, `NotKnownError`.
    """
    keys = [(bucket_of(member), member) for member in openings]
    shelf = Shelf(lock_buckets(connection, {bucket for bucket, _member in keys}))
    load_accounts(connection, shelf, keys, [])
    merchants = {found[0] for found in rows.fetch(connection, "SELECT merchant FROM merchant")}
    prices, today = prices_of_today(connection), day_of(now_us)
    visits = dict[tuple[int, str, str], str]()
    for bucket, member in keys:
        for opening in openings[member]:
            _check(opening, merchants)
            identity = own_id(now_us, bucket)
            draft = Draft(shelf.accounts[bucket, member], identity)
            price_mfen = prices.get(opening.kind, DEFAULT_PRICE_MFEN)
            draft.award(opening.kind, opening.points, opening.issuer, opening.expires_on, price_mfen)
            entry = own_entry(identity, ENTRY_TYPE, member, now_us, shelf.next_position(bucket))
            shelf.add(bucket, entry, member, draft.finish())
            visits[bucket, member, opening.issuer] = today
    shelf.store(connection)
    if are_here:
        remember(connection, visits)


def _check(opening: Opening, merchants: Container[str]) -> None:
    if opening.issuer not in merchants:
        raise NotKnownError("merchant", opening.issuer)
    if not 0 < opening.points <= MAX_POINTS:
        raise BadRequestError(f"an opening balance is 1 to {MAX_POINTS} points")
    try:
        is_day = not opening.expires_on or date.fromisoformat(opening.expires_on).isoformat() == opening.expires_on
    except ValueError:
        is_day = False
    if not is_day:
        raise BadRequestError(f"{opening.expires_on!r} is not a day")
