"""The end of a replay: everything is pushed, everything is pulled, and every till shows what the ledger holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing

from bench.replay.town import Place, Town
from bench.shop.coalitions import KIND
from ledger import rows
from ledger.database import Database
from ledger.feed import digest
from local_db.cache import CacheReader
from local_db.connections import open_reading
from local_db.journal import JournalReader
from sync.cache_files import FACT
from till.draft import SaleDraft
from till.events import Event
from till.scanning import MemberIdentified

DEADLINE_S = 180.0
_LOOK_S = 0.5
"""How often is looked at least: what another process wrote into the books has no event here."""


def settle(places: Sequence[Place], database: Database) -> list[str]:
    """Wait until nothing waits and nothing lies reserved, then until every cache is as new as the books.

    A sentence for each till that has not come so far in time.
    """
    happened = threading.Event()

    def heard(_event: Event) -> None:
        happened.set()

    with ExitStack() as heard_by:
        for place in places:
            heard_by.callback(place.till.counter.subscribe(heard))
        until = time.monotonic() + DEADLINE_S
        for is_done in (_is_pushed, _is_pulled):
            while waiting := [place for place in places if not is_done(place, database)]:
                if time.monotonic() > until:
                    return [f"{place.folder.name} has not settled: {place.till.counter.link}" for place in waiting]
                happened.clear()
                for place in waiting:
                    place.till.agent.poll_now()
                happened.wait(_LOOK_S)
    return []


def shown_differences(town: Town, database: Database) -> Iterator[str]:
    """Where a till shows a member another balance than the ledger holds (promise 4)."""
    with database.read() as connection:
        held = rows.fetch(connection, "SELECT member, available FROM balance WHERE kind = ? ORDER BY member", KIND)
    for place in town.places:
        show = _shown_by(place)
        for member, available in held:
            if (shown := show(member)) != available:
                yield f"{place.folder.name} shows {shown:,} of member {member}, the ledger holds {available:,}"


def _shown_by(place: Place) -> Callable[[str], int]:
    def shown(member: str) -> int:
        found = place.till.counter.scan(Town.card_code(member), SaleDraft())
        assert isinstance(found, MemberIdentified)
        balance = next(balance for balance in found.member.balances if balance.kind == KIND)
        return balance.available + balance.own

    return shown


def _is_pushed(place: Place, database: Database) -> bool:
    if place.till.counter.link.waiting:
        return False
    with database.read() as connection:
        terminal = place.till.counter.terminal
        return not rows.fetch(
            connection, "SELECT 1 FROM reservation WHERE points_left > 0 AND terminal = ? LIMIT 1", terminal
        )


def _is_pulled(place: Place, database: Database) -> bool:
    with closing(JournalReader.open(place.folder)) as journal:
        name = journal.fact(FACT)
    if not name:
        return False
    with closing(CacheReader.open(place.folder / name)) as cache, closing(open_reading(place.folder / name)) as file:
        is_held = file.execute("SELECT 1 FROM held_member LIMIT 1").fetchone()
        return cache.vector().digest() == digest(database) and is_held is None
