"""The background at work: real ledger on a socket, real process that pulls, and a plug in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ledger.push import push
from ledger.reserving import reserve
from protocol.push import PushAnswer
from protocol.reservations import Granted, Verdict
from sync.agent import SyncAgent
from sync.errors import TransientSyncError
from sync.events import (
    CacheChanged,
    Event,
    LinkChanged,
    OffsetMeasured,
    OutcomesMarked,
    ReservationFound,
    TerminalEnded,
)
from sync.identity import ENDED_FACT, KEY_FILE
from sync.pull_process import PullProcess
from tests.sync.books import Books, on_socket
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till, enrolled, shown
from till.demo.plug import Plug

_E = TypeVar("_E")
WAIT_S = 20.0


class Heard:
    """What the agent told, and a way to wait for something without sleeping."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Until it holds after some event."""
        with self._changed:
            assert self._changed.wait_for(condition, WAIT_S), self.events


class Shop:
    """A ledger on a socket, a plug, a till behind it, and its background."""

    def __init__(self, books: Books, till: Till, plug: Plug) -> None:
        self.books, self.till, self.plug, self.heard = books, till, plug, Heard()
        self.agent = SyncAgent(till.folder, till.journal, till.identity, till.key, self.heard, poll_s=0.5)

    def started(self) -> None:
        """Online, with a cache."""
        self.agent.start()
        self.heard.wait_for(lambda: bool(self.heard.of(CacheChanged)) and self.agent.link.condition == "online")

    def sell(self, member: str, award: int) -> None:
        self.till.sale(member, award=award)
        self.agent.wake()

    def settled(self) -> None:
        """Everything pushed, and the newest rows in the cache."""
        self.heard.wait_for(
            lambda: (
                self.till.journal.waiting() == self.agent.link.waiting == 0 and self.agent.link.condition == "online"
            )
        )

    def shown(self, member: str) -> int | None:
        with closing(self.till.cache()) as cache:
            return shown(cache, self.till.journal, member)


@pytest.fixture
def shop(books: Books, tmp_path: Path) -> Iterator[Shop]:
    """Stopped at the end, whatever happened."""
    with on_socket(books) as port:
        plug = Plug("127.0.0.1", port)
        with enrolled(books, tmp_path / "till", None, f"http://127.0.0.1:{plug.port}") as till:
            shop = Shop(books, till, plug)
            yield shop
            shop.agent.stop()
        plug.close()


