"""Reservations: points leave `available` before the goods leave. One short transaction, which goes before every batch.

The id is the one that the sale's entry will carry, so asking again is harmless: an id that is open gets the same reservation,
an id that was booked or returned gets nothing, for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger import rows, schema
from ledger.accounts import Account, Reservation
from ledger.booking import own_points
from ledger.booking import reserve as book_reserve
from ledger.bounds import Room, find_room, held_with, hold
from ledger.chance import own_id
from ledger.clock import day_of
from ledger.database import Database
from ledger.receiving import Till, find_till
from ledger.shelf import Shelf, load_accounts, lock_buckets
from ledger.suspending import suspension_of
from ledger.terms import Terms
from points.forms import RewardBase
from protocol import reservations
from protocol.ids import bucket_in, bucket_of, is_entry_id
from protocol.reservations import Granted, LyingElsewhere, RefusalReason, Refused, ReserveRequest, Reserving, Verdict


class _Standing(NamedTuple):
    """What is known before points move."""

    till: Till
    status: str
    open: Reservation | None
    is_ended: bool


ProofCheck: TypeAlias = Callable[[Connection], Refused | None]
"""What is wrong with the member's proof, asked in the transaction that grants, with his bucket locked."""


def _is_proven(_connection: Connection) -> None:
    """Nothing is wrong."""


def reserve(
    database: Database, terminal: str, request: ReserveRequest, now_us: int, check: ProofCheck = _is_proven,
    authority: Reserving = "online",
) -> Verdict:  # fmt: skip
    """Yes with a reservation, or no with a reason.

    A request that is new is refused with what `check` says, one that has its reservation already gets it again. Raises
    `UnknownTerminalError`.
    """
    if "\0" in request.member + request.kind:  # PostgreSQL's text cannot hold it
        return Refused(reason="unknown-member")
    return database.transact(
        lambda connection: _decide(connection, database, terminal, request, now_us, check, authority), urgent=True
    )


def _decide(
    connection: Connection,
    database: Database,
    terminal: str,
    request: ReserveRequest,
    now_us: int,
    check: ProofCheck,
    authority: Reserving = "online",
) -> Verdict:
    bucket = bucket_of(request.member)
    shelf = Shelf(lock_buckets(connection, [bucket]))
    standing = _standing(connection, bucket, terminal, request)
    if standing.open is not None and _is_same(standing.open, terminal, request):
        return _granted(
            standing.open, held_with(connection, bucket, standing.open.id) if standing.open.holds else None
        )
    database.terms = terms = database.terms.refreshed(connection)
    reward = _bounded(connection, terms, request)
    key = [(bucket, request.member)]
    load_accounts(
        connection, shelf, key, key if request.own or (reward and reward.others_per_month is not None) else []
    )
    reason = _refusal(bucket, standing, request) or _stopped(connection, standing.till)
    refusal = Refused(reason=reason) if reason else check(connection)
    if refusal is None and request.kind not in terms.kinds:
        refusal = Refused(reason="unknown-kind")
    account = shelf.accounts.get((bucket, request.member))
    if refusal is None and request.own:
        own = own_points(account or Account(request.member), request.kind, standing.till.merchant)
        if own < request.points:
            return Refused(reason="not-enough-own-points", spendable=own)
    holding = account.holdings.get(request.kind) if account else None
    spendable = holding.available if holding else 0
    if refusal is None and spendable >= request.points:
        room: Room | Refused | None = None
        if reward is not None and request.bounded is not None and account is not None:
            room = find_room(connection, reward, request.bounded, request, account, standing.till.merchant)
        if not isinstance(room, Refused):
            return _granted(_grant(connection, shelf, bucket, standing.till, request, now_us, authority, room), room)
        refusal = room
        spendable = room.spendable if room.reason == "quota-used-up" else spendable
    if refusal is None:
        lying = _call_back(connection, shelf, bucket, terminal, request, spendable)
        return Refused(reason="not-enough-points", spendable=spendable, lying=lying)
    return msgspec.structs.replace(refusal, spendable=spendable)


def _standing(connection: Connection, bucket: int, terminal: str, request: ReserveRequest) -> _Standing:
    key = [(bucket, request.id.bytes)]
    found = rows.find(connection, schema.Reservation, ("bucket", "id"), key)
    known = Reservation(*found[0][1:]) if found else None
    booked = rows.find(connection, schema.Entry, ("bucket", "id"), key, "id")
    member = [(bucket, request.member)]
    members = rows.find(connection, schema.Member, ("bucket", "member"), member, "status", schema.PEOPLE)
    is_ended = bool(booked) or (known is not None and bool(known.ended_by))
    status = members[0][0] if members else ""
    return _Standing(find_till(connection, terminal), status, None if is_ended else known, is_ended)


