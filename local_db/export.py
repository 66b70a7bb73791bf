"""Carrying a journal away: all that can be read of it, one line of canonical JSON per entry, with the proofs of each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec

from local_db.journal_reader import JournalReader, Row
from protocol import canonical
from protocol.chain import payload_hash
from protocol.errors import NotCanonicalError
from protocol.journal_export import CheckpointLine, EntryLine, JournalLine
from protocol.signing import Signed


def export(journal: JournalReader, file: Path, head: JournalLine) -> int:
    """Write to `file`; how many entries it were."""
    count = 0
    with file.open("wb") as out:
        out.write(canonical.encode(head) + b"\n")
        for row in journal.readable():
            out.write(canonical.encode(_line(row)) + b"\n")
            count += 1
        for document in dict.fromkeys(journal.checkpoints()):
            with suppress(msgspec.MsgspecError, NotCanonicalError):
                line = CheckpointLine(checkpoint=canonical.decode(document, Signed))
                out.write(canonical.encode(line) + b"\n")
    return count


def _line(row: Row) -> EntryLine:
    proof = {"seq": row.seq, "hash": row.hash.hex(), "signature": row.signature}
    if payload_hash(row.payload) == row.payload_hash:
        return EntryLine(payload=row.payload.decode(), **proof)  # type: ignore[arg-type]
    return EntryLine(damaged=row.payload, payload_hash=row.payload_hash.hex(), **proof)  # type: ignore[arg-type]
