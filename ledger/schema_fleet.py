"""The table of what tills say of themselves: by terminal, not hot. Only the newest heartbeat is kept."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field

from ledger.schema import Books, whole


class HeartbeatRow(Books, table=True):
    """The newest heartbeat of a terminal (`protocol.fleet.Heartbeat`); `heard_at`: the ledger's time."""

    __tablename__: ClassVar[str] = "heartbeat"
    terminal: str = Field(primary_key=True)
    heard_at: int = whole()
    version: str
    system: str
    entries: int = whole()
    waiting: int = whole()
    waiting_fen: int = whole()
    waiting_since: int = whole()
    for_a_person: int = whole()
    is_shift_open: int = whole()
    ended: str
    cache_as_of: int = whole()
    programme: str
    programme_version: int = whole()
    rules_until: int = whole()
    offset_us: int = whole()
    doubt: str
    scanner: str
    scanner_code: str
    scans: int = whole()
    scan_errors: int = whole()
    printer_code: str
    disk_free_bytes: int = whole()
