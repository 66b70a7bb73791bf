"""What tills say of themselves: the newest heartbeat of each is kept, with when it came."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import rows
from ledger.schema_fleet import HeartbeatRow
from protocol.fleet import Heartbeat

_SAID = tuple(name for name in HeartbeatRow.model_fields if name not in ("terminal", "heard_at"))


def keep(connection: Connection, terminal: str, beat: Heartbeat, now_us: int) -> None:
    """In the place of the one before. One that was overtaken on its way is none."""
    said = tuple(int(value) if isinstance(value := getattr(beat, name), bool) else value for name in _SAID)
    rows.put_later(connection, HeartbeatRow, "heard_at", [(terminal, now_us, *said)])
