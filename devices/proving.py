"""Holds a profile against the examples in its own document: the scans, and the answers to its commands.

The product's profiles are proved by the tests; one that somebody adds to a till is proved when it is read.
"""

from __future__ import annotations

from devices.decoding import ScanData
from devices.events import DataEvent, ScannerEvent
from devices.profiles import Exchange, ScannerProfile, ScanVector
from devices.replies import identity_of, is_healthy
from devices.scan_line import ScanLine

_SILENCE_NS = 10_000_000_000


class _Bench:
    """The profile's line without a port."""

    def __init__(self, profile: ScannerProfile) -> None:
        self.scans: list[ScanData] = []
        self.line = ScanLine(profile, self._take, lambda: None, 0, lambda _: None, lambda: 0)
        self.line.is_enabled = True
        self.line.connected()

    def _take(self, event: ScannerEvent) -> None:
        if isinstance(event, DataEvent):
            self.scans.append(event.data)

    def read(self, data: bytes) -> None:
        self.line.received(data, 0)
        self.line.silent(_SILENCE_NS)


def prove(profile: ScannerProfile) -> list[str]:
    """What the document promises and the profile does not keep, each with the key; empty when all is right."""
    found = [_scan_fault(profile, vector) for vector in profile.test]
    told = [_exchange_fault(profile, exchange) for exchange in profile.exchange]
    named = [
        *((f"test[{position}]", fault) for position, fault in enumerate(found)),
        *((f"exchange[{position}]", fault) for position, fault in enumerate(told)),
    ]
    return [f"{key}: {fault}" for key, fault in named if fault]


def _scan_fault(profile: ScannerProfile, vector: ScanVector) -> str:
    bench = _Bench(profile)
    bench.read(vector.bytes)
    labels = [scan.label for scan in bench.scans]
    if labels != ([vector.label] if vector.label else []):
        return f"these bytes become {labels}"
    if vector.label and bench.scans[0].symbology is not vector.symbology:
        return f"the kind of code becomes {bench.scans[0].symbology}"
    return ""


def _exchange_fault(profile: ScannerProfile, exchange: Exchange) -> str:
    bench = _Bench(profile)
    command = getattr(profile.commands, exchange.command)
    asked = bench.line.router.ask(command, is_answered=True)
    bench.read(exchange.reply)
    if not asked.done():
        return f"this is no answer to {exchange.command}"
    if bench.scans:
        return f"the answer becomes the code {bench.scans[0].label!r}"
    reply = asked.result()
    if reply.outcome != exchange.outcome:
        return f"the answer means {reply.outcome}"
    said = identity_of(profile.replies, reply)
    if exchange.model and (said is None or said.model != exchange.model):
        return f"the model becomes {said.model if said else ''!r}"
    if exchange.is_healthy is not None and is_healthy(profile.replies, reply) is not exchange.is_healthy:
        return "the health is judged otherwise"
    return ""
