"""A program in a pseudo-terminal of its own, watched from outside: when which text came out, to the microsecond.

What is measured here is what a person sees: the bytes that the program paints, after the bytes that he typed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.shop.pty_posix import open_terminal

COLUMNS, ROWS = 80, 24
TIMEOUT_S = 30.0
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;:?<>=!]*[ -/]*[@-~]|[PX^_\]].*?(?:\x07|\x1b\\)|[@-Z\\^_=>])", re.DOTALL)
_END_S = 10


class Console:
    """Runs `command`. `started` is when it was exec'd (`time.perf_counter`)."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._master, slave = open_terminal(COLUMNS, ROWS)
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        self._said: list[tuple[float, str]] = []
        self._news = threading.Condition()
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment, start_new_session=True
        )
        os.close(slave)
        threading.Thread(target=self._listen, name="console", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    def press(self, key: str) -> float:
        """Seconds from a key to the first bytes that it paints."""
        mark = self.mark()
        started = self.type(key)
        return self.saw("", mark) - started

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    def mark(self) -> int:
        """Where the output is now: what comes after it can be waited for."""
        with self._news:
            return len(self._said)

    def type(self, keys: str) -> float:
        """Press keys; when the last one left (`time.perf_counter`)."""
        os.write(self._master, keys.encode())
        return time.perf_counter()

    def saw(self, text: str = "", since: int = 0, timeout_s: float = TIMEOUT_S) -> float:
        """When `text` (empty: anything at all) was painted after a mark. Raises `TimeoutError` with what was seen."""
        until = time.perf_counter() + timeout_s
        with self._news:
            while True:
                seen = ""
                for at, said in self._said[since:]:
                    seen += said
                    if text in plain(seen) if text else said:
                        return at
                if not self._news.wait(until - time.perf_counter()):
                    raise TimeoutError(f"no {text!r} in {plain(seen)[-2_000:]!r}")

    def shown(self) -> str:
        """All that was painted, without escapes."""
        with self._news:
            return plain("".join(said for _at, said in self._said))

    def _listen(self) -> None:
        while True:
            try:
                piece = os.read(self._master, 65_536)
            except OSError:  # the program has ended, or the pty was closed
                return
            at = time.perf_counter()
            with self._news:
                self._said.append((at, piece.decode(errors="replace")))
                self._news.notify_all()


def plain(text: str) -> str:
    """Without escape sequences; what stood in two segments of a line stands together."""
    return _ESCAPES.sub("", text)
