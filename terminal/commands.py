"""The user's commands, each declared once: key, label, help and who may use it.

Bindings, the key line, the help screen and the key map all come from here. F-keys mean the same on every screen that shows
them. None is a priority binding: those fire through an open dialog.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding

from terminal.i18n import msg

MANAGERS: Final = ("supervisor", "manager")


@dataclass(frozen=True)
class Command:
    """`label` and `help` are messages for `_`; `roles` empty: everybody. `in_line`: whether the key line names it
    in any case; the others where it has room."""

    id: str
    key: str
    label: str
    help: str
    roles: tuple[str, ...] = ()
    in_line: bool = True

    def binding(self) -> Binding:
        """Its id is what a key map names; the screen that shows it does it by its method `action_<id>`."""
        action = f"command('{self.id}')"
        return Binding(self.key, action, self.label, id=self.id, priority=False, tooltip=self.help)


HELP = Command("help", "f1", msg("Help"), msg("Show what each key does."))
REDEEM = Command(
    "redeem", "f2", msg("Redeem"),
    msg("Choose a reward by its number; everything is shown before it is confirmed."),
)  # fmt: skip
CONFIRM = Command("confirm", "f2", msg("Confirm"), msg("Do what is shown. Enter never does."))
BY_PHONE = Command(
    "by_phone", "f5", msg("By phone"), msg("The member allows it on his own phone, also while the till has no network.")
)  # fmt: skip
VOID = Command(
    "void",
    "f3",
    msg("Void"),
    msg("Take back the last sale, or the one chosen in the list; points go back both ways."),
)
REFUND = Command(
    "refund", "f4", msg("Refund"), msg("Goods come back, all or some, of this shift or an earlier one."), MANAGERS,
    in_line=False,
)  # fmt: skip
COMPENSATE = Command(
    "compensate", "f5", msg("Reason"), msg("Add the points that the rules give for a reason, or take them out again.")
)  # fmt: skip
FIND = Command("find", "f5", msg("Find"), msg("Find a member who shows no code, by phone or member number."))
JOIN = Command("join", "f2", msg("Agreed"), msg("The member has heard the sentence and agrees: he is a member now."))
HOLD = Command(
    "hold",
    "f6",
    msg("Hold"),
    msg("Put this sale aside for the next customer; with nothing on screen, take one back."),
)
RECEIPTS = Command("receipts", "f7", msg("Receipt"), msg("The receipts of this shift."))
SHIFT = Command("shift", "f8", msg("Shift"), msg("Totals of the shift so far, handing over, and closing it."))
MORE = Command(
    "more", "f9", msg("More"), msg("Language, the member's page, what waits for a manager, devices, leaving.")
)
LOCK = Command("lock", "f10", msg("Lock"), msg("Lock the counter, or let somebody else sign in. The sale stays."))
SOMEONE_ELSE = Command("someone_else", "f10", msg("Someone else"), msg("Clear both fields for another person."))
BACK = Command("back", "escape", msg("Back"), msg("Go back; nothing is done."))
CLEAR = Command(
    "clear", "escape", msg("Clear"), msg("Clear the amount, then the whole sale. Nothing is booked."), in_line=False
)
LANGUAGE = Command("language", "f9", msg("中文/English"), msg("Switch the language."))
QUIT = Command("leave", "ctrl+q", msg("Quit"), msg("Close the program. What is waiting is sent next time."))
OPEN_SHIFT = Command("open_shift", "f8", msg("Open shift"), msg("Open a shift at this till."), MANAGERS)
CLOSE_SHIFT = Command(
    "close_shift", "f8", msg("Close shift"), msg("Close the shift for good; its totals stay on the screen."), MANAGERS
)
HAND_OVER = Command(
    "hand_over", "f2", msg("Hand over"), msg("The next cashier takes over with number and PIN; the shift goes on.")
)  # fmt: skip
PRINT_REPORT = Command("print_report", "f7", msg("Print it"), msg("Print the report that is shown."))
DAY = Command("day", "f6", msg("Day report"), msg("The report of the business day, and back."), MANAGERS)
PAGE = Command("page", "f5", msg("Page"), msg("The next page of the report; the arrow keys turn it too."))
WITNESS = Command("witness", "enter", msg("QR code"), msg("Show the code that proves the chosen sale."))
VOUCHER = Command(
    "voucher", "f5", msg("Voucher, claim"),
    msg("Show what the chosen sale gave as a code for a phone: a voucher, or the claim of a receipt without a member.")
)  # fmt: skip
PRINT = Command("print", "f7", msg("Print"), msg("Print the chosen receipt again, marked as a copy."))
PRINT_WAY = Command(
    "print_way", "f6", msg("Answer"), msg("Print the way of the chosen sale and the sentence, for the customer.")
)  # fmt: skip
REPRINT = Command(
    "reprint", "f12", msg("Print last"), msg("Print the last receipt again, marked as a copy."), in_line=False
)  # fmt: skip
PREVIEW = Command(
    "preview", "f6", msg("Preview"), msg("Show how the chosen receipt looks on paper, as a copy."), in_line=False
)  # fmt: skip
DECIDE = Command(
    "decide", "f2", msg("Decide"), msg("Decide about the chosen entry: accept, correct or write it off, with a reason.")
)  # fmt: skip
EXAMINE = Command(
    "examine", "f2", msg("Check"), msg("Look at everything and rehearse an outage. Nothing of it counts.")
)  # fmt: skip
OUTAGE_CODE = Command(
    "outage_code", "f5", msg("QR code"), msg("Show what was found as a code, for who helps from afar.")
)
ALL_TILLS = Command(
    "all_tills", "f6", msg("All tills"), msg("Show when each till of the store was checked, and the result.")
)
MONITOR = Command("monitor", "f3", msg("Monitor"), msg("Show every byte that the scanner sends."))
ASSIGN = Command("assign", "f2", msg("Assign"), msg("Use the scanner on the chosen port with the chosen profile."))
USE = Command("use", "f2", msg("Use"), msg("Use the scanner with the chosen profile from now on."))
LISTEN = Command(
    "listen", "f4", msg("Listen"), msg("Scan a test code and see what the scanner sends, before anything is assigned.")
)  # fmt: skip
TEMPLATE = Command(
    "template", "f6", msg("Template"), msg("Show the settings of this till as a code that sets up the next one.")
)  # fmt: skip
TESTS = Command(
    "tests", "f8", msg("Tests"), msg("Ask the scanner who and how it is, lock it, and press each key once."),
    in_line=False,
)  # fmt: skip
SCANS = Command(
    "scans", "f7", msg("Scans"), msg("The way of the last scans, from their bytes to the ledger's outcome."), in_line=False
)  # fmt: skip
PROBE = Command("probe", "f5", msg("Ask it"), msg("Ask the scanner that was heard who it is."))
SAVE = Command("save", "f2", msg("Save"), msg("Write what is shown into a file in the folder of the till."))
REFRESH = Command("refresh_ports", "f5", msg("Refresh"), msg("Read the list of ports again."))

END_TILL = Command(
    "end_till", "f2", msg("End"), msg("Retire, revoke or declare lost the chosen till: what that does is said before."),
    ("technician", "manager"),
)  # fmt: skip
PAIR_ANEW = Command(
    "pair_anew", "f4", msg("Pair anew"), msg("Make this computer another till, once its till has ended."),
    ("technician", "manager"),
)  # fmt: skip
REFRESH_TILLS = Command("refresh_tills", "f5", msg("Refresh"), msg("Ask the ledger again."))
ASK_STORE = Command("ask_store", "f6", msg("Refresh"), msg("Ask the ledger for the store's day again."))
SUPPORT = Command(
    "support", "f6", msg("Support"), msg("Write a file for whoever helps from afar, without anybody's data.")
)  # fmt: skip

ALL: Final = (
    HELP, REDEEM, CONFIRM, JOIN, BY_PHONE, VOID, REFUND, COMPENSATE, EXAMINE, OUTAGE_CODE, ALL_TILLS, FIND, HOLD,
    RECEIPTS, SHIFT, MORE, LOCK, SOMEONE_ELSE, BACK, CLEAR, LANGUAGE, QUIT, END_TILL, PAIR_ANEW, REFRESH_TILLS,
    ASK_STORE, SUPPORT, OPEN_SHIFT, CLOSE_SHIFT, HAND_OVER, DAY, PAGE, PRINT_REPORT, WITNESS, VOUCHER, PREVIEW,
    PRINT_WAY, PRINT, REPRINT, DECIDE, MONITOR, ASSIGN, REFRESH, USE, LISTEN, TEMPLATE, SAVE, TESTS, PROBE, SCANS,
)  # fmt: skip

_KEY_NAMES: Final = {"escape": "Esc", "enter": "Enter"}


def bindings(commands: Iterable[Command]) -> list[Binding]:
    """What a screen that offers these commands binds."""
    return [command.binding() for command in commands]


def key_name(command: Command, keymap: Mapping[str, str]) -> str:
    """The key as people read it: F2, Esc, Ctrl+Q."""
    key = keymap.get(command.id, command.key)
    return _KEY_NAMES.get(key) or "+".join(part.capitalize() for part in key.split("+"))
