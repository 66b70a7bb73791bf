"""A receipt printer on a line of its own. Who prints hands a job over and goes on; events tell what has become of it.

A job that was cut short (no paper, cover opened, cable pulled) is printed again from its start as soon as that can be, and says
on its head that it is a copy: part of the first may hang out of the printer. One that could not begin for a while is given up:
its customer has left, and 补打小票 prints it again.

A printer that never answered (a one-way cable, a cheap converter) is printed on all the same; its jobs are `Printed` as far as
somebody knows, `is_confirmed` false. One that answered before and is silent now is switched off: its jobs wait.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from devices.errors import PortError, PortStalledError
from devices.escpos import END_OF_JOB, Paper, encode
from devices.ports import PortRef
from devices.printer_port import printer_transport
from devices.printer_status import ASK, PrinterStatus, StatusReader, Trouble
from devices.reader import BACKOFF_S, PortReader
from devices.slip import Slip
from devices.transport import LineSettings, Transport

ANSWER_S = 0.6
"""Within which a printer answers `DLE EOT`; at 2,400 baud the question alone takes 40 ms."""
ASK_EVERY_S = 1.0
"""While something waits, or is printed."""
ASK_IDLE_S = 15.0
"""While nothing is: paper is put in before the next customer comes."""
UNCONFIRMED_S = 5.0
"""A printer that is well and does not say that it is done has no `GS r`."""
SILENT_S = 10.0
"""One that answered before it was given a job, and says nothing since."""
GIVE_UP_S = 120.0
"""A job that could not begin."""

_CHUNK = 256
"""Bytes of one write: a quarter of a second at 9,600 baud, well within a write's time limit."""


@dataclass(frozen=True)
class PrintJob:
    """One slip. `as_copy` is printed instead where part of it was printed before."""

    name: str
    slip: Slip
    as_copy: Slip


@dataclass(frozen=True)
class Printed:
    """It came out; as far as the printer tells (`is_confirmed`)."""

    name: str
    is_copy: bool
    is_confirmed: bool


@dataclass(frozen=True)
class NotPrinted:
    """It waited too long and was given up."""

    name: str


@dataclass(frozen=True)
class PrinterTold:
    """How the printer is, told on change: `code` of a `Trouble` or of a `PortError`, empty where nothing is wrong, or where
    nobody knows (`is_known`): it never answered.
    """

    code: str
    is_paper_low: bool = False
    is_known: bool = True


PrinterEvent: TypeAlias = Printed | NotPrinted | PrinterTold


class _Phase(Enum):
    AWAY = auto()
    IDLE = auto()
    ASKED = auto()
    """How it is, before a job begins."""
    BLOCKED = auto()
    PRINTING = auto()


@dataclass
class _Waiting:
    job: PrintJob
    since_ns: int
    is_cut_short: bool = False


