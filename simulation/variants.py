"""Parts that are broken on purpose, to see that the simulation has teeth. Each is a rule of the design made shorter.

They live here alone: a variant replaces a part where a world is put together, or meddles with the books as the shorter rule
would have left them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from ledger import reserving, rows
from ledger.accounts import Draft as Booking
from ledger.accounts import Reservation
from ledger.bodies import unpack
from ledger.chance import own_id
from ledger.database import Database
from ledger.reserving import own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets
from local_db.connections import open_reading
from local_db.errors import StorageFullError
from local_db.journal import FILE, Draft, Journal, JournalReader, Row
from protocol import canonical
from protocol.chain import link, payload_hash
from protocol.push import Outcome, PushBatch
from protocol.reservations import ReserveRequest
from simulation.ledger_host import LedgerHost, Request
from sync import pull
from sync.client import LedgerClient
from sync.identity import load_identity, load_key
from sync.machine import Machine
from sync.puller import Puller
from sync.reports import Report, encoder
from till.provisional_account import ProvisionalAccount

Meddling = Callable[[LedgerHost, Request], AbstractContextManager[None]]
RunPull = Callable[[Path, float, Iterable[bytes], pull.Output, Machine], int]

_WINDOW_US = 15_000_000


def run_pull(folder: Path, poll_s: float, asked: Iterable[bytes], told: pull.Output, machine: Machine) -> int:
    """The real process that pulls."""
    return pull.run(folder, poll_s, once=False, asked=asked, told=told, machine=machine)


def _leave_alone(_ledger: LedgerHost, _request: Request) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Variant:
    """What a world is put together from."""

    journal: type[Journal] = Journal
    run_pull: RunPull = run_pull
    meddling: Meddling = _leave_alone
    """Around each request that the ledger serves."""
    patches: tuple[tuple[str, object], ...] = ()
    """Functions of the product, by name, and what is in their place."""
    tells_of_restoring: bool = True
    """Whether books that were restored from a copy count another epoch."""


# --- at the till -----------------------------------------------------------------------------------------------------


class _NotYetSent(Journal):
    """Shown = the row + what was not sent yet, instead of what is not in the row yet."""

    def not_counted(self, member: str, position: int, epoch: str = "", after: int = 0) -> list[Row]:
        return [row for row in super().not_counted(member, position, epoch, after) if row.seq > self.sent()]

    def set_sent(self, seq: int) -> None:
        super().set_sent(seq)
        self.kept.clear()


class _SentAfterwards(Journal):
    """How far a push went is written down when its answer is here, instead of before it leaves."""

    def set_sent(self, seq: int) -> None:
        """Not yet."""

    def mark(self, outcomes: Iterable[Outcome], now_us: int, checkpoint: bytes = b"") -> None:
        told = list(outcomes)
        super().set_sent(told[-1].seq)
        super().mark(told, now_us, checkpoint)


class _MarkedAfterwards(Journal):
    """An answer lets the rows that wait for it go, and its outcomes are marked after that, at the next write."""

    _late: tuple[list[Outcome], int, bytes] | None = None

    def waiting(self) -> int:
        return super().waiting() - (len(self._late[0]) if self._late else 0)

    def first_without_outcome(self) -> int:
        return self._late[0][-1].seq + 1 if self._late else super().first_without_outcome()

    def mark(self, outcomes: Iterable[Outcome], now_us: int, checkpoint: bytes = b"") -> None:
        self._catch_up()
        self._late = list(outcomes), now_us, checkpoint
        super().set_fact("sent", "0")

    def set_sent(self, seq: int) -> None:
        self._catch_up()
        super().set_sent(seq)

    def _catch_up(self) -> None:
        if self._late is not None:
            (outcomes, now_us, checkpoint), self._late = self._late, None
            super().mark(outcomes, now_us, checkpoint)


class _NoSums(Journal):
    """The floor is bounded per redemption alone."""

    def unbooked_floor(self) -> list[Row]:
        return []


class _AcknowledgesWhatIsFull(Journal):
    """The success is said though there was no room."""

    def append(self, draft: Draft, terminal: str, genesis: bytes, sign: Callable[[bytes], bytes]) -> Row:
        try:
            return super().append(draft, terminal, genesis, sign)
        except StorageFullError:
            last = self.last()
            seq, previous = (last.seq + 1, last.hash) if last else (1, genesis)
            hashed = payload_hash(draft.payload)
            return Row(seq, draft.id, draft.type, draft.member, draft.shift, draft.occurred_at, draft.payload,
                       hashed, link(previous, terminal, seq, hashed), b"")  # fmt: skip


def _end_nothing(account: ProvisionalAccount, reservation: UUID) -> None:
    """An allowance that was returned is drawn on until a row without it arrives."""
    lying = account._lying.pop(reservation, None)  # noqa: SLF001
    if lying:
        account._of(lying.kind).available += lying.points  # noqa: SLF001


class _HoldsNothing(JournalReader):
    """Rows are replaced whenever they come."""

    def unanswered_members(self) -> set[str]:
        return set()


class _LooksBefore(JournalReader):
    """The journal is looked at before the page arrives: what it said the time before is believed."""

    _before: set[str] = set()

    def unanswered_members(self) -> set[str]:
        said, self._before = self._before, super().unanswered_members()
        return said


def _pull_by(reader: type[JournalReader]) -> RunPull:
    def run(folder: Path, poll_s: float, asked: Iterable[bytes], told: pull.Output, machine: Machine) -> int:
        def report(what: Report) -> None:
            told.write(encoder.encode(what))

        with closing(reader(open_reading(folder / FILE))) as journal:
            identity = load_identity(journal)
            assert identity is not None
            with LedgerClient(identity, load_key(folder, identity.public), machine=machine) as client:
                wishes = pull.Wishes(client.abort, machine)
                machine.task(lambda: wishes.read(asked), "wishes").start()
                with closing(Puller(folder, journal, client, report)) as puller:
                    pull.Polling(puller, wishes, report, poll_s, machine).run(once=False)
        return 0

    return run


# --- at the ledger ---------------------------------------------------------------------------------------------------


def _ended_by_a_clock(ledger: LedgerHost, _request: Request) -> AbstractContextManager[None]:
    """A reservation lives for fifteen seconds."""
    _end_reservations(ledger, "granted_at < ?", ledger.clock() - _WINDOW_US)
    return nullcontext()


def _ended_by_a_pull(ledger: LedgerHost, request: Request) -> AbstractContextManager[None]:
    """Who asks what moved has surely used what he wanted to use."""
    if request.method == "POST" and request.path == "/v1/changes":
        _end_reservations(ledger, "terminal = ?", request.terminal)
    return nullcontext()


def _end_reservations(ledger: LedgerHost, which: str, *values: object) -> None:
    def work(database: Database) -> None:
        with database.write() as connection:
            columns = "bucket, id, terminal, member, kind, points, points_left, granted_at, position, ended_by"
            found = connection.exec_driver_sql(
                f"SELECT {columns} FROM reservation WHERE points_left > 0 AND {which}", values
            ).fetchall()
            for bucket, *rest in found:
                reservation = Reservation(*rest)
                shelf = Shelf(lock_buckets(connection, [bucket]))
                load_accounts(connection, shelf, [(bucket, reservation.member)], [])
                identity = own_id(ledger.clock(), bucket)
                draft = Booking(shelf.accounts[bucket, reservation.member], identity)
                draft.move(reservation.kind, reservation.points_left, "reserved", "available")
                booking = draft.finish(reservation._replace(points_left=0, ended_by=identity))
                entry = own_entry(identity, "lost", reservation.member, ledger.clock(), shelf.next_position(bucket))
                shelf.add(bucket, entry, reservation.member, booking)
                shelf.store(connection)

    ledger.work(work)


def _allowance_ended_by_a_clock(ledger: LedgerHost, _request: Request) -> AbstractContextManager[None]:
    """What is set aside at a till goes back after fifteen seconds."""
    _end_reservations(ledger, "authority = 'allowance' AND granted_at < ?", ledger.clock() - _WINDOW_US)
    return nullcontext()


def _allowance_ended_by_a_pull(ledger: LedgerHost, request: Request) -> AbstractContextManager[None]:
    """Who asks what moved, fifteen seconds after it was granted, has surely sent what he drew."""
    if request.path == "/v1/changes":
        which = "authority = 'allowance' AND granted_at < ? AND terminal = ?"
        _end_reservations(ledger, which, ledger.clock() - _WINDOW_US, request.terminal)
    return nullcontext()


def _granted_again(
    standing_of: Callable[..., Any], connection: Connection, bucket: int, terminal: str, request: ReserveRequest
) -> Any:
    """A reservation that has ended is forgotten: who asks for it again, or later, gets it again."""
    standing = standing_of(connection, bucket, terminal, request)
    if standing.is_ended:
        rows.execute(connection, "DELETE FROM reservation WHERE bucket = ? AND id = ?", bucket, request.id.bytes)
    return standing._replace(is_ended=False)


def _known_for_a_while(ledger: LedgerHost, request: Request) -> AbstractContextManager[None]:
    """An entry that is sent again after fifteen seconds is a new one."""
    if request.path != "/v1/push":
        return nullcontext()
    batch = canonical.decode(unpack(request.body, request.header("content-encoding")), PushBatch)
    seqs = (batch.terminal, batch.first_seq, batch.first_seq + len(batch.entries) - 1)
    with closing(sqlite3.connect(ledger.file)) as connection, connection:
        old = connection.execute(
            "SELECT bucket, id FROM entry WHERE terminal = ? AND seq BETWEEN ? AND ? AND recorded_at < ? ORDER BY seq",
            (*seqs, ledger.clock() - _WINDOW_US),
        ).fetchall()
        for bucket, identity in old:
            forgotten = identity[:15] + bytes([identity[15] ^ 0xFF])
            for table, column in (
                ("entry", "id"), ("posting", "entry"), ("lot", "entry"), ("lot_use", "entry"), ("lot_use", "lot_entry"),
            ):  # fmt: skip
                connection.execute(
                    f"UPDATE {table} SET {column} = ? WHERE bucket = ? AND {column} = ?",
                    (forgotten, bucket, identity),
                )
        if old:
            connection.execute("DELETE FROM outcome WHERE terminal = ? AND seq BETWEEN ? AND ?", seqs)
            connection.execute(
                "UPDATE terminal SET booked_seq = min(booked_seq, ?) WHERE terminal = ?",
                (batch.first_seq - 1, batch.terminal),
            )
    return nullcontext()


@contextmanager
def _numbers_with_gaps(ledger: LedgerHost, request: Request) -> Iterator[None]:
    """The feed's number comes from a plain sequence: now and then it is seen before the row that took it."""
    if request.method != "POST" or request.path != "/v1/changes" or len(request.body) % 3:
        yield
        return
    with closing(sqlite3.connect(ledger.file)) as connection:
        bucket, member, position = connection.execute(
            "SELECT bucket, member, position FROM member ORDER BY position DESC, member LIMIT 1"
        ).fetchone()
        where = "WHERE bucket = ? AND member = ?"
        with connection:
            connection.execute(f"UPDATE member SET position = 0 {where}", (bucket, member))
        yield
        with connection:
            connection.execute(f"UPDATE member SET position = ? {where}", (position, bucket, member))


