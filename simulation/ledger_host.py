"""The machine that the ledger runs on: the real application over real books, called in this thread, crashed and restarted."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import msgspec
from fastapi import FastAPI
from sqlalchemy import Connection

from ledger import rows
from ledger.app import create_app
from ledger.chance import random_bits_from
from ledger.database import Database
from ledger.epochs import begin_epoch
from ledger.feed import vector
from ledger.keys import Keys
from ledger.push import sweep
from protocol.feed import Vector
from protocol.push import Outcome

BOOKS = "ledger.db"
_COMMITS = frozenset({"commit"})


class LedgerCrashedError(BaseException):
    """The ledger's process is gone in the middle of a request."""


class Answer(NamedTuple):
    """An answer as it leaves the ledger."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Request(NamedTuple):
    """A request as it left the till."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @classmethod
    def of(cls, request: httpx.Request) -> Request:
        """With what httpx would send."""
        return cls(request.method, request.url.raw_path, request.headers.raw, request.read())

    def header(self, name: str) -> str:
        """What it says; empty where it says nothing."""
        return next((value.decode() for key, value in self.headers if key.decode().lower() == name), "")

    @property
    def terminal(self) -> str:
        """Who signed it, or says so."""
        return self.header("signature-input").partition('keyid="')[2].partition('"')[0]

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition(b"?")[0].decode()


class LedgerHost:
    """One ledger. `clock`: µs UTC. Its process may be down: then nobody answers."""

    def __init__(self, folder: Path, keys: Keys, clock: Callable[[], int], chance: Random) -> None:
        self.file, self._backup = folder / BOOKS, folder / "backup.db"
        self.keys, self.clock = keys, clock
        self.is_up = False
        self.life = 0
        """Rises whenever other files are put in place of the books."""
        self.crash_at_commit = 0
        """The so-manieth commit from now is the last that this process makes; 0 for none."""
        self._chance = chance
        self._has_written = False
        self._loop = asyncio.new_event_loop()
        self.database: Database
        self._app: FastAPI
        self.start()

    def start(self) -> None:
        """A new process on the same books; it begins with what was received and not booked."""
        self.database = Database(f"sqlite:///{self.file}")
        self._app = create_app(self.database, self.keys, self.clock, workers=_in_this_thread)
        self.is_up = True
        self.work(sweep)

    def close(self) -> None:
        """End it."""
        self.database.close()
        self._loop.close()

    def work(self, work: Callable[[Database], Any]) -> Any:
        """What an operator or a chore does to the books."""
        self._has_written = True
        with random_bits_from(self._chance.getrandbits):
            return work(self.database)

    def publish(self, publish: Callable[[Connection, Keys, int], object]) -> None:
        """Documents, in a transaction."""

        def work(database: Database) -> None:
            with database.write() as connection:
                publish(connection, self.keys, self.clock())

        self.work(work)

    @property
    def has_backup(self) -> bool:
        """Whether there is a copy to restore."""
        return self._backup.exists()

    def back_up(self) -> None:
        """Keep a copy of the books as they are, in place of an older one."""
        self._backup.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("VACUUM INTO ?", (str(self._backup),))

    def restore(self, *, tells: bool) -> None:
        """Put the copy in place of the books, as `ledger.restoring` does, and start on it. `tells`: another epoch begins."""
        self.crash_at_commit = 0
        self.life += 1
        self.database.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{self.file}{end}").unlink(missing_ok=True)
        shutil.copyfile(self._backup, self.file)
        self.start()
        if tells:
            self.publish(lambda connection, _keys, now_us: begin_epoch(connection, "restored", now_us))

    def vector(self) -> Vector:
        """How far the feed is."""
        with self.database.read() as connection:
            return vector(connection)

    def outcomes(self, terminal: str) -> dict[int, Outcome]:
        """What the ledger says became of a terminal's entries."""
        with self.database.read() as connection:
            found = rows.fetch(connection, "SELECT outcome FROM outcome WHERE terminal = ?", terminal)
        told = [msgspec.json.decode(text, type=Outcome) for (text,) in found]
        return {outcome.seq: outcome for outcome in told}

    def has_written(self) -> bool:
        """Whether the books may have changed since this was asked last."""
        has, self._has_written = self._has_written, False
        return has

    def serve(self, request: Request) -> Answer | None:
        """None: nobody answers. It may crash meanwhile, between two commits."""
        if not self.is_up:
            return None
        self._has_written = True
        if not self.crash_at_commit:
            return self._ask(request)
        sys.setprofile(self._counting())
        try:
            return self._ask(request)
        except LedgerCrashedError:
            self._become_what_the_disk_has()
            return None
        finally:
            sys.setprofile(None)

    def _ask(self, request: Request) -> Answer:
        with random_bits_from(self._chance.getrandbits):
            if request.path == "/v1/snapshot":  # a stream wants a loop
                return self._loop.run_until_complete(_call(self._app, request))
            return _at_once(_call(self._app, request))

    def _counting(self) -> Callable[[Any, str, Any], None]:
        def count_commits(_frame: Any, event: str, called: Any) -> None:
            if event != "c_call" or getattr(called, "__name__", "") not in _COMMITS:
                return
            if not isinstance(getattr(called, "__self__", None), sqlite3.Connection):
                return
            self.crash_at_commit -= 1
            if self.crash_at_commit <= 0:
                sys.setprofile(None)
                for end in ("", "-wal"):
                    shutil.copyfile(f"{self.file}{end}", f"{self.file}{end}.left")
                raise LedgerCrashedError

        return count_commits

    def _become_what_the_disk_has(self) -> None:
        """Whatever was done after that moment, while the stack was unwound, was not."""
        self.is_up = False
        self.life += 1
        self.database.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{self.file}{end}").unlink(missing_ok=True)
        for end in ("", "-wal"):
            Path(f"{self.file}{end}.left").rename(f"{self.file}{end}")


async def _in_this_thread(work: Callable[..., Any], /, *args: Any, limiter: Any) -> Any:  # noqa: ARG001
    return work(*args)


def _at_once(call: Awaitable[Answer]) -> Answer:
    """Run a coroutine that waits for nothing."""
    running = call.__await__()
    try:
        next(running)
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer
    raise AssertionError("the application waits for something")


async def _call(app: FastAPI, request: Request) -> Answer:
    """One request, as a server hands it over (ASGI 3)."""
    path, _, query = request.target.partition(b"?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "scheme": "http",
        "method": request.method, "path": path.decode(), "raw_path": path, "root_path": "", "query_string": query,
        "headers": [(name.lower(), value) for name, value in request.headers], "client": ("till", 1),
        "server": ("ledger", 80),
    }  # fmt: skip
    asked = [{"type": "http.request", "body": request.body, "more_body": False}]
    heard: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return asked.pop() if asked else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        heard.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in heard[1:])
    return Answer(heard[0]["status"], list(heard[0]["headers"]), body)
