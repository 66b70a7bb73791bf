"""What is said of approvals: reasons, what was allowed, how; on the screen, on receipts and in the list of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, get_args

from points import Programme
from protocol.entries import Approvable, ApprovalReason
from till.approvals import Approved
from till.counting import amount_of
from till.i18n import _, msg
from till.text import harmless

REASONS: Final[tuple[ApprovalReason, ...]] = get_args(ApprovalReason)
"""In the order of their numbers: the first is 1."""

_REASONS: Final[dict[ApprovalReason, str]] = {
    "asked": msg("The customer asked for it"),
    "mistake": msg("A mistake at the till"),
    "no-code": msg("No member code at the time"),
    "complaint": msg("A complaint is made good"),
    "campaign": msg("A campaign was missed"),
    "fault": msg("Device or network failed"),
    "other": msg("Something else, in words"),
}
_ALLOWS: Final[dict[Approvable, str]] = {
    "redemption": msg("large redemption"),
    "floor": msg("large redemption, offline"),
    "void": msg("late void"),
    "late-credit": msg("late credit"),
    "manual-points": msg("points by hand"),
    "tutorial": msg("redemption before the tutorial"),
}


def reason_name(reason: ApprovalReason) -> str:
    """As the numbered list has it."""
    return _(_REASONS[reason])


def allowed_name(allows: Sequence[Approvable]) -> str:
    """What it was for."""
    return ", ".join(_(_ALLOWS[one]) for one in allows)


def how_name(how: str) -> str:
    """How he said yes."""
    return {"pin": _("by PIN"), "card": _("by card and PIN"), "self": _("by himself")}[how]


def approval_lines(
    day: str, found: Sequence[Approved], programme: Programme | None, local: Callable[[int], str]
) -> Iterator[str]:
    """The list of a day, two lines an act. `local`: civil time of µs; without a `programme` kinds are called by their code."""
    yield _("Approvals of {day}: {n}").format(day=day, n=len(found))
    for one in found:
        points = ", ".join(_points(programme, kind, many) for kind, many in one.points.items())
        yield ""
        yield f"{local(one.at)[11:16]}  {one.seq}  {allowed_name(one.allows)}  {points}".rstrip()
        why = f"{reason_name(one.reason)}: {harmless(one.words)}" if one.words else reason_name(one.reason)
        yield "    " + _("{by} {how}, cashier {cashier}. {why}").format(
            by=harmless(one.by), how=how_name(one.how), cashier=harmless(one.cashier), why=why
        )
    own = sum(one.how == "self" for one in found)
    if own:
        yield ""
        yield _("Of these {n} were approved by who made them").format(n=own)


def _points(programme: Programme | None, kind: str, many: int) -> str:
    sign = "+" if many > 0 else ""
    return f"{sign}{amount_of(programme, kind, many) if programme else f'{many:,} {kind}'}"
