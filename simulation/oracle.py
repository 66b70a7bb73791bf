"""The promises of DESIGN 2, checked after every event: what tills showed, against what the ledger's books say.

The oracle believes nothing that the product says about itself: which entries a row contains it takes from the books, which
entries there are from each till's file as it was after the commit, whether a clock may be trusted from the clocks themselves.
"""

from __future__ import annotations

import sys
from uuid import UUID

from protocol.chain import link
from protocol.claims import is_claim_account
from protocol.codes import member_code
from protocol.entries import MemberEntry, Sale, decode_entry
from simulation.books import BookedEntry, Books
from simulation.coalition import MEMBERS, NOBODY
from simulation.files import Seen
from simulation.ledger_host import Request
from simulation.prediction import predicted
from simulation.spending import Spending
from simulation.till_host import TillHost
from simulation.watched import Watched
from simulation.world import World
from sync.agent import ONLINE_TIMEOUT_S
from sync.client import LOOK_UP_TIMEOUT_S
from till.draft import SaleDraft
from till.errors import RefusedError
from till.members import MemberView
from till.receipts import Receipt
from till.scanning import MemberIdentified

_MAY_WAIT = ("/v1/reserve", "/v1/outcomes", "/v1/look-up", "/v1/sales")
"""The reservation; before the first of a run whether the journal is the one that the ledger knows, within the same bound."""

_SLACK_S = 0.05
"""For threads that are woken."""

_PREDICTED_ONE_IN = 8


