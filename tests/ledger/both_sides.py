"""Both sides of the model: the real ledger in memory and the reference, told the same and compared after every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from ledger import rows
from ledger.accounts import accepted_id
from ledger.deciding import Wanted
from ledger.push import push, sweep
from ledger.receiving import chained, receive
from ledger.verify import verify
from protocol.cases import Decision
from protocol.entries import Award, Entry, MemberEntry, Redemption, Sale, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.push import Outcome
from protocol.reservations import Granted
from tests.ledger.memory import MemoryDatabase, empty_books
from tests.ledger.reference import Lot, Reference, Told, quarantined
from tests.ledger.shop import KIND, Shop, Till

A, B, LATER = "1000000001", "1000000002", "1000000009"
KINDS = (KIND, "gold")


class BothSides:
    """`expected` is what the reference said of each entry, `told` what the ledger answered first; `booked` and `received` are
    how far each journal came."""

    def start(self, awarded: int) -> None:
        """Three tills of two stores, and members who have something, and a habit in one store."""
        self.database = MemoryDatabase(empty_books())
        self.shop = Shop(self.database)
        self.shop.allow(per_member=40)
        self.tills = [self.shop.till("T1"), self.shop.till("T2"), self.shop.till("T3", "S2")]
        self.reference = Reference((A, B), KINDS)
        self.booked = dict.fromkeys((one.terminal for one in self.tills), 0)
        self.received = dict(self.booked)
        self.expected: dict[tuple[str, int], Told] = {}
        self.told: dict[tuple[str, int], Outcome] = {}
        self.decided: dict[tuple[str, int], Decision] = {}
        for member in (A, B):
            self.shop.join(member)
            self.tills[0].append(self.tills[0].sale(member, award=awarded))
            self.tills[0].append(self.tills[0].sale(member, redeem=20))
        self.send_batch(self.tills[0], 1, 4)

    # --- what has to be ----------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Balances, lots and reservations; the books are right by themselves, and nothing but a debt is what is missing."""
        reference = self.reference
        assert verify(self.database) == []
        with self.database.read() as connection:
            balances = {(m, k): tuple(sums) for m, k, *sums in rows.fetch(
                connection, "SELECT member, kind, available, reserved, owed FROM balance")}  # fmt: skip
            lots = {(e, n): Lot((m, k), left, end, bool(extended)) for e, n, m, k, left, end, extended in rows.fetch(
                connection, "SELECT entry, line, member, kind, points_left, expires_on, extended FROM lot")}  # fmt: skip
            lying = {i: (t, (m, k), left, a == "allowance", bool(c)) for i, t, m, k, left, a, c in rows.fetch(
                connection, "SELECT id, terminal, member, kind, points_left, authority, called_back FROM reservation"
                " WHERE length(ended_by) = 0")}  # fmt: skip
            ids = [row[0] for row in rows.fetch(connection, "SELECT id FROM entry WHERE seq > 0")]
        for where in {*balances, *(lot.where for lot in reference.lots.values())}:
            assert balances.get(where, (0, 0, 0)) == reference.balance(where)
            assert min(reference.balance(where)) >= 0
        assert lots == reference.lots
        assert lying == reference.lying
        assert sorted(ids) == sorted(reference.booked), "each entry once, and no other"

    # --- both sides ----------------------------------------------------------------------------------------------------

    def append(self, till: int, entry: Entry | bytes, now: bool = False) -> None:
        """Into the journal; perhaps it is sent at once, with all that waits before it."""
        one = self.tills[till]
        one.append(entry)
        if now:
            self.send_batch(one, self.received[one.terminal] + 1, len(one.payloads))

    def write_sale(
        self, till: int, sale: Sale, given: Sequence[Award], taken: Any, now: bool = False, *, version: int = 1,
        draws_on: UUID | None = None,
    ) -> tuple[int, Sale]:  # fmt: skip
        """`taken`: (kind, points, nonce) of each redemption."""
        redeemed = tuple(
            Redemption(reward="r", kind=kind, points=points, off_bill_fen=0, authority="floor", proof="dynamic",
                       nonce=nonce, reservation=draws_on)
            for kind, points, nonce in taken
        )  # fmt: skip
        sale = msgspec.structs.replace(
            sale, awards=tuple(given), redemptions=redeemed, programme_version=version, sums_fen={"food": 100}
        )
        self.append(till, sale, now)
        return till, sale

    def one_that_lies(self, at: int) -> UUID | None:
        """Something that lies somewhere."""
        return (
            UUID(bytes=sorted(self.reference.lying)[at % len(self.reference.lying)]) if self.reference.lying else None
        )

    def ask_for(self, till: int, sale: Sale, points: int) -> None:
        """Twice, as who hears nothing does; a no writes nothing, unless points are called back for it."""
        before, lying = self.database.serialize(), self.reference.lying.copy()
        terminal, where = self.tills[till].terminal, (sale.member, KIND)
        is_granted = self.reference.reserve(sale.id.bytes, terminal, where, points)
        verdict = self.tills[till].reserve(sale, points)
        assert isinstance(verdict, Granted) == is_granted
        after = self.database.serialize()
        assert (after == before) == (self.reference.lying == lying)
        assert self.tills[till].reserve(sale, points) == verdict
        assert self.database.serialize() == after

    def send_batch(self, till: Till, first: int, many: int) -> None:
        """An outcome for each; the same one whenever it is sent."""
        last = min(first + many - 1, len(till.payloads))
        if last < first:
            return
        answer = push(self.database, till.batch(first, last), self.shop.tick())
        self.received[till.terminal] = max(self.received[till.terminal], last)
        if last > self.booked[till.terminal]:
            self.book_received(till)
        assert [outcome.seq for outcome in answer.outcomes] == list(range(first, last + 1))
        for outcome in answer.outcomes:
            key = till.terminal, outcome.seq
            said = Told(outcome.status, outcome.reason, outcome.shortfall, is_booked=outcome.position > 0)
            assert said == self.expected[key]
            assert self.told.setdefault(key, outcome) == outcome

    def receive_batch(self, till: Till, first: int, many: int) -> None:
        """The ledger keeps it, and is killed before it books it."""
        last = min(first + many - 1, len(till.payloads))
        if last >= first:
            batch = till.batch(first, last)
            self.database.transact(lambda connection: receive(connection, batch, chained(batch), self.shop.tick()))
            self.received[till.terminal] = max(self.received[till.terminal], last)

    def sweep(self) -> None:
        """It is back, and books what it had received."""
        sweep(self.database)
        for till in self.tills:
            self.book_received(till)

    def book_received(self, till: Till) -> None:
        """What was received, in its order."""
        for seq in range(self.booked[till.terminal] + 1, self.received[till.terminal] + 1):
            entry = self._entry(till.terminal, seq)
            booked = self.reference.book(till.terminal, till.store, entry) if entry else quarantined("unreadable")
            self.expected[till.terminal, seq] = booked
        self.booked[till.terminal] = self.received[till.terminal]

    def _till(self, terminal: str) -> Till:
        return next(one for one in self.tills if one.terminal == terminal)

    def _entry(self, terminal: str, seq: int) -> MemberEntry | None:
        try:
            entry = decode_entry(self._till(terminal).payloads[seq - 1])
        except UnreadableEntryError:
            return None
        assert isinstance(entry, MemberEntry)
        return entry

    def waiting(self) -> list[tuple[str, int]]:
        return sorted(key for key, told in self.expected.items() if told.status != "booked")

    def is_decided(self, wanted: Wanted, decision: Decision | None) -> bool:
        """Whether it can be; then the reference does it too. Only the ledger's own new ids are taken from its answer."""
        told, entry = self.expected[wanted.terminal, wanted.seq], self._entry(wanted.terminal, wanted.seq)
        by = decision.by.bytes if decision and decision.by else b""
        if wanted.choice == "accepted":
            if not told.is_booked:
                return entry is not None and self._is_accepted(wanted.terminal, entry, by, decision)
            if told.reason in ("", "nonce-used"):
                return True
            assert isinstance(entry, Sale)
            return self.reference.accept_awards(entry, accepted_id(entry.id.bytes))
        if not told.is_booked:
            self._give_up(wanted, entry)
        shortfall = 0
        if wanted.correction is not None:
            given = wanted.correction.given
            ends = [one.expires_on for one in (entry.awards if isinstance(entry, Sale) else ()) if one.kind == KIND]
            award = Award(kind=KIND, points=given, expires_on=ends[0] if ends else "") if given else None
            shortfall = self.reference.correct(by, A, award, {KIND: wanted.correction.taken})
        elif not told.is_booked and isinstance(entry, Sale):
            shortfall = sum(line.points for line in entry.redemptions if line.kind in KINDS)
        assert decision is not None
        assert decision.shortfall == shortfall
        return True

    def _is_accepted(self, terminal: str, entry: MemberEntry, by: bytes, decision: Decision | None) -> bool:
        """Booked as if it came now: a sale whose id is taken under a new one."""
        trial = self.reference.copy()
        if isinstance(entry, Sale) and entry.id.bytes in trial.booked and by:
            entry = msgspec.structs.replace(entry, id=UUID(bytes=by))
        booked = trial.book(terminal, self._till(terminal).store, entry, is_accepted=True)
        if booked.is_booked:
            assert decision is not None
            assert decision.shortfall == booked.shortfall
            self.reference = trial
        return booked.is_booked

    def _give_up(self, wanted: Wanted, entry: MemberEntry | None) -> None:
        """Its own reservation goes back; of an entry that nobody can read the one that the journal names."""
        if entry is not None:
            self.reference.give_up(wanted.terminal, entry)
        elif wanted.entry is not None:
            one = self.reference.lying[wanted.entry.bytes]
            if one.terminal == wanted.terminal:
                self.reference.end(wanted.entry.bytes, (one.terminal, one.where[0]))