class Printer:
    """One printer on one port. All its work is done by the port's thread; `on_event` is called from it."""

    def __init__(
        self,
        port: PortRef,
        line: LineSettings,
        paper: Paper,
        on_event: Callable[[PrinterEvent], None],
        *,
        backoff_s: Sequence[float] = BACKOFF_S,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        transport_for: Callable[[str, LineSettings], Transport] = printer_transport,
    ) -> None:
        self.port, self._paper, self._on_event, self._clock_ns = port, paper, on_event, clock_ns
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._phase = _Phase.AWAY
        self._status = StatusReader()
        self._is_question_open = self._has_answered = False
        self._asked_ns = self._heard_ns = self._sent_ns = 0
        self._stale_ends = 0
        """Answers to `GS r` that may still come, of a job that was cut short."""
        self._told: PrinterTold | None = None
        self._reader = PortReader(
            str(port), lambda: transport_for(port.resolve(), line), self, clock_ns=clock_ns, backoff_s=backoff_s
        )

    def start(self) -> None:
        """Open the port, now and after each loss. Returns at once."""
        self._reader.start()

    def stop(self) -> None:
        """Let go of the port; what waits here is forgotten, and whoever handed it over knows it by its name."""
        self._reader.stop()

    def print(self, job: PrintJob) -> None:
        """Hand over; returns at once."""
        with self._lock:
            self._waiting.append(_Waiting(job, self._clock_ns()))
        self._reader.wake()

    # --- what the port's thread tells -------------------------------------------------------------------------------

    def connected(self) -> None:
        """Ask how it is: what is wrong is known before the first customer waits for a slip."""
        self._status, self._stale_ends = StatusReader(), 0
        self._phase = _Phase.ASKED
        self._ask()

    def received(self, data: bytes, at_ns: int) -> None:
        """Answers."""
        before = self._status.jobs_ended
        status = self._status.feed(data)
        for _ended in range(self._status.jobs_ended - before):
            self._heard_ns = at_ns
            if self._stale_ends:
                self._stale_ends = 0
            elif self._phase is _Phase.PRINTING:
                self._finish(is_confirmed=True)
        if status is not None:
            self._heard_ns = at_ns
            self._answered(status)
        self._go_on(at_ns)

    def silent(self, at_ns: int) -> None:
        """Time goes by, or there is a new job."""
        self._go_on(at_ns)

    def wait_s(self) -> float | None:
        """Not long while something is under way."""
        is_quiet = self._phase is _Phase.IDLE and not self._is_question_open and not self._waiting
        return None if is_quiet else 0.1

    def stalled(self, error: PortStalledError) -> None:
        """It takes nothing any more: no paper and no answer, or switched off behind a converter that is not."""
        self._cut_short(error.code)

    def lost(self, error: PortError) -> None:
        """Unplugged, or not there yet."""
        self._cut_short(error.code)
        self._phase = _Phase.AWAY
        self._give_up_old()

    # --- the work ---------------------------------------------------------------------------------------------------

    def _go_on(self, at_ns: int) -> None:
        self._give_up_old()
        quiet_s = (at_ns - self._asked_ns) / 1e9
        if self._is_question_open and quiet_s >= ANSWER_S:
            self._is_question_open = False
            self._not_answered()
        if self._phase is _Phase.IDLE and self._waiting:
            self._phase = _Phase.ASKED
            self._ask()
        elif not self._is_question_open and quiet_s >= (ASK_IDLE_S if self._phase is _Phase.IDLE else ASK_EVERY_S):
            self._ask()
        if self._phase is _Phase.PRINTING and self._reader.is_sent:
            self._watch(at_ns)

    def _watch(self, at_ns: int) -> None:
        """A job whose last byte is written."""
        self._sent_ns = self._sent_ns or at_ns
        is_well = self._heard_ns > self._sent_ns
        if not self._has_answered or (is_well and (at_ns - self._sent_ns) / 1e9 >= UNCONFIRMED_S):
            self._finish(is_confirmed=False)
        elif (at_ns - max(self._sent_ns, self._heard_ns)) / 1e9 >= SILENT_S:
            self._cut_short(Trouble.SILENT)

    def _ask(self) -> None:
        self._status.forget()
        self._asked_ns, self._is_question_open = self._clock_ns(), True
        self._reader.send(ASK)

    def _answered(self, status: PrinterStatus) -> None:
        self._is_question_open, self._has_answered = False, True
        if status.trouble:
            self._cut_short(status.trouble, is_paper_low=status.is_paper_low)
            return
        self._tell(PrinterTold("", status.is_paper_low))
        if self._phase in (_Phase.ASKED, _Phase.BLOCKED):
            self._begin()

    def _not_answered(self) -> None:
        if self._has_answered and self._phase is not _Phase.PRINTING:
            self._cut_short(Trouble.SILENT)
        elif not self._has_answered:
            self._tell(PrinterTold("", is_known=False))
            if self._phase in (_Phase.ASKED, _Phase.BLOCKED):
                self._begin()

    def _begin(self) -> None:
        """The job at the head, or rest."""
        with self._lock:
            first = self._waiting[0] if self._waiting else None
        if first is None:
            self._phase = _Phase.IDLE
            return
        self._phase, self._sent_ns = _Phase.PRINTING, 0
        data = encode(first.job.as_copy if first.is_cut_short else first.job.slip, self._paper) + END_OF_JOB
        for start in range(0, len(data), _CHUNK):
            self._reader.send(data[start : start + _CHUNK])

    def _finish(self, *, is_confirmed: bool) -> None:
        with self._lock:
            done = self._waiting.popleft()
        self._phase, self._stale_ends = _Phase.IDLE, 0
        self._on_event(Printed(done.job.name, done.is_cut_short, is_confirmed))

    def _cut_short(self, code: str, *, is_paper_low: bool = False) -> None:
        """Something is wrong; a job that is printed begins anew when it is not."""
        if self._phase is _Phase.PRINTING:
            self._stale_ends = 1
            with self._lock:
                self._waiting[0].is_cut_short = True
        self._phase = _Phase.BLOCKED
        self._tell(PrinterTold(code, is_paper_low))

    def _give_up_old(self) -> None:
        """But not what is printed now, or was begun."""
        now_ns, given_up = self._clock_ns(), list[str]()
        with self._lock:
            for one in tuple(self._waiting):
                is_begun = one.is_cut_short or (self._phase is _Phase.PRINTING and one is self._waiting[0])
                if not is_begun and (now_ns - one.since_ns) / 1e9 > GIVE_UP_S:
                    self._waiting.remove(one)
                    given_up.append(one.job.name)
        for name in given_up:
            self._on_event(NotPrinted(name))

    def _tell(self, told: PrinterTold) -> None:
        if told != self._told:
            self._told = told
            self._on_event(told)
