"""A journal that somebody carried here: the export of a till that cannot send any more, read into the books.

It is booked by the same way as a push, so everything holds that holds there: an entry is booked once, whatever came before or
comes after by whatever way; what parts from the chain that is here is kept as a branch; what a revoked till did after its last
head waits for a person. Only what proves itself is taken: the file is read up to the first entry that does not continue the
chain or is not signed by the terminal's own key, and the rest is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.keys import Keys
from ledger.problems import CarriedError, NotKnownError
from ledger.push import push
from ledger.schema import Terminal
from protocol.authorisations import terminal_tag
from protocol.chain import genesis
from protocol.chain_check import ChainCheck, opened
from protocol.checkpoints import Checkpoint, open_checkpoint
from protocol.errors import ProtocolError, SignatureError
from protocol.journal_export import (
    CheckpointLine,
    CutLineError,
    EntryLine,
    JournalLine,
    beyond,
    read_head,
    read_on,
    take,
)
from protocol.push import MAX_BATCH, PushBatch, SentEntry
from protocol.signing import Signed

ENDED = "retired"
"""What a terminal is that these books had forgotten: it may bring what it has, and nothing else."""


class Carried(NamedTuple):
    """What a file came to. `new` of its entries were not here; `outcomes` counts what became of these, by status.

    `findings`: what was not taken, and what is missing, a sentence each. `is_remembered`: the books had no such terminal.
    """

    terminal: str
    entries: int
    new: int
    outcomes: dict[str, int]
    findings: tuple[str, ...]
    is_remembered: bool = False


def carry_in(
    database: Database, keys: Keys, lines: Iterable[bytes], now_us: int, *, looks_only: bool = False
) -> Carried:
    """Book what an export has. With `looks_only` nothing is written, and `new` says how much it would be.

    Raises `CarriedError` for a file that is no export, or of another ledger or key, and `NotKnownError`.
    """
    source = iter(lines)
    head = _head(source, keys)
    proven = _Proven(head, keys, source)
    is_remembered = not _is_known(database, head)
    if is_remembered:
        # The receipts that vouch for it stand at the end of the file.
        held = list(proven)
        if (vouched := proven.vouched()) is None:
            raise NotKnownError("terminal", head.terminal)
        if not looks_only:
            database.transact(lambda connection: _remember(connection, vouched, now_us))
        batches: Iterable[PushBatch] = held
    else:
        batches = proven
    entries = new = 0
    outcomes = Counter[str]()
    for batch in batches:
        entries += len(batch.entries)
        if looks_only:
            new += _not_here(database, batch)
            continue
        answer = push(database, batch, now_us)
        new += len(batch.entries) - answer.again
        outcomes.update(outcome.status for outcome in answer.outcomes[answer.again :])
    return Carried(head.terminal, entries, new, dict(outcomes), tuple(proven.findings), is_remembered)


class _Proven:
    """The batches of a file, as far as it proves itself; `findings` and the receipts are known when they are through."""

    def __init__(self, head: JournalLine, keys: Keys, lines: Iterator[bytes]) -> None:
        self.findings: list[str] = []
        self._head, self._keys, self._lines = head, keys, lines
        self._receipts: list[Signed] = []
        self._seq = 0

    def __iter__(self) -> Iterator[PushBatch]:
        check = ChainCheck(self._head.terminal, genesis(self._head.terminal, self._head.public), self._head.public)
        previous = genesis(self._head.terminal, self._head.public).hex()
        held: list[EntryLine] = []
        for said in self._read():
            if self.findings or (wrong := list(take(check, said))):
                # Behind the first break nothing is believed; the lines are read on for the receipts alone.
                self.findings += [] if self.findings else wrong
                continue
            self._seq = said.seq
            held.append(said)
            if len(held) == MAX_BATCH:
                yield self._batch(held, previous)
                previous, held = said.hash, []
        if held:
            yield self._batch(held, previous)
        good, _useless = opened(self._receipts, self._keys.ring)
        if not self.findings:
            self.findings += beyond(good, self._head.terminal, self._seq)

    def vouched(self) -> Checkpoint | None:
        """A receipt of this ledger's own for this very terminal and key: once it was here."""
        for signed in self._receipts:
            try:
                said = open_checkpoint(signed, self._keys.ring)
            except SignatureError:
                continue
            if (said.terminal, said.public) == (self._head.terminal, self._head.public):
                return said
        return None

    def _read(self) -> Iterator[EntryLine]:
        try:
            for said in read_on(self._lines, 2):
                if isinstance(said, CheckpointLine):
                    self._receipts.append(said.checkpoint)
                else:
                    yield said
        except CutLineError as error:
            self.findings.append(error.sentence(self._seq))

    def _batch(self, held: list[EntryLine], previous: str) -> PushBatch:
        return PushBatch(
            terminal=self._head.terminal, first_seq=held[0].seq, previous=previous, head=held[-1].hash,
            head_signature=held[-1].signature,
            entries=tuple(
                SentEntry(payload=one.payload, damaged=one.damaged, payload_hash=one.payload_hash) for one in held
            ),
        )  # fmt: skip


def _head(lines: Iterator[bytes], keys: Keys) -> JournalLine:
    try:
        head = read_head(next(lines, b""))
    except (msgspec.MsgspecError, ProtocolError, UnicodeDecodeError):
        raise CarriedError("this is no export of a journal: till journal export FILE writes one") from None
    if head.root_public != keys.root_public:
        raise CarriedError(f"the journal of {head.terminal} is of another ledger")
    return head


def _is_known(database: Database, head: JournalLine) -> bool:
    with database.read() as connection:
        known = rows.fetch(connection, "SELECT public FROM terminal WHERE terminal = ?", head.terminal)
    if known and bytes(known[0][0]) != head.public:
        raise CarriedError(f"{head.terminal} has another key here than in this file")
    return bool(known)


def _not_here(database: Database, batch: PushBatch) -> int:
    with database.read() as connection:
        known = rows.fetch(connection, "SELECT head_seq FROM terminal WHERE terminal = ?", batch.terminal)
    last = batch.first_seq + len(batch.entries) - 1
    return max(0, last - max(known[0][0] if known else 0, batch.first_seq - 1))


def _remember(connection: Connection, vouched: Checkpoint, now_us: int) -> None:
    """Paired after the copy from which these books were restored: its own receipt says so. Ids are of one life: this is no
    other's."""
    store = rows.fetch(connection, "SELECT 1 FROM store WHERE store = ?", vouched.store)
    if not store:
        raise NotKnownError("store", vouched.store)
    values = {
        "terminal": vouched.terminal, "store": vouched.store, "name": vouched.terminal, "public": vouched.public,
        "status": ENDED, "head_seq": 0, "head": b"", "head_signature": b"", "booked_seq": 0, "enrolled_at": now_us,
        "seen_at": now_us, "tag": terminal_tag(vouched.terminal),
    }  # fmt: skip
    rows.insert_missing(connection, Terminal, [tuple(values[name] for name in Terminal.model_fields)])
