"""From a draft to a fact: quote it, check it once more, append it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from local_db.journal import Draft
from points import Offer, Programme, Quote, check_amount, next_within_reach, offers, quote_with, units_of
from protocol import canonical
from protocol.entries import Authority, Award, Redemption, Sale, encode_entry
from sync.own_reservations import is_returned
from till.appointments import needs_appointment
from till.bounds import left_in_stock
from till.desk import Desk
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.persons import is_own
from till.receipts import (
    Receipt,
    ReceiptExpiry,
    ReceiptRedemption,
    kinds_of,
    lines_of,
    steps_of,
    words,
)
from till.shifts import Session


@dataclass(frozen=True)
class Quoted:
    """A draft with what it would earn and what could be had: all that the counter shows of it."""

    quote: Quote
    offers: tuple[Offer, ...]
    next_offer: Offer | None
    left: Mapping[str, int] = field(default_factory=dict)
    """Of rewards with a stock, how many there were when the ledger said so last to this till."""


def quote_draft(desk: Desk, draft: SaleDraft) -> Quoted | None:
    """The quote of a draft as it stands now; None without a member. Raises a `points.RedemptionError` for its choices.

    Raises `RefusedError` where the merchant or his programme is suspended: it would earn nothing.
    """
    if draft.member is None:
        return None
    desk.need_not_suspended()
    programme, at = desk.store.programme, desk.calendar.moment(desk.clock.now_us())
    facts = draft.member.facts
    listed = offers(programme, draft.basket, facts, at)
    quote = quote_with(programme.engine, programme, draft.basket, facts, at, draft.choices)
    return Quoted(quote, listed, next_within_reach(listed), left_in_stock(desk))


def sale_id(desk: Desk, member: MemberView) -> UUID:
    """A new id in the member's bucket: of the sale, and of the reservation that it may ask for."""
    return desk.new_id(desk.clock.now_us(), member.member)


def check_draft(desk: Desk, draft: SaleDraft, by: str = "") -> MemberView:
    """What can be checked before anything is asked of the ledger or written; `by`: the staff number of who books it.

    Raises `RefusedError` with `no-member`, `own-sale`, `merchant-suspended`, `programme-suspended`, `member-blocked`,
    `no-amount`, `amount-unusual`, `reference-taken`, `dynamic-used`, `voucher-used`, `appointment-missing`.
    """
    member = draft.member
    if member is None:
        raise RefusedError("no-member")
    if is_own(desk, by, member.member):
        raise RefusedError("own-sale")
    desk.need_not_suspended()
    if member.is_blocked:
        raise RefusedError("member-blocked")
    if needs_appointment(desk, draft):
        raise RefusedError("appointment-missing")
    if not draft.earns and not draft.choices:
        raise RefusedError("no-amount")
    check_amount(draft.basket.gross_fen)
    usual = desk.store.settings.usual_amount_fen
    if usual and draft.basket.gross_fen > usual and not draft.amount_confirmed:
        raise RefusedError("amount-unusual", amount_fen=draft.basket.gross_fen, usual_fen=usual)
    claimed = _claimed(desk, draft)
    if claimed and desk.journal.has_reference(claimed):
        raise RefusedError("reference-taken", reference=claimed)
    if draft.proof and draft.proof.nonce and desk.journal.nonce_owner(draft.proof.nonce) is not None:
        raise RefusedError("voucher-used" if draft.proof.proof == "voucher" else "dynamic-used")
    return member


def _is_table(desk: Desk) -> bool:
    return desk.store.settings.reference == "table"


def _claimed(desk: Desk, draft: SaleDraft) -> str:
    """The reference that earns once; none where it is only the table."""
    return "" if _is_table(desk) else draft.reference


def commit_sale(
    desk: Desk, session: Session, draft: SaleDraft, authority: Authority | None = None, entry_id: UUID | None = None,
    draws_on: UUID | None = None, others: int = 0,
) -> Receipt:  # fmt: skip
    """Append the sale; when this returns it survives a power cut.

    `authority`, `entry_id`, the allowance that it `draws_on` and the points that count as `others`' come from `till.redeeming`
    when points are taken. Raises
    `RefusedError`, a `points.RedemptionError` for a choice that is not possible any more, or a `local_db` error: then nothing
    has happened.
    """
    draft = draft if draft.choices else draft.proving()
    member = check_draft(desk, draft, session.staff)
    if bool(draft.choices) != (authority is not None):
        raise RefusedError("redemption-without-authority")
    quoted = quote_draft(desk, draft)
    assert quoted is not None
    entry_id = entry_id or sale_id(desk, member)
    with desk.journal.alone():
        desk.need_open(session.shift)
        if authority and any(
            is_returned(desk.journal, member.member, reservation)
            for reservation in (entry_id, draws_on)
            if reservation
        ):
            raise RefusedError("redemption-without-authority")
        sale = sale_of(
            desk,
            session,
            draft,
            member,
            quoted.quote,
            entry_id,
            _redemptions(draft, quoted.quote, authority, draws_on, others),
        )
        receipt = receipt_of_sale(desk, session, draft, member, quoted.quote, sale)
        row = desk.append(_journal_draft(draft, sale, receipt))
    desk.let_go(member.member, but=sale.id)
    return desk.stamp(receipt, row)


