"""What tills sent, entry by entry in the order of their journals, with what became of each; damaged ones are looked past."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from protocol.entries import Entry, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.journal_days import first_of_day
from protocol.push import Outcome

_AT_ONCE = 2_000
_DAMAGED_AT_MOST = 20
_SLACK_US = 3_600_000_000
"""What tills send is received in the order of their journals, by a clock that may be set back a little meanwhile."""
_SENT = (
    "SELECT r.seq, r.payload, o.outcome FROM received r LEFT JOIN outcome o ON o.terminal = r.terminal AND o.seq = r.seq"
    " WHERE r.terminal = ? AND r.seq >= ? AND r.received_at >= ? AND r.received_at < ? ORDER BY r.seq LIMIT ?"
)


class Sent(NamedTuple):
    """`outcome` None: it is not booked yet."""

    terminal: str
    seq: int
    entry: Entry
    outcome: Outcome | None

    @property
    def is_booked(self) -> bool:
        """As it stands: nobody has to decide about it."""
        return self.outcome is not None and self.outcome.status != "quarantined"


def sent_between(
    connection: Connection, terminal: str, since_us: int, until_us: int, first: int = 1
) -> Iterator[Sent]:
    """What was received from `since_us` on and before `until_us`, from seq `first`. What came long before is not read."""
    first = max(first, _received_from(connection, terminal, since_us - _SLACK_US))
    while found := rows.fetch(connection, _SENT, terminal, first, since_us, until_us, _AT_ONCE):
        for seq, payload, outcome in found:
            first = seq + 1
            try:
                entry = decode_entry(bytes(payload))
            except UnreadableEntryError:
                continue
            yield Sent(terminal, seq, entry, msgspec.json.decode(outcome, type=Outcome) if outcome else None)


def sent_on(connection: Connection, terminal: str, day: str) -> Iterator[Sent]:
    """What was made on a business day, whenever it arrived."""
    for one in sent_between(connection, terminal, 0, 2**62, _first_of(connection, terminal, day)):
        if one.entry.business_day > day:
            return
        if one.entry.business_day == day:
            yield one


def _received_from(connection: Connection, terminal: str, since_us: int) -> int:
    """The first seq that was received then or later, the one behind the last where none was. A few looks in any journal."""
    last = _last(connection, terminal)

    def received_at(seq: int) -> int:
        """Of the first entry from there on: seqs are without a gap unless a table was damaged."""
        query = "SELECT received_at FROM received WHERE terminal = ? AND seq >= ? ORDER BY seq LIMIT 1"
        at_us: int = rows.fetch(connection, query, terminal, seq)[0][0]
        return at_us

    return 1 + bisect_left(range(1, last + 1), since_us, key=received_at)


def _last(connection: Connection, terminal: str) -> int:
    last: int = rows.fetch(connection, "SELECT coalesce(max(seq), 0) FROM received WHERE terminal = ?", terminal)[0][
        0
    ]
    return last


def _first_of(connection: Connection, terminal: str, day: str) -> int:
    last = _last(connection, terminal)
    few = "SELECT payload FROM received WHERE terminal = ? AND seq >= ? ORDER BY seq LIMIT ?"

    def payloads_from(seq: int) -> Iterator[bytes]:
        yield from (bytes(payload) for (payload,) in rows.fetch(connection, few, terminal, seq, _DAMAGED_AT_MOST))

    return first_of_day(day, last, payloads_from)
