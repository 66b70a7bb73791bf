"""What the customer takes home, and what 补打小票 prints again: the document beside a sale's entry."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Literal
from uuid import UUID

from points import BasketLine, ExplainedLine, Programme, Quote, Text, format_exact
from protocol.canonical import Count, Micros, Model, Whole
from protocol.entries import Appointment, Approvable, Authority


class Words(Model, kw_only=True):
    """One text in both languages."""

    zh: str
    en: str


class ReceiptLine(Model, kw_only=True):
    """A product of the basket, or the amount."""

    name: str = ""
    category: str = ""
    quantity: Count = 1
    amount_fen: Count


class ReceiptStep(Model, kw_only=True):
    """One step of the explanation; `factor` and `points` exact, as text (1.2, 308.4). `count` units earned: 3 cups."""

    rule: str
    name: Words
    factor: str = ""
    amount_fen: Whole = 0
    points: str = ""
    count: Count = 0
    unit: Words | None = None


class ReceiptRedemption(Model, kw_only=True):
    """A reward taken, with the authority it stood on. `off_bill_fen`: nothing for an item.

    `cash_fen` was paid beside the points. `units` of the kind `gives` are for a later visit, until the day `gives_until`.
    """

    name: Words
    kind: str
    points: Count
    off_bill_fen: Count
    authority: Authority
    cash_fen: Count = 0
    gives: str = ""
    units: Count = 0
    gives_until: str = ""
    appointment: Appointment | None = None


class ReceiptKind(Model, kw_only=True):
    """What a kind of points is called, and its pieces where it is counted in pieces."""

    name: Words
    unit: Words | None = None


class ReceiptExpiry(Model, kw_only=True):
    """The points of a kind that expire first after the sale; `on` is the last day on which they can be spent."""

    kind: str
    points: Count
    on: str


class ReceiptRefund(Model, kw_only=True):
    """What came back of the sale under `sale`: money, points by kind; `reason` for points that were added.

    As far as the till knew: `uncovered` of `given_back` goes to the merchant, who had covered it; `ended` of `taken_back` had
    ended before, and is not taken from the member again. Of the kinds in `may_be_uncovered` and `may_have_ended` nobody had
    told the till how much of either there is: the rule stands there, and no number.
    """

    sale: UUID
    sale_at: Micros
    money_fen: Count
    given_back: dict[str, Count] = {}
    taken_back: dict[str, Count] = {}
    uncovered: dict[str, Count] = {}
    ended: dict[str, Count] = {}
    may_be_uncovered: tuple[str, ...] = ()
    may_have_ended: tuple[str, ...] = ()
    reason: Words | None = None


class Receipt(Model, kw_only=True):
    """A sale as it was shown. `code` is the short code of the journal's head: the customer is a witness."""

    id: UUID
    seq: Count = 0
    code: str = ""
    training: bool = False
    """Made in training: it says so in every form."""
    at: Micros
    store: str
    terminal: str
    by: str
    member: str
    name: str = ""
    last4: str = ""
    is_welcome: bool = False
    """He joined with this sale."""
    page: str = ""
    """Of a new member: where his own page is."""
    reference: str = ""
    lines: tuple[ReceiptLine, ...] = ()
    gross_fen: Count
    due_fen: Count
    steps: tuple[ReceiptStep, ...] = ()
    awarded: dict[str, Count] = {}
    redemptions: tuple[ReceiptRedemption, ...] = ()
    spendable_after: dict[str, Whole] = {}
    kinds: dict[str, ReceiptKind] = {}
    """Of all that it names, but for the store's main one."""
    expiring: tuple[ReceiptExpiry, ...] = ()
    """As far as this till knows: after a redemption that took all that the ledger had told of, it is not known."""
    paid: dict[str, Count] = {}
    """Points by kind that paid what the member owed, of those that he got, as far as this till knew."""
    owed: dict[str, Count] = {}
    """What a refund could not take, and he owes now."""
    given: Approvable | Literal[""] = ""
    """Points that were given with an approval, `approved_by` whom, by 工号: for a sale of the day `sold_on`, or by hand."""
    approved_by: str = ""
    sold_on: str = ""
    claim: str = ""
    """Of a sale without a member: what its code says, a secret. Whoever has it first has the points (`protocol.claims`)."""
    claim_until: str = ""
    """The last day on which they can be claimed."""
    refund: ReceiptRefund | None = None
    """Of a refund: `gross_fen` is then what came back before discounts, `awarded` what was added for a reason."""


def earned(receipt: Receipt) -> dict[str, int]:
    """Points by kind that the goods earned: without what was issued for points."""
    left = dict(receipt.awarded)
    for taken in receipt.redemptions:
        if taken.units:
            left[taken.gives] = left.get(taken.gives, 0) - taken.units
    return {kind: points for kind, points in left.items() if points > 0}


def kinds_of(programme: Programme, named: Collection[str]) -> dict[str, ReceiptKind]:
    """What kinds are called that a receipt has in it: all but the first, which is what is meant by points."""
    return {
        kind.code: ReceiptKind(name=words(kind.name), unit=words(kind.unit) if kind.unit else None)
        for kind in programme.kinds[1:]
        if kind.code in named
    }


def words(text: Text) -> Words:
    """A text of the programme as a receipt keeps it."""
    return Words(zh=text.zh, en=text.en)


def lines_of(lines: tuple[BasketLine, ...]) -> tuple[ReceiptLine, ...]:
    """The basket's lines."""
    return tuple(
        ReceiptLine(name=line.name, category=line.category, quantity=line.quantity, amount_fen=line.amount_fen)
        for line in lines
    )


def steps_of(quote: Quote) -> tuple[ReceiptStep, ...]:
    """The explanation, exact figures as text."""
    return tuple(_step(line) for line in quote.lines)


def _step(line: ExplainedLine) -> ReceiptStep:
    return ReceiptStep(
        rule=line.rule,
        name=words(line.name),
        factor=format_exact(line.factor) if line.factor is not None else "",
        amount_fen=int(line.amount_fen),
        points=format_exact(line.points) if line.points != Fraction(0) else "",
        count=line.count,
        unit=words(line.unit) if line.unit else None,
    )
