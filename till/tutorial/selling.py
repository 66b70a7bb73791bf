"""Tasks one to six: points for a sale in every way that there is, for points, without a network, and not at all."""

from __future__ import annotations

from typing import ClassVar

from points import format_fen
from points.amounts import parse_sum
from protocol.documents import Product
from till.i18n import _, either, msg
from till.receipts import Receipt
from till.tutorial.lesson import Lesson, Question, Seen, Verdict, missed
from till.tutorial.props import NEW, POOR, RICH

_OTHER_MEMBER = msg("That was another member. He is the one whose code was scanned; do not change it.")
_OTHER_AMOUNT = msg(
    "{amount} was booked, and it should have been {wanted}. Read the amount on the screen before Enter."
)
PAYMENT_CODE = "134567890123456789"
"""As a phone shows it to pay; no such code is anybody's."""


class Earn(Lesson):
    """Scan, amount, Enter."""

    TITLE = msg("Points for a sale")
    STORY = msg(
        "A customer shows his member code, and you scan it. He pays {amount}.\n"
        "Look at the card on top: who he is, and his points."
    )
    TODO = msg("Type {amount}, look at it, press Enter")
    PRAISE = msg("That is all there is to it: scan, amount, Enter. The last line says what became of it.")
    FEN = 128_50

    def facts(self) -> dict[str, object]:
        return {"amount": format_fen(self.FEN)}

    def prepare(self) -> None:
        self.props.phone(RICH)

    def heard(self, receipt: Receipt) -> Verdict | None:
        if receipt.member != self.props.member(RICH):
            return missed(_OTHER_MEMBER)
        if receipt.gross_fen != self.FEN:
            return missed(_OTHER_AMOUNT, amount=format_fen(receipt.gross_fen), wanted=format_fen(self.FEN))
        return self.right()


class NoCode(Earn):
    """F5."""

    TITLE = msg("He has no code with him")
    STORY = msg("This customer left his phone at home. He says: 'My number is {phone}.' He pays {amount}.")
    TODO = msg("F5, type {phone}, Enter; then {amount}, Enter")
    PRAISE = msg("F5 finds a member by phone. He earns; to redeem he would have to show his code or type his PIN.")
    FEN = 36_00

    def facts(self) -> dict[str, object]:
        return {"amount": format_fen(self.FEN), "phone": self.props.phone_number(NEW)}

    def prepare(self) -> None:
        """He has nothing to scan."""

    def heard(self, receipt: Receipt) -> Verdict | None:
        if receipt.member != self.props.member(NEW):
            return missed(
                msg("The points went to somebody else, or to nobody. F5 first, and his number; then the amount.")
            )
        if receipt.gross_fen != self.FEN:
            return missed(_OTHER_AMOUNT, amount=format_fen(receipt.gross_fen), wanted=format_fen(self.FEN))
        return self.right()


class Goods(Lesson):
    """Products over the scanner, the last taken out again; where the store has no price list, a sum that is typed."""

    TITLE = msg("A basket")
    STORY = msg("Two things over the scanner: {first} and {second}. Then he says: 'Not the {second}, please.'")
    TODO = msg("Wait until both are there; Backspace takes the last one out; Enter")
    PRAISE = msg("Backspace takes back what was scanned last. Whoever types: 12.5*3+8 is a sum, the till reckons it.")
    TYPED_STORY = msg("He buys three at 12.50 and one at 8.00. You need no calculator for that.")
    TYPED_TODO = msg("Type 12.5*3+8 and press Enter")
    _products: tuple[Product, ...] | None = None

    @property
    def story(self) -> str:
        if not self.products:
            return _(self.TYPED_STORY)
        return _(self.STORY).format(first=self.products[0].name, second=self.products[1].name)

    @property
    def todo(self) -> str:
        return _(self.TODO if self.products else self.TYPED_TODO)

    @property
    def products(self) -> tuple[Product, ...]:
        """Two, or none."""
        if self._products is None:
            found = self.props.products()
            self._products = found if len(found) == 2 else ()
        return self._products

    def arrange(self) -> None:
        """Read them now, and not when the screen is drawn."""
        self._products = None
        assert self.products is not None

    def prepare(self) -> None:
        self.props.phone(POOR)
        for product in self.products:
            self.props.code(product.code)

    def heard(self, receipt: Receipt) -> Verdict | None:
        wanted = self.products[0].price_fen if self.products else parse_sum("12.5*3+8")
        if receipt.gross_fen == wanted:
            return self.right()
        if self.products and receipt.gross_fen == sum(one.price_fen for one in self.products):
            return missed(msg("Both were booked, and he wanted one. Backspace takes the last one out before Enter."))
        return missed(_OTHER_AMOUNT, amount=format_fen(receipt.gross_fen), wanted=format_fen(wanted))


