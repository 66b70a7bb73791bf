"""Commands and their answers share the line with scans: what answers who asked goes to him, everything else is a scan.

One command is under way at a time, because most families' answers do not say which command they answer. `ask` may be
called from any thread; everything else belongs to the port's own thread, which also keeps the deadlines.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from devices.frames import MORE, Answer, Damaged, FrameMeaning, ReplyFormat
from devices.frames.formats import FORMATS
from devices.framing import MAX_FRAME_BYTES
from devices.replies import Outcome, Replies, Reply

_NS_PER_MS = 1_000_000
_LATE_MS = 5_000
"""The longest that a vendor documents for an answer (Newland): so long a late one is expected."""
_NOISE = frozenset((0x00, 0xFF))
"""What a plug sends while it is pushed in. No frame and no code begins so, and the frame behind it must be seen."""
_FIRST_PRINTABLE = 0x20
_CONTROL = re.compile(rb"[\x00-\x1f]")


class Piece(NamedTuple):
    """A part of the line: bytes of scans, a frame with its meaning, or bytes of an answer that broke off.

    `is_ours`: this till asked, so that an answer may be to it; one that nobody here asked for is a cash register's.
    """

    kind: Literal["scan", "frame", "broken", "noise"]
    data: bytes
    meaning: FrameMeaning | None = None
    is_ours: bool = True


@dataclass(slots=True)
class _Request:
    command: bytes
    is_answered: bool
    done: Future[Reply] = field(default_factory=Future)
    tries_left: int = 0
    raw: bytes = b""
    lines: list[str] = field(default_factory=list)


class ReplyRouter:
    """Who asked what of one scanner."""

    def __init__(self, replies: Replies, send: Callable[[bytes], None], clock_ns: Callable[[], int]) -> None:
        self._replies = replies
        self._format: ReplyFormat | None = FORMATS[replies.format]
        self._send = send
        self._clock_ns = clock_ns
        self._lock = threading.RLock()
        self._waiting: deque[_Request] = deque()
        self._current: _Request | None = None
        self._deadline_ns = self._not_before_ns = self._late_until_ns = 0
        self._is_online = False
        self._held = bytearray()
        self._ended: deque[tuple[_Request, Reply]] = deque()

    # --- from any thread -----------------------------------------------------------------------------------------------

    def ask(self, command: bytes, *, is_answered: bool) -> Future[Reply]:
        """Send `command` when the ones before are over. The future ends by itself within their timeouts and its own.

        A callback of the future runs on the port's thread, or at once on the caller's: it must hand over and return.
        """
        request = _Request(command, is_answered and self._format is not None)
        with self._lock:
            if self._is_online:
                self._waiting.append(request)
                self._begin_next(self._clock_ns())
            else:
                self._ended.append((request, Reply(Outcome.OFFLINE)))
        self._tell()
        return request.done

    def go_online(self) -> None:
        """The port is open: commands can be sent."""
        with self._lock:
            self._held.clear()
            self._is_online = True
            self._not_before_ns = self._late_until_ns = 0

    def go_offline(self) -> None:
        """The port is away: nobody will be answered."""
        with self._lock:
            self._is_online = False
            self._held.clear()
            ended = [*([self._current] if self._current else ()), *self._waiting]
            self._ended.extend((request, Reply(Outcome.OFFLINE)) for request in ended)
            self._current = None
            self._waiting.clear()
        self._tell()

    # --- from the port's thread ----------------------------------------------------------------------------------------

    @property
    def is_holding(self) -> bool:
        """True while bytes are kept that may become an answer."""
        return bool(self._held)

    def split(self, data: bytes, is_between_scans: Callable[[], bool]) -> Iterator[Piece]:
        """Tell the bytes of one read apart. No answer begins inside a scan: `is_between_scans` is asked anew for each piece."""
        if self._format is None:
            yield Piece("scan", data)
            return
        self._held += data
        while self._held:
            if not is_between_scans():
                yield self._taken("scan", self._up_to_control())
            elif self._held[0] in _NOISE:
                yield self._taken("noise", 1)
            elif (length := self._format.measure(bytes(self._held), is_asked=self._is_asked())) > 0:
                yield self._framed(self._format, length)
            elif length == MORE and len(self._held) < MAX_FRAME_BYTES:
                return
            else:
                yield self._taken("scan", 1)

    def give_up(self) -> Piece | None:
        """The line fell silent: what is held becomes no answer. Text is a scan after all, the rest is dropped."""
        if not self._held:
            return None
        is_text = self._held[0] >= _FIRST_PRINTABLE and self._format is not None and self._format.keeps_text
        return self._taken("scan" if is_text else "broken", len(self._held))

    def wait_s(self) -> float | None:
        """How long until the next deadline; None when nothing is under way."""
        with self._lock:
            if self._current:
                due_ns = self._deadline_ns
            elif self._waiting:
                due_ns = self._not_before_ns
            else:
                return None
            return max(0, due_ns - self._clock_ns()) / 1e9

    def tick(self) -> None:
        """End what has waited too long, begin what may begin."""
        now_ns = self._clock_ns()
        with self._lock:
            if self._current and now_ns >= self._deadline_ns:
                self._time_out(self._current, now_ns)
            self._begin_next(now_ns)
        self._tell()

    def stall(self) -> None:
        """The scanner takes no bytes: what was sent is lost."""
        with self._lock:
            if self._current:
                self._finish(Outcome.SILENT)
        self._tell()

    # --- inside --------------------------------------------------------------------------------------------------------

    def _is_asked(self) -> bool:
        return self._current is not None or self._clock_ns() < self._late_until_ns

    def _up_to_control(self) -> int:
        """Only a control character ends a scan, so only behind one can an answer begin."""
        control = _CONTROL.search(self._held)
        return control.end() if control else len(self._held)

    def _taken(self, kind: Literal["scan", "broken", "noise"], length: int) -> Piece:
        piece = Piece(kind, bytes(self._held[:length]))
        del self._held[:length]
        return piece

    def _framed(self, frames: ReplyFormat, length: int) -> Piece:
        data = bytes(self._held[:length])
        del self._held[:length]
        meaning, is_ours = frames.read(data), self._is_asked()
        if isinstance(meaning, Answer):
            self._answer(frames, data, meaning)
        else:
            confirm = meaning.refuse if isinstance(meaning, Damaged) else meaning.confirm
            if confirm:
                self._send(confirm)
        return Piece("frame", data, meaning, is_ours)

    def _answer(self, frames: ReplyFormat, data: bytes, answer: Answer) -> None:
        with self._lock:
            request = self._current
            if request is None or (answer.is_last and not frames.answers(data, request.command)):
                return
            request.raw += data
            if answer.text:
                request.lines.append(answer.text)
            if answer.is_last:
                self._finish(answer.outcome)
                self._begin_next(self._clock_ns())
        self._tell()

    def _begin_next(self, now_ns: int) -> None:
        while self._waiting and self._current is None and now_ns >= self._not_before_ns:
            self._current = request = self._waiting.popleft()
            request.tries_left = self._replies.retries
            self._put_on_line(request, now_ns)
            if not request.is_answered:
                self._finish(Outcome.SENT)

    def _put_on_line(self, request: _Request, now_ns: int) -> None:
        self._deadline_ns = now_ns + self._replies.timeout_ms * _NS_PER_MS
        self._send(request.command)

    def _time_out(self, request: _Request, now_ns: int) -> None:
        """Nothing at all came back: once more, where the family may have slept. Half an answer is not asked for again."""
        if request.tries_left and not request.raw:
            request.tries_left -= 1
            self._put_on_line(request, now_ns)
            return
        self._late_until_ns = now_ns + _LATE_MS * _NS_PER_MS
        self._finish(Outcome.SILENT)

    def _finish(self, outcome: Outcome) -> None:
        request, self._current = self._current, None
        assert request is not None
        self._not_before_ns = self._clock_ns() + self._replies.pause_ms * _NS_PER_MS
        self._ended.append((request, Reply(outcome, request.raw, "\n".join(request.lines))))

    def _tell(self) -> None:
        """Outside the lock: who hears of one answer may ask the next thing."""
        while self._ended:
            with contextlib.suppress(IndexError):
                request, reply = self._ended.popleft()
                request.done.set_result(reply)
