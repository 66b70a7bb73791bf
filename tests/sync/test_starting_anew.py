"""When a till starts anew by itself: it slept past the horizon, or its snapshot is a month old. The counter reads meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger import members, rows
from ledger.horizon import forget
from sync.bootstrap import LOADED
from sync.puller import RENEW_AFTER_US
from sync.reports import FileReady, Pulled
from tests.sync.books import MERCHANT, AsgiTransport, Books
from tests.sync.test_puller import Poller
from tests.sync.tills import Till, enrolled

DAY_US = 86_400_000_000


def content(till: Till) -> dict[str, list[tuple[object, ...]]]:
    """All that a cache says of members and of how far they are read."""
    path = till.folder / str(till.journal.fact("cache"))
    with closing(sqlite3.connect(path)) as connection:
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()
            for table in ("member", "held_member", "bucket")
        }


def test_a_till_that_slept_past_the_horizon_is_like_a_fresh_one(
    till: Till, asgi: AsgiTransport, books: Books, tmp_path: Path
) -> None:
    """Who left meanwhile, and was forgotten, is gone from it too; whoever reads the old file reads on."""
    gone, stays = books.join(), books.join()
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
        now_us = time.time_ns() // 1_000
        members.set_status(books.database, gone, "left", now_us)
        assert forget(books.database, now_us + 500 * DAY_US) == 1
        books.join()
        with closing(till.cache()) as reader:
            assert any(isinstance(report, FileReady) for report in poller.poll())
            assert reader.member(stays) == books.row(stays)
        poller.poll()
        with closing(till.cache()) as cache:
            assert cache.member(gone) is None
    with enrolled(books, tmp_path / "fresh", asgi) as fresh, closing(Poller(fresh, asgi)) as poller:
        poller.poll()
        assert content(till) == content(fresh)


@pytest.fixture
def poller(till: Till, asgi: AsgiTransport) -> Iterator[Poller]:
    with closing(Poller(till, asgi)) as poller:
        yield poller


def test_who_stayed_away_is_forgotten_within_a_month(poller: Poller, till: Till, books: Books) -> None:
    """No change of his row ever says so: the till starts a snapshot by itself, and his name is gone with the old file."""
    member = books.join()
    poller.poll()
    with closing(till.cache()) as cache:
        assert cache.member(member) == books.row(member)
    _forget_the_visit(books, member)
    assert not any(isinstance(report, FileReady) for report in poller.poll()), "not every day"
    _make_older(till, RENEW_AFTER_US - 4 * DAY_US)
    poller.puller.close()
    assert not any(isinstance(report, FileReady) for report in poller.poll())
    _make_older(till, RENEW_AFTER_US)
    poller.puller.close()
    *reports, ready = poller.poll()
    assert any(isinstance(report, Pulled) for report in reports), "first what moved, then the new file"
    assert isinstance(ready, FileReady)
    poller.poll()
    with closing(till.cache()) as cache:
        stranger = cache.member(member)
    assert stranger is not None
    assert (stranger.name, stranger.last4, stranger.phone_key) == ("", "", "")
    assert [path.name for path in till.folder.glob("cache-*.db")] == [ready.file]


def _forget_the_visit(books: Books, member: str) -> None:
    day = (date.today() - timedelta(days=400)).isoformat()  # noqa: DTZ011  # days away from any edge
    with books.database.write() as connection:
        rows.execute(connection, "UPDATE visit SET day = ? WHERE member = ? AND merchant = ?", day, member, MERCHANT)


def _make_older(till: Till, age_us: int) -> None:
    """As if the snapshot had been loaded so long ago."""
    loaded = str(time.time_ns() // 1_000 - age_us)
    with sqlite3.connect(till.folder / str(till.journal.fact("cache"))) as connection:
        connection.execute("UPDATE fact SET value = ? WHERE name = ?", (loaded, LOADED))
    connection.close()