def _refusal(bucket: int, standing: _Standing, request: ReserveRequest) -> RefusalReason | None:
    """An open reservation of somebody else under this id is as good as ended. An id of another bucket is nobody's."""
    if standing.till.status != "active":
        return "terminal-revoked"
    if standing.is_ended or standing.open is not None:
        return "already-ended"
    if not standing.status or not is_entry_id(request.id) or bucket_in(request.id) != bucket:
        return "unknown-member"
    return None if standing.status == "active" else "member-blocked"


def _stopped(connection: Connection, till: Till) -> RefusalReason | None:
    """Nothing is reserved for a till of who is suspended."""
    match suspension_of(connection, till):
        case "merchant":
            return "merchant-suspended"
        case "programme":
            return "programme-suspended"
    return None


def _is_same(known: Reservation, terminal: str, request: ReserveRequest) -> bool:
    asked = (terminal, request.member, request.kind, request.points)
    return (known.terminal, known.member, known.kind, known.points) == asked


def _bounded(connection: Connection, terms: Terms, request: ReserveRequest) -> RewardBase | None:
    """The reward by the rules of the version that the till goes by: as with every rule, and with what its sale counts."""
    named = request.bounded
    if named is None:
        return None
    return terms.rules_of(connection, (named.programme, named.version, named.engine)).bounded.get(named.reward)


def _granted(known: Reservation, room: Room | None) -> Granted:
    if room is None:
        return Granted(reservation=as_told(known))
    return Granted(reservation=as_told(known), given=room.given, others=room.holds.others)


def _grant(
    connection: Connection, shelf: Shelf, bucket: int, till: Till, request: ReserveRequest, now_us: int,
    authority: Reserving, room: Room | None,
) -> Reservation:  # fmt: skip
    """The points, of which there are enough, move under an entry of the ledger's own."""
    position, points = shelf.next_position(bucket), request.points
    identity = own_id(now_us, bucket)
    wanted = Reservation(
        request.id.bytes, till.terminal, request.member, request.kind, points, points, now_us, position,
        authority=authority, holds=int(room is not None),
    )  # fmt: skip
    booking = book_reserve(shelf.accounts[bucket, request.member], identity, wanted)
    assert booking is not None
    shelf.add(bucket, own_entry(identity, "reserve", request.member, now_us, position, till), request.member, booking)
    shelf.store(connection)
    if room is not None:
        hold(connection, room)
    return wanted


def _call_back(
    connection: Connection, shelf: Shelf, bucket: int, terminal: str, request: ReserveRequest, spendable: int
) -> tuple[LyingElsewhere, ...]:
    """Where points of the member lie that were set aside for an outage; asked for, where with them there are enough."""
    lying = [
        Reservation(*row[1:])
        for row in rows.find(
            connection, schema.Reservation, ("bucket", "member"), [(bucket, request.member)],
            where="t.points_left > 0", index="reservation_member",
        )
    ]  # fmt: skip
    away = [
        one for one in lying
        if one.authority == "allowance" and one.kind == request.kind and one.terminal != terminal
    ]  # fmt: skip
    if not away or spendable + sum(one.points_left for one in away) < request.points:
        return ()
    if any(not one.called_back for one in away):
        for one in away:
            shelf.keep(bucket, one._replace(called_back=1))
        shelf.touch(bucket, request.member)
        shelf.store(connection)
    places = _places(connection, {one.terminal for one in away})
    return tuple(
        LyingElsewhere(store=places[one.terminal][0], till=places[one.terminal][1], points=one.points_left)
        for one in sorted(away)
    )


def _places(connection: Connection, terminals: set[str]) -> dict[str, tuple[str, str]]:
    """(store, till) as people name them, by terminal."""
    tills = rows.find(
        connection, schema.Terminal, ("terminal",), [(one,) for one in terminals], "terminal, store, name"
    )
    stores: dict[str, str] = dict(
        rows.find(connection, schema.Store, ("store",), [till[1:2] for till in tills], "store, name")
    )
    return {terminal: (stores[store], name) for terminal, store, name in tills}


def own_entry(
    identity: bytes, kind: str, member: str, now_us: int, position: int, till: Till | None = None,
    reference: str = "", shortfall: int = 0,
) -> rows.Values:  # fmt: skip
    """The row of an entry that the ledger makes itself, for `Shelf.add`; its day is the coalition's."""
    terminal, store, merchant = (till.terminal, till.store, till.merchant) if till else ("", "", "")
    return (
        identity, terminal, 0, kind, member, store, merchant, reference, day_of(now_us), now_us, now_us, position,
        shortfall, b"",
    )  # fmt: skip


def as_told(known: Reservation) -> reservations.Reservation:
    """As its terminal is told of it."""
    return reservations.Reservation(
        id=UUID(bytes=known.id),
        terminal=known.terminal,
        member=known.member,
        kind=known.kind,
        points=known.points,
        granted_at=known.granted_at,
        position=known.position,
        authority=cast(Reserving, known.authority),
    )
