"""The way between a till and the ledger, and all that can happen to a request and its answer on it."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import httpx

from simulation.ledger_host import Answer, LedgerHost, Request
from simulation.scheduler import Scheduler, Signal
from simulation.trace import Trace
from simulation.variants import Meddling
from sync.transport import given_s

_SILENCE_S = 10.0
"""A peer that says nothing for so long is gone, whatever a call was given."""

_PIECE_BYTES = 2_048
_PAGE = b"<!doctype html><title>Free Wi-Fi</title><form action=/login>"


@dataclass
class Plan:
    """How likely each fault is in a seed, for one request. All zero: a good network."""

    request_lost: float = 0.0
    answer_lost: float = 0.0
    duplicated: float = 0.0
    """Delivered once more, up to a minute later."""
    late: float = 0.0
    """Delivered after the till has given up, perhaps after its later ones."""
    truncated: float = 0.0
    changed: float = 0.0
    portal: float = 0.0
    refused: float = 0.0
    """429 or 5xx by something on the way, with Retry-After or without."""
    slow: float = 0.0


FAULTS = tuple(Plan.__dataclass_fields__)


class Cable:
    """One till's way to the ledger, as an httpx transport."""

    def __init__(
        self, till: str, scheduler: Scheduler, ledger: LedgerHost, chance: Random, trace: Trace, faults: Counter[str],
        meddling: Meddling,
    ) -> None:  # fmt: skip
        self.till, self.plan = till, Plan()
        self.is_cut = self.has_portal = False
        self.told: Callable[[Request], None] = lambda _request: None
        self.answered: Callable[[], None] = lambda: None
        self._scheduler, self._ledger, self._chance = scheduler, ledger, chance
        self._trace, self._faults, self._meddling = trace, faults, meddling

    def call(self, request: httpx.Request) -> httpx.Response:
        """From a task: what comes back, or an httpx error, within the call's deadline."""
        sent = Request.of(request)
        self._trace.say("asks", self.till, sent.method, sent.target.decode(), *_flat(sent.headers), sent.body)
        self.told(sent)
        try:
            answer = self._travel(sent, min(given_s(), _SILENCE_S))
        except httpx.HTTPError as error:
            self._trace.say("hears", self.till, type(error).__name__)
            raise
        self._trace.say("hears", self.till, answer.status, *_flat(answer.headers), answer.body)
        stream = _Body(self, answer.body) if len(answer.body) > _PIECE_BYTES else httpx.ByteStream(answer.body)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream)

    def _travel(self, sent: Request, timeout_s: float) -> Answer:
        until_us = self._scheduler.now_us + int(timeout_s * 1_000_000)
        if self.is_cut:
            self._scheduler.pause(self._chance.uniform(0.001, 0.1))
            raise httpx.ConnectError("no route") from OSError(errno.ENETUNREACH, "Network is unreachable")
        if self.has_portal or self._happens("portal"):
            self._scheduler.pause(self._chance.uniform(0.01, 0.2))
            return self._log_in_page()
        if self._happens("refused"):
            self._scheduler.pause(self._chance.uniform(0.01, 0.2))
            return self._refusal()
        there_s = self._chance.uniform(0.002, 0.06)
        if self._happens("slow"):
            there_s += self._chance.expovariate(1 / 3)
        if self._happens("request_lost"):
            return self._silence(until_us)
        if self._happens("duplicated"):
            self._deliver(sent, there_s + self._chance.uniform(0, 60), lambda _answer: None)
        if self._happens("late"):
            self._deliver(sent, timeout_s + self._chance.uniform(0, 120), lambda _answer: None)
            return self._silence(until_us)
        answer = self._delivered(sent, there_s, timeout_s)
        if answer is None or self._happens("answer_lost"):
            return self._silence(until_us)
        self.answered()
        return self._damaged(answer)

    def _delivered(self, sent: Request, there_s: float, timeout_s: float) -> Answer | None:
        """The answer, if there is one before the deadline."""
        back: list[Answer] = []
        arrived = self._scheduler.signal()

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                back_s = self._chance.uniform(0.001, 0.06)
                if self._happens("slow"):
                    back_s += self._chance.expovariate(1 / 3)
                self._scheduler.after(back_s, lambda: _put(back, answer, arrived))

        self._deliver(sent, there_s, answered)
        arrived.wait(timeout_s)
        return back[0] if back else None

    def _deliver(self, sent: Request, in_s: float, answered: Callable[[Answer | None], None]) -> None:
        def arrive() -> None:
            with self._meddling(self._ledger, sent):
                answer = self._ledger.serve(sent)
            self._trace.say("serves", self.till, sent.path, answer.status if answer else 0)
            answered(answer)

        self._scheduler.after(in_s, arrive)

    def _silence(self, until_us: int) -> Answer:
        self._scheduler.pause(max(0, until_us - self._scheduler.now_us) / 1_000_000)
        raise httpx.ReadTimeout("the deadline has passed")

    def _damaged(self, answer: Answer) -> Answer:
        if answer.body and self._happens("truncated"):
            return answer._replace(body=answer.body[: self._chance.randrange(len(answer.body))])
        if answer.body and self._happens("changed"):
            body = bytearray(answer.body)
            body[self._chance.randrange(len(body))] ^= 1 << self._chance.randrange(8)
            return answer._replace(body=bytes(body))
        return answer

    def _log_in_page(self) -> Answer:
        if self._chance.random() < 0.5:
            return Answer(302, [(b"location", b"http://wifi.example/login")], b"")
        return Answer(200, [(b"content-type", b"text/html")], _PAGE)

    def _refusal(self) -> Answer:
        wait = [(b"retry-after", str(self._chance.randrange(1, 90)).encode())] if self._chance.random() < 0.5 else []
        return Answer(self._chance.choice((429, 500, 502, 503)), wait, b"Busy")

    def _happens(self, fault: str) -> bool:
        likely: float = getattr(self.plan, fault)
        if not likely or self._chance.random() >= likely:
            return False
        self._faults[fault] += 1
        return True

    def wait_for_piece(self) -> None:
        """A large body comes in pieces, and others do something between them."""
        self._scheduler.pause(self._chance.uniform(0, 0.05))


class Way(httpx.BaseTransport):
    """A client's end of the cable. Closing it closes nobody else's."""

    def __init__(self, cable: Cable) -> None:
        self._cable = cable

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._cable.call(request)


class _Body(httpx.SyncByteStream):
    def __init__(self, cable: Cable, body: bytes) -> None:
        self._cable, self._body = cable, body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), _PIECE_BYTES):
            self._cable.wait_for_piece()
            yield self._body[start : start + _PIECE_BYTES]


def _put(back: list[Answer], answer: Answer, arrived: Signal) -> None:
    back.append(answer)
    arrived.set()


def _flat(headers: list[tuple[bytes, bytes]]) -> list[bytes]:
    return [part for header in headers for part in header]
