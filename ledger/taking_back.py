"""Taking a sale back, whole (a void) or as far as its goods come back (refunds). Pure.

First what the sale took comes back, to `available`, whatever it was paid from, and pays what the member owes; then what it gave
is taken. Many refunds that bring everything back leave the books as one void does, but for what happened in between.

What ended unused meanwhile the member has lost already: it is taken from its issuer's breakage, and not from him again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ledger.accounts import NOTHING_BACK, Booking, Draft, GoneBack, Lot, LotKey, Original, Refusal, accepted_id
from protocol.entries import Refund, Sale, Void

if TYPE_CHECKING:
    from ledger.booking import Facts

GRACE_DAYS = 30
"""What is given back to a lot that has ended meanwhile can be used for so long: once in the life of a lot."""


def take_back(facts: Facts, entry: Void | Refund) -> Booking | Refusal:
    """What the entry does to the account, or why it does nothing."""
    original = facts.original
    if original is None or original.member != facts.account.member or not _can_come_back(entry, original.type):
        return Refusal("unknown-entry", "it takes back what is not a booked sale of this member")
    if isinstance(entry, Void) and original.store != facts.store:
        return Refusal("unknown-entry", f"it takes back a sale of store {original.store}")
    if original.merchant != facts.merchant:
        return Refusal("unknown-entry", f"it takes back a sale of merchant {original.merchant}")
    if original.voided_by:
        return Refusal("already-voided")
    return _void(facts, original, entry) if isinstance(entry, Void) else _refund(facts, original, entry)


def _can_come_back(entry: Void | Refund, of: str) -> bool:
    """Points by hand are of no goods: they are voided whole."""
    return of in ("sale", "late-credit") or (of == "manual-points" and isinstance(entry, Void))


def _void(facts: Facts, original: Original, void: Void) -> Booking | Refusal:
    if original.gone_back != NOTHING_BACK:
        return Refusal("already-refunded", "something of it has come back before; the rest is refunded, not voided")
    draft = Draft(facts.account, void.id.bytes)
    _give_back(draft, original, original.taken, void.business_day)
    for kind, points in original.given.items():
        _reclaim(draft, facts, original, kind, points)
    return draft.finish()


def _refund(facts: Facts, original: Original, refund: Refund) -> Booking | Refusal:
    """Points that are added for a reason are the merchant's too."""
    if facts.sold is None:
        return Refusal("unknown-entry", "nobody knows any more what was sold")
    if beyond := _beyond(original, facts.sold, refund):
        return Refusal("beyond-sale", beyond)
    draft = Draft(facts.account, refund.id.bytes)
    _give_back(draft, original, refund.given_back, refund.business_day)
    borne = sum(
        _reclaim(draft, facts, original, kind, points, refund.ended.get(kind, 0))
        for kind, points in refund.taken_back.items()
    )
    for award in refund.awards:
        draft.award(award.kind, award.points, facts.merchant, award.expires_on, facts.price_of(award.kind))
    return draft.finish(shortfall=borne)


def _beyond(original: Original, sold: Sale, refund: Refund) -> str:
    """What would come back more than the sale had, with the refunds before; empty if nothing would."""
    whole, after = original_whole(original, sold), gone_back_after(original.gone_back, refund, {})
    if after.money_fen > whole.money_fen:
        return f"{after.money_fen} fen of {whole.money_fen} that were paid"
    for what, back, had in (
        ("fen", after.sums_fen, whole.sums_fen),
        ("points given back", after.given_back, whole.given_back),
        ("points taken back", after.taken_back, whole.taken_back),
    ):
        for code, amount in back.items():
            if amount > had.get(code, 0):
                return f"{amount} {what} of {code!r}, the sale had {had.get(code, 0)}"
    if refund.awards and original.gone_back.compensated:
        return "points were added to a refund of this sale before"
    if not (any(refund.sums_fen.values()) or refund.money_fen or refund.given_back or refund.taken_back):
        return "nothing comes back with it"
    return ""


