"""Parts that are broken on purpose, to see that the simulation has teeth. Each is a rule of the design made shorter.

They live here alone: a variant replaces a part where a world is put together, or meddles with the books as the shorter rule
would have left them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from ledger.accounts import Draft, Reservation
from ledger.bodies import unpack
from ledger.chance import own_id
from ledger.database import Database
from ledger.reserving import own_entry
from ledger.shelf import Shelf, load_accounts, lock_buckets
from local_db.connections import open_reading
from local_db.journal import FILE, Journal, JournalReader, Row
from protocol import canonical
from protocol.push import Outcome, PushBatch
from simulation.ledger_host import LedgerHost, Request
from sync import pull
from sync.client import LedgerClient
from sync.identity import load_identity, load_key
from sync.machine import Machine
from sync.puller import Puller
from sync.reports import Report, encoder

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


def _end_reservations(ledger: LedgerHost, which: str, value: object) -> None:
    def work(database: Database) -> None:
        with database.write() as connection:
            columns = "bucket, id, terminal, member, kind, points, points_left, granted_at, position, ended_by"
            found = connection.exec_driver_sql(
                f"SELECT {columns} FROM reservation WHERE points_left > 0 AND {which}", (value,)
            ).fetchall()
            for bucket, *rest in found:
                reservation = Reservation(*rest)
                shelf = Shelf(lock_buckets(connection, [bucket]))
                load_accounts(connection, shelf, [(bucket, reservation.member)], [])
                identity = own_id(ledger.clock(), bucket)
                draft = Draft(shelf.accounts[bucket, reservation.member], identity)
                draft.move(reservation.kind, reservation.points_left, "reserved", "available")
                booking = draft.finish(reservation._replace(points_left=0, ended_by=identity))
                entry = own_entry(identity, "lost", reservation.member, ledger.clock(), shelf.next_position(bucket))
                shelf.add(bucket, entry, reservation.member, booking)
                shelf.store(connection)

    ledger.work(work)


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
    "known-for-a-while": Variant(meddling=_known_for_a_while),
    "feed-by-sequence": Variant(meddling=_numbers_with_gaps),
}
