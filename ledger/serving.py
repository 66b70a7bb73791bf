"""`till-ledger serve`: the service on a socket.

asyncio sets TCP_NODELAY on every connection that it accepts (a test looks at one); without it each request cost 45 ms.
Server and Date headers are left out: a poll with nothing to say has 600 bytes for both directions.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn

from ledger.app import create_app
from ledger.chores import doing_chores
from ledger.clock import wall_clock_us
from ledger.database import Database
from ledger.horizon import FORGET_AFTER_DAYS
from ledger.keys import Keys
from ledger.sessions import SESSION_DAYS
from ledger.training import TrainingBooks

KEEP_ALIVE_S = 90
"""Tills poll about every 30 s; a connection that ends between two polls would cost each of them a handshake."""

GARBAGE_AFTER = 50_000
"""New objects before Python looks for cycles. At its usual 700 it looked sixty times in a batch of 1,000 entries, whose rows
are all alive: a quarter of the time of booking."""

Listening = Callable[[str, int], None]


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
    after_days: int = FORGET_AFTER_DAYS, session_days: int = SESSION_DAYS, training: Path | None = None,
) -> Server:  # fmt: skip
    """A server that is ready to `run()`. `listening` gets host and port once it accepts connections; `training`: the folder of
    the training books, None for none."""
    app = create_app(
        database, keys, lifespan=doing_chores(database, keys, after_days), session_days=session_days,
        training=TrainingBooks(training, keys, wall_clock_us) if training is not None else None,
    )  # fmt: skip
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
