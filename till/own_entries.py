"""What this till did to a member's points that his row cannot contain yet: its entries, walked in the order of booking.

The till has the same entries in the same order as the ledger; `till.provisional_account` books them as the ledger will.
"""

from __future__ import annotations

from local_db.journal import JournalReader, Row
from protocol.chain import payload_hash
from protocol.entries import MemberEntry, Returned, Sale, Void, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.feed import MemberRow
from protocol.push import Outcome
from till.decided import outcome_now, steps_of
from till.provisional_account import ProvisionalAccount, Reckoned


def own_effect(journal: JournalReader, row: MemberRow, *, with_gains: bool = True) -> dict[str, int]:
    """Points per kind by which this till's entries change what `row` says is available.

    Without gains: nothing counts that only an entry not yet booked would bring (for the floor).
    """
    return reckon(journal, row, with_gains=with_gains).change


def reckon(journal: JournalReader, row: MemberRow, *, with_gains: bool = True) -> Reckoned:
    """What this till's entries that `row` does not contain make of it."""
    stored = _not_in(journal, row)
    steps = steps_of(journal, stored, row)
    entries = [(read_entry(one.stored), one.outcome, one.is_completion) for one in steps]
    taken_back = {entry.voids for entry, _outcome, _is_completion in entries if isinstance(entry, Void)}
    account = ProvisionalAccount(row, with_gains=with_gains)
    for entry, outcome, is_completion in entries:
        if entry is None:
            account.lose_sight()
        elif is_completion and isinstance(entry, Sale):
            account.give(entry)
        elif outcome is not None and outcome.is_waiting_whole:
            match entry:
                case Sale() if entry.id not in taken_back:
                    account.hand_out(entry)
                case Returned():
                    account.end(entry.reservation)
        else:
            _book(journal, account, entry, outcome)
    return account.reckoned(row)


def _book(journal: JournalReader, account: ProvisionalAccount, entry: MemberEntry, outcome: Outcome | None) -> None:
    match entry:
        case Sale():
            account.sell(entry, outcome)
        case Void(voids=voids):
            original = journal.entry(voids)
            if original is not None and isinstance(sale := read_entry(original), Sale):
                account.void(sale, outcome_now(journal, original.seq))
        case Returned(reservation=reservation):
            account.give_back(reservation)


def _not_in(journal: JournalReader, row: MemberRow) -> list[Row]:
    """Entries that the row cannot contain, those with it that were made under numbers which were merged into his since."""
    stored = journal.not_counted(row.member, row.position, row.epoch)
    for source, position in row.merged.items():
        stored += journal.not_counted(source, position, row.epoch)
    return sorted(stored, key=lambda one: one.seq) if row.merged else stored


def read_entry(stored: Row) -> MemberEntry | None:
    """A member's entry from the journal; None for one whose payload was damaged: it waits for a person at the ledger."""
    if payload_hash(stored.payload) != stored.payload_hash:
        return None
    try:
        entry = decode_entry(stored.payload)
    except UnreadableEntryError:
        return None
    return entry if isinstance(entry, MemberEntry) else None