def test_a_sale_is_booked_behind_the_counters_back(shop: Shop) -> None:
    """Appended, woken, booked; the outcome is told, and the row follows by the pull that it asks for."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=30)
    shop.heard.wait_for(lambda: bool(shop.heard.of(OutcomesMarked)))
    assert shop.heard.of(OutcomesMarked)[0].outcomes[0].status == "booked"
    shop.heard.wait_for(lambda: shop.agent.link.waiting == 0)
    assert shop.shown(member) == shop.books.available(member) == 30
    assert abs(shop.heard.of(OffsetMeasured)[0].offset_us) < 2_000_000


def test_an_outage_and_its_end(shop: Shop) -> None:
    """Offline, sales wait and the balance shown stays exact; back, they are pushed and the words change by themselves."""
    member = shop.books.join()
    shop.started()
    shop.plug.cut()
    for _ in range(5):
        shop.sell(member, award=10)
    shop.heard.wait_for(lambda: shop.agent.link.condition == "offline" and shop.agent.link.waiting == 5)
    assert shop.agent.link.cause == "no-answer"
    assert shop.shown(member) == 50
    assert shop.books.available(member) == 0

    shop.plug.mend()
    shop.agent.poll_now()
    shop.settled()
    assert shop.books.available(member) == shop.shown(member) == 50
    assert "recovering" in [event.link.condition for event in shop.heard.of(LinkChanged)]


def test_an_answer_lost_on_its_way_back(shop: Shop) -> None:
    """The ledger booked and the till did not hear of it: it asks again, and nothing is booked twice."""
    member = shop.books.join()
    shop.started()
    lost = shop.plug.lose_next_answer()
    shop.sell(member, award=7)
    assert lost.wait(WAIT_S)
    shop.settled()
    shop.heard.wait_for(lambda: any(event.outcomes for event in shop.heard.of(OutcomesMarked)))
    assert shop.books.available(member) == shop.shown(member) == 7


def test_a_reservation_does_not_wait_behind_a_push(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a push hangs at the ledger, an online redemption has its own connection and its verdict."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=100)
    shop.settled()
    arrived, released = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> PushAnswer:
        arrived.set()
        released.wait(WAIT_S)
        return push(*arguments)

    monkeypatch.setattr("ledger.routes.push", slow)
    shop.sell(member, award=1)
    assert arrived.wait(WAIT_S)
    started = time.monotonic()
    verdict = shop.agent.reserve(reserve_request(member, 60))
    took_s = time.monotonic() - started
    released.set()
    assert isinstance(verdict, Granted)
    assert took_s < 0.8
    shop.heard.wait_for(lambda: shop.agent.link.waiting == 0)


def test_a_silent_ledger_costs_the_cashier_one_bound(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An online redemption ends after its 800 ms, and the late yes is told later, to be returned."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=100)
    shop.settled()
    released = threading.Event()

    def late(*arguments: Any) -> Verdict:
        released.wait(WAIT_S)
        return reserve(*arguments)

    monkeypatch.setattr("ledger.routes.reserve", late)
    request = reserve_request(member, 60)
    started = time.monotonic()
    with pytest.raises(TransientSyncError):
        shop.agent.reserve(request)
    assert 0.7 < time.monotonic() - started < 1.5

    released.set()
    shop.agent.give_up(request.id)
    shop.heard.wait_for(lambda: bool(shop.heard.of(ReservationFound)))
    found = shop.heard.of(ReservationFound)[0]
    assert (found.id, found.member) == (request.id, member)
    shop.till.returned(member, found.id)
    shop.agent.wake()
    shop.settled()
    assert shop.books.available(member) == 100


def test_it_ends_within_a_second(shop: Shop) -> None:
    """Online, or with a call under way into nothing: stop() is prompt, and starts no more threads or processes."""
    shop.started()
    shop.plug.cut()
    shop.sell(shop.books.join(), award=1)
    started = time.monotonic()
    shop.agent.stop()
    assert time.monotonic() - started < 1.2
    assert not [thread for thread in threading.enumerate() if thread.name in ("sync", "push") and thread.is_alive()]


def test_the_process_that_pulls_is_started_again(shop: Shop) -> None:
    """Killed, it comes back after a pause and goes on where it was."""
    shop.started()
    pull = shop.agent._pull
    assert isinstance(pull, PullProcess)
    pull._process.kill()
    member = shop.books.join()
    shop.heard.wait_for(lambda: any(member in event.members for event in shop.heard.of(CacheChanged)))
    assert shop.agent._pull is not pull


def test_a_journal_that_is_not_the_ledgers(shop: Shop) -> None:
    """Another chain under this terminal's name: pushing ends with a word for it, pulling goes on."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=1)
    shop.settled()
    with shop.books.database.write() as connection:
        connection.exec_driver_sql("UPDATE terminal SET head = randomblob(32)")
    shop.sell(member, award=2)
    shop.heard.wait_for(lambda: shop.agent.link.stuck != "")
    assert shop.agent.link.stuck == "journal-forked"
    shop.heard.wait_for(lambda: bool(shop.heard.of(TerminalEnded)))
    other = shop.books.join()
    # Not by the event's names: it has none where rows that were held back came with them.
    shop.heard.wait_for(lambda: shop.shown(other) is not None)
    shop.heard.wait_for(lambda: (shop.agent.link.waiting, shop.agent.link.quarantined) == (0, 1))
    assert shop.agent.link.is_reachable


def test_a_stolen_till_is_wiped_on_contact(shop: Shop) -> None:
    """Revoked by a signed word: the key and the cache go, the journal stays."""
    member = shop.books.join()
    shop.started()
    shop.sell(member, award=1)
    shop.settled()
    shop.books.end(shop.till.identity.terminal, "revoked")
    shop.heard.wait_for(lambda: shop.agent.link.cause == "revoked")
    shop.heard.wait_for(lambda: shop.heard.of(CacheChanged)[-1].file == "")
    shop.agent.stop()  # what it began, it ends
    assert not (shop.till.folder / KEY_FILE).exists()
    assert list(shop.till.folder.glob("cache-*")) == []
    assert shop.till.journal.last() is not None
    assert (shop.till.journal.fact(ENDED_FACT), shop.heard.of(TerminalEnded)[-1].code) == (("terminal-revoked",) * 2)
    assert list(shop.till.journal.verify(shop.till.identity.genesis(), shop.till.identity.terminal)) == []
