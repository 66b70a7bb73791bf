"""What an approval moves, and which entries there are only with one: for both sides."""

from __future__ import annotations

from typing import Final

from protocol.documents import Role
from protocol.entries import Approvable, Approval, Entry, LateCredit, ManualPoints, Sale, Void

APPROVERS: Final[tuple[Role, ...]] = ("supervisor", "manager")

Given = LateCredit | ManualPoints
"""Points that nobody earned at the counter: there are none without an approval."""


def type_of(entry: Entry) -> str:
    """Its tag, as journal and books call it."""
    return str(entry.__struct_config__.tag)


def needed_for(entry: Given) -> Approvable:
    """What it is an approval of."""
    return "late-credit" if isinstance(entry, LateCredit) else "manual-points"


def approval_of(entry: Entry) -> Approval | None:
    """What allowed it, if anybody had to."""
    return entry.approval if isinstance(entry, Sale | Void) else None


def given_points(entry: Given) -> int:
    """Of all kinds together."""
    return sum(award.points for award in entry.awards)


def approved_points(entry: Entry) -> int:
    """What it gave, or took: of all kinds together, of a void nothing. It had an approval."""
    if isinstance(entry, Given):
        return given_points(entry)
    return sum(line.points for line in entry.redemptions) if isinstance(entry, Sale) else 0
