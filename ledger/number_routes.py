"""What tills ask about members who join at them."""

from __future__ import annotations

from ledger import joining
from ledger.auth import Caller
from ledger.service import Service
from protocol.joining import NumberBlock, NumbersRequest


def give_numbers(service: Service, caller: Caller, request: NumbersRequest) -> NumberBlock:
    """Each for one member who joins at the terminal that asks, with a network or without."""
    service.look_ups.take(caller.terminal, service.clock())
    return joining.give_numbers(service.database, service.keys, caller, request, service.clock())
