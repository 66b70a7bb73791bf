"""Households (A8): members who share a pool of points. Off until the coalition switches them on, with ceilings.

A household is a holder of its own, with an account in a bucket of its own; `ledger.pooling` moves points in and out,
`ledger.pools` gives them back. Who is in one changes under the locks of the buckets of all who take part, so nobody joins or
leaves while points move. Leaving gives back to a member what is there of his own; the last one who leaves ends it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.acts import record
from ledger.database import Database
from ledger.feed import advance
from ledger.pools import give_back, givers_of
from ledger.problems import BadRequestError, HouseholdError, NotKnownError
from ledger.schema import Member, Setting
from ledger.schema_household import Household, Invitation, Seat
from ledger.sessions import SECRET_BYTES, accounts_of, hash_secret, read_secret, standing, write_secret
from ledger.shelf import MemberKey, lock_buckets
from points.amounts import MAX_POINTS
from protocol import canonical
from protocol.canonical import Model, Positive
from protocol.ids import bucket_of

INVITATION_LIVES_US = 86_400 * 1_000_000
"""A day, from the moment in which it is made."""

_SETTING = "households"
_ATTEMPTS = 8
_T = TypeVar("_T")


class Policy(Model, kw_only=True):
    """The coalition's ceilings: members in a household, points of a kind in its pool, and how many of them a member draws in a
    calendar month.
    """

    members: Positive
    points: Positive
    monthly: Positive


class Seats(NamedTuple):
    """A household and who is in it, by number, each with when he joined (µs UTC)."""

    household: str
    members: dict[str, int]


class Invited(NamedTuple):
    """To which household, and by whom (his number)."""

    household: str
    by: str


# --- the switch -----------------------------------------------------------------------------------------------------


def policy_of(connection: Connection) -> Policy | None:
    """The ceilings; None where the coalition has no households."""
    found = rows.fetch(connection, "SELECT value FROM setting WHERE key = ?", _SETTING)
    return msgspec.json.decode(found[0][0], type=Policy) if found else None


def switch_on(connection: Connection, policy: Policy, by: str, now_us: int) -> None:
    """From now on, with these ceilings. What is in a pool already stays, though it be more. Raises `BadRequestError`."""
    if policy.members < 2 or policy.points > MAX_POINTS:  # one alone shares with nobody
        raise BadRequestError(f"a household has two members at least, and at most {MAX_POINTS} points")
    rows.put(connection, Setting, [(_SETTING, canonical.encode(policy).decode())])
    record(connection, by, "households-on", now_us, **msgspec.structs.asdict(policy))


def switch_off(connection: Connection, by: str, now_us: int) -> None:
    """Nobody joins, puts in or draws any more. What is in a pool goes back when its members leave, or it is closed."""
    rows.delete(connection, Setting, [(_SETTING,)])
    record(connection, by, "households-off", now_us)


# --- who is in one --------------------------------------------------------------------------------------------------


def household_of(connection: Connection, member: str) -> str:
    """Empty where he is in none."""
    found = rows.find(connection, Seat, ("bucket", "member"), [(bucket_of(member), member)], "household")
    return found[0][0] if found else ""


def seats_of(connection: Connection, household: str) -> Seats:
    """Of one that nobody has, or that is closed, nobody is a member."""
    found = rows.fetch(
        connection, "SELECT member, joined_at FROM seat WHERE household = ? ORDER BY joined_at, member", household
    )
    return Seats(household, dict(found))


def open_household(database: Database, member: str, now_us: int) -> str:
    """One of which he is the first member; its number. Raises `HouseholdError`."""
    household = f"H{secrets.randbelow(10**10):010d}"
    return database.transact(lambda connection: _open(connection, household, member, now_us), urgent=True)


def invite(database: Database, member: str, now_us: int) -> str:
    """The secret that lets one other member join within a day, instead of what he made before. Raises `HouseholdError`."""

    def work(connection: Connection, household: str) -> str:
        policy = _needed_policy(connection)
        if len(seats_of(connection, household).members) >= policy.members:
            raise HouseholdError("full")
        bucket, secret = bucket_of(household), secrets.token_bytes(SECRET_BYTES)
        rows.execute(
            connection, "DELETE FROM invitation WHERE bucket = ? AND household = ? AND member = ?",
            bucket, household, member,
        )  # fmt: skip
        row = (bucket, hash_secret(secret), household, member, now_us + INVITATION_LIVES_US)
        rows.insert(connection, Invitation, [row])
        return write_secret(bucket, secret)

    return in_his_household(database, member, work)


def invited_to(connection: Connection, secret: str, now_us: int) -> Invited | None:
    """What an invitation is to; None for one that is used up, out of date, or none at all."""
    place = read_secret(secret)
    found = rows.find(connection, Invitation, ("bucket", "hash"), [place]) if place else []
    if not found or found[0][4] <= now_us:
        return None
    return Invited(found[0][2], found[0][3])


def join_household(database: Database, member: str, secret: str, now_us: int) -> str:
    """He accepts; the household's number. An invitation is good once. Raises `HouseholdError`."""
    with database.read() as connection:
        invited = invited_to(connection, secret, now_us)
    if invited is None:
        raise HouseholdError("invitation")
    return database.transact(
        lambda connection: _join(connection, invited.household, member, secret, now_us), urgent=True
    )


def leave_household(database: Database, member: str, now_us: int) -> int:
    """He takes along what is there of his own; how many points that were. The last one ends it. Raises `HouseholdError`."""

    def work(connection: Connection, household: str) -> int:
        returned = give_back(connection, household, [(member, _is(connection, member))], now_us)
        rows.delete(connection, Seat, [(bucket_of(member), member)])
        if not seats_of(connection, household).members:
            _end(connection, household, now_us)
        return returned

    return in_his_household(database, member, work)


