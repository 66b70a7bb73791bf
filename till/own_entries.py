"""What this till did to a member's points that his row cannot contain yet: its entries, walked in the order of booking.

The till has the same entries in the same order as the ledger; `till.provisional_account` books them as the ledger will. An
account with many entries is carried forward: what is appended is booked on it, so that the last look-up of a day without a
network costs what the first one did. It begins anew with a newer row, and when the journal is told something of its entries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from local_db.journal import Journal, JournalReader, Row
from protocol.chain import payload_hash
from protocol.entries import MemberEntry, Refund, Returned, Sale, Void, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.feed import MemberRow
from protocol.push import Outcome
from till.decided import Step, outcome_now, steps_of
from till.provisional_account import ProvisionalAccount, Reckoned

FEW = 16
"""An account with no more entries is reckoned anew each time, in about a millisecond: most members come once a day."""


def own_effect(journal: JournalReader, row: MemberRow, *, with_gains: bool = True) -> dict[str, int]:
    """Points per kind by which this till's entries change what `row` says is available.

    Without gains: nothing counts that only an entry not yet booked would bring (for the floor).
    """
    return reckon(journal, row, with_gains=with_gains).change


def reckon(
    journal: JournalReader, row: MemberRow, *, with_gains: bool = True, asked: frozenset[str] = frozenset()
) -> Reckoned:
    """What this till's entries that `row` does not contain make of it. `asked`: the counts that are wanted too."""
    if not isinstance(journal, Journal):
        return Reckoning(journal, row, with_gains=with_gains, asked=asked).result()
    name = (Reckoning, row.member, with_gains, asked)
    with journal.alone():
        reckoning = journal.kept.pop(name, None)  # what fails half-way is not found again
        if not (isinstance(reckoning, Reckoning) and reckoning.row == row and reckoning.carry_forward()):
            reckoning = Reckoning(journal, row, with_gains=with_gains, asked=asked)
        if reckoning.booked > FEW:
            journal.kept[name] = reckoning
        return reckoning.result()


class Settled(NamedTuple):
    """Points by kind that pay what a member owed, and that are missing and will be owed."""

    paid: dict[str, int]
    owed: dict[str, int]


