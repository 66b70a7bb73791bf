"""What proves that a journal is what was written: the file, the chain, and the columns beside the payloads.

The chain covers payloads alone. What is looked up by (member, shift, reference, nonce) stands in columns and tables of its
own, so that a changed column would change a balance behind the chain's back: each is compared with what the payload says.
Outcomes, receipts, facts and PIN tries are in no payload: a checksum in each row says whether it is what was written
(`local_db.checksums`). It has no key, so it finds a disk that rots and nobody who means it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from local_db.checksums import is_intact
from points.sentences import Sentence, msg
from protocol.chain import payload_hash
from protocol.chain_check import ChainCheck, Witness
from protocol.entries import Entry, MemberEntry, Sale, ShiftClosed, Void, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.running_totals import Running

if TYPE_CHECKING:
    from local_db.journal_reader import JournalReader, Row


def contradictions(
    journal: JournalReader, genesis: bytes, terminal: str, public: bytes | None, witnesses: Iterable[Witness] = ()
) -> Iterator[str]:
    """A sentence for each contradiction in the journal of `terminal`; with its key, of its signatures too (100 µs each).

    A removed tail is found against a later witness only: here by what lies beside the entries, else by a receipt or the
    ledger. Raises `JournalDamagedError` where the file cannot be read on.
    """
    yield from (Sentence("the file: {damage}", damage=damage) for damage in journal.damage())
    check, beside = ChainCheck(terminal, genesis, public, witnesses), Beside()
    last_known = journal.last_known()  # before the walk: a till goes on selling behind its end
    for row in journal.walk():
        intact = payload_hash(row.payload) == row.payload_hash
        if not intact:
            yield Sentence("entry {seq}: the payload was changed", seq=row.seq)
        yield from check.take(row.seq, row.payload_hash, row.hash, row.signature)
        beside.saw(row)
        if intact:
            yield from beside.compare(row)
        else:
            beside.running.take(None)
    yield from check.end(last_known)
    yield from beside.compare_indexes(journal)
    yield from _checksums(journal)


def damaged_beside(journal: JournalReader) -> Iterator[tuple[str, Any]]:
    """(table, key) of each row beside the entries that is not what was written; a key is a seq, or text as bytes."""
    for table in DAMAGED:
        yield from ((table, row[0]) for row in journal.checksummed(table) if not is_intact(table, row))


DAMAGED = {
    "outcome": msg("the outcome of entry {key} was damaged; the ledger tells it again"),
    "decision": msg("the decision about entry {key} was damaged; the ledger tells it again"),
    "former_outcome": msg("what the ledger had once said of entry {key} was damaged; members are pulled anew"),
    "checkpoint": msg("a receipt of the ledger, {key}, was damaged; it gives another one"),
    "receipt": msg("the receipt of entry {key} was damaged; what the entry says counts"),
    "fact": msg("the fact {key} was damaged{consequence}"),
    "pin_try": msg("the PIN tries of {key} were damaged; they are counted anew"),
}
"""What verify says, and what `mend` has then done."""

_CONSEQUENCES = {
    "answered": msg("; it is told from the outcomes"),
    "decided": msg("; the ledger tells its decisions again"),
    "epochs": msg("; outcomes are taken for those of the present books, members are pulled anew"),
    "sent": msg("; all entries are taken for sent"),
    "cache": msg("; members and products are pulled anew"),
    "clock_heard": msg("; the clock is not trusted until the ledger is heard"),
    "identity": msg(": nobody knows whose journal this is; pair the folder anew"),
}


def damage_sentence(table: str, key: Any) -> str:
    """What is wrong with a row, and what becomes of it."""
    named = repr(key.decode(errors="replace")) if isinstance(key, bytes) else key
    consequence = _CONSEQUENCES.get(key.decode(errors="replace"), "") if isinstance(key, bytes) else ""
    return Sentence(DAMAGED[table], key=named, consequence=Sentence(consequence) if consequence else "")


def _checksums(journal: JournalReader) -> Iterator[str]:
    yield from (damage_sentence(table, key) for table, key in damaged_beside(journal))
    for seq in journal.unanswered(int(journal.fact("answered") or 0)):
        yield Sentence("the outcome of entry {seq} is missing; the ledger tells it again", seq=seq)


class Beside:
    """What the tables beside the payloads should say, gathered from the entries."""

    def __init__(self) -> None:
        self.running = Running()
        self.references: dict[str, int] = {}
        self.nonces: dict[str, UUID] = {}
        self.spans: list[tuple[int, str]] = []
        self._reference_of: dict[UUID, str] = {}

    def saw(self, row: Row) -> None:
        """Gather from one row, whatever has become of its payload."""
        if row.shift and (not self.spans or self.spans[-1][1] != row.shift):
            self.spans.append((row.seq, row.shift))

    def compare(self, row: Row) -> Iterator[str]:
        """Gather from one intact payload, and compare the columns of its row."""
        try:
            entry = decode_entry(row.payload)
        except UnreadableEntryError:
            self.running.take(None)
            return  # goes to the ledger as it is, and waits there for a person
        if isinstance(entry, ShiftClosed) and (said := self.running.contradiction(entry)):
            yield Sentence("entry {seq}: the shift report says {said}", seq=row.seq, said=said)
        self.running.take(entry)
        if _columns(entry) != (row.id, row.type, row.member, row.shift, row.occurred_at):
            yield Sentence("entry {seq}: a column does not say what the payload says", seq=row.seq)
        if isinstance(entry, Sale):
            if entry.reference:
                self.references[entry.reference] = row.seq
                self._reference_of[entry.id] = entry.reference
            self.nonces.update((taken.nonce, entry.id) for taken in entry.redemptions if taken.nonce)
        elif isinstance(entry, Void):
            self.references.pop(self._reference_of.get(entry.voids, ""), None)

    def compare_indexes(self, journal: JournalReader) -> Iterator[str]:
        """References and nonces of readable entries, and the shifts, against their tables."""
        if self.spans != journal.shift_spans():
            yield Sentence("the shifts do not say what the entries say")
        if not self.references.items() <= journal.references().items():
            yield Sentence("the references do not say what the entries say")
        if not self.nonces.items() <= journal.nonces().items():
            yield Sentence("the nonces do not say what the entries say")


def _columns(entry: Entry) -> tuple[UUID, str, str, str, int]:
    member = entry.member if isinstance(entry, MemberEntry) else ""
    return entry.id, str(entry.__struct_config__.tag), member, entry.shift, entry.occurred_at
