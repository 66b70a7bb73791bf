"""Promise 4 across a merge: whatever is on its way under the old number is shown exactly once, in every order of things."""

from __future__ import annotations

import time
from contextlib import closing
from random import Random

import pytest

from ledger import merging
from ledger.verify import verify
from local_db.journal_reader import JournalReader
from sync.errors import TransientSyncError
from sync.push import Pusher
from sync.reports import ReservationsSeen
from tests.sync import faults
from tests.sync.books import KIND, AsgiTransport, Books
from tests.sync.faults import FaultyTransport
from tests.sync.test_contract import reserve_request
from tests.sync.test_puller import Poller
from tests.sync.tills import Till, enrolled
from till.own_entries import own_effect


class Person:
    """One person with two numbers at one till, and what he should see there."""

    def __init__(self, till: Till, books: Books) -> None:
        self.till, self.books = till, books
        self.old, self.new = books.join(), books.join()
        self.points = 0

    def sell(self, member: str, award: int, redeem: int = 0) -> None:
        """On the floor where it takes points: never more than he has."""
        self.till.sale(member, award=award, redeem=redeem)
        self.points += award - redeem

    def merge(self) -> None:
        merging.merge(self.books.database, self.old, self.new, time.time_ns() // 1_000)

    def shown(self) -> int:
        """What the counter shows of both, or of the one that is left; the row first, the journal second."""
        with closing(self.till.cache()) as cache:
            rows = [
                row for member in (self.old, self.new) if (row := cache.member(member)) and row.status != "merged"
            ]
            reader = JournalReader.open(self.till.folder)
            with closing(reader):
                effects = [own_effect(reader, row).get(KIND, 0) for row in rows]
        return sum(row.balances[KIND].available for row in rows if KIND in row.balances) + sum(effects)


@pytest.mark.parametrize("seed", range(12))
def test_shown_is_true_through_a_merge(till: Till, asgi: AsgiTransport, books: Books, seed: int) -> None:
    """Sales under both numbers, answers that are lost, polls and a merge, in a random order: each own sale counts once."""
    random, person = Random(seed), Person(till, books)
    transport = FaultyTransport(asgi)
    with closing(Poller(till, asgi)) as poller, till.client(transport) as client:
        pusher = Pusher(till.journal, client)
        poller.poll()
        person.sell(person.old, 200)
        person.sell(person.new, 100)
        pusher.push_once()
        poller.poll()
        steps = [*["sell"] * 8, *["push"] * 4, *["lose"] * 3, *["poll"] * 6, "merge"]
        random.shuffle(steps)
        for step in steps:
            _take(step, person, poller, pusher, transport, random)
            assert person.shown() == person.points, steps
        while till.journal.waiting():
            _push(pusher, transport, is_lost=False)
        poller.poll()
        poller.poll()
        assert person.shown() == person.points == books.available(person.new)
    assert verify(books.database) == []


def test_a_tombstone_waits_for_the_row_it_leads_to(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """The new number has a sale without an answer, so its row waits; the old one is shown as it was until then."""
    person, lost = Person(till, books), FaultyTransport(asgi)
    with closing(Poller(till, asgi)) as poller, till.client(lost) as client:
        pusher = Pusher(till.journal, client)
        person.sell(person.old, 200)
        pusher.push_once()
        poller.poll()
        person.sell(person.new, 5)
        _push(pusher, lost, is_lost=True)
        person.merge()
        poller.poll()
        assert person.shown() == 205
        pusher.push_once()
        poller.poll()
        assert person.shown() == 205 == books.available(person.new)


def test_a_reservation_of_the_old_number_is_returned_under_it(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """The new row says how much lies where; the till is told of the reservation with the number whose account it is on."""
    person = Person(till, books)
    with closing(Poller(till, asgi)) as poller, till.client(asgi) as client:
        person.sell(person.old, 50)
        Pusher(till.journal, client).push_once()
        poller.poll()
        request = reserve_request(person.old, 40)
        client.reserve(request)
        person.merge()
        seen = [report for report in poller.poll() if isinstance(report, ReservationsSeen)]
        assert [(one.id, one.member) for report in seen for one in report.reservations] == [(request.id, person.old)]
        till.returned(person.old, request.id)
        assert person.shown() == 50
        Pusher(till.journal, client).push_once()
        poller.poll()
        assert (person.shown(), books.available(person.new)) == (50, 50)


def test_another_till_counts_nothing_twice_either(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """A till that made none of the sales shows what the ledger booked, before a merge and after it."""
    person = Person(till, books)
    with enrolled(books, till.folder.parent / "other", asgi) as other, closing(Poller(other, asgi)) as poller:
        elsewhere = Person.__new__(Person)
        elsewhere.till, elsewhere.books, elsewhere.old, elsewhere.new = other, books, person.old, person.new
        poller.poll()
        person.sell(person.old, 70)
        with till.client(asgi) as client:
            Pusher(till.journal, client).push_once()
        person.merge()
        poller.poll()
        assert elsewhere.shown() == 70


def _take(
    step: str, person: Person, poller: Poller, pusher: Pusher, transport: FaultyTransport, random: Random
) -> None:
    if step == "sell":
        spends = random.random() < 0.5 and person.points >= 50
        person.sell(random.choice((person.old, person.new)), random.randrange(1, 30), 10 if spends else 0)
    elif step == "merge":
        person.merge()
    elif step == "poll":
        poller.poll()
    else:
        _push(pusher, transport, is_lost=step == "lose")


def _push(pusher: Pusher, transport: FaultyTransport, *, is_lost: bool) -> None:
    if not is_lost:
        pusher.push_once()
        return
    transport.plan.append(faults.answer_lost)
    try:
        pusher.push_once()
    except TransientSyncError:
        return
    transport.plan.clear()  # there was nothing to push