def original_whole(original: Original, sold: Sale) -> GoneBack:
    """All that can come back of a sale."""
    return GoneBack(sold.sums_fen, sold.due_fen, original.taken, original.given)


def ended_in(booking: Booking) -> dict[str, int]:
    """Points by kind of a refund or void that came out of breakage."""
    return {line.kind: -line.points for line in booking.postings if line.account == "breakage"}


def gone_back_after(before: GoneBack, refund: Refund, ended: Mapping[str, int]) -> GoneBack:
    """With one refund more. `ended`: what of it came out of breakage."""
    return GoneBack(
        _sum(before.sums_fen, refund.sums_fen),
        before.money_fen + refund.money_fen,
        _sum(before.given_back, refund.given_back),
        _sum(before.taken_back, refund.taken_back),
        before.compensated or bool(refund.awards),
        _sum(before.ended, ended),
    )


def _give_back(draft: Draft, original: Original, given_back: Mapping[str, int], day: str) -> None:
    """By kind. What was taken last comes back first: what nobody covered, to its merchant; then the lots, the youngest first.
    What the member owes is paid with it.

    The order goes by the lots' ids, which never change: how much came back before says how much of each.
    """
    for kind, points in given_back.items():
        before = original.gone_back.given_back.get(kind, 0)
        uncovered = original.uncovered.get(kind, 0)
        borne = min(points, max(0, uncovered - before))
        draft.move(kind, borne, "clearing", "shortfall", merchant=original.merchant)
        draft.move(kind, points - borne, "clearing", "available", merchant=original.merchant)
        came = list(_slice(_youngest_first(draft, original, kind), max(0, before - uncovered), points - borne))
        for key, part in came:
            draft.use(draft.lot(key), -part)
        draft.pay_owed(kind)
        for key, _part in came:
            _put_off(draft, draft.lot(key), day)


def _youngest_first(draft: Draft, original: Original, kind: str) -> list[tuple[LotKey, int]]:
    return [
        (key, points) for key, points in sorted(original.uses.items(), reverse=True) if draft.lot(key).kind == kind
    ]


def _slice(parts: list[tuple[LotKey, int]], skip: int, points: int) -> Iterator[tuple[LotKey, int]]:
    for key, part in parts:
        skipped = min(skip, part)
        skip -= skipped
        taken = min(points, part - skipped)
        points -= taken
        if taken:
            yield key, taken


def _put_off(draft: Draft, lot: Lot, day: str) -> None:
    """The end of a lot that got points back stays where it is, unless it has passed and was never put off."""
    if lot.points_left and lot.expires_on and lot.expires_on < day and not lot.extended:
        draft.extend(lot, (date.fromisoformat(day) + timedelta(days=GRACE_DAYS)).isoformat())


def _reclaim(draft: Draft, facts: Facts, original: Original, kind: str, points: int, promised: int = 0) -> int:
    """What the sale gave: first what ended unused, from breakage; then from its own lots, then from others. What lies in
    reservations stays there, and the rest is owed.

    `promised`: how many the till said had ended, as it was told; where another refund was quicker, the rest of that is its
    merchant's shortfall, which is answered. A promise on paper holds.
    """
    ended = min(points, max(0, facts.ended.get(kind, 0) - original.gone_back.ended.get(kind, 0)))
    borne = max(0, min(points, promised) - ended)
    left = owned = points - ended - borne
    own = original.id, accepted_id(original.id)
    for lot, free in sorted(draft.unreserved(kind), key=lambda one: one[0].entry not in own):
        taken = min(left, free)
        if taken:
            draft.use(lot, taken)
            left -= taken
    draft.move(kind, ended, "breakage", "issuance", merchant=original.merchant)
    draft.move(kind, borne, "shortfall", "issuance", merchant=original.merchant)
    draft.move(kind, owned - left, "available", "issuance", merchant=original.merchant)
    draft.move(kind, left, "owed", "issuance", merchant=original.merchant)
    return borne


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in {**one, **other}}
