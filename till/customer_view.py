"""What the member may see, and nothing else: one frozen value, in his language, made anew whenever the counter shows something.

The second screen shows the words, a display of two lines or eight figures what `pole` says. A page without a sale has no
member in it: not his name, not what he has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import msgspec

from devices.display_picture import DARK, Picture, PictureRow
from points import Offer, Quote, format_fen
from till.counting import amount_of, on_receipt
from till.i18n import _, either
from till.joining_words import consent
from till.receipts import Receipt, earned
from till.terms_words import Term, authority_sentence, conditions_of, cost_name, count_of, worth_of
from till.text import harmless, money, points_text
from till.training_words import mark

if TYPE_CHECKING:
    from till.draft import SaleDraft
    from till.redeeming import Needs, Standing
    from till.selling import Quoted
    from till.store import Store

Page: TypeAlias = Literal["welcome", "sale", "terms", "thanks", "code"]
MAX_LINES: Final = 6
"""Of the bill, the newest: what a person a metre away reads on 480 pixels."""
NAME_LENGTH: Final = 24


class Who(NamedTuple):
    """The member by his masked name, and what he can spend, where this till knows it."""

    name: str
    tier: str
    has: Term | None


class CustomerView(msgspec.Struct, frozen=True, kw_only=True):
    """All texts are ready to be shown. `lines` are of the bill, `sums` the figures that count."""

    page: Page
    store: str
    mark: str = ""
    """That it is training, and counts nowhere."""
    title: str = ""
    who: Who | None = None
    lines: tuple[Term, ...] = ()
    more: str = ""
    sums: tuple[Term, ...] = ()
    large: int = -1
    """Which of them is read first."""
    terms: tuple[Term, ...] = ()
    notes: tuple[str, ...] = ()
    step: str = ""
    """What he does now."""
    qr: str = ""
    stars: int | None = None
    """Digits of his PIN that are typed; None while none is asked for."""
    pole: Picture = DARK


def welcome(store: Store) -> CustomerView:
    """Nobody is served."""
    return CustomerView(
        page="welcome", store=_name(store), title=_("Welcome"), step=_("Please show your member code"),
        pole=Picture(PictureRow("WELCOME")),
    )  # fmt: skip


def example() -> CustomerView:
    """For a technician: every size of letters, and nobody's figures."""
    return CustomerView(
        page="sale", store=_("Test"), lines=(Term("0123456789", "88.88"),), sums=(Term(_("You pay"), money(888_888)),),
        large=0, step=_("Please show your member code"),
    )  # fmt: skip


def sale(store: Store, draft: SaleDraft, quoted: Quoted | None) -> CustomerView:
    """The sale as far as it is typed: the bill, and for whom."""
    quote = quoted.quote if quoted else None
    gross = draft.basket.gross_fen
    due = quote.due_fen if quote else gross
    sums = []
    if quote and due != gross:
        sums.append(Term(_("Total"), money(gross)))
    large = len(sums)
    if draft.earns:
        sums.append(Term(_("You pay"), money(due)))
    if quote and draft.earns:
        sums += [Term(_("You earn"), amount_of(store.programme, one.kind, one.points)) for one in quote.awards]
    step = _("Please show your member code") if draft.member is None else _next_reward(store, quoted)
    lines, more = _bill(draft)
    return CustomerView(
        page="sale", store=_name(store), who=_who(store, draft), lines=lines, more=more, sums=tuple(sums), large=large,
        step=step,
        pole=_picture_of_sale(store, draft, quote, due),
    )  # fmt: skip


def terms(
    store: Store, draft: SaleDraft, offer: Offer, before: Quote, after: Quote, standing: Standing
) -> CustomerView:
    """What he agrees to, before he does."""
    programme, main = store.programme, store.points_kind
    taken = after.redemptions[0]
    assert draft.member is not None
    left = draft.member.spendable(offer.kind) - after.redeemed(offer.kind)
    worth, bill = worth_of(programme, before, after, taken)
    sums = [
        Term(cost_name(programme, offer.kind), count_of(programme, offer.kind, taken.points)),
        Term(_("Left after it"), count_of(programme, offer.kind, left)),
        Term(worth, "" if taken.off_bill_fen else bill),
    ]
    if draft.earns:
        sums.append(Term(_("You pay"), money(after.due_fen)))
        earns = _("{before} -> {after}").format(
            before=points_text(before.awarded(main)), after=points_text(after.awarded(main))
        )
        sums.append(Term(_("This sale then earns"), earns))
    stands_on = authority_sentence(standing.authority) if standing.authority else ""
    return CustomerView(
        page="terms", store=_name(store), who=_who(store, draft),
        title=_("Redeem {reward}").format(reward=harmless(either(offer.disclosure.name))), sums=tuple(sums),
        terms=tuple(row for row in conditions_of(store, offer, draft.appointment, stands_on) if row.text),
        step=_agree_by(standing.needs) if standing.authority else "",
        pole=Picture(
            PictureRow("USE POINTS", points_text(taken.points)), PictureRow("PAY", format_fen(after.due_fen)),
            after.due_fen,
        ),
    )  # fmt: skip


