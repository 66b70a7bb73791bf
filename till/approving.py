"""主管授权: what a cashier may not do alone is allowed on the spot by a supervisor's PIN, with a network or without.

The approval becomes part of the entry that it allows, and of nothing else. What one shift of a till allows is bounded, in acts
and in points: both are read from the journal, so that no restart forgets them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from protocol.approvals import APPROVERS, Given, approval_of, given_points
from protocol.entries import Approvable, Approval, ApprovalReason, MemberEntry, Sale, Void
from till.desk import Desk
from till.draft import SaleDraft
from till.errors import RefusedError
from till.floor import weight_of
from till.own_entries import read_entry
from till.persons import is_own
from till.shifts import Session
from till.signing_in import prove
from till.tutorial.required import lacks_tutorial

MOST_WORDS: Final = 60

_LONG_NUMBER = re.compile(r"\d(?:[\s.-]?\d){6,}")
"""A phone or a card, however it is written. Words are kept for ever, and travel."""


class Reason(NamedTuple):
    """Why: one of the list, in words of his own where that says too little."""

    code: ApprovalReason
    words: str = ""


class Spent(NamedTuple):
    """What was approved in a shift so far."""

    acts: int
    points: int


def approve(
    desk: Desk, session: Session, allows: tuple[Approvable, ...], reason: Reason, staff: str = "", pin: str = "", *,
    by_card: bool = False,
) -> Approval:  # fmt: skip
    """The approval of who types this PIN. Who is signed in and may approve is not asked again: it is his own, and says so.

    `by_card`: his card was scanned for `staff`. It names him and proves nothing: cards are photographed. Takes about 20 ms.
    Raises `RefusedError`: `no-shift`, `approval-words`, `approval-words-number`, `pin-wrong`, `pin-locked`, `approval-role`.
    """
    desk.need_open(session.shift)
    words = reason.words.strip()[:MOST_WORDS]
    if reason.code == "other" and not words:
        raise RefusedError("approval-words")
    if _LONG_NUMBER.search(words):
        raise RefusedError("approval-words-number")
    if session.may(*APPROVERS):
        return Approval(by=session.staff, how="self", allows=allows, reason=reason.code, words=words)
    person = prove(desk, staff, pin)
    if not set(APPROVERS) & set(person.roles):
        raise RefusedError("approval-role")
    return Approval(by=person.staff, how="card" if by_card else "pin", allows=allows, reason=reason.code, words=words)


def need(
    desk: Desk, session: Session, allows: tuple[Approvable, ...], points: int, approval: Approval | None, member: str = "",
) -> Approval:  # fmt: skip
    """The approval as it goes into the entry of an act of so many `points`. Called while the journal is alone.

    Raises `RefusedError`: `approval-needed` (`allows`, `points`) where there is none for it yet, `approval-role`,
    `own-approval` for the approver's own points, `approvals-used-up` and `approval-points-used-up` past a bound of the shift.
    """
    policy, spent = desk.store.settings.approvals, spent_in(desk, session.shift)
    if spent.acts >= policy.acts_per_shift:
        raise RefusedError("approvals-used-up", most=policy.acts_per_shift)
    if spent.points + points > policy.points_per_shift:
        left = max(0, policy.points_per_shift - spent.points)
        raise RefusedError("approval-points-used-up", most=policy.points_per_shift, left=left)
    if approval is None or not set(allows) <= set(approval.allows):
        raise RefusedError("approval-needed", allows=allows, points=points)
    person = desk.store.staff.get(approval.by)
    if person is None or not set(APPROVERS) & set(person.roles) or (approval.by == session.staff) != (
        approval.how == "self"
    ):  # fmt: skip
        raise RefusedError("approval-role")
    if member and is_own(desk, approval.by, member):
        raise RefusedError("own-approval")
    return msgspec.structs.replace(approval, allows=allows)


def redemption_approved(
    desk: Desk, session: Session, draft: SaleDraft, reward: str, points: int, on_floor: int = 0
) -> SaleDraft:
    """The draft with what its redemption needs, and with nothing where it needs nothing. `on_floor`: how many of the points
    nobody reserved. Raises what `need` raises.
    """
    settings, allows = desk.store.settings, list[Approvable]()
    weight = weight_of(desk, reward, points)
    if settings.approvals.redemption_points and weight > settings.approvals.redemption_points:
        allows.append("redemption")
    if on_floor and weight_of(desk, reward, on_floor) > settings.floor.per_redemption:
        allows.append("floor")
    if lacks_tutorial(desk.store, session, is_training=desk.is_training):
        allows.append("tutorial")
    if not allows:
        return replace(draft, approval=None)
    member = draft.member.member if draft.member else ""
    return replace(draft, approval=need(desk, session, tuple(allows), weight, draft.approval, member))


def spent_in(desk: Desk, shift: str) -> Spent:
    """Of the bounds of a shift."""
    approved = [entry for entry in entries_of(desk, shift) if approval_of(entry)]
    return Spent(len(approved), sum(points_of(desk, entry) for entry in approved))


def entries_of(desk: Desk, shift: str) -> Iterator[MemberEntry]:
    """Those of a shift whose payload names an approval; read one by one, for a shift has many others."""
    for stored in desk.journal.of_shift(shift):
        if b'"approval":' in stored.payload and (entry := read_entry(stored)) is not None:
            yield entry


def points_of(desk: Desk, entry: MemberEntry) -> int:
    """What an approved act counts towards the bound: points taken; of a void those that come back with it."""
    if isinstance(entry, Void):
        stored = desk.journal.entry(entry.voids)
        sale = read_entry(stored) if stored else None
        return points_of(desk, sale) if sale is not None else 0
    if isinstance(entry, Given):
        return given_points(entry)
    if isinstance(entry, Sale):
        return sum(weight_of(desk, line.reward, line.points) for line in entry.redemptions)
    return 0
