"""Promise 4 against the books: what the screen says before anything is booked is what the ledger says afterwards.

Also of sales that the ledger cannot book whole: what they took is gone, at the ledger or until a person decides at the till.
"""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from protocol.entries import Refund, Sale, Void
from protocol.feed import MemberRow
from protocol.reservations import Granted
from protocol.sold import awarded_by, redeemed_by
from sync.client import LedgerClient
from sync.push import Pusher
from tests.sync.books import KIND, Books
from tests.sync.test_contract import reserve_request
from tests.sync.tills import DAY, Till, available, header
from till.own_entries import own_effect, read_entry, reckon

SEEDS, STEPS = 60, 16
UNPUBLISHED, NO_DAY = 9, "2026-02-30"
"""A version of the programme for which a sale's awards wait, and a day for which it waits whole."""


class Counter:
    """One member at one till, in the hands of chance. `row` is what the till knows of him, often an old one."""

    def __init__(self, till: Till, books: Books, client: LedgerClient, seed: int) -> None:
        self.till, self.books, self.client, self.chance = till, books, client, random.Random(seed)
        self.member = books.join()
        self.row: MemberRow = books.row(self.member)
        self.pusher = Pusher(till.journal, client)
        self.sales: list[UUID] = []
        self.refunded: dict[UUID, tuple[int, int]] = {}
        """Of sales of which something came back, how many points were given back and taken back."""
        self.handed_out: dict[UUID, int] = {}
        """On the floor, in sales that wait whole."""
        self.is_surprising = False
        """A sale that the ledger will not book as it is has not been answered: nobody here can know."""

    @property
    def shown(self) -> int:
        return max(0, available(self.row) + own_effect(self.till.journal, self.row).get(KIND, 0))

    @property
    def owes(self) -> int:
        """What the card says."""
        return owed(self.row) + reckon(self.till.journal, self.row).owed.get(KIND, 0)

    @property
    def lendable(self) -> int:
        """What the floor may stand on."""
        return available(self.row) + own_effect(self.till.journal, self.row, with_gains=False).get(KIND, 0)

    @property
    def true(self) -> int:
        """What can be spent once: what the books say, without what was handed out and is in no book."""
        return self.books.available(self.member) - sum(self.handed_out.values())

    def award(self) -> None:
        self.sales.append(self.till.sale(self.member, award=self.chance.randint(1, 50)).id)

    def floor(self) -> None:
        """Perhaps more than there is: the rest is the merchant's."""
        self.sales.append(self.till.sale(self.member, redeem=self.chance.randint(1, 60), award=3).id)

    def floor_while_the_award_waits(self) -> None:
        self.is_surprising = True
        taken = self.chance.randint(1, 60)
        self.sales.append(self.till.sale(self.member, redeem=taken, award=3, version=UNPUBLISHED).id)

    def floor_that_waits_whole(self) -> None:
        self.is_surprising = True
        taken = self.chance.randint(1, 20)
        sale = self.till.sale(self.member, redeem=taken, award=3, day=NO_DAY).id
        self.sales.append(sale)
        self.handed_out[sale] = taken

    def award_that_waits(self) -> None:
        self.is_surprising = True
        self.sales.append(self.till.sale(self.member, award=7, version=UNPUBLISHED).id)

    def online(self) -> None:
        """With its own reservation, if the ledger says yes; booked, or with an award that waits, or waiting whole."""
        request = reserve_request(self.member, self.chance.randint(1, 40))
        if not isinstance(self.client.reserve(request), Granted):
            return
        if is_in_row := self.chance.random() < 0.5:
            self.pull()
        version, day = self.chance.choice(((1, DAY), (1, DAY), (UNPUBLISHED, DAY), (1, NO_DAY)))
        self.is_surprising |= (version, day) != (1, DAY)
        # A counter redeems what it reserved. What is left of another's reservation is known from the row alone.
        less = self.chance.choice((0, 0, 1)) if is_in_row else 0
        taken = max(1, request.points - less)
        self.sales.append(self.till.sale(self.member, 0, taken, request.id, version, day).id)

    def given_back(self) -> None:
        """A yes that came too late."""
        request = reserve_request(self.member, self.chance.randint(1, 40))
        if isinstance(self.client.reserve(request), Granted):
            self.pull()
            self.till.returned(self.member, request.id)

    def void(self) -> None:
        if self.sales:
            voided = self.sales.pop(self.chance.randrange(len(self.sales)))
            self.handed_out.pop(voided, None)
            self.till.append(Void(**header(self.member), member=self.member, voids=voided))

    def refund(self) -> None:
        """Some of what a sale gave or took comes back, and perhaps more of it later; a void is refused then."""
        voidable, places = self.sales, [*self.sales, *self.refunded]
        if not places:
            return
        place = self.chance.choice(places)
        stored = self.till.journal.entry(place)
        sale = read_entry(stored) if stored else None
        assert isinstance(sale, Sale)
        given, taken = self.refunded.get(place, (0, 0))
        back = self.chance.randint(0, redeemed_by(sale).get(KIND, 0) - given)
        less = self.chance.randint(0, awarded_by(sale).get(KIND, 0) - taken)
        if back or less:
            self.refunded[place] = given + back, taken + less
            if place in voidable:
                voidable.remove(place)
            self.is_surprising |= (sale.programme_version, sale.business_day) != (1, DAY)
            self.till.append(
                Refund(**header(self.member), member=self.member, refunds=place,
                       given_back={KIND: back} if back else {}, taken_back={KIND: less} if less else {})
            )  # fmt: skip

    def push(self) -> None:
        """Every outcome is known then, and the sum is exact, whatever the row."""
        self._push()
        self.check()

    def pull(self) -> None:
        """As the background does it: never a row that may hold an entry without an outcome."""
        self._push()
        self.row = self.books.row(self.member)
        self.check()

    def _push(self) -> None:
        self.pusher.push_once()
        self.is_surprising = False

    def check(self) -> None:
        """The screen says the truth, and the floor never stands on more."""
        assert self.shown == max(0, self.true)
        assert self.lendable <= self.true
        assert self.owes == owed(self.books.row(self.member))


