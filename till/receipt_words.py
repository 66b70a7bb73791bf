"""A receipt in words, row by row: what the screen shows and what is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from points import format_fen
from protocol.claims import is_claim_account
from protocol.entries import Appointment
from till.approval_words import allowed_name
from till.counting import on_receipt, units_text
from till.i18n import _, either
from till.receipts import Receipt, ReceiptExpiry, ReceiptRedemption, ReceiptRefund, ReceiptStep, earned
from till.report_words import ReportRow, authority_name
from till.settling import notes_of
from till.text import day_text, harmless, points_text
from till.training_words import mark_in_full

if TYPE_CHECKING:
    from till.store import Store

TWICE = ("双倍", "加倍", "double", "twice")


class ReceiptRows(NamedTuple):
    """The store's name; when, where and for whom; the goods and what is paid; what becomes of the points."""

    store: str
    head: list[ReportRow]
    goods: list[ReportRow]
    points: list[ReportRow]
    foot: str
    """By which anybody finds it again: number and short code."""
    mark: str = ""
    """What it says of itself before anything else: that it was made in training."""


def receipt_rows(
    receipt: Receipt, store: Store, local: Callable[[int], str], *, is_void: bool = False
) -> ReceiptRows:
    """As it was when the sale was made. `local`: civil time of µs. `is_void`: what came back was a sale taken back whole."""
    if receipt.refund:
        title = _("Sale taken back") if is_void else refund_name(store.settings.reference)
        body = _back(receipt, receipt.refund, title, local)
    else:
        body = _given(receipt) if receipt.given else _sold(receipt, store)
    mark = mark_in_full() if receipt.training else ""
    head = [*([ReportRow(mark, "", "warning")] if mark else []), *_head(receipt, store, local)]
    return ReceiptRows(harmless(receipt.store), head, *body, f"{receipt.seq}  {receipt.code}", mark)


def holder_name(receipt: Receipt) -> str:
    """Of whom it is; that nobody has claimed it yet, as far as this till can know."""
    if is_claim_account(receipt.member):
        return _("No member")
    return harmless(receipt.name) or harmless(receipt.member, 24)


def reference_name(kind: str) -> str:
    """What the external reference is called in a store: `kind` is its settings' `reference`."""
    names = {"receipt": _("Receipt number"), "table": _("Table"), "work-order": _("Work order")}
    return names[kind]


def refund_name(kind: str) -> str:
    """退货 where goods are sold, 退款 where a table or a workshop is paid: `kind` is the store's settings' `reference`."""
    return _("Refund") if kind == "receipt" else _("Refund of money")


def with_factor(name: str, times: str) -> str:
    """`春节活动 3倍`; a name that says its factor already (金卡 1.2倍, 店庆双倍) needs no second one."""
    is_said = times in name or (times == "2" and any(word in name for word in TWICE))
    return name if is_said else _("{name} {n}x").format(name=name, n=times)


def booked_for(store: Store, appointment: Appointment) -> str:
    """`2026年11月28日 10:00  李师傅 1023`: the name of who is still there, and the number in any case."""
    day, time = appointment.at.split("T")
    person = store.staff.get(appointment.by)
    name = f"{person.name} " if person else ""
    return harmless(f"{day_text(day)} {time}  {name}{appointment.by}")


def _head(receipt: Receipt, store: Store, local: Callable[[int], str]) -> list[ReportRow]:
    last4 = _("ends {last4}").format(last4=harmless(receipt.last4, 4)) if receipt.last4 else ""
    rows = [
        ReportRow(local(receipt.at)[:16], f"{harmless(receipt.terminal)} {receipt.by}", "quiet"),
        ReportRow(holder_name(receipt), last4),
    ]
    if receipt.is_welcome:
        rows.append(ReportRow(_("Welcome as a member"), harmless(receipt.member, 24), "strong"))
    if receipt.page:
        rows.append(ReportRow(_("Your page"), harmless(receipt.page, 64)))
    if receipt.reference:
        label = reference_name(store.settings.reference)
        rows.append(ReportRow(label, harmless(receipt.reference), "detail"))
    return rows


def _back(
    receipt: Receipt, back: ReceiptRefund, title: str, local: Callable[[int], str]
) -> tuple[list[ReportRow], list[ReportRow]]:
    """Marked as what it is; what is paid back stands where a sale has what is paid."""
    money = [
        ReportRow(title, "", "strong"),
        ReportRow(_("of the sale of"), local(back.sale_at)[:16], "quiet"),
        ReportRow(_("Goods, before discounts"), format_fen(-receipt.gross_fen)),
        ReportRow(_("Money back"), format_fen(-back.money_fen), "strong"),
    ]
    changes = _changes(back, receipt.awarded)
    return money, [
        *(ReportRow(label, on_receipt(receipt, kind, points, is_signed=True)) for label, kind, points in changes),
        *_notes(receipt),
    ]


def _notes(receipt: Receipt) -> list[ReportRow]:
    return [ReportRow(f"  {note}", "", "quiet") for note in notes_of(receipt)]


