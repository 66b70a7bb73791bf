"""Carrying a journal away: all that can be read of it, one JSON line per entry, with the proofs of each."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from local_db.journal_reader import JournalReader


def export(journal: JournalReader, file: Path) -> int:
    """Write to `file`; how many entries it were."""
    count = 0
    with file.open("w", encoding="utf-8") as out:
        for row in journal.readable():
            fields = {"seq": row.seq, "payload": base64.b64encode(row.payload).decode(), "hash": row.hash.hex(),
                      "signature": base64.b64encode(row.signature).decode()}  # fmt: skip
            out.write(json.dumps(fields) + "\n")
            count += 1
    return count
