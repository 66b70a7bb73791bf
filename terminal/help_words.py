"""What F1 says of each screen, before its keys: what it is for, and what comes next. A test holds that none is left out."""

from __future__ import annotations

from typing import Final, NamedTuple

from terminal.i18n import msg


class HelpWords(NamedTuple):
    """All messages for `_`."""

    title: str
    purpose: str
    next: str


WORDS: Final[dict[str, HelpWords]] = {
    "SignInScreen": HelpWords(
        msg("Signing in"),
        msg("Every sale carries a name. Sign in with your own staff number and PIN; nobody else's. A sale that was on"
            " the screen is still there behind the lock."),
        msg("Then the counter opens, or the shift is opened. Five wrong PINs lock a number for five minutes; a"
            " supervisor's own goes on."),
    ),
    "PairingScreen": HelpWords(
        msg("Pairing this till"),
        msg("This computer is no till yet. The technician or the operator has an enrolment code, as text or as a QR"
            " code."),
        msg("Scan or type the code, give the till a name, Enter. The members are loaded, and people can sign in."),
    ),
    "ShiftOpeningScreen": HelpWords(
        msg("Before the shift"),
        msg("Nothing is sold here before a shift is open: all sales belong to one. A supervisor or the manager opens"
            " it."),
        msg("F8 opens it. New here? F9, first day: twelve tasks in three minutes, and nothing of it counts."),
    ),
    "CounterScreen": HelpWords(
        msg("The counter"),
        msg("From top to bottom: who stands there, what he buys and what it brings, what he could have for his"
            " points, and the last sale. The line above the keys always says what comes next."),
        msg("Scan the member's code, type the amount or scan products, Enter. No code: F5. Points for something: F2."
            " Wrong sale: F3. Next customer first: F6."),
    ),
    "RedeemScreen": HelpWords(
        msg("Choosing a reward"),
        msg("All rewards of this store, each with its points, its conditions and whether it can be had now: what is"
            " missing stands at its end."),
        msg("Press its number. Everything is shown before anything is taken. Esc goes back, and the sale earns as"
            " usual."),
    ),
    "DisclosureScreen": HelpWords(
        msg("Before points are taken"),
        msg("What he gives, what he gets, what is left, what he pays, the conditions, what a return does. Let him"
            " read it, or read it to him."),
        msg("F2 takes the points, or his refreshed code does. Enter never does. Esc takes nothing. Afterwards F3"
            " undoes it."),
    ),
    "ReceiptsScreen": HelpWords(
        msg("Receipts of this shift"),
        msg("The newest on top. What became of each stands on the right: stored here, booked, taken back, or waiting"
            " for the manager."),
        msg("Arrows choose. F7 prints it again as a copy, F3 takes it back, Enter shows the code that proves it."),
    ),
    "RefundListScreen": HelpWords(
        msg("Which sale comes back?"),
        msg("Sales of which goods can come back, also of earlier shifts. Scanning the receipt finds it at once; F5"
            " asks for sales of other tills."),
        msg("Enter chooses. Then the amounts, and everything is shown before anything is done."),
    ),
    "RefundScreen": HelpWords(
        msg("Goods come back"),
        msg("How much of the goods comes back, and what goes with it: money, points given back, points taken back,"
            " what he owes then."),
        msg("Change the amounts, read the right side, F2. The money goes out of the cash register, not out of here."),
    ),
    "ShiftScreen": HelpWords(
        msg("The shift"),
        msg("What was done: since you came, or in the whole shift. The tender line on top is compared with the cash"
            " register."),
        msg("F2 hands over to the next cashier, F5 turns the page. A supervisor closes the shift with F8; no network"
            " is needed."),
    ),
    "StoreReportScreen": HelpWords(
        msg("The whole store"),
        msg("The day of all tills, as the ledger has it, or of this till alone while the ledger is silent: the top"
            " line says which, and as of when."),
        msg("F5 turns the page, F6 asks the ledger again."),
    ),
    "TracingScreen": HelpWords(
        msg("A customer misses points"),
        msg("One field for whatever he has: receipt, member's code, phone, receipt number, amount; and when it was:"
            " 14:20 or 11-21."),
        msg("Arrows choose among what was found. The coloured sentence is for him. F6 prints the answer. Nothing"
            " found: the member was not scanned then; with the receipt his points can be credited late (F9)."),
    ),
    "QuarantineScreen": HelpWords(
        msg("What waits for a person"),
        msg("Entries that the ledger could not book by itself, each with its reason. Nothing is lost, and no customer"
            " waits for it."),
        msg("The manager chooses one and decides with F2: accept it, correct it, or write it off."),
    ),
    "ServicesScreen": HelpWords(
        msg("Services"),
        msg("What was booked at this till: who comes when, who did not come, what is done. Nothing is ticked off: a"
            " used voucher says it."),
        msg("When the service is done, let the member use his voucher in a sale. Esc goes back."),
    ),
    "FloorTableScreen": HelpWords(
        msg("What redeeming offline costs"),
        msg("For each limit: how many redemptions it would have carried in outages laid over your own history, and"
            " what your store would have borne."),
        msg("Whoever runs the ledger sets the limit, for the merchant who signed for it."),
    ),
    "OutageScreen": HelpWords(
        msg("Will this till survive an outage?"),
        msg("Devices, disk, clock, members, rules and keys are looked at; then an outage is rehearsed. Nothing of it"
            " counts, and selling goes on."),
        msg("F2 begins. Each line says passed, failed or left out, and what to do. Once a month, and before a"
            " holiday."),
    ),
    "TrainingScreen": HelpWords(
        msg("Training"),
        msg("The whole counter with members to practise with and a cable to pull. Nothing that is done there counts"
            " anywhere."),
        msg("F2 begins; sign in with your own staff number. F9 ends it. The first day is twelve tasks with a coach."),
    ),
    "StoreTillsScreen": HelpWords(
        msg("Tills of this store"),
        msg("Each till, when it was heard last, and what waits there. A till that is gone is ended here: retired,"
            " revoked or lost."),
        msg("Arrows choose, F2 ends one: what that does is said before. F4 makes this computer another till, once its"
            " own has ended."),
    ),
    "DevicesScreen": HelpWords(
        msg("Devices"),
        msg("Ports on the left, profiles on the right. For the technician: the scanner is listened to before it is"
            " assigned."),
        msg("F4 listens, F2 assigns, F3 shows every byte. What is assigned is at work at once."),
    ),
    "ListenScreen": HelpWords(
        msg("Listening to a scanner"),
        msg("The line settings are tried one after another. Scan the test code: what came in is shown, and which"
            " scanner it may be."),
        msg("F2 uses what was found, F5 asks the scanner who it is. Nothing is used for a sale meanwhile."),
    ),
    "ScansScreen": HelpWords(
        msg("The way of the last scans"),
        msg("From the bytes on the line over the code to the ledger's outcome: so it is seen where one got lost."),
        msg("F5 reads it again. `till scans` on the command line says the same."),
    ),
}  # fmt: skip
"""By the class of the screen."""