class Reckoning:
    """The account of `row`, and how far the journal has been walked for it. `booked`: how many entries are on it."""

    def __init__(
        self, journal: JournalReader, row: MemberRow, *, with_gains: bool = True, asked: Collection[str] = ()
    ) -> None:
        self.row = row
        self.booked = 0
        self._journal = journal
        self._account = ProvisionalAccount(row, with_gains=with_gains, asked=asked)
        self._last_seq = 0
        self._waiting_whole: set[UUID] = set()
        """Sales that were handed out: a void of one changes what was made of it."""
        self._to_come: set[UUID] = set()
        """Refunds that the ledger books behind the one that is being booked, or not at all."""
        self._walk(steps_of(journal, self._appended(), row))

    def carry_forward(self) -> bool:
        """Book what was appended since; False where that needs another beginning. Nothing was told of any entry meanwhile."""
        return self._walk([Step(stored, None) for stored in self._appended()])

    def result(self) -> Reckoned:
        """As the account stands."""
        return self._account.reckoned(self.row)

    def settle(self, refund: Refund) -> Settled:
        """Book a refund that is about to be made."""
        kinds = {*refund.given_back, *refund.taken_back, *(award.kind for award in refund.awards)}
        before = {kind: self._account.settled(kind) for kind in kinds}
        self._refund(refund)
        after = {kind: self._account.settled(kind) for kind in kinds}
        paid, owed = ({kind: after[kind][n] - before[kind][n] for kind in kinds} for n in (0, 1))
        return Settled(
            {kind: many for kind, many in paid.items() if many}, {k: many for k, many in owed.items() if many}
        )

    def _appended(self) -> list[Row]:
        """Entries that the row cannot contain, those with it that were made under numbers which were merged into his since."""
        row, after = self.row, self._last_seq
        stored = self._journal.not_counted(row.member, row.position, row.epoch, after)
        for source, position in row.merged.items():
            stored += self._journal.not_counted(source, position, row.epoch, after)
        return sorted(stored, key=lambda one: one.seq) if row.merged else stored

    def _walk(self, steps: Sequence[Step]) -> bool:
        entries = [(read_entry(one.stored), one.outcome, one.is_completion) for one in steps]
        taken_back = {entry.voids for entry, _outcome, _is_completion in entries if isinstance(entry, Void)}
        if not taken_back.isdisjoint(self._waiting_whole):
            return False
        self._to_come |= {entry.id for entry, _outcome, _is_completion in entries if isinstance(entry, Refund)}
        for entry, outcome, is_completion in entries:
            if entry is None:
                self._account.lose_sight()
            elif is_completion and isinstance(entry, Sale):
                self._account.give(entry)
            elif outcome is not None and outcome.is_waiting_whole:
                match entry:
                    case Sale() if entry.id in taken_back:
                        self._account.stay_reserved(entry)
                    case Sale():
                        self._account.hand_out(entry)
                        self._waiting_whole.add(entry.id)
                    case Returned():
                        self._account.end(entry.reservation)
            else:
                self._book(entry, outcome)
        self.booked += len(steps)
        self._last_seq = max((one.stored.seq for one in steps), default=self._last_seq)
        return True

    def _book(self, entry: MemberEntry, outcome: Outcome | None) -> None:
        match entry:
            case Sale():
                self._account.sell(entry, outcome)
            case Void(voids=voids):
                original = self._journal.entry(voids)
                if original is not None and isinstance(sale := read_entry(original), Sale):
                    self._account.void(sale, outcome_now(self._journal, original.seq))
            case Refund():
                self._refund(entry)
                self._to_come.discard(entry.id)
            case Returned(reservation=reservation):
                self._account.give_back(reservation)

    def _refund(self, refund: Refund) -> None:
        stored = self._journal.entry(refund.refunds)
        sale = read_entry(stored) if stored is not None else None
        outcome = outcome_now(self._journal, stored.seq) if stored is not None else None
        earlier = [
            one for one in booked_refunds(self._journal, refund.member, refund.refunds) if one.id not in self._to_come
        ]
        before: dict[str, int] = {}
        for one in earlier:
            for kind, points in one.given_back.items():
                before[kind] = before.get(kind, 0) + points
        self._account.refund(refund, sale if isinstance(sale, Sale) else None, outcome, before)
        if isinstance(sale, Sale):
            self._account.count_again(sale, outcome, earlier, refund)


def booked_refunds(journal: JournalReader, member: str, sale: UUID) -> list[Refund]:
    """Those of `refunds_of` that the ledger has booked, or will: not what waits whole, or was decided about otherwise."""
    found = refunds_of(journal, member, sale)
    seqs = {one.id: stored.seq for one in found if (stored := journal.entry(one.id)) is not None}
    outcomes = {one: outcome_now(journal, seq) for one, seq in seqs.items()}
    return [one for one in found if (outcome := outcomes[one.id]) is None or not outcome.is_waiting_whole]


def refunds_of(journal: JournalReader, member: str, sale: UUID) -> list[Refund]:
    """What came back of a member's sale at this till, in its order."""
    entries = map(read_entry, journal.refunded(member))
    return [entry for entry in entries if isinstance(entry, Refund) and entry.refunds == sale]


def read_entry(stored: Row) -> MemberEntry | None:
    """A member's entry from the journal; None for one whose payload was damaged: it waits for a person at the ledger."""
    if payload_hash(stored.payload) != stored.payload_hash:
        return None
    try:
        entry = decode_entry(stored.payload)
    except UnreadableEntryError:
        return None
    return entry if isinstance(entry, MemberEntry) else None
