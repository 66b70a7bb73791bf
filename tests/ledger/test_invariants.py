"""Days of trade at random: after every step the books hold (in the manner of Blnk's invariant fuzz test).

Three tills write journals and push them late, in pieces, in any order, some pieces twice. After every step: every entry sums to
zero, nothing is negative, what is stored is what is derived, and what was refused changed nothing.
"""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest

from ledger.expiring import expire
from protocol.entries import Entry, Sale, Void
from protocol.push import Outcome
from protocol.reservations import Refused
from tests.ledger.shop import Shop, Till

SEEDS = range(4)
STEPS = 60
MEMBERS = ("1000000001", "1000000002", "1000000003")
ENDS = ("", "2026-11-25", "2026-12-31", "2028-11-21")


class Day:
    """A day of trade. `entries` and `outcomes` are what the tills wrote and were told, `expired` what the ledger said."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.random = shop, Random(seed)
        self.tills = [shop.till("T1"), shop.till("T2"), shop.till("T3", "S2")]
        for member in MEMBERS:
            shop.join(member)
        self.entries: dict[UUID, Entry] = {}
        self.sales: dict[Till, list[Sale]] = {till: [] for till in self.tills}
        self.pushed = dict.fromkeys(self.tills, 0)
        self.outcomes: dict[tuple[str, int], Outcome] = {}
        self.expired = 0
        self.steps = (
            self.award, self.award, self.redeem, self.redeem_while_the_award_waits, self.redeem_reserved, self.reserve,
            self.give_back, self.void, self.poison, self.push, self.push, self.push, self.push_again, self.expire,
        )  # fmt: skip

    def step(self) -> None:
        self.random.choice(self.steps)()

    def award(self) -> None:
        till, member = self._somebody()
        self._append(
            till, till.sale(member, award=self.random.randrange(1, 200), expires_on=self.random.choice(ENDS))
        )

    def redeem(self) -> None:
        till, member = self._somebody()
        nonce = self.random.choice(("", "", "n1", f"n{till.terminal}{member}"))
        sale = till.sale(member, award=self.random.choice((0, 5)), redeem=self.random.randrange(1, 150), nonce=nonce)
        self._append(till, sale)

    def redeem_while_the_award_waits(self) -> None:
        till, member = self._somebody()
        why = self.random.choice(({"programme_version": 9}, {"reference": "A17"}))
        sale = till.sale(member, award=self.random.randrange(1, 200), redeem=self.random.randrange(1, 150), **why)
        if self.random.random() < 0.5:
            self._reserve(till, sale, self.random.randrange(1, 100))
        self._append(till, sale)

    def redeem_reserved(self) -> None:
        till, member = self._somebody()
        points = self.random.randrange(1, 100)
        sale = till.sale(member, redeem=points)
        if self._reserve(till, sale, points + self.random.randrange(-points + 1, 20)):
            self._append(till, sale)

    def reserve(self) -> None:
        till, member = self._somebody()
        sale = till.sale(member)
        if self._reserve(till, sale, self.random.randrange(1, 100)) and self.random.random() < 0.5:
            self._append(till, till.returned(member, sale.id))

    def give_back(self) -> None:
        till, member = self._somebody()
        self._append(till, till.returned(member, till.id(member)))

    def void(self) -> None:
        till = self.random.choice(self.tills)
        if self.sales[till]:
            self._append(till, till.void(self.random.choice(self.sales[till])))

    def poison(self) -> None:
        till = self.random.choice(self.tills)
        till.append(self.random.choice((b"", b"{}", b"\x7f" * 40)))

    def push(self) -> None:
        till = self.random.choice(self.tills)
        waiting = len(till.payloads) - self.pushed[till]
        if waiting:
            first = self.pushed[till] + 1
            self._send(till, first, first + self.random.randrange(waiting))

    def push_again(self) -> None:
        till = self.random.choice(self.tills)
        if self.pushed[till]:
            first = self.random.randrange(1, self.pushed[till] + 1)
            before = self.shop.everything()
            self._send(till, first, self.random.randrange(first, self.pushed[till] + 1))
            assert self.shop.everything() == before

    def expire(self) -> None:
        self.expired += expire(self.shop.database, self.random.choice(("2026-11-26", "2027-01-01")), self.shop.tick())

    def check(self) -> None:
        """The books are right by themselves, and they are what the outcomes told the tills."""
        self.shop.assert_well()
        balances = [self.shop.balance(member) for member in MEMBERS]
        assert min(min(balance) for balance in balances) >= 0
        net = sum(available + reserved - owed for available, reserved, owed in balances)
        assert net == self._told() - self.expired

    def _told(self) -> int:
        """What the booked sales that stand come to, by their entries and outcomes alone."""
        booked = [(self.entries[o.id], o) for o in self.outcomes.values() if o.id and o.position]
        voided = {entry.voids for entry, _outcome in booked if isinstance(entry, Void)}
        total = 0
        for sale, outcome in booked:
            if isinstance(sale, Sale) and sale.id not in voided:
                given, taken = (sum(line.points for line in lines) for lines in (sale.awards, sale.redemptions))
                total += (given if outcome.status != "quarantined" else 0) - taken + outcome.shortfall
        return total

    def _somebody(self) -> tuple[Till, str]:
        return self.random.choice(self.tills), self.random.choice(MEMBERS)

    def _append(self, till: Till, entry: Entry) -> None:
        self.entries[entry.id] = entry
        till.append(entry)
        if isinstance(entry, Sale):
            self.sales[till].append(entry)

    def _reserve(self, till: Till, sale: Sale, points: int) -> bool:
        """Asked for twice, as a till does that hears nothing; a refusal leaves the state byte-identical."""
        before = self.shop.everything()
        verdict = till.reserve(sale, points)
        after = self.shop.everything()
        assert till.reserve(sale, points) == verdict
        assert self.shop.everything() == after
        assert (before == after) == isinstance(verdict, Refused)
        return not isinstance(verdict, Refused)

    def _send(self, till: Till, first: int, last: int) -> None:
        answer = till.push(first, last)
        self.pushed[till] = max(self.pushed[till], last)
        for outcome in answer.outcomes:
            assert self.outcomes.setdefault((till.terminal, outcome.seq), outcome) == outcome


@pytest.mark.parametrize("seed", SEEDS)
def test_any_day_keeps_the_books(shop: Shop, seed: int) -> None:
    """Whatever the tills do and however it arrives, the books hold after every step, and are what the tills were told."""
    day = Day(shop, seed)
    for _ in range(STEPS):
        day.step()
        day.check()
    for till in day.tills:
        if day.pushed[till] < len(till.payloads):
            day._send(till, day.pushed[till] + 1, len(till.payloads))
    day.check()
    assert {outcome.status for outcome in day.outcomes.values()} >= {"booked", "shortfall", "quarantined"}
