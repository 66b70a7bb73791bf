"""Putting right what lies beside the entries, once it was found damaged. Nothing here touches an entry.

Outcomes are dropped, so that the entries are sent again and get their first outcomes again; so are decisions, which the
ledger tells again. References, nonces and shifts are
told from the entries; what an entry that cannot be read any more had put there stays. A receipt and a PIN's tries cannot be
told again: they are dropped.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from local_db.checksums import checksum_of
from local_db.verification import Beside, damage_sentence, damaged_beside
from points.sentences import Sentence
from protocol.chain import payload_hash

if TYPE_CHECKING:
    from local_db.journal_reader import JournalReader

_KEYS = {
    "outcome": "seq",
    "former_outcome": "seq",
    "checkpoint": "CAST(shift AS BLOB)",
    "decision": "seq",
    "receipt": "seq",
    "fact": "CAST(name AS BLOB)",
    "pin_try": "CAST(staff AS BLOB)",
}


def mend(journal: JournalReader, connection: sqlite3.Connection) -> list[str]:
    """In the caller's transaction: a sentence for each thing done. Raises `JournalDamagedError` where it cannot be read."""
    sent = journal.sent()
    damaged = list(damaged_beside(journal))
    for table, key in damaged:
        connection.execute(f"DELETE FROM {table} WHERE {_KEYS[table]} = ?", (key,))
    if ("fact", b"sent") in damaged:
        connection.execute(
            "INSERT INTO fact VALUES ('sent', ?, ?)", (str(sent), checksum_of("fact", "sent", str(sent)))
        )
    return [damage_sentence(table, key) for table, key in damaged] + _retell(journal, connection)


def _retell(journal: JournalReader, connection: sqlite3.Connection) -> list[str]:
    beside, unread = Beside(), {}
    for row in journal.walk():
        beside.saw(row)
        if payload_hash(row.payload) == row.payload_hash:
            for _ in beside.compare(row):
                unread[row.seq] = row.id
        else:
            unread[row.seq] = row.id
    done = list[str]()
    references = {one: seq for one, seq in journal.references().items() if seq in unread} | beside.references
    if references != journal.references():
        connection.execute("DELETE FROM reference")
        connection.executemany("INSERT INTO reference VALUES (?, ?)", references.items())
        done.append(Sentence("the references were told again from the entries"))
    nonces = {one: id_ for one, id_ in journal.nonces().items() if id_ in unread.values()} | beside.nonces
    if nonces != journal.nonces():
        connection.execute("DELETE FROM nonce")
        connection.executemany("INSERT INTO nonce VALUES (?, ?)", ((one, id_.bytes) for one, id_ in nonces.items()))
        done.append(Sentence("the nonces were told again from the entries"))
    if beside.spans != journal.shift_spans():
        connection.execute("DELETE FROM shift_span")
        connection.executemany("INSERT INTO shift_span VALUES (?, ?)", beside.spans)
        done.append(Sentence("the shifts were told again from the entries"))
    return done
