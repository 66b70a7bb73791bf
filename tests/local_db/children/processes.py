"""Child processes that can be killed at any moment, each with a pipe on which it reports what it has done.

Where the platform has a fork server, a child is ready in some milliseconds: hundreds can be killed within a test.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol

DEADLINE_S = 60
_HAS_SERVER = "forkserver" in multiprocessing.get_all_start_methods()
_CONTEXT: Any = multiprocessing.get_context("forkserver" if _HAS_SERVER else "spawn")
if _HAS_SERVER:
    _CONTEXT.set_forkserver_preload(["tests.local_db.children.writers", "tests.integration.children.programs"])


class Child(Protocol):
    """A running child."""

    exitcode: int | None

    def kill(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...


@contextmanager
def running(program: Callable[..., None], *arguments: Any) -> Iterator[tuple[Child, Connection]]:
    """`program(pipe, *arguments)` in a process of its own; killed with SIGKILL at the end if it still runs."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=program, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join(DEADLINE_S)
        ours.close()


def heard(pipe: Connection) -> Any:
    """The child's next report; the test fails when none comes."""
    if not pipe.poll(DEADLINE_S):
        raise TimeoutError("the child says nothing")
    return pipe.recv()


def rest(pipe: Connection) -> list[Any]:
    """All that a dead child reported before it died."""
    reports = []
    try:
        while pipe.poll(0):
            reports.append(pipe.recv())
    except (EOFError, OSError):
        pass
    return reports
