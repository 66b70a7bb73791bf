"""The pool that a member shares with others: what is in it, who put in and drew how much, and everything he can do about it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection
from starlette.responses import Response

from ledger import households, rows
from ledger.drawing import svg
from ledger.member_pages import page_of_all
from ledger.pages.account import account_of
from ledger.pages.visit import Visit
from ledger.pages.words import msg
from ledger.pooling import Moving, draw, is_pooled, pool_for, put_in
from ledger.pools import moved_in
from ledger.problems import BadRequestError, HouseholdError, HouseholdReason
from ledger.programmes import kind_names
from ledger.schema import Member
from ledger.sessions import accounts_of
from protocol.ids import bucket_of, new_id

INVITATION_PAGE = "/H/"
INVITATION_VERSION = 10

SENTENCES: dict[HouseholdReason, str] = {
    "off": msg("There are no households here."),
    "none": msg("You are in no household."),
    "in-one": msg("You are in a household already. Leave it first."),
    "full": msg("The household has as many members as it may have."),
    "invitation": msg("This invitation does not work any more. Ask for a new one."),
    "blocked": msg("Your account is blocked."),
    "changing": msg("Somebody else is changing the household at this moment. Try again."),
    "kind": msg("Points of this kind are not shared."),
    "owing": msg("You owe points of this kind. Your next points pay them; then you can share again."),
    "not-enough": msg("There are not so many points: %(most)s at most."),
    "pool-full": msg("The pool would hold more than it may: %(most)s more at most."),
    "monthly": msg("That is more than you may draw this month: %(most)s more at most."),
    "ended": msg("This was done already. Look at the page once more."),
    "too-much": msg("An account cannot hold so many points."),
}
"""What is so, and where something helps, what."""


class Sharing(NamedTuple):
    """A member of the household as the others see him. Points by kind, over all time."""

    name: str
    member: str
    is_me: bool
    joined_at: int
    put_in: dict[str, int]
    drew: dict[str, int]


def household(visit: Visit) -> Response:
    """The pool; or how to open one."""
    return _page(visit)


def opened(visit: Visit) -> Response:
    """He is its first member."""
    return _done(visit, lambda: households.open_household(visit.service.database, visit.member, visit.now_us))


def left(visit: Visit) -> Response:
    """With what is there of his own."""
    return _done(visit, lambda: households.leave_household(visit.service.database, visit.member, visit.now_us))


def moved(visit: Visit) -> Response:
    """Points into the pool, or out of it."""
    how = draw if visit.form.get("way") == "draw" else put_in
    return _done(visit, lambda: how(visit.service.database, _moving(visit), visit.now_us))


def invited(visit: Visit) -> Response:
    """A link for one other, on this page alone: the books hold its hash."""
    try:
        secret = households.invite(visit.service.database, visit.member, visit.now_us)
    except HouseholdError as error:
        return _page(visit, error)
    try:
        address = page_of_all(visit.service.database).rstrip("/").upper()
    except BadRequestError:
        address = ""  # the stores name several: this page's own link leads to the right one
    path = INVITATION_PAGE + secret
    drawn = svg(address + path, INVITATION_VERSION) if address else ""
    return visit.page("invitation.html", link=path, address=address + path, drawn=drawn)


def asked(visit: Visit) -> Response:
    """Who invites him."""
    with visit.service.database.read() as connection:
        found = households.invited_to(connection, visit.argument, visit.now_us)
        name = _names(connection, [found.by])[found.by] if found else ""
        there = len(households.seats_of(connection, found.household).members) if found else 0
    if found is None:
        return _page(visit, HouseholdError("invitation"))
    return visit.page("invited.html", name=name, by=found.by, there=there)


def accepted(visit: Visit) -> Response:
    """He joins; or not, and nothing has happened."""
    if visit.form.get("answer") != "join":
        return visit.go("/household")
    database = visit.service.database
    return _done(visit, lambda: households.join_household(database, visit.member, visit.argument, visit.now_us))


def _done(visit: Visit, work: Callable[[], object]) -> Response:
    try:
        work()
    except HouseholdError as error:
        return _page(visit, error)
    return visit.go("/household")


def _page(visit: Visit, error: HouseholdError | None = None) -> Response:
    with visit.service.database.read() as connection:
        policy = households.policy_of(connection)
        name = households.household_of(connection, visit.member)
        pool = pool_for(connection, visit.member, visit.now_us)
        kinds = kind_names(visit.service.programmes.current(connection))
        sharing = _sharing(connection, name, visit.member) if name else []
        balances = account_of(connection, visit.member).row.balances
        mine = {
            kind: one.available for kind, one in balances.items() if one.available and is_pooled(connection, kind)
        }
    said = visit.words.say(SENTENCES[error.reason]) % {"most": f"{error.most:,}"} if error else ""
    return visit.page(
        "household.html", 409 if error else 200, said=said, policy=policy, name=name, pool=pool, kinds=kinds,
        sharing=sharing, mine=mine, moving=_new_id(visit),
    )  # fmt: skip


def _moving(visit: Visit) -> Moving:
    """What a form asks for. Raises `HouseholdError`."""
    points, identity = visit.form.get("points", ""), visit.form.get("id", "")
    if not (points.isascii() and points.isdecimal() and 0 < len(points) < 13 and int(points)):
        raise HouseholdError("not-enough")
    try:
        return Moving(UUID(identity), visit.member, visit.form.get("kind", ""), int(points))
    except ValueError:
        raise HouseholdError("ended") from None


def _new_id(visit: Visit) -> str:
    """Of what the forms of this page move: sent twice, it is moved once."""
    return str(new_id(visit.now_us // 1_000, bucket_of(visit.member), secrets.randbits(64)))


def _sharing(connection: Connection, household: str, member: str) -> list[Sharing]:
    seats = households.seats_of(connection, household).members
    names, sums = _names(connection, seats), moved_in(connection, household)
    found = []
    for one, joined_at in seats.items():
        numbers = {number for _bucket, number in accounts_of(connection, one)}
        put, drew = (_sums(sums, what, numbers) for what in ("pool-put", "pool-draw"))
        found.append(Sharing(names[one], one, one == member, joined_at, put, drew))
    return found


def _sums(sums: dict[tuple[str, str, str], int], what: str, numbers: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (type_, who, kind), points in sorted(sums.items()):
        if type_ == what and who in numbers:
            found[kind] = found.get(kind, 0) + points
    return found


def _names(connection: Connection, members: list[str] | dict[str, int]) -> dict[str, str]:
    """Masked, as the books hold them."""
    keys = [(bucket_of(member), member) for member in members]
    return dict(rows.find(connection, Member, ("bucket", "member"), keys, "member, name"))
