"""Two numbers of one person become one: `merge`, the operator's command, and what is swept behind it.

An account belongs to its holder and is never moved. The old number gets a tombstone that names the new one; its free points and
what it owes go over by a transfer. What lies in reservations stays until it is used or returned, and is swept then.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from ledger import consent, households, rows, schema, usual
from ledger.clock import day_of
from ledger.database import Database
from ledger.problems import MergeRefusedError, NotKnownError
from ledger.schema_people import Merged, Visit
from ledger.shelf import MemberKey, Shelf, load_accounts, lock_buckets
from ledger.standing import reckon_merged
from ledger.transfers import Passage, Transfers
from protocol.ids import bucket_of

CLAIMS = "substr(t.source, 1, 6) = 'claim-'"
"""For `rows.find` in `Merged`: accounts of sales whose points were claimed (`ledger.claiming`)."""


def merge(database: Database, source: str, target: str, now_us: int) -> int:
    """From now on `source` is `target`; how many points went over.

    Raises `NotKnownError`, and `MergeRefusedError` for a member and himself, for an account that has ended, and for chains: who
    was merged is not merged again, and nobody is merged into him; who took others in is not merged either.
    """
    return database.transact(lambda connection: _merge(connection, database, source, target, now_us), urgent=True)


def sweep_merged(database: Database, now_us: int) -> int:
    """Take over what came free on old accounts since (a till was declared lost); on how many there was some."""
    with database.read() as connection:
        left = rows.fetch(
            connection,
            "SELECT DISTINCT m.source_bucket, m.source, m.bucket, m.member FROM merged m JOIN balance b"
            " ON b.bucket = m.source_bucket AND b.member = m.source WHERE b.available > 0 OR b.owed > 0",
        )
    for source_bucket, source, bucket, member in left:
        keys = (source_bucket, source), (bucket, member)
        database.transact(partial(transfer, source=keys[0], target=keys[1], now_us=now_us))
    return len(left)


def _merge(connection: Connection, database: Database, source: str, target: str, now_us: int) -> int:
    old, new = (bucket_of(source), source), (bucket_of(target), target)
    homes, claims = _homes(connection, old, new), _claims(connection, old)
    lock_buckets(connection, {old[0], new[0], *(bucket_of(home) for home in homes), *(claim[0] for claim in claims)})
    _check(connection, old, new)
    if homes != _homes(connection, old, new):
        raise MergeRefusedError("a household of theirs changed at this moment: try again")
    if claims != _claims(connection, old):
        raise MergeRefusedError("he claimed points at this moment: try again")
    if len(homes) > 1:
        raise MergeRefusedError("they are in two households, and a member is in one: one of them leaves first")
    _take_claims_along(connection, old, new, claims)
    rows.insert(connection, Merged, [(*new, source, old[0], now_us)])
    _hand_over(connection, old, new)
    database.terms = terms = database.terms.refreshed(connection)
    reckon_merged(connection, terms, old, new, day_of(now_us)[:7])
    return transfer(connection, old, new, now_us)


def _homes(connection: Connection, old: MemberKey, new: MemberKey) -> set[str]:
    """The households in which they are."""
    return {households.household_of(connection, member) for _bucket, member in (old, new)} - {""}


def _claims(connection: Connection, member: MemberKey) -> list[MemberKey]:
    """Accounts whose points he claimed."""
    return sorted(rows.find(connection, Merged, ("bucket", "member"), [member], "source_bucket, source", CLAIMS))


def _take_claims_along(connection: Connection, old: MemberKey, new: MemberKey, claims: list[MemberKey]) -> None:
    """What still arrives for them is swept to who goes on."""
    known = rows.find(connection, Merged, ("bucket", "member"), [old], "source, source_bucket, merged_at", CLAIMS)
    rows.delete(connection, Merged, [(*old, source) for source, _bucket, _at in known])
    rows.insert(connection, Merged, [(*new, *one) for one in known])
    rows.update(connection, schema.Member, ("merged_into",), [(*claim, new[1]) for claim in claims])


def _check(connection: Connection, old: MemberKey, new: MemberKey) -> None:
    found = rows.find(connection, schema.Member, ("bucket", "member"), [old, new], "member, status, merged_into",
                      schema.PEOPLE)  # fmt: skip
    members = {member: (status, into) for member, status, into in found}
    for _bucket, member in (old, new):
        if member not in members:
            raise NotKnownError("member", member)
    if old == new:
        raise MergeRefusedError("a member is not merged into himself")
    for _bucket, member in (old, new):
        status, into = members[member]
        if into:
            raise MergeRefusedError(f"{member} was merged into {into}")
        if status not in ("active", "blocked"):
            raise MergeRefusedError(f"the account of {member} has ended")
    if taken_in := rows.find(connection, Merged, ("bucket", "member"), [old], "source", f"NOT {CLAIMS}"):
        raise MergeRefusedError(
            f"{taken_in[0][0]} was merged into {old[1]}, and a merge leads to an account, not to another"
        )


def _hand_over(connection: Connection, old: MemberKey, new: MemberKey) -> None:
    """Where he was, how he is found; the tombstone keeps nothing of the person."""
    for by in ("phone_key", "last4", "pin_hash"):
        rows.execute(
            connection,
            f"UPDATE member SET {by} = (SELECT o.{by} FROM member o WHERE o.bucket = ? AND o.member = ?)"
            f" WHERE bucket = ? AND member = ? AND {by} = ''",
            *old, *new,
        )  # fmt: skip
    rows.execute(
        connection,
        "UPDATE member SET status = 'merged', merged_into = ?, name = '', last4 = '', phone_key = '', pin_hash = ''"
        " WHERE bucket = ? AND member = ?",
        new[1], *old,
    )  # fmt: skip
    rows.execute(connection, "UPDATE phone SET member = ? WHERE member = ?", new[1], old[1])
    hand_over_visits(connection, old, new)
    consent.hand_over(connection, old, new)
    households.hand_over(connection, old, new)
    usual.hand_over(connection, old, new)


def hand_over_visits(connection: Connection, old: MemberKey, new: MemberKey) -> None:
    """Where one was, the other was."""
    been = rows.find(connection, Visit, ("bucket", "member"), [old, new], "merchant, day")
    last = {merchant: max(day for where, day in been if where == merchant) for merchant, _day in been}
    rows.put(connection, Visit, [(*new, merchant, day) for merchant, day in last.items()])


def transfer(connection: Connection, source: MemberKey, target: MemberKey, now_us: int) -> int:
    """Both rows are told anew, whether points went or not."""
    shelf = Shelf(lock_buckets(connection, {source[0], target[0]}))
    load_accounts(connection, shelf, [source, target], [source, target])
    transfers = Transfers(shelf, now_us)
    moved = transfers.move(Passage(source, target, source[1]))
    for bucket, member in (source, target):
        if (bucket, member) not in shelf.positions:
            shelf.touch(bucket, member)
    shelf.store(connection)
    transfers.store(connection)
    return moved
