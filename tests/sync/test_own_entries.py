"""Promise 4 against the books: what the screen says before anything is booked is what the ledger says afterwards."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from protocol.entries import Void
from protocol.feed import MemberRow
from protocol.reservations import Granted
from sync.client import LedgerClient
from sync.push import Pusher
from tests.sync.books import KIND, Books
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till, available, header
from till.own_entries import own_effect

SEEDS, STEPS = 40, 12


class Counter:
    """One member at one till, in the hands of chance. `row` is what the till knows of him, often an old one."""

    def __init__(self, till: Till, books: Books, client: LedgerClient, seed: int) -> None:
        self.till, self.books, self.client, self.chance = till, books, client, random.Random(seed)
        self.member = books.join()
        self.row: MemberRow = books.row(self.member)
        self.pusher = Pusher(till.journal, client, till.key)
        self.sales: list[UUID] = []

    @property
    def shown(self) -> int:
        return max(0, available(self.row) + own_effect(self.till.journal, self.row).get(KIND, 0))

    def award(self) -> None:
        self.sales.append(self.till.sale(self.member, award=self.chance.randint(1, 50)).id)

    def floor(self) -> None:
        """Perhaps more than there is: the rest is the merchant's."""
        self.sales.append(self.till.sale(self.member, redeem=self.chance.randint(1, 60), award=3).id)

    def online(self) -> None:
        """With its own reservation, if the ledger says yes."""
        request = reserve_request(self.member, self.chance.randint(1, 40))
        if not isinstance(self.client.reserve(request), Granted):
            return
        if self.chance.random() < 0.5:
            self.pull()
        self.sales.append(self.till.sale(self.member, redeem=request.points, reservation=request.id).id)

    def given_back(self) -> None:
        """A yes that came too late."""
        request = reserve_request(self.member, self.chance.randint(1, 40))
        if isinstance(self.client.reserve(request), Granted):
            self.pull()
            self.till.returned(self.member, request.id)

    def void(self) -> None:
        if self.sales:
            voided = self.sales.pop(self.chance.randrange(len(self.sales)))
            self.till.append(Void(**header(self.member), member=self.member, voids=voided))

    def push(self) -> None:
        self.pusher.push_once()

    def pull(self) -> None:
        """As the background does it: never a row that may hold an entry without an outcome."""
        self.push()
        self.row = self.books.row(self.member)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_shown_is_what_will_be_booked(till: Till, books: Books, client: LedgerClient, seed: int) -> None:
    """Awards, debts, uncovered redemptions, reservations, voids, in any order, pushed and pulled at any time."""
    counter = Counter(till, books, client, seed)
    steps = [counter.award, counter.award, counter.floor, counter.void, counter.online, counter.given_back]
    steps += [counter.push, counter.pull]
    for _ in range(STEPS):
        counter.chance.choice(steps)()
    promised = counter.shown
    counter.push()
    assert books.available(counter.member) == promised
    assert counter.shown == promised
    counter.pull()
    assert counter.shown == promised
