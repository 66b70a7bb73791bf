"""What can be said of an entry by itself, before any account is looked at. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from ledger.accounts import Refusal
from ledger.terms import Terms
from points.amounts import MAX_POINTS
from protocol.approvals import Given
from protocol.claims import is_claim_account
from protocol.entries import (
    Award,
    Entry,
    LateCredit,
    MemberEntry,
    Redemption,
    Refund,
    Returned,
    Sale,
    decode_entry,
    holder_of,
)
from protocol.errors import UnreadableEntryError
from protocol.ids import bucket_in, bucket_of, is_entry_id
from protocol.training import is_training

_bucket_of = lru_cache(maxsize=65_536)(bucket_of)


class Screened(NamedTuple):
    """A readable entry with its bucket, or why it is refused; its id is known even then, where it could be read.

    `awards_wait`: why what a sale gives cannot be booked. That is no reason to refuse what it took.
    """

    entry: Entry | None
    refusal: Refusal | None = None
    id: UUID | None = None
    bucket: int = -1
    awards_wait: Refusal | None = None


def screen(payload: bytes, terminal: str, store: str, terms: Terms) -> Screened:
    """Decode a payload that `terminal`, which stands in `store`, sent."""
    try:
        entry = decode_entry(payload)
    except UnreadableEntryError as error:
        return Screened(None, Refusal("unreadable", str(error)))
    bucket = _bucket_of(holder_of(entry, terminal))
    refusal = (
        _wrong_book(entry, terminal)
        or _wrong_id(entry, bucket)
        or _wrong_header(entry, store)
        or _wrong_claim(entry)
        or _wrong_gift(entry)
    )
    waits = None
    if refusal is None and isinstance(entry, Sale):
        refusal = _wrong_redemption(entry.redemptions, terms)
        waits = _wrong_award(entry, terms)
    elif refusal is None and isinstance(entry, Refund) and entry.awards:
        refusal = _wrong_award(entry, terms)
    return Screened(None if refusal else entry, refusal, entry.id, bucket, waits)


def _wrong_book(entry: Entry, terminal: str) -> Refusal | None:
    """What was made in training stays there, also where a till sends it as its own; nothing else gets into a training book."""
    if entry.training == is_training(terminal):
        return None
    return Refusal("training", "made in training" if entry.training else "not made in training")


def _wrong_id(entry: Entry, bucket: int) -> Refusal | None:
    """The bucket in the id is the holder's: so an entry sent again under another member is found out."""
    if bucket_in(entry.id) != bucket or not is_entry_id(entry.id):
        return Refusal("wrong-bucket", f"the holder's bucket is {bucket}, the id's is {bucket_in(entry.id)}")
    if isinstance(entry, Returned) and bucket_in(entry.reservation) != bucket:
        return Refusal("wrong-bucket", "the reservation is of another bucket than the member")
    return None


def _wrong_header(entry: Entry, store: str) -> Refusal | None:
    """The store decides who issues the points: a terminal speaks for its own alone."""
    if entry.store != store:
        return Refusal("unreadable", f"it names store {entry.store!r}, and the terminal stands in {store!r}")
    if not _is_day(entry.business_day):
        return Refusal("unreadable", f"{entry.business_day!r} is not a day")
    return None


def _wrong_claim(entry: Entry) -> Refusal | None:
    """The account of a sale without a member gets that sale, and what takes it back: nobody redeems there."""
    if not isinstance(entry, MemberEntry):
        return None
    is_claim = is_claim_account(entry.member)
    if isinstance(entry, Sale):
        if is_claim != bool(entry.claim_until) or (entry.claim_until and not _is_day(entry.claim_until)):
            return Refusal("unreadable", "a claim and the day on which it ends belong together")
        is_claim &= bool(entry.redemptions)
    elif not isinstance(entry, Returned):
        is_claim = False
    return Refusal("unknown-member", "nobody's points are taken: this sale had no member") if is_claim else None


def _wrong_gift(entry: Entry) -> Refusal | None:
    """Points that nobody earned at a counter take nothing, and name the day or the one award that they are."""
    if not isinstance(entry, Given):
        return None
    if entry.redemptions or entry.claim_until or not entry.awards:
        return Refusal("unreadable", "it gives points, and takes nothing")
    if isinstance(entry, LateCredit):
        is_whole = bool(entry.reference) and _is_day(entry.sold_on)
        return None if is_whole else Refusal("unreadable", "a late credit names the slip and the day of its sale")
    if entry.reference or entry.gross_fen or entry.due_fen or len(entry.awards) > 1:
        return Refusal("unreadable", "points by hand are one award, and of no sale")
    return None


def _wrong_redemption(redemptions: tuple[Redemption, ...], terms: Terms) -> Refusal | None:
    """Points that nobody can have had."""
    for line in redemptions:
        if line.kind not in terms.kinds:
            return Refusal("unknown-kind", f"nobody has points of kind {line.kind!r}")
        if line.points > MAX_POINTS:
            return _too_many(line.points)
    return None


def _wrong_award(sale: Sale | Refund, terms: Terms) -> Refusal | None:
    """The programme says what a sale gives; what it took is of the coalition, whatever the programme."""
    kinds = terms.kinds_of.get((sale.programme, sale.programme_version, sale.engine))
    if kinds is None:
        named = f"{sale.programme!r} version {sale.programme_version} of engine {sale.engine}"
        return Refusal("unknown-programme", f"programme {named} was never published")
    lines: tuple[Award | Redemption, ...] = (*sale.awards, *(sale.redemptions if isinstance(sale, Sale) else ()))
    for line in lines:
        if line.kind not in kinds:
            return Refusal("unknown-kind", f"programme {sale.programme!r} has no points of kind {line.kind!r}")
    for award in sale.awards:
        if award.points > MAX_POINTS:
            return _too_many(award.points)
        if award.expires_on and not _is_day(award.expires_on):
            return Refusal("unreadable", f"{award.expires_on!r} is not a day")
    return None


def cannot_be_given(sale: Sale, terms: Terms) -> Refusal | None:
    """Why nobody can book what a sale gives, whoever answers for it: rules or points that there still are not, an end that is
    no day."""
    if (sale.programme, sale.programme_version, sale.engine) not in terms.kinds_of:
        return _wrong_award(sale, terms)
    for award in sale.awards:
        if award.kind not in terms.kinds:
            return Refusal("unknown-kind", f"nobody has points of kind {award.kind!r}")
        if award.expires_on and not _is_day(award.expires_on):
            return Refusal("unreadable", f"{award.expires_on!r} is not a day")
    return None


def _too_many(points: int) -> Refusal:
    return Refusal("points-out-of-range", f"{points} points at once, at most {MAX_POINTS}")


@lru_cache(maxsize=4_096)
def _is_day(text: str) -> bool:
    """ISO 8601 as YYYY-MM-DD and nothing else of it; room for the days of grace is left at the end of the calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day.year < date.max.year
