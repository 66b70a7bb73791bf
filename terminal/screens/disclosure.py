"""Everything before a redemption, to cashier and member: cost, what is left, what is paid and earned, conditions, authority.

Confirmed by F2 or by a newer dynamic code of the same member. Enter does nothing here.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from points import Offer, Quote
from protocol.entries import Approval
from terminal import commands
from terminal.bridge import ask_apart
from terminal.commands import Command
from terminal.dialogs.approve import approving
from terminal.dialogs.member_pin import MemberPin
from terminal.dialogs.phone import PhonePermission
from terminal.figures import rows_of
from terminal.i18n import _, either
from terminal.screens.agreeing import agreed
from terminal.screens.base import TillScreen
from terminal.standings import Standings
from terminal.text import column, harmless, moment, points_text
from terminal.widgets.panel import Panel, quiet, strong
from terminal.words import code_of, name_of, sentence, sentence_of
from till.counter import Counter
from till.counting import amount_of
from till.draft import MemberProof, SaleDraft
from till.events import Event, LinkChanged
from till.redeeming import Standing
from till.refusals import REFUSALS
from till.terms_words import authority_sentence, conditions_of, cost_name, count_of, worth_of

LABEL_CELLS = 14
NO_PIN_HELPS = ("reserve-pin-locked", "reserve-pin-not-set")


class Terms(Panel):
    """The page itself."""

    DEFAULT_CSS = """
    Terms { height: auto; min-height: 100%; }
    """

    draft: reactive[SaleDraft] = reactive(SaleDraft())

    def __init__(self, counter: Counter, draft: SaleDraft, offer: Offer, before: Quote, after: Quote) -> None:
        super().__init__()
        self._counter, self._offer, self._before, self._after = counter, offer, before, after
        self.set_reactive(Terms.draft, draft)

    def title(self) -> str:
        return _("Redeem {reward}").format(reward=harmless(either(self._offer.disclosure.name)))

    def lines(self, width: int) -> list[Content]:
        rows = [self._who(width), Content(""), *self._sums(width), Content("")]
        store = self._counter.store
        for term in conditions_of(store, self._offer, self.draft.appointment, self._stands_on()):
            rows += _paragraph(term.label, term.text, width)
        return rows

    def _who(self, width: int) -> Content:
        member, kind = self.draft.member, self._offer.kind
        assert member is not None
        spendable = member.spendable(kind)
        at = ""
        if member.as_of_us is not None:
            at = _(" (ledger {at})").format(at=moment(self._counter.local(member.as_of_us), self._counter.local()))
        left = Content.assemble(
            strong(name_of(member)), "   ",
            _("can spend {points}").format(points=self._pieces(spendable)), (at, "$quiet"),
        )  # fmt: skip
        rest = _("left after it {points}").format(points=self._pieces(spendable - self._after.redeemed(kind)))
        return self.row(left, strong(rest), width)

    def _pieces(self, points: int) -> str:
        return count_of(self._counter.store.programme, self._offer.kind, points)

    def _sums(self, width: int) -> list[Content]:
        taken, kind = self._after.redemptions[0], self._offer.kind
        programme = self._counter.store.programme
        known = programme.kind_by_code[kind]
        name = harmless(either(known.name if known.unit is None else known.unit))
        used = cost_name(programme, kind)
        figures = rows_of(points_text(taken.points), heavy=True, ascii_only=self.app.has_class("-ascii"))
        beside = " " * (1 + cell_len(name))
        cost = [Content.assemble((row, "bold $accent"), beside) for row in figures[:2]]
        cost.append(Content.assemble((figures[2], "bold $accent"), quiet(f" {name}")))
        left, pay = worth_of(programme, self._before, self._after, taken)
        main = self._counter.store.points_kind
        earns = _("earns {before} -> {after} points").format(
            before=points_text(self._before.awarded(main)), after=points_text(self._after.awarded(main))
        )
        return [
            self.row(strong(used), cost[0], width),
            self.row("", cost[1], width),
            self.row("", cost[2], width),
            self.row(strong(left), strong(pay), width),
            self.row(quiet(_("Points are earned on what is paid")), quiet(earns), width),
        ]

    def _stands_on(self) -> str:
        standing = Standings(self._counter).of(self.draft, self._offer, self._after.redemptions[0].points)
        stands_on = authority_sentence(standing.authority) if standing.authority else sentence(standing.why)
        needed = {
            "pin": _("Still needed: the member's code or PIN."),
            "typed": _("Still needed: the member's PIN."),
            "code": _("Still needed: the member's fresh code."),
            "phone": _("Still needed: the member's permission by phone."),
        }
        return f"{needed[standing.needs]} {stands_on}" if standing.needs else stands_on


def _paragraph(label: str, text: str, width: int) -> list[Content]:
    wrapped = Content(text).wrap(max(10, width - LABEL_CELLS))
    return [
        Content.assemble((column(label if row == 0 else "", LABEL_CELLS), "$quiet"), part)
        for row, part in enumerate(wrapped)
    ]


class DisclosureScreen(TillScreen[None]):
    """`chosen` carries the choice; `before` and `after` are the quotes without and with it."""

    KEYS: ClassVar = (commands.HELP, commands.CONFIRM, commands.BY_PHONE, commands.BACK)
    AUTO_FOCUS = "VerticalScroll"
    CSS = """
    DisclosureScreen VerticalScroll { height: 1fr; }
    """

    def __init__(self, chosen: SaleDraft, offer: Offer, before: Quote, after: Quote) -> None:
        super().__init__()
        self._chosen, self._offer, self._before, self._after = chosen, offer, before, after
        self._opened_s = time.monotonic()
        self._no_pin: Exception | None = None
        """Why no PIN of this member helps any more."""

    def body(self) -> ComposeResult:
        # Long conditions scroll: nothing of what the member agrees to is left out.
        with VerticalScroll():
            yield Terms(self.counter, self._chosen, self._offer, self._before, self._after)

    def on_mount(self) -> None:
        self._show_step()
        self._show_member()

    def on_unmount(self) -> None:
        self.host.customer.lift(self)

    def _show_member(self) -> None:
        """What he agrees to, in front of him."""
        standing = self._standing
        self.host.customer.show_terms(self, self._chosen, self._offer, self._before, self._after, standing)

    def _show_step(self) -> None:
        steps = {
            "": _("F2 confirms, or a scan of the member's refreshed code; Esc cancels"),
            "pin": _("Scan the code on the member's phone, or F2 and the member types the PIN; Esc cancels"),
            "typed": _("F2 and the member types the PIN; Esc cancels"),
            "code": _("Scan the code on the member's phone to confirm; Esc cancels"),
            "phone": _("F2 shows a code for the member's phone, to allow it there; Esc cancels"),
        }
        self.next_line.step = _("Asking the ledger...") if self.work.is_redeeming else steps[self._needs]

    @property
    def _needs(self) -> str:
        """What the member has still to show."""
        return self._standing.needs

    @property
    def _standing(self) -> Standing:
        return Standings(self.counter).of(self._chosen, self._offer, self._after.redemptions[0].points)

    def code_read(self, text: str) -> None:
        """A newer code of the same member says yes; nothing else does."""
        if self.work.is_redeeming or self._lacks_approval():
            return
        same = _("The same code again. Ask the member to refresh it, or press F2")
        self._proved(agreed(self, text, self._chosen, same))

    def action_confirm(self) -> None:
        """F2; not the same press that opened this page."""
        if self._is_too_soon() or self._lacks_approval():
            return
        if self._needs == "phone":
            self._ask_phone()
        elif self._needs not in ("pin", "typed"):
            self._redeem(self._chosen)
        elif self._no_pin is not None:
            self.refuse(self._no_pin)
        else:
            self._ask_pin()

    def action_by_phone(self) -> None:
        """F5."""
        if not self._is_too_soon() and not self._lacks_approval():
            self._ask_phone()

    def _lacks_approval(self) -> bool:
        """Whether the store wants somebody else's yes first; then it is asked for, before the member proves himself."""
        session, points = self.work.session, self._after.redemptions[0].points
        if session is None:
            return True
        on_floor = points if self._standing.authority == "floor" else 0
        try:
            self.counter.approvals.check(session, self._chosen, self._offer.reward_id, points, on_floor)
        except REFUSALS as error:
            if not approving(self, error, self._approved):
                self.refuse(error)
            return True
        return False

    def _approved(self, approval: Approval) -> None:
        self._chosen = replace(self._chosen, approval=approval)
        self.say(_("Approved by {by}. F2 goes on").format(by=harmless(approval.by)), "success")

    def has_use(self, command: Command) -> bool:
        """A phone answers only where the store's members have a page."""
        return command != commands.BY_PHONE or bool(self.counter.store.settings.member_page)

    def _is_too_soon(self) -> bool:
        return time.monotonic() - self._opened_s < self.host.guard_s or self.work.is_redeeming

    def _agreed_on(self) -> tuple[str, ...]:
        """Who, what and how many points, in words."""
        member, points = self._chosen.member, self._after.redemptions[0].points
        assert member is not None
        return (
            name_of(member),
            harmless(either(self._offer.disclosure.name)),
            amount_of(self.counter.store.programme, self._offer.kind, points),
        )

    def _ask_pin(self, first: str = "") -> None:
        self.app.push_screen(MemberPin(self._chosen, "  ".join(self._agreed_on()), first), self._proved)

    def _ask_phone(self) -> None:
        session = self.work.session
        if session is None:
            return
        try:
            awaited = self.counter.ask_phone(session, self._chosen)
        except REFUSALS as error:
            self.refuse(error)
            return
        self.app.push_screen(PhonePermission(self._chosen, awaited.text, self._agreed_on()), self._proved)

    def _proved(self, proof: MemberProof | None) -> None:
        """The member agreed. A code stays with the sale; a PIN goes with the one call and is kept nowhere."""
        if proof is None:
            return
        proven = replace(self._chosen, proof=proof)
        if proof.proof == "dynamic":
            self._chosen = self.query_one(Terms).draft = proven
            self._show_member()
        self._redeem(proven)

    def _redeem(self, proven: SaleDraft) -> None:
        session, counter = self.work.session, self.counter
        if self.work.is_redeeming or session is None:
            return
        self.work.is_redeeming = True
        self._show_step()
        ask_apart(self.app, "redeem", lambda: counter.redeem(session, proven))

    def on_key(self, event: events.Key) -> None:
        """Enter is for sales: say so, rather than nothing."""
        if event.key == "enter" and not self.work.is_redeeming:
            self.say(_("Enter never redeems: F2 confirms, Esc cancels"))

    def take(self, event: Event) -> None:
        """With the link the authority changes, and the page says on which it stands."""
        super().take(event)
        if isinstance(event, LinkChanged):
            self.query_one(Terms).refresh(layout=True)
            self._show_step()
            if not self.work.is_redeeming:
                self._show_member()

    def declined(self, error: Exception) -> None:
        """No points were taken: say why, and let him try again or cancel. A PIN that may still help is asked for at once."""
        self._show_step()
        code = code_of(error)
        if code == "reserve-pin-wrong":
            self._ask_pin(sentence_of(error))
        elif code == "reserve-proof-missing" and self.counter.is_online and self._no_pin is None:
            self._ask_pin()
        elif approving(self, error, self._approved):
            pass
        else:
            self._no_pin = error if code in NO_PIN_HELPS else self._no_pin
            self.refuse(error)

    def action_back(self) -> None:
        """Esc; not while the ledger is being asked."""
        if not self.work.is_redeeming:
            self.dismiss()
