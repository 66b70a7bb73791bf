"""The process that pulls, seen from its parent: started, listened to, asked to poll, ended."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from sync.reports import Report, decoder

LOG_FILE = "pull.log"
"""What the process writes on standard error: nothing, unless it is broken."""

_END_S = 0.4
"""It closes two files when its input ends. What takes longer hangs in a name server and has nothing to lose."""


@dataclass(frozen=True)
class PullEnded:
    """The process is gone."""

    code: int


class PullProcess:
    """One run of `python -m sync.pull`. Reports arrive on a thread of their own; `PullEnded` is the last."""

    def __init__(self, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]) -> None:
        command = [sys.executable, "-P", "-m", "sync.pull", "--data-dir", str(folder), "--poll-s", str(poll_s)]
        with (folder / LOG_FILE).open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, creationflags=_flags()
            )
        self._tell = tell
        threading.Thread(target=self._listen, name="pull", daemon=True).start()

    def ask(self) -> None:
        """Poll now."""
        self._write(b"poll\n")

    def dismiss(self) -> None:
        """Tell it to end, and do not wait."""
        with suppress(OSError):
            self._pipe(self._process.stdin).close()

    def stop(self) -> None:
        """End it: gently, then not. Killed in the middle of a page, that page was not applied."""
        self.dismiss()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, line: bytes) -> None:
        with suppress(OSError, ValueError):  # it has ended, or is being ended; `PullEnded` says so
            pipe = self._pipe(self._process.stdin)
            pipe.write(line)
            pipe.flush()

    def _listen(self) -> None:
        with self._pipe(self._process.stdout) as reports:
            for line in reports:
                with suppress(msgspec.MsgspecError):  # half a line of a process that was killed
                    self._tell(decoder.decode(line))
        code = self._process.wait()
        self.dismiss()
        self._tell(PullEnded(code))

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _flags() -> int:
    if sys.platform == "win32":
        return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
    else:  # noqa: RET505  # mypy reads each branch for its platform
        return 0
