"""A real ledger and real tills in one process, of which nothing runs by itself: a test says when a till pushes and pulls."""

from __future__ import annotations

import queue
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from config.settings import Settings
from ledger.members import set_status
from ledger.verify import verify
from local_db.journal import Journal
from local_db.journal_reader import JournalReader
from points import Choice
from protocol.codes import member_code
from sync.client import LedgerClient
from sync.enrolment import enrol
from sync.errors import FinalSyncError, SyncError
from sync.identity import load_identity
from sync.puller import Puller
from sync.reports import PullFailed
from tests.desks import Clocks
from tests.failures.machine import ByHand
from tests.sync.books import KIND, Books
from tests.sync.faults import Fault, FaultyTransport
from till.clock import TillClock
from till.composition import Assembly
from till.draft import MemberProof, SaleDraft
from till.members import MemberView
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.shifts import Session

MANAGER = Session("1001", "赵敏", ("manager", "supervisor", "cashier"))
FOREVER = 10_000
"""Faults enough for a test: an outage."""


class Place:
    """One till: the whole assembly. `way.plan` is what the network does to its next requests."""

    def __init__(self, folder: Path, inner: httpx.BaseTransport, clocks: Clocks | None = None) -> None:
        self.folder, self.clocks = folder, clocks
        self.way = FaultyTransport(inner)
        self.open()

    def open(self) -> None:
        """Start the program, without its threads."""
        self.journal = Journal.open(self.folder)
        identity = load_identity(self.journal)
        assert identity is not None
        self.identity = identity
        self._assembly = Assembly(
            self.folder, Settings(), self.journal, identity, clock_of(self.clocks), ByHand(self.way, self.clocks)
        )
        self._assembly.use_cache()
        self.agent, self.counter = self._assembly.agent, self._assembly.counter
        self._pusher = self.agent._pusher()
        self.session = MANAGER

    def close(self) -> None:
        """End the program."""
        self._pusher.close()
        self.agent._calls.close()
        self._assembly.close()
        self.journal.close()

    def restart(self) -> None:
        """End it and start it."""
        self.close()
        self.open()

    # --- the background, step by step --------------------------------------------------------------------------------

    def push(self) -> None:
        """One turn of the loop that pushes: what waits is sent, what was answered is marked, what failed is told."""
        self.agent._pushing._push(self._pusher)
        self.take_up()

    def pull(self) -> None:
        """One poll, as the process that pulls does it."""
        reactions = self.agent._reactions
        with (
            self.client() as client,
            closing(JournalReader.open(self.folder)) as journal,
            closing(Puller(self.folder, journal, client, reactions.take)) as puller,
        ):
            try:
                puller.poll()
            except SyncError as error:
                code = error.code if isinstance(error, FinalSyncError) else ""
                reactions.take(PullFailed(error.cause, code, str(error)))
        self.take_up()

    def client(self) -> LedgerClient:
        """One more way to the ledger."""
        return LedgerClient(self.identity, self.agent._key, machine=ByHand(self.way, self.clocks))

    def take_up(self) -> None:
        """What threads posted goes through the reactions, as in the agent's own loop."""
        while True:
            try:
                fact = self.agent._inbox.get(timeout=0)
            except queue.Empty:
                return
            self.agent._take(fact)

    def settle(self) -> None:
        """The network is well: until nothing waits and the newest rows are here."""
        self.way.plan.clear()
        for _ in range(20):
            self.push()
            self.pull()
            if not self.journal.waiting():
                return
        raise AssertionError(f"{self.journal.waiting()} entries still wait")

    def allowances(self) -> None:
        """The background asks for points for an outage, and is told what came."""
        self.agent._calls.allowances(self.session.shift)
        self.pull()

    @contextmanager
    def running(self) -> Iterator[None]:
        """By itself, with its threads; closed with them, and opened again without."""
        self.agent.start()
        try:
            yield
        finally:
            self.agent.stop()
            self.restart()

    # --- at the counter ----------------------------------------------------------------------------------------------

    def sell(self, member: str, fen: int = 100_00, reference: str = "") -> Receipt:
        """A sale by the member's card, perhaps under a cash register's number."""
        return self.counter.commit(self.open_shift(), replace(self.draft(member, fen), reference=reference))

    def redeem(self, member: str, points: int, proof: str = "", *, fen: int = 200_00) -> Receipt:
        """A voucher for so many points. `proof`: a dynamic code, a PIN of digits, or nothing but the card."""
        return self.counter.redeem(self.open_shift(), self.wanting(member, points, proof, fen=fen))

    def wanting(self, member: str, points: int, proof: str = "", *, fen: int = 200_00) -> SaleDraft:
        """The draft of it."""
        draft = self.draft(member, fen, "" if proof.isdigit() else proof)
        assert draft.member is not None
        if proof.isdigit():
            draft = draft.with_member(draft.member, MemberProof("pin", proof))
        return draft.with_choice(Choice("voucher", points))

    def draft(self, member: str, fen: int, code: str = "") -> SaleDraft:
        """A member, by what his phone shows or by his card, and an amount."""
        found = self.counter.scan(code or member_code(member), SaleDraft())
        assert isinstance(found, MemberIdentified)
        return SaleDraft().with_member(found.member, found.proof).with_amount(fen)

    def open_shift(self) -> Session:
        """Signed in, in a shift."""
        if not self.session.shift:
            self.session = self.counter.open_shift(MANAGER)
        return self.session

    def shown(self, member: str) -> int:
        """What the screen says that he can spend."""
        return self.seen(member).spendable(KIND)

    def seen(self, member: str) -> MemberView:
        """The member as the counter shows him."""
        found = self.counter.scan(member_code(member), SaleDraft())
        assert isinstance(found, MemberIdentified)
        return found.member


