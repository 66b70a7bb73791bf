"""What the ledger does by itself while it serves.

Each chore stands alone: one that fails is said in the log, done again at its next turn, and holds none of the others back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeAlias

from fastapi import FastAPI

from ledger.claiming import end_unclaimed
from ledger.clock import wall_clock_us
from ledger.counting import forget_counts
from ledger.database import Database
from ledger.documents import renew
from ledger.expiring import day_that_goes_on, expire
from ledger.horizon import FORGET_AFTER_DAYS, forget
from ledger.joining import merge_newcomers
from ledger.keys import Keys
from ledger.log import take_up
from ledger.merging import sweep_merged
from ledger.personal import forget_offers
from ledger.phone_hashes import make_phone_hashes
from ledger.proposals import publish_due
from ledger.push import sweep
from ledger.sessions import forget_sessions
from ledger.staff_sessions import forget_staff_sessions
from ledger.standing import sweep_standings

CHORES_EVERY_S = 60
LOG_EVERY_S = 2
"""How far the log is behind what was received: a till asks for its proof some minutes later anyway."""

Chore: TypeAlias = Callable[[Database, Keys, int, int], object]
"""Of the books, the keys, the time now in µs, and after how many days the feed forgets."""

_log = logging.getLogger("ledger")


def do_chores(database: Database, keys: Keys, now_us: int, after_days: int = FORGET_AFTER_DAYS) -> None:
    """All of them once, one after the other; the first that fails ends it."""
    for chore in _CHORES:
        chore(database, keys, now_us, after_days)


def doing_chores(
    database: Database, keys: Keys, after_days: int
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """For the service's life: all chores every minute, the log every other second."""

    def do(chore: Chore) -> None:
        chore(database, keys, wall_clock_us(), after_days)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(_every(CHORES_EVERY_S, [partial(do, chore) for chore in _CHORES])),
            asyncio.create_task(_every(LOG_EVERY_S, [partial(take_up, database)])),
        ]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


async def _every(seconds: int, chores: Sequence[Callable[[], object]]) -> None:
    """The outermost loop of the chores."""
    while True:
        for chore in chores:
            try:
                await asyncio.to_thread(chore)
            except Exception:  # noqa: BLE001  # the outermost loop
                _log.exception("a chore failed; again in %d s", seconds)
        await asyncio.sleep(seconds)


def _renew(database: Database, keys: Keys, now_us: int, _after_days: int) -> None:
    with database.write() as connection:
        renew(connection, keys, now_us)


def _publish(database: Database, keys: Keys, now_us: int, _after_days: int) -> None:
    publish_due(database, keys, now_us)


def _book(database: Database, *_: Any) -> None:
    sweep(database)


def _merge_newcomers(database: Database, _keys: Keys, now_us: int, _after_days: int) -> None:
    merge_newcomers(database, now_us)


def _sweep_merged(database: Database, _keys: Keys, now_us: int, _after_days: int) -> None:
    sweep_merged(database, now_us)


def _end_the_day(database: Database, _keys: Keys, now_us: int, _after_days: int) -> None:
    """Points whose last day is over, and what only counts for a day, a month, a season."""
    today = day_that_goes_on(database, now_us)
    expire(database, today, now_us)
    end_unclaimed(database, today, now_us)
    sweep_standings(database, today)
    forget_counts(database, today)
    forget_offers(database, today)


def _forget(database: Database, _keys: Keys, now_us: int, after_days: int) -> None:
    forget(database, now_us, after_days)
    forget_sessions(database, now_us)
    forget_staff_sessions(database, now_us)


def _hash_phones(database: Database, _keys: Keys, now_us: int, _after_days: int) -> None:
    make_phone_hashes(database, now_us)


_CHORES: tuple[Chore, ...] = (
    _renew,
    _book,
    _merge_newcomers,
    _sweep_merged,
    _end_the_day,
    _publish,
    _forget,
    _hash_phones,
)
"""Renewal first: a till whose documents have run out gives no points any more. What takes long comes last."""
