"""What tills say of themselves, and what a store asks and does about its own tills."""

from __future__ import annotations

from ledger import heartbeats
from ledger.auth import Caller
from ledger.service import Service
from ledger.store_tills import end_of, tills_of_store
from protocol.fleet import EndTillRequest, Heartbeat, HeartbeatKept, StoreTills, TillEnded


def keep_heartbeat(service: Service, caller: Caller, beat: Heartbeat) -> HeartbeatKept:
    """The newest one of the till that asks. One that has ended may say how much it still has."""
    now_us = service.clock()
    service.heartbeats.take(caller.terminal, now_us)
    with service.database.write() as connection:
        heartbeats.keep(connection, caller.terminal, beat, now_us)
    return HeartbeatKept(at=now_us)


def list_tills(service: Service, caller: Caller, _query: object) -> StoreTills:
    """The tills of the store of the till that asks."""
    service.look_ups.take(caller.terminal, service.clock())
    with service.database.read() as connection:
        return tills_of_store(connection, caller.store)


def end_till(service: Service, caller: Caller, request: EndTillRequest) -> TillEnded:
    """A technician or manager ends a till of his store."""
    now_us = service.clock()
    service.endings.take(caller.terminal, now_us)
    return end_of(service.database, caller, request, now_us)
