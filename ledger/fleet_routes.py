"""What tills say of themselves, and what a store asks and does about its own tills."""

from __future__ import annotations

from ledger import heartbeats
from ledger.auth import Caller
from ledger.service import Service
from protocol.fleet import Heartbeat, HeartbeatKept


def keep_heartbeat(service: Service, caller: Caller, beat: Heartbeat) -> HeartbeatKept:
    """The newest one of the till that asks. One that has ended may say how much it still has."""
    now_us = service.clock()
    service.heartbeats.take(caller.terminal, now_us)
    with service.database.write() as connection:
        heartbeats.keep(connection, caller.terminal, beat, now_us)
    return HeartbeatKept(at=now_us)
