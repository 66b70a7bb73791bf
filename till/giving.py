"""补积分 and 手工加分: points that a supervisor lets a cashier give, for a sale that had no member, or by hand.

Each is an entry of its own type, with the approval inside. The ledger looks at it once more: who approved it, how much, and
whether somebody has claimed the reference before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

import msgspec

from local_db.journal import Draft
from points import Award as Earned
from points import Basket, MemberFacts, Quote, check_amount, expires_on, quote_with
from protocol import canonical
from protocol.approvals import Given, given_points, needed_for, type_of
from protocol.entries import Approval, LateCredit, ManualPoints, Sale, encode_entry
from till.approving import need
from till.desk import Desk
from till.draft import SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.persons import is_own
from till.receipts import Receipt
from till.selling import receipt_of_sale, sale_id, sale_of
from till.shifts import Session

MOST_REFERENCE = 64


@dataclass(frozen=True)
class Earlier:
    """A sale that had no member: its number on the slip, what was paid, and the day (YYYY-MM-DD)."""

    reference: str
    fen: int
    sold_on: str


def reckon_late(desk: Desk, session: Session, member: MemberView, earlier: Earlier) -> Quote:
    """What it would have earned, by the rules of its day at noon. Writes nothing.

    Raises `RefusedError`: `late-credit-off`, `late-credit-reference`, `late-credit-day`, `late-credit-nothing`,
    `given-too-many`, `reference-taken`, those of `_check`; a `points.PointsError` for the amount.
    """
    policy = desk.store.settings.approvals
    if not policy.late_credit_days:
        raise RefusedError("late-credit-off")
    _check(desk, session, member)
    if not 0 < len(earlier.reference) <= MOST_REFERENCE:
        raise RefusedError("late-credit-reference")
    today = date.fromisoformat(desk.business_day)
    sold = _day(earlier.sold_on)
    if sold is None or not today - timedelta(days=policy.late_credit_days) <= sold <= today:
        raise RefusedError("late-credit-day", days=policy.late_credit_days)
    check_amount(earlier.fen)
    if desk.journal.has_reference(earlier.reference):
        raise RefusedError("reference-taken", reference=earlier.reference)
    programme = desk.store.programme
    # What rules with a memory were told is of today: they are not asked about another day.
    facts = MemberFacts(tier=member.tier, held=member.facts.held, spendable=member.facts.spendable)
    quote = quote_with(
        programme.engine, programme, Basket.of_amount(earlier.fen), facts, datetime.combine(sold, time(12)), ()
    )
    if not quote.awards:
        raise RefusedError("late-credit-nothing")
    _need_few(sum(award.points for award in quote.awards), policy.late_credit_points)
    return quote


def credit_late(
    desk: Desk, session: Session, member: MemberView, earlier: Earlier, approval: Approval | None = None
) -> Receipt:
    """Append it; when this returns it survives a power cut. Raises what `reckon_late` and `till.approving.need` raise,
    `no-shift`, a `local_db` error: then nothing has happened.
    """
    with desk.journal.alone():
        desk.need_open(session.shift)
        quote = reckon_late(desk, session, member, earlier)
        draft = SaleDraft(member=member, reference=earlier.reference).with_amount(earlier.fen)
        as_sold = sale_of(desk, session, draft, member, quote, sale_id(desk, member), ())
        changes = {"reference": earlier.reference, "table": "", "counts": {}, "sold_on": earlier.sold_on}
        return _append(desk, session, draft, quote, LateCredit(**_fields(as_sold) | changes), approval)


def give_by_hand(
    desk: Desk, session: Session, member: MemberView, kind: str, points: int, approval: Approval | None = None
) -> Receipt:
    """Points of one of the programme's kinds, which live as long as those that it gives. Durable on return.

    Raises `RefusedError`: `no-shift`, `manual-off`, `manual-kind`, `given-too-many`, those of `_check` and of
    `till.approving.need`; a `local_db` error.
    """
    policy, programme = desk.store.settings.approvals, desk.store.programme
    if not policy.manual_points:
        raise RefusedError("manual-off")
    known = programme.kind_by_code.get(kind)
    if known is None or known.unit is not None or points < 1:
        raise RefusedError("manual-kind")
    _need_few(points, policy.manual_points)
    with desk.journal.alone():
        desk.need_open(session.shift)
        _check(desk, session, member)
        draft, last = SaleDraft(member=member), expires_on(known.validity, date.fromisoformat(desk.business_day))
        quote = Quote(
            programme.engine, 0, (), 0, (), 0, {}, (Earned(kind, points, Fraction(points), last),), ()
        )  # fmt: skip
        by_hand = ManualPoints(**_fields(sale_of(desk, session, draft, member, quote, sale_id(desk, member), ())))
        return _append(desk, session, draft, quote, by_hand, approval)


def _append(
    desk: Desk, session: Session, draft: SaleDraft, quote: Quote, given: Given, approval: Approval | None
) -> Receipt:
    what, points = needed_for(given), given_points(given)
    approved = need(desk, session, (what,), points, approval, given.member)
    given = msgspec.structs.replace(given, approval=approved)
    assert draft.member is not None
    receipt = msgspec.structs.replace(
        receipt_of_sale(desk, session, draft, draft.member, quote, given), given=what, approved_by=approved.by,
        sold_on=given.sold_on if isinstance(given, LateCredit) else "",
    )  # fmt: skip
    row = desk.append(
        Draft(
            id=given.id, type=type_of(given), member=given.member, shift=given.shift, occurred_at=given.occurred_at,
            payload=encode_entry(given), receipt=canonical.encode(receipt), reference=given.reference,
        )
    )  # fmt: skip
    return desk.stamp(receipt, row)


def _check(desk: Desk, session: Session, member: MemberView) -> None:
    """Raises `RefusedError`: `own-sale`, `member-blocked`, `merchant-suspended`, `programme-suspended`."""
    if is_own(desk, session.staff, member.member):
        raise RefusedError("own-sale")
    desk.need_not_suspended()
    if member.is_blocked:
        raise RefusedError("member-blocked")


def _need_few(points: int, most: int) -> None:
    if points > most:
        raise RefusedError("given-too-many", points=points, most=most)


def day_typed(text: str, today: str) -> str:
    """A day as a person types it, nothing for today: 11-20, 1120, 2026-11-20. What is no day comes back as it is."""
    if not text:
        return today
    digits = text.replace("-", "").replace(".", "").replace("/", "")
    if len(digits) == 4 and digits.isdecimal():
        this_year = f"{today[:4]}-{digits[:2]}-{digits[2:]}"
        return this_year if this_year <= today else f"{int(today[:4]) - 1}{this_year[4:]}"
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else text


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _fields(sale: Sale) -> dict[str, Any]:
    return {name: getattr(sale, name) for name in sale.__struct_fields__}
