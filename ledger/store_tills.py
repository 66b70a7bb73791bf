"""The tills of one store as its own technician sees them, and ending one of them from the screen of another.

Whoever stands at a till where another was stolen should not have to find the operator first. He types his PIN for it, which
the ledger checks against its own staff document: a stolen till alone cannot end the others.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from ledger import rows
from ledger.acts import record
from ledger.auth import Caller
from ledger.database import Database
from ledger.declaring import declare_lost
from ledger.documents import newest
from ledger.enrolment import end, left_behind
from ledger.problems import EndTillError, NotKnownError
from protocol.documents import Staff
from protocol.fleet import ENDINGS, EndTillRequest, Status, StoreTill, StoreTills, TillEnded
from protocol.pins import pin_fits

ROLES: Final = {"technician", "manager"}

_TILLS = (
    "SELECT t.terminal, t.name, t.status, t.head_seq, t.seen_at, coalesce(h.heard_at, 0), coalesce(h.entries, 0),"
    " coalesce(h.waiting, 0), coalesce(h.waiting_fen, 0), coalesce(r.points, 0)"
    " FROM terminal t LEFT JOIN heartbeat h ON h.terminal = t.terminal"
    " LEFT JOIN (SELECT terminal, sum(points_left) AS points FROM reservation WHERE points_left > 0 AND terminal IN"
    " (SELECT terminal FROM terminal WHERE store = ?) GROUP BY terminal) r ON r.terminal = t.terminal"
    " WHERE t.store = ? ORDER BY t.terminal"
)


def tills_of_store(connection: Connection, store: str) -> StoreTills:
    """All that it ever had."""
    found = rows.fetch(connection, _TILLS, store, store)
    return StoreTills(tills=tuple(_till(*row) for row in found))


def _till(
    terminal: str, name: str, status: Status, received: int, seen_at: int, heard_at: int, entries: int, waiting: int,
    waiting_fen: int, lying: int,
) -> StoreTill:  # fmt: skip
    is_there = entries > received
    return StoreTill(
        terminal=terminal, name=name, status=status, entries=received, contact_at=max(seen_at, heard_at),
        waiting=waiting if is_there else 0, waiting_fen=waiting_fen if is_there else 0, lying=int(lying),
    )  # fmt: skip


def end_of(database: Database, caller: Caller, request: EndTillRequest, now_us: int) -> TillEnded:
    """End it, and record who did. Raises `EndTillError`, `NotKnownError`."""
    with database.read() as connection:
        _check_person(connection, caller.store, request)
        till = next(
            (one for one in tills_of_store(connection, caller.store).tills if one.terminal == request.terminal), None
        )
    if till is None:
        raise NotKnownError("terminal", request.terminal)
    if request.how not in ENDINGS[till.status]:
        raise EndTillError("ended", f"{till.terminal} is {till.status} already")
    points = declare_lost(database, till.terminal, now_us) if request.how == "lost" else 0
    with database.write() as connection:
        if request.how != "lost":
            end(connection, till.terminal, request.how)
        by = f"{request.staff}@{caller.terminal}"
        reason = {"reason": request.reason} if request.reason else {}
        record(connection, by, f"terminal-{request.how}", now_us, name=till.terminal, **reason)
        missing = left_behind(connection, till.terminal)
    return TillEnded(
        terminal=till.terminal, status=request.how, points=points, waiting=till.waiting if missing else 0,
        waiting_fen=till.waiting_fen if missing else 0,
    )  # fmt: skip


def _check_person(connection: Connection, store: str, request: EndTillRequest) -> None:
    """A wrong PIN and somebody unknown are told apart by nobody."""
    known = newest(connection, "staff", store, Staff)
    person = next((one for one in (known.staff if known else ()) if one.staff == request.staff), None)
    if not pin_fits(person.pin_hash if person else "", request.pin):
        raise EndTillError("pin", "staff number or PIN is wrong")
    if person is None or not ROLES & set(person.roles):
        raise EndTillError("role", f"{request.staff} is neither technician nor manager of store {store}")
