"""主管授权: a supervisor says yes on the spot. Why, by its number; then his staff number and PIN, where he is not signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from protocol.entries import Approvable, Approval, ApprovalReason
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog, TillScreen
from terminal.text import points_text
from terminal.widgets.scan_field import ScanField
from terminal.words import code_of
from till.approval_words import REASONS, allowed_name, reason_name
from till.approving import MOST_WORDS, Reason
from till.refusals import REFUSALS

NEEDED = "approval-needed"


def approving(screen: TillScreen[Any], error: Exception, act: Callable[[Approval], None]) -> bool:
    """Whether `error` asks for an approval: then it is asked for, and `act` done with it."""
    if code_of(error) != NEEDED:
        return False
    facts = getattr(error, "facts", {})
    ask_approval(screen, facts["allows"], facts["points"], act)
    return True


def ask_approval(
    screen: TillScreen[Any], allows: tuple[Approvable, ...], points: int, act: Callable[[Approval], None]
) -> None:
    """Ask why, then who; nothing is done where either is left by Esc."""
    said = f"{allowed_name(allows)}  {_('{points} points').format(points=points_text(points)) if points else ''}".rstrip()

    def chosen(code: ApprovalReason | None) -> None:
        if code is None:
            return
        session = screen.work.session
        if code != "other" and session is not None and screen.counter.approvals.is_own(session):
            try:
                act(screen.counter.approvals.approve(session, allows, Reason(code)))
            except REFUSALS as error:
                screen.refuse(error)
        else:
            screen.app.push_screen(Approve(allows, code, said), done)

    def done(approval: Approval | None) -> None:
        if approval is not None:
            act(approval)

    title = _("Needs approval: {what}. Why?").format(what=said)
    screen.app.push_screen(Menu(title, [Entry(reason_name(code), code) for code in REASONS]), chosen)


class Approve(Dialog[Approval | None]):
    """Answers the approval. A card fills in the staff number; the PIN is typed in any case."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "ScanField"
    TYPED = 8
    """The longest PIN, as where one signs in."""

    CSS = """
    Approve .title { padding: 0 1 1 1; text-style: bold; }
    Approve .why { padding: 0 1 1 1; color: $quiet; }
    Approve Horizontal { height: 2; }
    Approve Horizontal Label { width: 14; padding: 0 1; color: $quiet; }
    Approve ScanField { width: 1fr; margin: 0 1 0 0; }
    """

    def __init__(self, allows: tuple[Approvable, ...], code: ApprovalReason, said: str) -> None:
        """`said`: what is asked for, in words."""
        super().__init__()
        self._allows, self._code, self._said = allows, code, said
        self._card = ""
        self._is_asking = False

    def body(self) -> ComposeResult:
        yield Label(_("Approval: {what}").format(what=self._said), classes="title", markup=False)
        yield Label(reason_name(self._code), classes="why", markup=False)
        if self._code == "other":
            with Horizontal():
                yield Label(_("In words"), markup=False)
                yield ScanField(id="words", most=MOST_WORDS, digits=False)
        if not self._is_own:
            with Horizontal():
                yield Label(_("Staff number"), markup=False)
                yield ScanField(id="staff", most=16, digits=False)
            with Horizontal():
                yield Label(_("PIN"), markup=False)
                yield ScanField(id="pin", most=16, secret=True)

    @property
    def _is_own(self) -> bool:
        session = self.work.session
        return session is not None and self.counter.approvals.is_own(session)

    def on_mount(self) -> None:
        self.next_line.step = (
            _("Type why and Enter")
            if self._is_own
            else _("The supervisor types staff number and PIN, Enter; or scans the staff card")
        )

    def on_key(self, event: events.Key) -> None:
        """Up and Down between the fields."""
        if event.key in ("up", "down"):
            self.focus_next(ScanField) if event.key == "down" else self.focus_previous(ScanField)
            event.stop()

    @on(ScanField.Entered)
    def _entered(self, event: ScanField.Entered) -> None:
        fields = list(self.query(ScanField))
        if not event.text:
            return
        if event.field is fields[-1]:
            self._ask()
        else:
            fields[fields.index(event.field) + 1].focus()

    def _ask(self) -> None:
        session, typed = self.work.session, {field.id: field.typed for field in self.query(ScanField)}
        empty = next((field for field in self.query(ScanField) if not field.typed), None)
        if session is None or self._is_asking:
            return
        if empty is not None:
            empty.focus()
            return
        self._is_asking = True
        staff, reason = typed.get("staff", ""), Reason(self._code, typed.get("words", ""))
        approvals, by_card = self.counter.approvals, bool(staff) and staff == self._card
        ask_apart(
            self, "approve",
            lambda: approvals.approve(session, self._allows, reason, staff, typed.get("pin", ""), by_card=by_card),
        )  # fmt: skip

    def on_answered(self, message: Answered) -> None:
        """He said yes."""
        if isinstance(message.value, Approval):
            self.dismiss(message.value)

    def on_declined(self, message: Declined) -> None:
        """Wrong, locked, or nobody who may: typed anew."""
        self._is_asking = False
        wrong = "words" if code_of(message.error).startswith("approval-words") else "pin"
        field = self.query_one(f"#{wrong}", ScanField)
        if wrong == "pin":
            field.value = ""
        field.focus()
        if code_of(message.error) == "pin-wrong":
            left = getattr(message.error, "facts", {})["left"]
            self.say(_("Staff number or PIN is wrong. {left} tries left. Up: another number").format(left=left))
        else:
            self.refuse(message.error)

    def code_read(self, text: str) -> None:
        """A staff card says who; it proves nothing, so the PIN is typed."""
        if self._is_own or text not in self.counter.store.staff:
            super().code_read(text)
            return
        self._card = text
        self.query_one("#staff", ScanField).value = text
        self.query_one("#pin", ScanField).focus()

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)