def leave_if_in_one(database: Database, member: str, now_us: int) -> None:
    """As he leaves the coalition."""
    with database.read() as connection:
        if not household_of(connection, member):
            return
    leave_household(database, member, now_us)


def close_household(database: Database, household: str, by: str, reason: str, now_us: int) -> int:
    """For an operator: every lot goes back to who put it in; how many points. Raises `NotKnownError`."""

    def holders(connection: Connection) -> set[str]:
        givers = {standing(connection, giver)[0] for giver in givers_of(connection, household)}
        return {household, *seats_of(connection, household).members, *givers}

    def work(connection: Connection) -> int:
        if not _is_open(connection, household):
            raise NotKnownError("household", household)
        owners: dict[str, set[str]] = {}
        for giver in givers_of(connection, household):
            owners.setdefault(standing(connection, giver)[0], set()).add(giver)
        returned = give_back(connection, household, list(owners.items()), now_us)
        for member in seats_of(connection, household).members:
            rows.delete(connection, Seat, [(bucket_of(member), member)])
        _end(connection, household, now_us)
        record(connection, by, "household-closed", now_us, name=household, **({"reason": reason} if reason else {}))
        return returned

    return locked(database, holders, work)


def hand_over(connection: Connection, old: MemberKey, new: MemberKey) -> None:
    """Two numbers become one: he stays in the household in which either was. The caller has its bucket locked."""
    found = rows.find(connection, Seat, ("bucket", "member"), [old, new])
    seats = {seat[:2]: seat[2:] for seat in found}
    if old in seats:
        rows.delete(connection, Seat, [old])
        if new not in seats:
            rows.insert(connection, Seat, [(*new, *seats[old])])


# --- under the locks ------------------------------------------------------------------------------------------------


def locked(database: Database, holders: Callable[[Connection], set[str]], work: Callable[[Connection], _T]) -> _T:
    """`work` with the buckets of `holders` locked, who are read anew under the locks: in another transaction where there are
    others by then."""

    def attempt(connection: Connection) -> tuple[_T] | None:
        wanted = holders(connection)
        lock_buckets(connection, {bucket_of(one) for one in wanted})
        return (work(connection),) if holders(connection) <= wanted else None

    for _attempt in range(_ATTEMPTS):
        if done := database.transact(attempt, urgent=True):
            return done[0]
    raise HouseholdError("changing")


def in_his_household(database: Database, member: str, work: Callable[[Connection, str], _T]) -> _T:
    """`work` with the number of a member's household, both buckets locked. Raises `HouseholdError` where he is in none."""

    def holders(connection: Connection) -> set[str]:
        return {member, household_of(connection, member)} - {""}

    def in_it(connection: Connection) -> _T:
        household = household_of(connection, member)
        if not household:
            raise HouseholdError("none")
        return work(connection, household)

    return locked(database, holders, in_it)


def _open(connection: Connection, household: str, member: str, now_us: int) -> str:
    bucket = bucket_of(household)
    lock_buckets(connection, {bucket, bucket_of(member)})
    _needed_policy(connection)
    _check_free(connection, member)
    if rows.find(connection, Member, ("bucket", "member"), [(bucket, household)], "member"):
        raise HouseholdError("changing")
    row = {"bucket": bucket, "member": household, "position": advance(connection, bucket), "status": "household"}
    row["joined_at"] = now_us
    defaults = {name: field.default for name, field in Member.model_fields.items()}
    rows.insert(connection, Member, [tuple((defaults | row).values())])
    rows.insert(connection, Household, [(bucket, household, now_us, 0)])
    rows.insert(connection, Seat, [(bucket_of(member), member, household, now_us)])
    return household


def _join(connection: Connection, household: str, member: str, secret: str, now_us: int) -> str:
    lock_buckets(connection, {bucket_of(household), bucket_of(member)})
    policy = _needed_policy(connection)
    _check_free(connection, member)
    place = read_secret(secret)
    if place is None or invited_to(connection, secret, now_us) is None:
        raise HouseholdError("invitation")
    if len(seats_of(connection, household).members) >= policy.members:
        raise HouseholdError("full")
    rows.delete(connection, Invitation, [place])
    rows.insert(connection, Seat, [(bucket_of(member), member, household, now_us)])
    return household


def _check_free(connection: Connection, member: str) -> None:
    """An active member who is in no household."""
    if standing(connection, member) != (member, "active"):
        raise HouseholdError("blocked")
    if household_of(connection, member):
        raise HouseholdError("in-one")


def _needed_policy(connection: Connection) -> Policy:
    policy = policy_of(connection)
    if policy is None:
        raise HouseholdError("off")
    return policy


def _is_open(connection: Connection, household: str) -> bool:
    key = [(bucket_of(household), household)]
    return bool(rows.find(connection, Household, ("bucket", "household"), key, "household", "t.closed_at = 0"))


def _end(connection: Connection, household: str, now_us: int) -> None:
    bucket = bucket_of(household)
    rows.execute(connection, "DELETE FROM invitation WHERE bucket = ? AND household = ?", bucket, household)
    rows.execute(
        connection, "UPDATE household SET closed_at = ? WHERE bucket = ? AND household = ?", now_us, bucket, household
    )


def _is(connection: Connection, member: str) -> set[str]:
    """All his numbers."""
    return {number for _bucket, number in accounts_of(connection, member)}
