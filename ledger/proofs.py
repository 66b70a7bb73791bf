"""Did the member himself agree? Checked before a reservation is made; what he showed or typed is never kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, func, select, text, update
from sqlmodel import col

from ledger.auth import Caller
from ledger.database import Database
from ledger.documents import newest
from ledger.keys import Keys
from ledger.persons import merged_into
from ledger.programmes import is_in_pieces
from ledger.reserving import ProofCheck
from ledger.schema import Member, Reservation, Terminal
from ledger.vouchers import voucher_refusal
from protocol.documents import ProgrammeText, StoreSettings
from protocol.dynamic_codes import read
from protocol.errors import CodeError
from protocol.households import DrawRequest
from protocol.ids import bucket_of
from protocol.member_links import MemberLinkRequest
from protocol.pins import pin_fits
from protocol.reservations import Refused, ReserveRequest

PIN_TRIES = 3

Proving: TypeAlias = ReserveRequest | MemberLinkRequest | DrawRequest
"""What a member agrees to by a code or a PIN."""

_PIN_LOCKS = tuple(threading.Lock() for _ in range(64))

_BIND = text("INSERT INTO nonce (bucket, nonce, entry) VALUES (:bucket, :nonce, :entry) ON CONFLICT DO NOTHING")
_BOUND_TO = text("SELECT entry FROM nonce WHERE bucket = :bucket AND nonce = :nonce")


def refusal(database: Database, keys: Keys, caller: Caller, request: ReserveRequest, now_us: int) -> ProofCheck:
    """For `reserve`, which asks it under the lock of the member's bucket, and still gives an id that was granted its first
    answer. A code or a PIN is looked at now; a voucher or a daily limit then, when nobody else reserves for this member.
    """
    if request.proof == "voucher":
        return partial(voucher_refusal, keys=keys, terminal=caller.terminal, request=request, now_us=now_us)
    if request.proof == "static":
        return partial(_static, caller=caller, request=request, now_us=now_us)
    found = own_refusal(database, keys, request, now_us)
    return lambda _connection: found


def own_refusal(database: Database, keys: Keys, request: Proving, now_us: int) -> Refused | None:
    """What is wrong with a proof that is the member's own, a code or a PIN; anything else proves nothing."""
    match request.proof:
        case "pin":
            return _pin(database, request)
        case "dynamic":
            return _dynamic(database, keys, request, now_us)
    return Refused(reason="proof-missing")


def _dynamic(database: Database, keys: Keys, request: Proving, now_us: int) -> Refused | None:
    if not request.evidence:
        return Refused(reason="proof-missing")
    try:
        code = read(request.evidence, keys.ring, now_us)
    except CodeError as error:
        return Refused(reason="proof-expired" if error.code == "dynamic-expired" else "proof-wrong")
    if code.member != request.member:
        with database.read() as connection:
            if code.member not in merged_into(connection, request.member):
                return Refused(reason="proof-wrong")
    # A code of an old number belongs to one sale under either: a till that knows of no merge books under the old one.
    buckets = sorted({bucket_of(code.member), bucket_of(request.member)})
    with database.write(urgent=True) as connection:
        is_ours = [_bind(connection, bucket, code.nonce, request.id.bytes) for bucket in buckets]
    return None if all(is_ours) else Refused(reason="nonce-used")


def _bind(connection: Connection, bucket: int, nonce: str, entry: bytes) -> bool:
    bound = {"bucket": bucket, "nonce": nonce}
    connection.execute(_BIND, bound | {"entry": entry})
    return bytes(connection.execute(_BOUND_TO, bound).scalar_one()) == entry


def _pin(database: Database, request: Proving) -> Refused | None:
    """One check per member at a time in this process; between processes the lock of his row counts (`_count_try`).

    The right PIN at the first try writes nothing: a counter is waiting. So of guesses at the very same moment, while no wrong
    one is counted, each process looks at one; all others are counted before they are answered.
    """
    if not request.evidence:
        return Refused(reason="proof-missing")
    mine = (col(Member.bucket) == bucket_of(request.member), col(Member.member) == request.member)
    with _PIN_LOCKS[bucket_of(request.member) % len(_PIN_LOCKS)]:
        with database.read() as connection:
            row = connection.execute(select(col(Member.pin_hash), col(Member.pin_failures)).where(*mine)).first()
        if row is None:
            return Refused(reason="unknown-member")
        if row.pin_failures >= PIN_TRIES:
            return Refused(reason="pin-locked")
        fits = pin_fits(row.pin_hash, request.evidence)
        if not row.pin_hash:
            return Refused(reason="pin-not-set")
        if fits and not row.pin_failures:
            return None
        return database.transact(lambda connection: _count_try(connection, mine, fits=fits), urgent=True)


def _count_try(connection: Connection, mine: Sequence[ColumnElement[bool]], *, fits: bool) -> Refused | None:
    """Where another process has counted the last try meanwhile this one is none any more, whatever was typed.

    The last wrong one is told as the lock that it is.
    """
    known = select(col(Member.pin_failures)).where(*mine).with_for_update()
    failures: int = connection.execute(known).scalar_one()
    if failures >= PIN_TRIES:
        return Refused(reason="pin-locked")
    failures = 0 if fits else failures + 1
    connection.execute(update(Member).where(*mine).values(pin_failures=failures))
    if fits:
        return None
    left = PIN_TRIES - failures
    return Refused(reason="pin-wrong", tries_left=left) if left else Refused(reason="pin-locked")


def _static(connection: Connection, caller: Caller, request: ReserveRequest, now_us: int) -> Refused | None:
    """Within what the merchant signed for, per member, store and day. Every reservation of the day counts, however proved.

    A limit in points says nothing of vouchers: one piece may be worth a thousand of them.
    """
    settings = newest(connection, "store", caller.store, StoreSettings)
    if settings is None or settings.static_daily_points == 0:
        return Refused(reason="proof-missing")
    if _is_in_pieces(connection, settings.programme, request.kind):
        return Refused(reason="proof-missing")
    taken = _reserved_today(connection, settings, request, now_us)
    return None if taken + request.points <= settings.static_daily_points else Refused(reason="proof-missing")


def _is_in_pieces(connection: Connection, programme: str, kind: str) -> bool:
    text = newest(connection, "programme", programme, ProgrammeText)
    return text is not None and is_in_pieces(text, kind)


def _reserved_today(connection: Connection, settings: StoreSettings, request: ReserveRequest, now_us: int) -> int:
    began_us = settings.calendar.began_us(settings.calendar.day(now_us))
    terminals = select(col(Terminal.terminal)).where(col(Terminal.store) == settings.store)
    today = col(Reservation.granted_at) >= began_us, col(Reservation.terminal).in_(terminals)
    taken = 0
    for number in (request.member, *merged_into(connection, request.member)):
        his = col(Reservation.bucket) == bucket_of(number), col(Reservation.member) == number
        taken += int(
            connection.execute(select(func.sum(col(Reservation.points))).where(*his, *today)).scalar_one() or 0
        )
    return taken