class Redeem(Lesson):
    """F2, a number, F2."""

    TITLE = msg("He redeems points")
    STORY = msg("He pays {amount} and asks: 'Can I have something for my points?' {reward}")
    TODO = msg("Type {amount}, F2, the number of a reward; read it to him; F2")
    PRAISE = msg(
        "Enter never takes points: F2 does, or his refreshed code. Everything that is on that page he may ask."
    )
    MISSED = msg("That sale gave points and took none. F2 before Enter, then the number, then F2.")
    NOTHING = msg(
        "This store has nothing now that he could have for his points. Tell him so, and book the sale: {amount}, Enter."
    )
    OFFERED = msg("One thing he could have: {name}.")
    PLACES: ClassVar[tuple[int, ...]] = (RICH,)
    _place = RICH
    _reward = ""

    def facts(self) -> dict[str, object]:
        name = either(self.props.name_of_reward(self._reward)) if self._reward else ""
        amount = format_fen(self.props.usual_fen())
        said = _(self.OFFERED).format(name=name) if name else _(self.NOTHING).format(amount=amount)
        return {"amount": amount, "reward": said}

    def arrange(self) -> None:
        """Find who could have what."""
        for place in self.PLACES:
            offer = self.props.redeemable(place, self.props.usual_fen())
            self._place, self._reward = place, offer.reward_id if offer else ""
            if self._reward:
                return

    def prepare(self) -> None:
        self.props.phone(self._place)

    def heard(self, receipt: Receipt) -> Verdict | None:
        return self.right() if receipt.redemptions or not self._reward else missed(self.MISSED)


class RedeemOffline(Redeem):
    """The cable is out."""

    TITLE = msg("The network is away")
    STORY = msg("Somebody has pulled the cable. Look at the top right. Nothing stops: he pays {amount}. {reward}")
    NOTHING = msg(
        "Nothing can be redeemed here without the network: say 'later', and book the sale: {amount}, Enter."
    )
    PRAISE = msg(
        "Stored here, sent by itself when the network is back. Each reward says whether it can be had offline."
    )
    PLACES = (POOR, RICH)

    def arrange(self) -> None:
        self.props.cable(is_in=False)
        super().arrange()


class Refused(Lesson):
    """What to say."""

    TITLE = msg("What to say when it is refused")
    STORY = msg("The network is back. This customer holds out his phone at once, and you scan what it shows.")
    TODO = msg("Read what the line above the keys says")
    PRAISE = msg("Each refusal says what would help. Read it aloud; nobody has done anything wrong.")
    QUESTION = Question(
        msg("The till says: this is a payment code. What do you say?"),
        (
            msg("'Your phone is broken, no points today.'"),
            msg("'Please open your member code, and I scan it again.'"),
            msg("'Thank you, that was paid with it.'"),
        ),
        1,
        msg("Nothing was paid and nothing is broken: he showed the wrong page. Ask for the member code."),
    )

    def prepare(self) -> None:
        self.props.cable(is_in=True)
        self.props.code(PAYMENT_CODE)

    def seen(self, now: Seen) -> Verdict | None:
        return Verdict("ask") if now.notice == "payment-code" else None
