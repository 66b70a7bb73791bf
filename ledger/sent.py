"""What tills sent, entry by entry in the order of their journals, with what became of each; damaged ones are looked past."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from protocol.entries import Entry, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.push import Outcome

_AT_ONCE = 2_000
_DAMAGED_AT_MOST = 20
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
    """What was received from `since_us` on and before `until_us`, from seq `first`."""
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


def _first_of(connection: Connection, terminal: str, day: str) -> int:
    """The first seq that may be of the day: a till's time never goes back, so its days rise with the seqs."""
    low, high = (
        1,
        rows.fetch(connection, "SELECT coalesce(max(seq), 0) FROM received WHERE terminal = ?", terminal)[0][0] + 1,
    )
    while low < high:
        middle = (low + high) // 2
        looked = rows.fetch(
            connection, "SELECT payload FROM received WHERE terminal = ? AND seq >= ? ORDER BY seq LIMIT ?",
            terminal, middle, _DAMAGED_AT_MOST,
        )  # fmt: skip
        known = next((found for (payload,) in looked if (found := _day_of(bytes(payload)))), day)
        low, high = (middle + 1, high) if known < day else (low, middle)
    return low


def _day_of(payload: bytes) -> str:
    try:
        return decode_entry(payload).business_day
    except UnreadableEntryError:
        return ""
