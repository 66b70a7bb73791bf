"""Tasks seven to twelve: what goes wrong, comes back, waits, is wanted again; leaving the till, and the end of the shift."""

from __future__ import annotations

from points import format_fen
from till.i18n import msg
from till.receipts import Receipt
from till.tutorial.lesson import Lesson, Question, Seen, Verdict, missed
from till.tutorial.props import POOR, RICH, Props


class TakeBack(Lesson):
    """F3."""

    TITLE = msg("The last sale was wrong")
    STORY = msg(
        "You have just seen: the amount was wrong. You book a sale of {amount}, and take it back before the next customer."
    )
    TODO = msg("Type {amount}, Enter; then F3, read the question, F2")
    PRAISE = msg("The points went back both ways. F3 is for this shift; F7 lists its sales, for one further back.")
    FEN = 1285_00

    def facts(self) -> dict[str, object]:
        return {"amount": format_fen(self._fen)}

    @property
    def _fen(self) -> int:
        return min(self.FEN, self.props.usual_fen())

    _is_booked = False

    def prepare(self) -> None:
        self.props.phone(RICH)

    def heard(self, _receipt: Receipt) -> Verdict | None:
        self._is_booked = True
        return None

    def seen(self, now: Seen) -> Verdict | None:
        return self.right() if self._is_booked and now.last == "voided" else None


class Returned(Lesson):
    """F4, and who may."""

    TITLE = msg("Goods come back")
    STORY = msg("A customer brings back what he bought yesterday, with the receipt. Try it: press F4.")
    TODO = msg("Press F4 and see what the till says")
    PRAISE = msg("A refund is a supervisor's: he signs in, F4, or scans the receipt. You keep the receipt at hand.")
    QUESTION = Question(
        msg("What does a cashier do when goods come back?"),
        (
            msg("Take back some other sale of today for the same amount"),
            msg("Send the customer away until tomorrow"),
            msg("Keep the receipt and call a supervisor, who presses F4"),
        ),
        2,
        msg("Money and points of that very sale have to go back, and a supervisor does it: F4 with its receipt."),
    )

    def seen(self, now: Seen) -> Verdict | None:
        return Verdict("ask") if now.command == "refund" else None


class PutAside(Lesson):
    """F6, the next customer, F6."""

    TITLE = msg("He runs back for the eggs")
    STORY = msg(
        "You have typed {first}, and he runs back for eggs. Somebody waits behind him and pays {second}.\n"
        "F6 puts the sale aside, and later brings it back."
    )
    TODO = msg("{first}, F6 aside. The next: {second}, Enter. Then F6, its number, Enter")
    PRAISE = msg("Up to nine sales wait so, also over a restart. The line above the keys reminds you of them.")
    FIRST, SECOND = 45_00, 20_00

    def __init__(self, props: Props) -> None:
        super().__init__(props)
        self._before = -1
        self._was_held = self._next_paid = False

    def facts(self) -> dict[str, object]:
        return {"first": format_fen(self.FIRST), "second": format_fen(self.SECOND)}

    def prepare(self) -> None:
        self._before = -1
        self._was_held = self._next_paid = False
        self.props.phone(RICH)

    def seen(self, now: Seen) -> Verdict | None:
        if self._before < 0:
            self._before = now.held
        if now.held > self._before and not self._was_held:
            self._was_held = True
            self.props.card(POOR)
        return None

    def heard(self, receipt: Receipt) -> Verdict | None:
        if not self._was_held:
            return missed(
                msg("That sale is booked; he only wanted it to wait. Type the amount and press F6, not Enter.")
            )
        if receipt.member == self.props.member(POOR) and receipt.gross_fen == self.SECOND:
            self._next_paid = True
            return None
        if receipt.member == self.props.member(RICH) and receipt.gross_fen == self.FIRST and self._next_paid:
            return self.right()
        return missed(
            msg("Two sales: {second} of the next customer, then {first} that you had put aside."), **self.facts()
        )


class PrintAgain(Lesson):
    """F7, F7."""

    TITLE = msg("The receipt is lost")
    STORY = msg("A customer comes back: 'I threw the receipt away, can I have another?'")
    TODO = msg("F7, choose his sale with the arrows, F7 again")
    PRAISE = msg(
        "It is printed as a copy and says so. Without a printer the page shows the same, and a code to photograph."
    )

    def seen(self, now: Seen) -> Verdict | None:
        return self.right() if now.command == "print" and now.screen == "ReceiptsScreen" else None


class LockIt(Lesson):
    """F10."""

    TITLE = msg("You leave the till for a moment")
    STORY = msg("You fetch change. Nobody may sell under your name meanwhile.")
    TODO = msg("F10 locks; then your PIN and Enter")
    PRAISE = msg("Every sale carries a name: whoever leaves presses F10. A sale on the screen stays behind the lock.")
    _is_locked = False

    def seen(self, now: Seen) -> Verdict | None:
        if not now.staff:
            self._is_locked = True
            return None
        return self.right() if self._is_locked else None


class EndOfShift(Lesson):
    """F8."""

    TITLE = msg("The shift ends")
    STORY = msg("It is evening, the last customer has left. Press F8.")
    TODO = msg("Press F8 and see what the till says")
    PRAISE = msg("Closing needs no network. What is not sent yet goes up by itself, with the program open.")
    QUESTION = Question(
        msg("What has to be done before a shift is closed?"),
        (
            msg("Finish the sales that are put aside; compare points redeemed with the cash register"),
            msg("Pull the network cable"),
            msg("Wait until all is sent, and take back what is not"),
        ),
        0,
        msg("Nothing has to be waited for. Sales put aside are finished first, and the tender line is compared."),
    )

    def seen(self, now: Seen) -> Verdict | None:
        return Verdict("ask") if now.command == "shift" else None
