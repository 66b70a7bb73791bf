"""Members as a till is told of them, built for many at once: at most seventeen queries for a page of a thousand.

Who did not come to the reader's merchant for long is told without name, last digits and phone (`ledger.visits`); so is, to
everybody, who does not want tills to know them (`ledger.consent`).

Who took others in is told with what is still on their accounts, and with how far these are in it; they themselves are told as
tombstones. So a till that follows a tombstone counts nothing twice, whatever is on its way (`till.own_entries`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.consent import refusing
from ledger.counting import counts_told
from ledger.schema import PEOPLE, Balance, Lot, Member, Reservation
from ledger.schema_people import Merged
from ledger.standing import standings_told
from ledger.usual import offers_told, usual_told
from ledger.visits import Key, Scope, in_scope
from protocol import feed
from protocol.canonical import MAX_INTEGER
from protocol.claims import is_claim_account


class _Parts(NamedTuple):
    """What hangs on members, each by (bucket, member)."""

    balances: dict[Key, dict[str, feed.Balance]]
    expiring: dict[Key, list[feed.Expiring]]
    lying: dict[Key, list[feed.Lying]]
    merged: dict[Key, dict[str, int]]


def member_rows(
    connection: Connection, keys: Sequence[Key], scope: Scope | None = None, *, by_name: bool = False
) -> Iterator[feed.MemberRow]:
    """The rows of those of `keys` that exist, in their order: as they are, or as a reader of this `scope` may know them.

    `by_name`: he asked for these members, and is told who they are though they were never there.
    """
    if not keys:
        return
    members = rows.find(
        connection,
        Member,
        ("bucket", "member"),
        keys,
        "bucket, member, position, name, last4, tier, status, merged_into, phone_key, pin_hash",
        PEOPLE,
    )
    by_key = {(row[0], row[1]): row for row in members}
    columns = "source_bucket, source, bucket, member"
    into = {found[:2]: found[2:] for found in rows.find(connection, Merged, ("bucket", "member"), keys, columns)}
    parts = _parts(connection, keys)
    # An account that was claimed keeps nothing, and no till shows it: only what was counted there is told.
    if persons := {source: target for source, target in into.items() if not is_claim_account(source[1])}:
        _add_merged(connection, parts, persons)
    if scope and scope.terminal:
        _add_verifiers(parts.lying, by_key, scope.terminal)
    at_merchant = _at_merchant(connection, keys, into, scope) if scope else {}
    known = in_scope(connection, keys, scope) if scope and not by_name else set(by_key)
    known -= refusing(connection, keys, "name")
    for key in keys:
        if row := by_key.get(key):
            told = _row(row, key, parts, is_known=key in known)
            more = at_merchant.get(key)
            yield msgspec.structs.replace(told, **more) if more and not told.merged_into else told


def _at_merchant(
    connection: Connection, keys: Sequence[Key], into: Mapping[Key, Key], scope: Scope
) -> dict[Key, dict[str, Any]]:
    """What members are to the reader's merchant, by the row's fields. A page does not pay for what nobody in the books has."""
    tellers: tuple[tuple[str, str, Callable[[], Mapping[Key, object]]], ...] = (
        ("counts", "member_count", lambda: counts_told(connection, keys, into, scope)),
        ("standing", "standing", lambda: standings_told(connection, keys, scope)),
        ("usual", "usual", lambda: usual_told(connection, keys, scope)),
        ("offers", "personal_offer", lambda: offers_told(connection, keys, scope)),
    )
    told: dict[Key, dict[str, Any]] = defaultdict(dict)
    for field, table, tell in tellers:
        if rows.fetch(connection, f"SELECT 1 FROM {table} LIMIT 1"):
            for key, value in tell().items():
                told[key][field] = value
    return told


def _row(row: rows.Values, key: Key, parts: _Parts, *, is_known: bool) -> feed.MemberRow:
    _bucket, member, position, name, last4, tier, status, merged_into, phone_key, _pin_hash = row
    return feed.MemberRow(
        member=member,
        position=position,
        name=name if is_known else "",
        last4=last4 if is_known else "",
        tier=tier,
        status=status,
        balances={} if merged_into else parts.balances.get(key, {}),
        expiring=tuple(parts.expiring.get(key, ())),
        lying=tuple(parts.lying.get(key, ())),
        merged_into=merged_into,
        merged=parts.merged.get(key, {}),
        phone_key=phone_key if is_known else "",
    )


def _parts(connection: Connection, keys: Sequence[Key]) -> _Parts:
    balances: dict[Key, dict[str, feed.Balance]] = defaultdict(dict)
    for bucket, member, kind, available, reserved, owed in rows.find(connection, Balance, ("bucket", "member"), keys):
        balances[bucket, member][kind] = feed.Balance(available=available, reserved=reserved, owed=owed)
    lying: dict[Key, list[feed.Lying]] = defaultdict(list)
    columns = "bucket, member, id, terminal, kind, points_left, authority, called_back"
    open_ones = rows.find(
        connection, Reservation, ("bucket", "member"), keys, columns, "t.points_left > 0", "reservation_member"
    )
    for bucket, member, identity, terminal, kind, points, authority, called_back in sorted(open_ones):
        lying[bucket, member].append(
            feed.Lying(
                id=UUID(bytes=bytes(identity)),
                terminal=terminal,
                kind=kind,
                points=points,
                authority=authority,
                called_back=bool(called_back),
            )
        )
    return _Parts(balances, _expiring(connection, keys, balances), lying, defaultdict(dict))


def _add_verifiers(lying: dict[Key, list[feed.Lying]], members: Mapping[Key, rows.Values], terminal: str) -> None:
    """To the terminal that has an allowance, and to no other, goes what a PIN is checked with there."""
    for key, found in lying.items():
        pin_hash = members[key][-1] if key in members else ""
        if pin_hash and any(one.terminal == terminal for one in found):
            lying[key] = [
                msgspec.structs.replace(one, pin_verifier=pin_hash)
                if (one.terminal, one.authority) == (terminal, "allowance")
                else one
                for one in found
            ]


def _add_merged(connection: Connection, parts: _Parts, into: Mapping[Key, Key]) -> None:
    """What is on the accounts of numbers that were merged, told with those into whom they were."""
    sources = list(into)
    theirs = _parts(connection, sources)
    for bucket, source, at in rows.find(
        connection, Member, ("bucket", "member"), sources, "bucket, member, position"
    ):
        parts.merged[into[bucket, source]][source] = at
    for key, target in into.items():
        for kind, balance in theirs.balances.get(key, {}).items():
            parts.balances[target][kind] = _sum(parts.balances[target].get(kind, feed.Balance()), balance)
        parts.lying[target] += [msgspec.structs.replace(one, member=key[1]) for one in theirs.lying.get(key, ())]


def _sum(one: feed.Balance, other: feed.Balance) -> feed.Balance:
    """Two accounts can hold more together than one may: a message cannot say it, and a counter need not know."""
    return feed.Balance(
        available=min(one.available + other.available, MAX_INTEGER),
        reserved=min(one.reserved + other.reserved, MAX_INTEGER),
        owed=min(one.owed + other.owed, MAX_INTEGER),
    )


def _expiring(
    connection: Connection, keys: Sequence[Key], balances: dict[Key, dict[str, feed.Balance]]
) -> dict[Key, list[feed.Expiring]]:
    """Per kind the points of the first day on which some that are not reserved end."""
    columns = "bucket, member, kind, expires_on, points_left"
    lots = rows.find(connection, Lot, ("bucket", "member"), keys, columns, "t.points_left > 0", "lot_open")
    by_day: dict[tuple[Key, str, str], int] = defaultdict(int)
    for bucket, member, kind, day, points in lots:
        if day:
            by_day[(bucket, member), kind, day] += points
    reserved = {(key, kind): balance.reserved for key, kinds in balances.items() for kind, balance in kinds.items()}
    first: dict[tuple[Key, str], feed.Expiring] = {}
    for (key, kind, day), points in sorted(by_day.items()):
        if (key, kind) in first:
            continue
        held = min(points, reserved.get((key, kind), 0))
        if held:
            reserved[key, kind] -= held
        if points > held:
            first[key, kind] = feed.Expiring(kind=kind, points=points - held, on=day)
    found: dict[Key, list[feed.Expiring]] = defaultdict(list)
    for (key, _kind), soonest in first.items():
        found[key].append(soonest)
    return found
