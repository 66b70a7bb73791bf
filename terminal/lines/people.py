"""Who works at the counter: signing in, the shift, and a supervisor's yes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from terminal.dialogs.approve import NEEDED
from terminal.i18n import _
from terminal.lines.talk import Talk, choose, confirmed
from terminal.words import code_of, sentence_of
from till.approval_words import REASONS, allowed_name, reason_name
from till.approving import Reason
from till.refusals import REFUSALS
from till.report_sections import part_sections, report_sections
from till.report_words import ReportRow, all_rows, report_title
from till.shifts import Session

if TYPE_CHECKING:
    from protocol.entries import Approval
    from till.counter import Counter
    from till.report_figures import ShiftReport

T = TypeVar("T")


def sign_in(talk: Talk, counter: Counter) -> Session | None:
    """By 工号 and PIN, asked until they fit; None for an empty line."""
    while staff := talk.ask(_("Staff number; Enter alone quits")):
        try:
            return counter.sign_in(staff, talk.secret(_("PIN")))
        except REFUSALS as error:
            talk.say(sentence_of(error))
    return None


def with_approval(talk: Talk, counter: Counter, session: Session, act: Callable[[Approval | None], T]) -> T | None:
    """Do `act`; where it wants a supervisor's yes, ask for that and do it with it. None where nobody gave it.

    Raises what `act` refuses besides.
    """
    try:
        return act(None)
    except REFUSALS as error:
        if code_of(error) != NEEDED:
            raise
        allows = getattr(error, "facts", {})["allows"]
    place = choose(
        talk,
        _("Needs approval: {what}. Why?").format(what=allowed_name(allows)),
        [reason_name(one) for one in REASONS],
    )
    if place is None:
        return None
    words = talk.ask(_("In words")) if REASONS[place] == "other" else ""
    staff = pin = ""
    if not counter.approvals.is_own(session):
        staff = talk.ask(_("The supervisor's staff number"))
        pin = talk.secret(_("PIN"))
    return act(counter.approvals.approve(session, allows, Reason(REASONS[place], words), staff, pin))


def end_of_shift(talk: Talk, counter: Counter, session: Session) -> Session | None:
    """X; then handing over or closing, if it is wanted. The session that goes on; None once the shift is closed."""
    _read(talk, counter, counter.shift_report(session.shift))
    answer = talk.ask(_("f2 hands over to the next cashier, f8 closes the shift, Enter goes back")).lower()
    if answer == "f2":
        for section in part_sections(*counter.reports.own_part(session), counter.store):
            talk.say(_rows(section.rows))
        staff = talk.ask(_("Who takes over: staff number"))
        return counter.hand_over(session, staff, talk.secret(_("PIN"))) if staff else session
    if answer == "f8" and confirmed(talk, _("Close the shift for good?")):
        _read(talk, counter, counter.close_shift(session))
        return None
    return session


def _read(talk: Talk, counter: Counter, report: ShiftReport) -> None:
    talk.say(report_title(report))
    talk.say(_rows(all_rows(report_sections(report, counter.store, counter.local))))


def _rows(rows: Iterable[ReportRow]) -> str:
    return "\n".join(f"{row.label.strip()}: {row.value}" if row.value else row.label for row in rows)