VARIANTS = {
    "": Variant(),
    "not-yet-sent": Variant(journal=_NotYetSent),
    "sent-afterwards": Variant(journal=_SentAfterwards),
    "marked-afterwards": Variant(journal=_MarkedAfterwards),
    "floor-without-sums": Variant(journal=_NoSums),
    "held-rows-replaced": Variant(run_pull=_pull_by(_HoldsNothing)),
    "looks-before": Variant(run_pull=_pull_by(_LooksBefore)),
    "ended-by-clock": Variant(meddling=_ended_by_a_clock),
    "ended-by-pull": Variant(meddling=_ended_by_a_pull),
    "allowance-ended-by-clock": Variant(meddling=_allowance_ended_by_a_clock),
    "allowance-ended-by-pull": Variant(meddling=_allowance_ended_by_a_pull),
    "drawn-after-returned": Variant(
        patches=(
            ("till.provisional_account.ProvisionalAccount.give_back", _end_nothing),
            ("till.selling.is_returned", lambda *_args: False),
        )
    ),
    "granted-again": Variant(patches=(("ledger.reserving._standing", partial(_granted_again, reserving._standing)),)),  # noqa: SLF001
    "restored-untold": Variant(
        patches=(("ledger.routes.take_evidence", lambda *_args: False),), tells_of_restoring=False
    ),
    "full-disk-acknowledged": Variant(journal=_AcknowledgesWhatIsFull),
    "known-for-a-while": Variant(meddling=_known_for_a_while),
    "feed-by-sequence": Variant(meddling=_numbers_with_gaps),
}