class Places:
    """The ledger, and the tills that a test asks for."""

    def __init__(self, books: Books, inner: httpx.BaseTransport, folder: Path) -> None:
        self.books, self._inner, self._folder = books, inner, folder
        self.tills: list[Place] = []
        books.publish()

    def till(self, clocks: Clocks | None = None) -> Place:
        """One more, paired and with everything pulled."""
        name = f"{len(self.tills) + 1:02d}号机"
        folder = self._folder / name
        enrol(self.books.invite(), folder, name, transport=self._inner)
        return self._opened(folder, clocks)

    def copy_of(self, till: Place) -> Place:
        """A till in a copy of this one's folder as the disk has it now, its shared memory gone: a restored disk, a clone."""
        folder = self._folder / f"copy-{len(self.tills)}"
        shutil.copytree(till.folder, folder, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        return self._opened(folder, till.clocks, is_copy=True)

    def block(self, member: str) -> None:
        """An operator blocks him."""
        set_status(self.books.database, member, "blocked")

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the books hold."""
        with self.books.database.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement, values).fetchall()]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that was received and booked, to see that nothing changed. When a terminal was seen last is no booking."""
        tables = ("received", "outcome", "branch", "member", "balance", "entry", "posting", "lot", "lot_use",
                  "reservation", "nonce", "bucket", "reference_claim", "entry_case")  # fmt: skip
        return {table: sorted(self.rows(f"SELECT * FROM {table}"), key=repr) for table in tables}

    def assert_books_are(self, receipts: Sequence[Receipt]) -> None:
        """Each receipt is booked once, with what it gave and took; nothing else is; and all sums hold."""
        sums = "SELECT coalesce(sum(points), 0) FROM posting WHERE entry = ? AND account = ?"
        for receipt in receipts:
            booked = self.rows("SELECT member FROM entry WHERE id = ?", receipt.id.bytes)
            given, taken = (
                int(self.rows(sums, receipt.id.bytes, account)[0][0]) for account in ("issuance", "clearing")
            )
            said = sum(receipt.awarded.values()), sum(line.points for line in receipt.redemptions)
            assert (booked, -given, taken) == ([(receipt.member,)], *said), receipt
        assert self.rows("SELECT count(*) FROM entry WHERE type = 'sale'") == [(len(receipts),)]
        assert verify(self.books.database) == []

    def _opened(self, folder: Path, clocks: Clocks | None, *, is_copy: bool = False) -> Place:
        till = Place(folder, self._inner, clocks)
        self.tills.append(till)
        if not is_copy:
            till.pull()
            till.push()
        return till

    def close(self) -> None:
        """All of it."""
        for till in self.tills:
            till.close()


def clock_of(clocks: Clocks | None) -> TillClock | None:
    """The clock of a machine whose clocks a test holds; None: this machine's."""
    if clocks is None:
        return None
    return TillClock(wall_ns=lambda: clocks.wall_us * 1_000, mono_ns=lambda: clocks.mono_us * 1_000, boot="boot-1")


def given(*receipts: Receipt) -> int:
    """What sales have given less what they have taken: nobody here counts campaigns of the day."""
    return sum(
        sum(receipt.awarded.values()) - sum(line.points for line in receipt.redemptions) for receipt in receipts
    )


def until(is_so: Callable[[], bool], timeout_s: float = 30) -> None:
    """Look again and again until a fact of a background is there."""
    end = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def always(fault: Fault) -> list[Fault]:
    """The same thing happens to every request."""
    return [fault] * FOREVER