class Oracle:
    """Checks a world. Every check that was made is counted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.books = Books(world.ledger, (*MEMBERS, NOBODY), world.find)
        self.books.read()
        self._watched = {till.name: Watched(till) for till in world.tills}
        self._chance = world.chance("oracle")
        self._of_terminal: dict[str, Watched] = {}
        self.spending = Spending(world, self.books)
        for till in world.tills:
            till.cable.told = lambda request, till=till: self._asked(till, request)  # type: ignore[misc]

    def watched(self) -> list[Watched]:
        """All tills."""
        return list(self._watched.values())

    # --- told by whom it happens to ----------------------------------------------------------------------------------

    def promised(self, till: TillHost, receipt: Receipt) -> None:
        """A screen says that a sale is done."""
        watched = self.refunded(till, receipt)
        self._take_outcomes(watched)
        self.spending.check_floor(watched, receipt)

    def refunded(self, till: TillHost, receipt: Receipt) -> Watched:
        """A screen says that goods came back: its entry is in the journal."""
        watched = self._watched[till.name]
        watched.shown.add(receipt.id)
        self._take_journal(watched)
        self._count("P1 durable")
        if receipt.seq > len(watched.rows) or watched.rows[receipt.seq - 1][0] != receipt.id:
            self._world.find("P1 durable", f"{till.name}: receipt {receipt.seq} is not in the journal")
        return watched

    def restored(self) -> None:
        """An older copy of the books was put in place."""
        self._count("F9 the ledger is restored")
        for watched in self._watched.values():
            self.spending.forgotten[watched.terminal] = sys.maxsize

    def voided(self, till: TillHost, sale: UUID) -> None:
        """A screen says that a sale is taken back."""
        watched = self._watched[till.name]
        self._take_journal(watched)
        seq = len(watched.rows)
        entry = decode_entry(watched.rows[-1][1])
        self._count("P1 durable")
        if getattr(entry, "voids", None) != sale:
            self._world.find("P1 durable", f"{till.name}: entry {seq} is not the void that was shown")
        watched.shown.add(entry.id)

    def opened(self, till: TillHost) -> None:
        """A till is up again: what was committed is there, and the journal proves itself."""
        watched = self._watched[till.name]
        assert till.journal is not None
        rows = list(till.journal.walk())
        self._count("P1 durable")
        for seq, (kept, row) in enumerate(zip(watched.rows, rows, strict=False), 1):
            if kept != (row.id, row.payload, row.hash):
                self._world.find("P1 durable", f"{till.name}: entry {seq} is another one than was committed")
        if len(rows) < len(watched.rows):
            self._world.find("P1 durable", f"{till.name}: {len(watched.rows)} were committed, {len(rows)} are there")
        watched.seen = None
        self.verify_journal(till)

    def verify_journal(self, till: TillHost) -> None:
        """P7, whole."""
        assert till.journal is not None
        self._count("P7 the journal proves itself")
        for contradiction in till.contradictions():
            self._world.find("P7 the journal proves itself", f"{till.name}: {contradiction}")

    def after_event(self) -> None:
        """What could have changed is looked at again."""
        fresh = self.books.read() if self._world.ledger.has_written() else []
        self._count("P5, P6 the books", len(fresh))
        for entry in fresh:
            self._check_booked(entry)
        moved = {entry.member for entry in fresh}
        for watched in self._watched.values():
            if watched.till.is_up:
                self._look_at(watched, moved, may_have_written=watched.till.name in self._world.scheduler.ran)

    def check_settled(self, watched: Watched, member: str) -> None:
        """I9: when all is quiet a screen says what the books say."""
        view = self._view(watched, member)
        self._count("I9 all agree")
        newest = self.books.newest(member)
        shown = {kind.kind: kind.available + kind.own for kind in view.balances} if view else {}
        truth = {kind: newest.get((kind, "available"), 0) for kind in shown}
        for terminal, whose, kind, authority, points in self.books.left_lying():
            if (terminal, whose, authority) == (watched.terminal, member, "allowance"):
                truth[kind] = truth.get(kind, 0) + points
        if view is None or shown != truth:
            self._world.find("I9 all agree", f"{watched.till.name} shows {shown} of {member}, the books {truth}")

    def served(self, till: TillHost, seconds: float, *, has_looked_up: bool) -> None:
        """P9: an operation at a counter is over."""
        bound_s = ONLINE_TIMEOUT_S + _SLACK_S + (LOOK_UP_TIMEOUT_S if has_looked_up else 0)
        self._count("P9 the cashier does not wait")
        if seconds > bound_s:
            self._world.find("P9 the cashier does not wait", f"{till.name}: {seconds:.3f} s, at most {bound_s:.3f} s")

    # --- each promise ------------------------------------------------------------------------------------------------

    def _look_at(self, watched: Watched, moved: set[str], *, may_have_written: bool) -> None:
        members = {one for one in moved & watched.entries.keys() if not is_claim_account(one)}
        seen = watched.till.look() if may_have_written or watched.seen is None else None
        if seen is not None:
            members |= self._affected(watched, seen)
        for member in sorted(members):
            self._check_shown(watched, member)
        if members and watched.till.has_waiting() and self._chance.randrange(_PREDICTED_ONE_IN) == 0:
            self._check_predicted(watched)

    def _affected(self, watched: Watched, now: Seen) -> set[str]:
        """Of whom a screen may say something else than before: everybody, unless all that was written is about some."""
        before, watched.seen = watched.seen, now
        fresh = self._take_journal(watched)
        if before is None or now.rest != before.rest:
            self.spending.told(watched)
            watched.outcomes.clear()
            self._take_outcomes(watched)
            return set(MEMBERS)
        fresh |= {row for row in now.rows.keys() | before.rows.keys() if now.rows.get(row) != before.rows.get(row)}
        if now.outcomes != before.outcomes:
            fresh |= self._take_outcomes(watched)
        if now.sent != before.sent:
            fresh |= {member for member, entries in watched.entries.items() for seq, _ in entries
                      if seq not in watched.outcomes}  # fmt: skip
        return fresh & set(MEMBERS)

    def _check_shown(self, watched: Watched, member: str) -> None:
        """P4: the row is the books' at its position, and exactly the own entries count that are not in it."""
        view = self._view(watched, member)
        if view is None:
            return
        self._count("P4 shown")
        epoch = watched.seen.epoch if watched.seen else ""
        life, state = self.books.of_epoch(epoch), self.books.state(member, view.position, epoch)
        for balance in view.balances:
            truth = tuple(state.get((balance.kind, account), 0) for account in ("available", "reserved", "owed"))
            rows = [
                (balance.available - here, balance.reserved + here, -balance.owed)
                for here in watched.spendable_here(member, balance.kind)
            ]
            if truth not in rows:
                self._world.find(
                    "P4 shown",
                    f"{watched.till.name}: row of {member} at {view.position} says {rows[0]}, the books {truth}",
                )
        journal = watched.till.journal
        assert journal is not None
        counted = {row.seq for row in journal.not_counted(member, view.position, epoch)}
        for seq, entry in watched.entries[member]:
            booked = life.by_place.get((watched.terminal, seq))
            wanted = booked is None or booked.position > view.position
            if wanted != (seq in counted):
                self._world.find(
                    "P4 shown", f"{watched.till.name}: entry {seq} ({type(entry).__name__}) of {member} is "
                    f"{'counted' if seq in counted else 'left out'} beside a row at {view.position}, "
                    f"booked at {booked.position if booked else None}, answered {watched.outcomes.get(seq)}",
                )  # fmt: skip

    def _check_predicted(self, watched: Watched) -> None:
        """P4, the number: what the ledger would make of what waits here is what the screen says, where nobody else came."""
        is_told = watched.seen is not None and watched.seen.epoch == self.books.epoch
        after = predicted(self._world.ledger, watched.till, watched.terminal) if is_told else None
        if after is None:
            return
        self._count("P4 predicted")
        for member in MEMBERS:
            view = self._view(watched, member)
            if view is None or member in after.unsure or self._has_moved(watched, member, view.position):
                continue
            for balance in view.balances:
                is_so = after.spendable.get((member, balance.kind), 0)
                owed = after.owed.get((member, balance.kind), 0)
                if (balance.available + balance.own, balance.owes) != (is_so, owed):
                    self._world.find(
                        "P4 shown", f"{watched.till.name}: shows {balance.available + balance.own} {balance.kind} of "
                        f"{member} and {balance.owes} owed, after booking it is {is_so} and {owed}",
                    )  # fmt: skip

    def _has_moved(self, watched: Watched, member: str, position: int) -> bool:
        """Elsewhere; or here, by a call that is over: its row is held back while a sale of his has no answer."""
        made = {identity.bytes for identity, _payload, _hash in watched.rows}
        return any(
            entry.terminal != watched.terminal or not (entry.seq or entry.id in made)
            for entry in self.books.since(member, position)
        )

    def _check_booked(self, entry: BookedEntry) -> None:
        """P2, P6: it is the entry that a till made, and what nobody covered was at somebody's risk."""
        if not entry.seq:
            return
        watched = self._of_terminal[entry.terminal]
        self._take_journal(watched)
        self._count("P2 booked once")
        if entry.seq > len(watched.rows) or watched.rows[entry.seq - 1][0].bytes != entry.id:
            self._world.find("P2 booked once", f"{entry.terminal} {entry.seq}: the books have what the till has not")
            return
        made = decode_entry(watched.rows[entry.seq - 1][1])
        if isinstance(made, Sale):
            self.spending.check_booked(entry, made)

    def _asked(self, till: TillHost, request: Request) -> None:
        """P9: on the way of a sale there is one call."""
        task = self._world.scheduler.current
        self._count("P9 the cashier does not wait")
        if task is not None and task is till.cashier and request.path not in _MAY_WAIT:
            self._world.find("P9 the cashier does not wait", f"{till.name}: the cashier waits for {request.path}")

    # --- taken in ----------------------------------------------------------------------------------------------------

    def _take_journal(self, watched: Watched) -> set[str]:
        """What was appended, and that it continues the chain: of which members."""
        till = watched.till
        members: set[str] = set()
        if till.journal is None:
            return members
        if not watched.terminal:
            watched.terminal = till.terminal
            self._of_terminal[till.terminal] = watched
        previous = watched.rows[-1][2] if watched.rows else till.genesis
        for row in till.journal.entries(len(watched.rows) + 1, 1_000):
            self._count("P7 the journal proves itself")
            if link(previous, watched.terminal, row.seq, row.payload_hash) != row.hash:
                self._world.find("P7 the journal proves itself", f"{till.name}: entry {row.seq} does not continue")
            previous = row.hash
            watched.rows.append((row.id, row.payload, row.hash))
            entry = decode_entry(row.payload)
            self._world.trace.say("appends", till.name, row.seq, row.type, row.member, row.payload)
            if isinstance(entry, MemberEntry):
                watched.entries[entry.member].append((row.seq, entry))
                if is_claim_account(entry.member):
                    self.books.watch(entry.member)
                members.add(entry.member)
                self.spending.check_appended(watched, row.seq, entry)
        return members

    def _take_outcomes(self, watched: Watched) -> set[str]:
        """What was answered: of which members."""
        journal = watched.till.journal
        assert journal is not None
        missing = [seq for seq in range(1, len(watched.rows) + 1) if seq not in watched.outcomes]
        found = journal.outcomes(missing) if missing else {}
        for seq, outcome in found.items():
            watched.outcomes[seq] = outcome
            self._count("P3 nothing lost")
            if outcome.status == "quarantined" and not outcome.reason:
                self._world.find("P3 nothing lost", f"{watched.till.name}: entry {seq} waits without a reason")
        return {member for member, entries in watched.entries.items() for seq, _entry in entries if seq in found}

    def _view(self, watched: Watched, member: str) -> MemberView | None:
        """As the counter shows him; None while it knows nobody."""
        try:
            scan = watched.till.counter.scan(member_code(member), SaleDraft())
        except RefusedError:
            return None
        assert isinstance(scan, MemberIdentified)
        return scan.member if scan.member.is_known else None

    def _count(self, check: str, times: int = 1) -> None:
        self._world.checks[check] += times