def joining(store: Store, phone: str) -> CustomerView:
    """What he agrees to who becomes a member."""
    return CustomerView(
        page="terms", store=_name(store), title=_("Become a member"),
        sums=(Term(_("Phone number"), f"{phone[:3]}****{phone[-4:]}"),),
        terms=(Term(_("You agree"), consent(harmless(store.settings.merchant_name, 40))),),
        step=_("Do you agree? Tell the cashier"),
        pole=Picture(PictureRow("NEW MEMBER"), PictureRow("PHONE", f"*{phone[-4:]}"), None),
    )  # fmt: skip


def asking_pin(below: CustomerView, stars: int, *, is_again: bool = False) -> CustomerView:
    """The same, and his PIN is asked for on his own keypad; `is_again`: what he typed before was not taken."""
    step = _("Type your points PIN on the keypad, then its enter key")
    return msgspec.structs.replace(
        below, stars=stars, step=_("Not accepted. Please type your PIN again") if is_again else step,
        pole=below.pole._replace(upper=PictureRow("PIN", "*" * stars)),
    )  # fmt: skip


def marked(view: CustomerView) -> CustomerView:
    """As training: wherever there is room for it."""
    pole = view.pole._replace(lower=view.pole.lower._replace(label="TRAINING"))
    return msgspec.structs.replace(view, mark=mark(), pole=pole)


def code(below: CustomerView, text: str, words: str) -> CustomerView:
    """A QR code that is for his phone, and what he does with it."""
    return CustomerView(
        page="code", store=below.store, who=below.who, title=below.title, qr=text,
        notes=(words,), pole=below.pole,
    )  # fmt: skip


def thanks(store: Store, receipt: Receipt) -> CustomerView:
    """The sale is done: what it came to, and nothing of who he is or has."""
    got = earned(receipt)
    sums = []
    if receipt.gross_fen and not receipt.given:
        sums.append(Term(_("Paid"), money(receipt.due_fen)))
    sums += [Term(_("Points used"), on_receipt(receipt, one.kind, one.points)) for one in receipt.redemptions]
    sums += [Term(_("You earned"), amount_of(store.programme, kind, points)) for kind, points in got.items()]
    main, paid_fen = got.get(store.points_kind, 0), 0 if receipt.given else receipt.due_fen
    return CustomerView(
        page="thanks", store=_name(store), title=_("Thank you"), sums=tuple(sums),
        pole=Picture(PictureRow("PAID", format_fen(paid_fen)), PictureRow("POINTS", f"{main:+,}"), paid_fen),
    )  # fmt: skip


def _name(store: Store) -> str:
    return harmless(store.settings.name, 40)


def _who(store: Store, draft: SaleDraft) -> Who | None:
    """Only what the ledger masked: a member whose name it did not tell has none here either."""
    member = draft.member
    if member is None:
        return None
    tier = store.programme.tier_by_code.get(member.tier)
    has = Term(_("can spend"), count_of(store.programme, store.points_kind, member.spendable(store.points_kind)))
    return Who(
        harmless(member.name, NAME_LENGTH) or _("Member"),
        harmless(either(tier.name)) if tier else "",
        has if member.is_known else None,
    )


def _bill(draft: SaleDraft) -> tuple[tuple[Term, ...], str]:
    """Its newest products; an amount that was typed has no line of its own."""
    bought = [line for line in draft.lines if line.product]
    shown = bought[-MAX_LINES:]
    rows = tuple(
        Term(
            harmless(line.name or line.product, 40) + (f" ×{line.quantity}" if line.quantity > 1 else ""),
            format_fen(line.amount_fen),
        )
        for line in shown
    )
    hidden = len(bought) - len(shown)
    return rows, _("and {n} more before").format(n=hidden) if hidden else ""


def _next_reward(store: Store, quoted: Quoted | None) -> str:
    offer = quoted.next_offer if quoted else None
    if offer is None:
        return ""
    name = harmless(either(store.programme.reward_by_id[offer.reward_id].name))
    missing = count_of(store.programme, offer.kind, offer.missing_points)
    return _("{points} more for {name}").format(points=missing, name=name)


def _agree_by(needs: Needs) -> str:
    """How he says yes, from where he stands."""
    match needs:
        case "pin":
            return _("Do you agree? Refresh your member code and show it, or type your PIN")
        case "typed":
            return _("Do you agree? Type your PIN")
        case "code":
            return _("Do you agree? Refresh your member code and show it")
        case "phone":
            return _("Do you agree? Allow it on your phone")
        case "":
            return _("Do you agree? Tell the cashier, or refresh your member code and show it")


def _picture_of_sale(store: Store, draft: SaleDraft, quote: Quote | None, due_fen: int) -> Picture:
    total = PictureRow("TOTAL", format_fen(due_fen)) if draft.earns else PictureRow()
    amount = due_fen if draft.earns else None
    member = draft.member
    if member is None or not member.is_known:
        return Picture(total, PictureRow(), amount)
    gets = quote.awarded(store.points_kind) if quote and draft.earns else 0
    has = PictureRow(f"POINTS {gets:+,}" if gets else "POINTS", points_text(member.spendable(store.points_kind)))
    return Picture(total, has, amount) if draft.earns else Picture(has, PictureRow(), None)
