"""What the ledger's books say, read beside the ledger and added up anew: the truth that tills are compared with.

Entries are taken in as they are booked; of each member every past state is kept, so that a row of any position can be judged.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from protocol.ids import bucket_of
from simulation.ledger_host import LedgerHost

Sums = dict[tuple[str, str], int]
"""(kind, account) → points, of a member's own accounts."""

_Row = tuple[bytes, str, int, str, str, int, int]

_OWN = ("available", "reserved", "owed")


class BookedEntry(NamedTuple):
    """An entry in the books. `sums`: all its postings by (kind, account), merchants' too."""

    id: bytes
    terminal: str
    seq: int
    type: str
    member: str
    position: int
    shortfall: int
    sums: Sums


class Life:
    """What was booked in one epoch of the books. Restored from a copy, they begin another one with what the copy had."""

    def __init__(self) -> None:
        self.by_place: dict[tuple[str, int], BookedEntry] = {}
        """(terminal, seq) → entry."""
        self.positions: dict[str, list[int]] = defaultdict(list)
        self.states: dict[str, list[Sums]] = defaultdict(list)
        self.entries: dict[str, list[BookedEntry]] = defaultdict(list)


class Books:
    """`find` is told what is wrong with the books themselves."""

    def __init__(self, ledger: LedgerHost, members: tuple[str, ...], find: Callable[[str, str], None]) -> None:
        self._ledger, self._find = ledger, find
        self._members = members
        self._buckets = {bucket_of(member): 0 for member in members}
        self._connection: sqlite3.Connection | None = None
        self._seen: tuple[object, object] | None = None
        self.epoch = ""
        self._lives: dict[str, Life] = {}
        self.allowances: dict[UUID, tuple[str, str, str, int]] = {}
        """All that were ever granted: terminal, member, kind, points."""
        self.version = 0
        """Rises with everything that is booked."""

    def read(self) -> list[BookedEntry]:
        """Take in what is new."""
        connection = self._opened()
        seen = self._ledger.life, connection.execute("PRAGMA data_version").fetchone()[0]
        if seen == self._seen:
            return []
        self._seen = seen
        self._begin_life(connection)
        fresh = [self._taken(connection, *row) for row in self._fresh(connection)]
        for member in dict.fromkeys(entry.member for entry in fresh):
            self._compare(connection, member)
        if any(entry.type == "reserve" for entry in fresh):
            self._read_allowances(connection)
        self.version += len(fresh)
        return fresh

    def watch(self, account: str) -> None:
        """Of a sale without a member: its bucket is read from now on."""
        self._buckets.setdefault(bucket_of(account), 0)
        self._seen = None

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _opened(self) -> sqlite3.Connection:
        """A restarted ledger has other files."""
        if self._connection is None or self._seen is None or self._seen[0] != self._ledger.life:
            self.close()
            self._connection = sqlite3.connect(f"{self._ledger.file.as_uri()}?mode=ro", uri=True)
        return self._connection

    @property
    def by_place(self) -> dict[tuple[str, int], BookedEntry]:
        """(terminal, seq) → entry, as the books are now."""
        return self._life.by_place

    def of_epoch(self, epoch: str) -> Life:
        """What was booked while they counted this epoch; as they are now, for a reader who does not know yet."""
        return self._lives.get(epoch, self._life)

    def state(self, member: str, position: int, epoch: str) -> Sums:
        """A member's own accounts when the feed of his bucket stood at `position`."""
        life = self.of_epoch(epoch)
        place = bisect_right(life.positions[member], position)
        return life.states[member][place - 1] if place else {}

    def newest(self, member: str) -> Sums:
        """As they are."""
        states = self._life.states[member]
        return states[-1] if states else {}

    def since(self, member: str, position: int) -> list[BookedEntry]:
        """What was booked for a member after a position."""
        return self._life.entries[member][bisect_right(self._life.positions[member], position) :]

    @property
    def _life(self) -> Life:
        return self._lives[self.epoch]

    def _begin_life(self, connection: sqlite3.Connection) -> None:
        """Where they were restored since, everything in them is read anew."""
        (epoch,) = connection.execute("SELECT epoch FROM epoch ORDER BY number DESC LIMIT 1").fetchone()
        if epoch != self.epoch:
            self.epoch, self._lives[epoch] = epoch, Life()
            self._buckets = dict.fromkeys(self._buckets, 0)

    def _fresh(self, connection: sqlite3.Connection) -> list[tuple[int, _Row]]:
        """(bucket, row), bucket after bucket as they were booked there."""
        above = " OR ".join(["(bucket = ? AND position > ?)"] * len(self._buckets))
        found = connection.execute(
            f"SELECT bucket, id, terminal, seq, type, member, position, shortfall FROM entry WHERE {above}",
            [value for bucket in self._buckets.items() for value in bucket],
        ).fetchall()
        order = {bucket: place for place, bucket in enumerate(self._buckets)}
        found.sort(key=lambda row: (order[row[0]], row[6]))
        for row in found:
            self._buckets[row[0]] = row[6]
        return [(row[0], row[1:]) for row in found]

    def _taken(self, connection: sqlite3.Connection, bucket: int, row: _Row) -> BookedEntry:
        sums: Sums = defaultdict(int)
        own: Sums = dict(self.newest(row[4]))
        by_kind: dict[str, int] = defaultdict(int)
        for account, holder, kind, points in connection.execute(
            "SELECT account, holder, kind, points FROM posting WHERE bucket = ? AND entry = ?", (bucket, row[0])
        ):
            sums[kind, account] += points
            by_kind[kind] += points
            if account in _OWN and holder == row[4]:
                own[kind, account] = own.get((kind, account), 0) + points
        entry = BookedEntry(*row, sums)
        for kind, points in by_kind.items():
            if points:
                self._find("P5 conserved", f"entry {entry.id.hex()}: {kind} sums to {points}")
        for (kind, account), points in own.items():
            if (points < 0) == (account != "owed") and points:
                self._find("P6 never below zero", f"{row[4]} {kind} {account} is {points} at {row[5]}")
        if entry.seq:
            known = self.by_place.setdefault((entry.terminal, entry.seq), entry)
            if known is not entry:
                self._find(
                    "P2 booked once",
                    f"{entry.terminal} {entry.seq} is booked at {known.position} and {entry.position}",
                )
        self._life.positions[row[4]].append(row[5])
        self._life.entries[row[4]].append(entry)
        self._life.states[row[4]].append(own)
        return entry

    def _read_allowances(self, connection: sqlite3.Connection) -> None:
        found = connection.execute(
            "SELECT id, terminal, member, kind, points FROM reservation WHERE authority = 'allowance'"
        )
        for identity, *granted in found:
            self.allowances[UUID(bytes=identity)] = tuple(granted)

    def left_lying(self) -> list[tuple[str, str, str, str, int]]:
        """(terminal, member, kind, authority, points) of every reservation that is open."""
        return (
            self._opened()
            .execute(
                "SELECT terminal, member, kind, authority, points_left FROM reservation WHERE points_left > 0 ORDER BY id"
            )
            .fetchall()
        )

    def _compare(self, connection: sqlite3.Connection, member: str) -> None:
        """Balances, lots and reservations of a member against his postings."""
        where = (bucket_of(member), member)
        own = self.newest(member)
        stored = connection.execute(
            "SELECT kind, available, reserved, owed FROM balance WHERE bucket = ? AND member = ?", where
        ).fetchall()
        for kind, *sums in stored:
            summed = [own.get((kind, "available"), 0), own.get((kind, "reserved"), 0), -own.get((kind, "owed"), 0)]
            if sums != summed:
                self._find("P5 conserved", f"{member} {kind}: stored {sums}, postings say {summed}")
            self._one("lot", "kind = ? AND points_left > 0", (*where, kind), sums[0] + sums[1], connection)
            self._one("reservation", "kind = ? AND length(ended_by) = 0", (*where, kind), sums[1], connection)

    def _one(
        self, table: str, which: str, where: tuple[object, ...], said: int, connection: sqlite3.Connection
    ) -> None:
        found = connection.execute(
            f"SELECT coalesce(sum(points_left), 0) FROM {table} WHERE bucket = ? AND member = ? AND {which}", where
        ).fetchone()[0]
        if found != said:
            self._find(
                "P6 available + reserved", f"{where[1]} {where[2]}: {said} by the balance, {found} by each {table}"
            )