def sale_of(
    desk: Desk, session: Session, draft: SaleDraft, member: MemberView, quote: Quote, entry_id: UUID,
    redemptions: tuple[Redemption, ...],
) -> Sale:  # fmt: skip
    """The entry of a draft with its quote, as it happens now."""
    at_us = desk.clock.entry_us()
    programme = desk.store.programme
    return Sale(
        id=entry_id,
        store=desk.store.settings.store,
        occurred_at=at_us,
        business_day=desk.business_day,
        shift=session.shift,
        by=session.staff,
        clock=desk.clock.read(),
        member=member.member,
        identified=member.identified,
        reference=_claimed(desk, draft),
        table=draft.reference if _is_table(desk) else "",
        gross_fen=quote.gross_fen,
        due_fen=quote.due_fen,
        sums_fen={category or programme.default_category: fen for category, fen in draft.basket.by_category().items()},
        units=dict(units_of(programme, draft.basket)),
        others_fen=dict(draft.basket.others_fen),
        programme=programme.id,
        programme_version=programme.version,
        engine=quote.engine,
        tier=member.tier,
        held={kind: points for kind, points in member.facts.held.items() if points},
        counts=dict(member.counts),
        position=member.position,
        awards=tuple(
            Award(kind=award.kind, points=award.points,
                  expires_on=award.expires_on.isoformat() if award.expires_on else "", gained=dict(award.gained))
            for award in quote.awards
        ),
        redemptions=redemptions,
        activities=draft.activities,
        approval=draft.approval if redemptions else None,
        claim_until=draft.claim.until if draft.claim else "",
    )  # fmt: skip


def _journal_draft(draft: SaleDraft, sale: Sale, receipt: Receipt) -> Draft:
    return Draft(
        id=sale.id, type="sale", member=sale.member, shift=sale.shift, occurred_at=sale.occurred_at,
        payload=encode_entry(sale), receipt=canonical.encode(receipt), reference=sale.reference, nonce=_nonce(draft.proof),
    )  # fmt: skip


def _redemptions(
    draft: SaleDraft, quote: Quote, authority: Authority | None, draws_on: UUID | None, others: int
) -> tuple[Redemption, ...]:
    if authority is None:
        return ()
    proof, appointment = draft.proof, draft.appointment
    return tuple(
        Redemption(
            reward=taken.reward_id, kind=taken.kind, points=taken.points, off_bill_fen=taken.off_bill_fen, authority=authority,
            proof=proof.proof if proof else "static", nonce=_nonce(proof), reservation=draws_on, cash_fen=taken.cash_fen,
            gives=taken.gives, units=taken.units, appointment=appointment if taken.units else None,
            own=taken.own_points, others=others,
        )
        for taken in quote.redemptions
    )  # fmt: skip


def _nonce(proof: MemberProof | None) -> str:
    return proof.nonce if proof else ""


def receipt_of_sale(
    desk: Desk, session: Session, draft: SaleDraft, member: MemberView, quote: Quote, sale: Sale
) -> Receipt:  # fmt: skip
    """What the customer takes home of it."""
    programme = desk.store.programme
    paid = {balance.kind: min(quote.awarded(balance.kind), balance.owes) for balance in member.balances}
    after = {
        kind: balance.spendable + quote.awarded(kind) - paid[kind] - quote.redeemed(kind)
        for balance in member.balances
        for kind in (balance.kind,)
    }
    # What other merchants' kinds are called is not known here, and nobody here can spend them.
    after = {
        kind: points for kind, points in after.items()
        if kind in programme.kind_by_code and (points or kind == programme.kinds[0].code)
    }  # fmt: skip
    moved = {award.kind for award in quote.awards} | {taken.kind for taken in quote.redemptions}
    return Receipt(
        id=sale.id, at=sale.occurred_at, store=desk.store.settings.name, terminal=desk.terminal_name, by=session.staff,
        member=member.member, name=member.name, last4=member.last4, is_welcome=member.is_new,
        page=desk.store.settings.member_page if member.is_new else "", reference=draft.reference,
        lines=lines_of(draft.lines), gross_fen=quote.gross_fen, due_fen=quote.due_fen, steps=steps_of(quote),
        awarded={award.kind: award.points for award in sale.awards},
        redemptions=tuple(_receipt_redemptions(programme, quote, sale)), kinds=kinds_of(programme, moved | after.keys()),
        spendable_after=after, paid={kind: points for kind, points in paid.items() if points},
        expiring=tuple(one for one in _first_expiring(member, quote) if one.kind in programme.kind_by_code),
        claim=draft.claim.address(desk.store.settings.member_page) if draft.claim else "",
        claim_until=draft.claim.until if draft.claim else "",
    )  # fmt: skip


def _receipt_redemptions(programme: Programme, quote: Quote, sale: Sale) -> Iterator[ReceiptRedemption]:
    ends = {award.kind: award.expires_on for award in sale.awards}
    for taken, said in zip(sale.redemptions, quote.redemptions, strict=True):
        yield ReceiptRedemption(
            name=words(programme.reward_by_id[taken.reward].name), kind=taken.kind, points=taken.points,
            off_bill_fen=taken.off_bill_fen, authority=taken.authority, cash_fen=taken.cash_fen,
            appointment=taken.appointment, gives=said.gives, units=said.units, gives_until=ends.get(said.gives, ""),
        )  # fmt: skip


def _first_expiring(member: MemberView, quote: Quote) -> Iterator[ReceiptExpiry]:
    """Per kind: what the ledger told of, less what was taken since, or what this sale gives, whichever expires first."""
    for balance in member.balances if member.is_known else ():
        kind, taken = balance.kind, quote.redeemed(balance.kind) - min(0, balance.own)
        told = [soon for soon in member.expiring if soon.kind == kind]
        soonest = {soon.on: soon.points - taken for soon in told if soon.points > taken}
        if told and not soonest and balance.spendable > quote.redeemed(kind):
            continue
        for award in quote.awards:
            if award.kind == kind and award.expires_on:
                day = award.expires_on.isoformat()
                soonest[day] = soonest.get(day, 0) + award.points
        if soonest:
            first = min(soonest)
            yield ReceiptExpiry(kind=kind, points=soonest[first], on=first)
