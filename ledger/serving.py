"""`till-ledger serve`: the service on a socket, and what it does by itself meanwhile.

asyncio sets TCP_NODELAY on every connection that it accepts (a test looks at one); without it each request cost 45 ms.
Server and Date headers are left out: a poll with nothing to say has 600 bytes for both directions.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import uvicorn
from fastapi import FastAPI

from ledger.app import create_app
from ledger.clock import wall_clock_us
from ledger.counting import forget_counts
from ledger.database import Database
from ledger.documents import renew
from ledger.expiring import day_that_goes_on, expire
from ledger.horizon import FORGET_AFTER_DAYS, forget
from ledger.keys import Keys
from ledger.log import take_up
from ledger.merging import sweep_merged
from ledger.personal import forget_offers
from ledger.proposals import publish_due
from ledger.push import sweep
from ledger.sessions import SESSION_DAYS, forget_sessions
from ledger.standing import sweep_standings

SWEEP_EVERY_S = 60
LOG_EVERY_S = 2
"""How far the log is behind what was received: a till asks for its proof some minutes later anyway."""
KEEP_ALIVE_S = 90
"""Tills poll about every 30 s; a connection that ends between two polls would cost each of them a handshake."""

GARBAGE_AFTER = 50_000
"""New objects before Python looks for cycles. At its usual 700 it looked sixty times in a batch of 1,000 entries, whose rows
are all alive: a quarter of the time of booking."""

Listening = Callable[[str, int], None]

_log = logging.getLogger("ledger")


class Server(uvicorn.Server):
    """uvicorn, and a word when it listens."""

    def __init__(self, config: uvicorn.Config, listening: Listening) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; then tells host and port, the one that the system chose where 0 was asked for."""
        await super().startup(sockets)
        if self.servers:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._listening(str(host), int(port))


def make_server(
    database: Database, keys: Keys, host: str, port: int, listening: Listening = lambda _host, _port: None,
    after_days: int = FORGET_AFTER_DAYS, session_days: int = SESSION_DAYS,
) -> Server:  # fmt: skip
    """A server that is ready to `run()`. `listening` gets host and port once it accepts connections."""
    app = create_app(database, keys, lifespan=_chores(database, keys, after_days), session_days=session_days)
    config = uvicorn.Config(
        app,
        host,
        port,
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=5,
    )
    return Server(config, listening)


def spare_garbage_collection() -> None:
    """For a process that does nothing but book: what is loaded now stays, and what a batch makes goes without cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, 10, 10)


def do_chores(database: Database, keys: Keys, now_us: int, after_days: int = FORGET_AFTER_DAYS) -> None:
    """Book what was received and not booked, sweep merged accounts, let expire what ended, publish what is due, renew
    what would run out."""
    sweep(database)
    sweep_merged(database, now_us)
    forget(database, now_us, after_days)
    forget_sessions(database, now_us)
    today = day_that_goes_on(database, now_us)
    expire(database, today, now_us)
    sweep_standings(database, today)
    forget_counts(database, today)
    forget_offers(database, today)
    with database.write() as connection:
        publish_due(connection, keys, now_us)
        renew(connection, keys, now_us)


def _chores(database: Database, keys: Keys, after_days: int) -> Callable[[FastAPI], object]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(
                _every(SWEEP_EVERY_S, lambda: do_chores(database, keys, wall_clock_us(), after_days))
            ),
            asyncio.create_task(_every(LOG_EVERY_S, lambda: take_up(database))),
        ]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _every(seconds: int, work: Callable[[], object]) -> None:
    """The outermost loop of the chores: what fails is said and tried again."""
    while True:
        try:
            await asyncio.to_thread(work)
        except Exception:  # noqa: BLE001  # the outermost loop
            _log.exception("the chores failed; again in %d s", seconds)
        await asyncio.sleep(seconds)
