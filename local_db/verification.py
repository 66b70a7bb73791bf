"""What proves that a journal is what was written: the file, the chain, and the columns beside the payloads.

The chain covers payloads alone. What is looked up by (member, shift, reference, nonce) stands in columns and tables of its
own, so that a changed column would change a balance behind the chain's back: each is compared with what the payload says.
Outcomes, receipts and facts are not the till's testimony: no check here covers what they say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from protocol.chain import Head, link, payload_hash
from protocol.entries import Entry, MemberEntry, Sale, Void, decode_entry
from protocol.errors import SignatureError, UnreadableEntryError
from protocol.signing import verify_bytes

if TYPE_CHECKING:
    from local_db.journal_reader import JournalReader, Row


def contradictions(journal: JournalReader, genesis: bytes, terminal: str, public: bytes | None) -> Iterator[str]:
    """A sentence for each contradiction in the journal of `terminal`; with its key, of its signatures too (100 µs each).

    A removed tail is found against a later witness only: here by what lies beside the entries, else by a receipt or the
    ledger. Raises `JournalDamagedError` where the file cannot be read on.
    """
    yield from (f"the file: {damage}" for damage in journal.damage())
    previous, expected = genesis, 1
    beside = _Beside()
    for row in journal.walk():
        if row.seq != expected:
            yield f"entry {expected} is missing"
        intact = payload_hash(row.payload) == row.payload_hash
        if not intact:
            yield f"entry {row.seq}: the payload was changed"
        if link(previous, terminal, row.seq, row.payload_hash) != row.hash:
            yield f"entry {row.seq}: does not continue the chain"
        elif public is not None and not _is_signed(row, terminal, public):
            yield f"entry {row.seq}: is not signed by this terminal"
        if intact:
            yield from beside.compare(row)
        previous, expected = row.hash, row.seq + 1
    if expected <= (known := journal.last_known()):
        yield f"entry {expected} is missing, and all after it: entry {known} was there"
    yield from beside.compare_indexes(journal)


def _is_signed(row: Row, terminal: str, public: bytes) -> bool:
    head = Head(terminal=terminal, seq=row.seq, hash=row.hash.hex())
    try:
        verify_bytes(public, row.signature, head.signed_bytes())
    except SignatureError:
        return False
    return True


class _Beside:
    """What the tables beside the payloads should say, gathered from the payloads."""

    def __init__(self) -> None:
        self._references: dict[str, int] = {}
        self._reference_of: dict[UUID, str] = {}
        self._nonces: dict[str, UUID] = {}

    def compare(self, row: Row) -> Iterator[str]:
        """Gather from one intact payload, and compare the columns of its row."""
        try:
            entry = decode_entry(row.payload)
        except UnreadableEntryError:
            return  # goes to the ledger as it is, and waits there for a person
        if _columns(entry) != (row.id, row.type, row.member, row.shift, row.occurred_at):
            yield f"entry {row.seq}: a column does not say what the payload says"
        if isinstance(entry, Sale):
            if entry.reference:
                self._references[entry.reference] = row.seq
                self._reference_of[entry.id] = entry.reference
            self._nonces.update((taken.nonce, entry.id) for taken in entry.redemptions if taken.nonce)
        elif isinstance(entry, Void):
            self._references.pop(self._reference_of.get(entry.voids, ""), None)

    def compare_indexes(self, journal: JournalReader) -> Iterator[str]:
        """References and nonces of readable entries, against their tables."""
        if not self._references.items() <= journal.references().items():
            yield "the references do not say what the entries say"
        if not self._nonces.items() <= journal.nonces().items():
            yield "the nonces do not say what the entries say"


def _columns(entry: Entry) -> tuple[UUID, str, str, str, int]:
    member = entry.member if isinstance(entry, MemberEntry) else ""
    return entry.id, str(entry.__struct_config__.tag), member, entry.shift, entry.occurred_at
