"""A journal carried away as text: a line of canonical JSON each, which proves itself without the till and without the ledger.

The first line says whose it is, then comes every entry in order, then what the ledger has given for them in writing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from points.sentences import Sentence
from protocol import canonical
from protocol.canonical import Model, Name, Positive
from protocol.chain import genesis, payload_hash
from protocol.chain_check import ChainCheck, Witness, opened
from protocol.errors import ProtocolError
from protocol.signing import KeyRing, Signed


class JournalLine(Model, tag_field="line", tag="journal", kw_only=True):
    """Whose journal it is: the terminal's id and key, and the ledger's keys, which signed the checkpoints."""

    terminal: Name
    public: bytes
    root_public: bytes
    certificates: tuple[Signed, ...]


class EntryLine(Model, tag_field="line", tag="entry", kw_only=True):
    """An entry as it is sent (`protocol.push.SentEntry`), with its place in the chain and the signature over it."""

    seq: Positive
    payload: str = ""
    damaged: bytes = b""
    payload_hash: str = ""
    hash: str
    signature: bytes


class CheckpointLine(Model, tag_field="line", tag="checkpoint", kw_only=True):
    """A receipt of the ledger."""

    checkpoint: Signed


Line = JournalLine | EntryLine | CheckpointLine


def read_head(line: bytes) -> JournalLine:
    """The first line. Raises `msgspec.MsgspecError`, `ProtocolError`."""
    head: Line = canonical.decode(line.removesuffix(b"\n"), Line)  # type: ignore[arg-type]
    if not isinstance(head, JournalLine):
        raise msgspec.DecodeError("not the first line of a journal")
    return head


class CutLineError(Exception):
    """A line that cannot be read: nothing behind it is."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why

    def sentence(self, seq: int) -> Sentence:
        """Where entry `seq` was the last that could be read."""
        return Sentence("entry {seq}: line {line} cannot be read: {why}", seq=seq + 1, line=self.line, why=self.why)


def read_on(lines: Iterable[bytes], first: int) -> Iterator[EntryLine | CheckpointLine]:
    """All lines behind the head, the next one being line `first`: entries, then receipts. Raises `CutLineError`."""
    has_receipts = False
    for number, line in enumerate(lines, first):
        try:
            if not line.endswith(b"\n"):
                raise msgspec.DecodeError("it is cut off")
            said: Line = canonical.decode(line[:-1], Line)  # type: ignore[arg-type]
            if isinstance(said, JournalLine) or (has_receipts and isinstance(said, EntryLine)):
                raise msgspec.DecodeError("it does not belong here")
            if isinstance(said, EntryLine):
                bytes.fromhex(said.hash + said.payload_hash)
        except (msgspec.MsgspecError, ProtocolError, ValueError) as error:
            raise CutLineError(number, str(error)) from None
        has_receipts = isinstance(said, CheckpointLine)
        yield said


def take(check: ChainCheck, said: EntryLine) -> Iterator[str]:
    """What is wrong with the next entry of a chain."""
    return check.take(said.seq, _payload_hash(said), bytes.fromhex(said.hash), said.signature)


def check_journal(lines: Iterable[bytes], witnesses: Iterable[Witness | Signed] = ()) -> Iterator[str]:
    """A sentence for each contradiction, the first one first: it names the entry, or the line, that is wrong.

    What cannot be read ends the check. A removed tail is found against a witness.
    """
    rest = iter(lines)
    try:
        head = read_head(next(rest, b""))
        ring = KeyRing(head.root_public, head.certificates)
    except (msgspec.MsgspecError, ProtocolError, UnicodeDecodeError) as error:
        yield Sentence("line 1: {why}", why=str(error))
        return
    held, useless = opened(witnesses, ring)
    check = ChainCheck(head.terminal, genesis(head.terminal, head.public), head.public, held)
    seq, receipts = 0, list[Signed]()
    try:
        for said in read_on(rest, 2):
            if isinstance(said, CheckpointLine):
                receipts.append(said.checkpoint)
                continue
            yield from take(check, said)
            if said.damaged:
                yield Sentence("entry {seq}: the payload was damaged at the till", seq=said.seq)
            seq = said.seq
    except CutLineError as error:
        yield error.sentence(seq)
        return
    yield from check.end()
    yield from useless
    kept, broken = opened(receipts, ring)
    yield from broken
    yield from beyond(kept, head.terminal, seq)


def beyond(kept: Iterable[Witness], terminal: str, last: int) -> Iterator[str]:
    """Receipts of entries that are not there."""
    for one in kept:
        if one.terminal != terminal or one.seq > last:
            yield Sentence(
                "entry {seq} is missing: the ledger has acknowledged entry {known} of {terminal}",
                seq=last + 1, known=one.seq, terminal=one.terminal,
            )  # fmt: skip


def _payload_hash(line: EntryLine) -> bytes:
    return bytes.fromhex(line.payload_hash) if line.payload_hash else payload_hash(line.payload.encode())