def _changes(back: ReceiptRefund, added: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(label, kind, points) of what a refund does to points."""
    why = harmless(either(back.reason)) if back.reason else _("Points added")
    return [
        *((_("Redeemed points back"), kind, points) for kind, points in back.given_back.items()),
        *((_("Earned points taken back"), kind, -points) for kind, points in back.taken_back.items()),
        *((why, kind, points) for kind, points in added.items()),
    ]


def _sold(receipt: Receipt, store: Store) -> tuple[list[ReportRow], list[ReportRow]]:
    goods = [
        ReportRow(
            f"{harmless(one.name)}{f' x{one.quantity}' if one.quantity > 1 else ''}", format_fen(one.amount_fen)
        )
        for one in receipt.lines
        if one.name
    ]
    goods.append(ReportRow(_("Amount"), format_fen(receipt.gross_fen)))
    goods += [
        ReportRow(harmless(either(step.name)), format_fen(step.amount_fen))
        for step in receipt.steps
        if step.rule in ("payer", "discount")
    ]
    for taken in receipt.redemptions:
        goods += _redeemed(receipt, taken, store)
    return [*goods, ReportRow(_("Paid"), format_fen(receipt.due_fen), "strong")], _earned(receipt)


def _given(receipt: Receipt) -> tuple[list[ReportRow], list[ReportRow]]:
    """Late or by hand: it says so, and who allowed it; of an earlier sale when that was, and what was paid then."""
    rows = [ReportRow(allowed_name((receipt.given,)) if receipt.given else "", "", "strong")]
    if receipt.sold_on:
        rows += [
            ReportRow(_("for the sale of"), day_text(receipt.sold_on)),
            ReportRow(_("Amount"), format_fen(receipt.gross_fen)),
        ]
    return [*rows, ReportRow(_("Approved by"), harmless(receipt.approved_by), "quiet")], _earned(receipt)


def _redeemed(receipt: Receipt, taken: ReceiptRedemption, store: Store) -> list[ReportRow]:
    """What was taken, on what it stood, and what the member has for a later visit, with its last day."""
    name = harmless(either(taken.name))
    if taken.kind in receipt.kinds:
        label = f"{name}  {on_receipt(receipt, taken.kind, -taken.points, is_signed=True)}"
    else:
        label = _("{reward} for {points} points").format(reward=name, points=points_text(taken.points))
    money = taken.cash_fen - taken.off_bill_fen
    rows = [ReportRow(label, f"{'+' if money > 0 else ''}{format_fen(money)}" if money else "")]
    if taken.units:
        got = _("gets {vouchers}").format(vouchers=on_receipt(receipt, taken.gives, taken.units))
        rows.append(ReportRow(f"  {got}", "", "strong"))
        if taken.gives_until:
            until = _("valid until {day}").format(day=day_text(taken.gives_until))
            rows.append(ReportRow(f"  {until}", "", "quiet"))
    rows.append(ReportRow(f"  {authority_name(taken.authority)}", "", "quiet"))
    if taken.appointment:
        rows.append(ReportRow(f"  {booked_for(store, taken.appointment)}", "", "strong"))
    return rows


def _earned(receipt: Receipt) -> list[ReportRow]:
    got = [on_receipt(receipt, kind, points, is_signed=True) for kind, points in earned(receipt).items()]
    has = sorted(receipt.spendable_after.items(), key=lambda one: one[0] in receipt.kinds)
    after = [on_receipt(receipt, kind, points) for kind, points in has]
    return [
        *(
            ReportRow(_step(step), step.points, "quiet")
            for step in receipt.steps
            if step.points and step.rule != "issued"
        ),
        ReportRow(
            _("Points to be claimed") if receipt.claim_until else _("Points earned"), ", ".join(got) or "0", "points"
        ),
        *([ReportRow(claim_words(receipt), "", "quiet")] if receipt.claim_until else []),
        *_notes(receipt),
        *([] if receipt.claim_until else _has_then(receipt, after)),
    ]


def _has_then(receipt: Receipt, after: list[str]) -> list[ReportRow]:
    return [
        *(ReportRow(_("can spend now") if place == 0 else "", what) for place, what in enumerate(after)),
        *(ReportRow(_ends(receipt, first), "", "quiet") for first in receipt.expiring),
    ]


def claim_words(receipt: Receipt) -> str:
    """Until when, and that it is once."""
    return _("once, until {day}").format(day=day_text(receipt.claim_until))


def _ends(receipt: Receipt, first: ReceiptExpiry) -> str:
    if first.kind in receipt.kinds:
        until = _("valid until {day}").format(day=day_text(first.on))
        return f"{on_receipt(receipt, first.kind, first.points)}  {until}"
    return _("{points} points expire on {day}").format(points=points_text(first.points), day=day_text(first.on))


def _step(step: ReceiptStep) -> str:
    name = harmless(either(step.name))
    if step.rule in ("quantity", "attribute"):
        return f"{name}  {units_text(step.count, step.unit)}"
    return with_factor(name, step.factor) if step.rule in ("tier", "campaign") else name