def owed(row: MemberRow) -> int:
    """Of the one kind."""
    return row.balances[KIND].owed if KIND in row.balances else 0


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_shown_is_what_will_be_booked(till: Till, books: Books, client: LedgerClient, seed: int) -> None:
    """Awards, debts, uncovered redemptions, reservations, voids, in any order, pushed and pulled at any time."""
    counter = Counter(till, books, client, seed)
    steps = [counter.award, counter.award, counter.floor, counter.void, counter.online, counter.given_back]
    steps += [counter.push, counter.pull, counter.refund, counter.refund]
    if seed % 2:
        steps += [counter.floor_while_the_award_waits, counter.floor_that_waits_whole, counter.award_that_waits]
    for _ in range(STEPS):
        counter.chance.choice(steps)()
    promised, is_surprising = counter.shown, counter.is_surprising
    counter.push()
    assert is_surprising or counter.shown == promised
    counter.pull()


def test_a_voided_sale_that_waits_keeps_what_was_reserved_for_it(
    till: Till, books: Books, client: LedgerClient
) -> None:
    """Nobody may redeem meanwhile what the ledger holds for it, until a person has decided."""
    counter = Counter(till, books, client, 0)
    till.sale(counter.member, award=100)
    counter.pull()
    request = reserve_request(counter.member, 37)
    assert isinstance(client.reserve(request), Granted)
    sale = till.sale(counter.member, 0, 37, request.id, 1, NO_DAY).id
    till.append(Void(**header(counter.member), member=counter.member, voids=sale))
    counter.push()
    assert counter.shown == 63
    counter.pull()
    assert counter.shown == 63


def test_what_was_reclaimed_is_not_lent_when_a_later_sale_is_voided(
    till: Till, books: Books, client: LedgerClient
) -> None:
    """The points that a void brings back are those which had been taken back and were not there."""
    counter = Counter(till, books, client, 0)
    earlier = till.sale(counter.member, award=30).id
    counter.pull()
    later = till.sale(counter.member, redeem=30).id
    till.append(Void(**header(counter.member), member=counter.member, voids=earlier))
    till.append(Void(**header(counter.member), member=counter.member, voids=later))
    assert counter.lendable == 0
    counter.push()
    assert counter.true == 0
