"""Late credit and points by hand, a line at a time: what is on the slip, what it comes to, a supervisor's yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from points import parse_amount
from terminal.i18n import _
from terminal.lines.people import with_approval
from terminal.lines.talk import Talk, choose, confirmed
from terminal.words import name_of
from till.approval_words import allowed_name
from till.counting import amount_of
from till.errors import RefusedError
from till.giving import Earlier, day_typed

if TYPE_CHECKING:
    from protocol.entries import Approvable
    from till.counter import Counter
    from till.members import MemberView
    from till.receipts import Receipt
    from till.shifts import Session


def give(talk: Talk, counter: Counter, session: Session, member: MemberView | None) -> Receipt | None:
    """None where it was left. Raises one of `REFUSALS`, `AmountError`."""
    if member is None:
        raise RefusedError("no-member")
    policy = counter.store.settings.approvals
    ways: list[Approvable] = ["late-credit"] if policy.late_credit_days else []
    ways += ["manual-points"] if policy.manual_points else []
    if not ways:
        raise RefusedError("manual-off")
    place = choose(talk, name_of(member), [allowed_name((way,)) for way in ways])
    if place is None:
        return None
    ask = _late if ways[place] == "late-credit" else _by_hand
    return ask(talk, counter, session, member)


def _late(talk: Talk, counter: Counter, session: Session, member: MemberView) -> Receipt | None:
    earlier = Earlier(
        talk.ask(_("Receipt number"), takes_scans=True), parse_amount(talk.ask(_("Amount"))),
        day_typed(talk.ask(_("Day (empty: today)")), counter.approvals.day),
    )  # fmt: skip
    programme = counter.store.programme
    quote = counter.approvals.reckon_late(session, member, earlier)
    points = ", ".join(f"+{amount_of(programme, award.kind, award.points)}" for award in quote.awards)
    if not confirmed(talk, _("Late credit for {name}").format(name=name_of(member)) + f"  {points}"):
        return None
    return with_approval(
        talk, counter, session, lambda approval: counter.approvals.credit_late(session, member, earlier, approval)
    )


def _by_hand(talk: Talk, counter: Counter, session: Session, member: MemberView) -> Receipt | None:
    programme = counter.store.programme
    kinds = [kind.code for kind in programme.kinds if kind.unit is None]
    labels = [amount_of(programme, kind, counter.store.settings.approvals.manual_points) for kind in kinds]
    place = choose(talk, _("Points by hand: which?"), labels) if len(kinds) > 1 else 0
    if place is None:
        return None
    most = _("At most {points} at once. A supervisor approves next.").format(points=labels[place])
    typed = talk.ask(most)
    if not typed.isdecimal() or not int(typed):
        return None
    return with_approval(
        talk, counter, session,
        lambda approval: counter.approvals.give_by_hand(session, member, kinds[place], int(typed), approval),
    )  # fmt: skip
