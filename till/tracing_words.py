"""What is said of a sale that somebody misses points of: its way, line by line, and one sentence for the customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from points import format_fen
from till.approval_words import allowed_name
from till.counting import on_receipt
from till.i18n import _, either
from till.receipts import Receipt
from till.refundable import Refundable
from till.text import day_text, harmless
from till.tracing import Traced


def way_of(traced: Traced, local: Callable[[int], str]) -> Iterator[str]:
    """From the counter to the books. `local`: civil time of µs."""
    receipt = traced.receipt
    if receipt.given:
        yield _("{at}  {what} by {by}, approved by {approver}: {points}").format(
            at=local(receipt.at)[:16], what=allowed_name((receipt.given,)), by=harmless(receipt.by),
            approver=harmless(receipt.approved_by), points=_points(receipt),
        )  # fmt: skip
    else:
        yield _("{at}  sold by {by}: {due}, {points}").format(
            at=local(receipt.at)[:16],
            by=harmless(receipt.by),
            due=format_fen(receipt.due_fen),
            points=_points(receipt),
        )
    if receipt.steps:
        rules = ", ".join(dict.fromkeys(harmless(either(step.name)) for step in receipt.steps))
        yield _("by: {rules}").format(rules=rules)
    yield _("stored as entry {seq}, code {code}").format(seq=receipt.seq, code=receipt.code)
    if traced.taken_back_at:
        what = _("voided") if traced.state == "voided" else _("goods came back")
        yield f"{local(traced.taken_back_at)[:16]}  {what}"
    match traced.stage:
        case "stored":
            yield _("not sent yet")
        case "sent":
            yield _("sent; the ledger has not answered yet")
        case _ if traced.outcome is not None and traced.outcome.status == "quarantined":
            yield _("answered: waits for a person ({reason})").format(reason=traced.outcome.reason)
        case _:
            yield _("answered: booked")
    if traced.decision is not None:
        yield _("decided by {who}: {why}").format(
            who=harmless(traced.decision.who), why=harmless(traced.decision.why)
        )


def elsewhere(found: Refundable, local: Callable[[int], str]) -> tuple[list[str], str]:
    """The way of a sale of another till, of which the ledger told, and the sentence."""
    receipt = found.receipt
    way = [
        _("{at}  till {till}: {due}, {points}").format(
            at=local(receipt.at)[:16],
            till=harmless(receipt.terminal),
            due=format_fen(receipt.due_fen),
            points=_points(receipt),
        ),
        _("in the ledger's books"),
    ]
    if found.waits:
        return [*way, _("waits for a person")], _("The sale is safe; our manager still has to approve its points.")
    if receipt.claim_until:
        return way, _to_be_claimed(receipt)
    return way, _("The points are in the account: {points}.").format(points=_points(receipt))


def sentence_for_customer(traced: Traced) -> str:
    """One, that is true."""
    receipt = traced.receipt
    match traced.state:
        case "voided":
            return _("This sale was taken back, and its points with it.")
        case "refunded":
            return _("Goods of this sale came back, and their points with them.")
        case "quarantined" | "awards-wait":
            return _("The sale is safe; our manager still has to approve its points.")
        case "corrected":
            return _("This sale was corrected; the new points are in the account.")
        case "written-off":
            return _("Our manager has decided that this sale gives no points. Please ask him.")
        case _ if not any(receipt.awarded.values()):
            return _("By the rules this sale earned no points.")
        case _ if receipt.claim_until:
            return _to_be_claimed(receipt)
        case "stored":
            return _("The sale is stored here. Its points come by themselves when the network is back; none is lost.")
    return _("The points are in the account: {points}.").format(points=_points(receipt))


def _to_be_claimed(receipt: Receipt) -> str:
    """Whether somebody has, this till does not know."""
    return _(
        "No member code was shown: whoever claims this receipt first has its points, {points}, until {day}."
    ).format(points=_points(receipt), day=day_text(receipt.claim_until))


def _points(receipt: Receipt) -> str:
    parts = [on_receipt(receipt, kind, points, is_signed=True) for kind, points in receipt.awarded.items()]
    parts += [on_receipt(receipt, taken.kind, -taken.points, is_signed=True) for taken in receipt.redemptions]
    return "  ".join(parts) or "+0"
