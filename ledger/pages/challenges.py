"""The answer to a till's challenge: what it asks for, 允许 or 拒绝, and the authorisation for its scanner."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection
from starlette.responses import Response

from ledger import rows
from ledger.authorising import Asked, authorise, signed, who_asks
from ledger.drawing import svg
from ledger.pages.account import account_of
from ledger.pages.visit import Visit
from ledger.pages.words import msg
from ledger.programmes import kind_names
from ledger.schema import Reservation
from protocol.errors import ChallengeError
from protocol.ids import bucket_of
from protocol.reservations import Refused

AUTHORISATION_VERSION = 10

SENTENCES = {
    "challenge-unreadable": (
        msg("This is not a till's request."),
        msg("Scan the code on the till's screen once more, the whole of it."),
    ),
    "challenge-of-another": (
        msg("The till is serving another member."),
        msg("Show the cashier your own member code, then scan the new code on the till."),
    ),
    "challenge-unknown": (
        msg("No till of these shops asks this."),
        msg("Do not hand over your phone. Ask the service desk."),
    ),
    "not-enough-points": (
        msg("You do not have enough points."),
        msg("Choose fewer points or a smaller reward at the till. What waits at a till comes back by itself."),
    ),
    "not-enough-own-points": (
        msg("This reward takes points of this shop alone, and you do not have enough of them."),
        msg("Choose another reward at the till."),
    ),
    "already-ended": (
        msg("This request is over: it was used or given up."),
        msg("Ask the cashier to start once more, and scan the new code."),
    ),
    "terminal-revoked": (
        msg("This till is no longer part of these shops."),
        msg("Ask for another till, or at the service desk."),
    ),
    "merchant-suspended": (
        msg("Nothing is redeemed at this shop for now."),
        msg("Your points stay. You can spend them at the other shops."),
    ),
    "programme-suspended": (
        msg("Nothing is redeemed at this shop for now."),
        msg("Your points stay. You can spend them at the other shops."),
    ),
    "member-blocked": (msg("Your account is blocked."), msg("The service desk can say why.")),
    "unknown-member": (msg("The till is serving another member."), msg("Show the cashier your own member code.")),
    "unknown-kind": (msg("These points are unknown here."), msg("Ask at the service desk.")),
}
"""Per refusal what is so, and what helps."""


def asked(visit: Visit) -> Response:
    """Who asks for how many points; or, once it was allowed, what the till scans."""
    try:
        found = who_asks(visit.service.database, visit.member, visit.argument)
    except ChallengeError as error:
        return _refused(visit, error.code)
    with visit.service.database.read() as connection:
        account = account_of(connection, visit.member)
        kinds = kind_names(visit.service.programmes.current(connection))
        standing = _standing(connection, visit.member, found)
    if standing == "ended":
        return _refused(visit, "already-ended")
    if standing == "open":
        # Nothing is written for who comes back to the page: it is signed again as it was.
        code = signed(visit.service.keys, visit.member, found, visit.now_us)
        return visit.page("allowed.html", asked=found, code=svg(code, AUTHORISATION_VERSION))
    balance = account.row.balances.get(found.kind)
    before = balance.available if balance else 0
    return visit.page("challenge.html", asked=found, kinds=kinds, before=before, after=before - found.points)


def answered(visit: Visit) -> Response:
    """允许 reserves; 拒绝 changes nothing, and nothing has happened."""
    if visit.form.get("answer") != "allow":
        return visit.page("declined.html")
    try:
        found = who_asks(visit.service.database, visit.member, visit.argument)
        given = authorise(visit.service.database, visit.service.keys, visit.member, visit.argument, visit.now_us)
    except ChallengeError as error:
        return _refused(visit, error.code)
    if isinstance(given, Refused):
        return _refused(visit, given.reason, given.spendable, found.points)
    return visit.go(visit.path)


def _refused(visit: Visit, code: str, spendable: int = 0, points: int = 0) -> Response:
    what, helps = SENTENCES[code]
    return visit.page("refused.html", what=what, helps=helps, code=code, spendable=spendable, points=points)


def _standing(connection: Connection, member: str, found: Asked) -> Literal["new", "open", "ended"]:
    """What has become of the reservation under the challenge's id; one that somebody else has is over for him."""
    key = bucket_of(member), found.challenge.id.bytes
    columns = "terminal, member, kind, points, ended_by"
    known = rows.find(connection, Reservation, ("bucket", "id"), [key], columns)
    if not known:
        return "new"
    *granted, ended_by = known[0]
    return "ended" if ended_by or tuple(granted) != (found.terminal, member, found.kind, found.points) else "open"
