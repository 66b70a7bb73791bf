"""Promise 4 through a person's decisions: what is shown is true before the till has heard of them, and after.

First in every order in which outcome, decision, its arrival and two pulls can meet; then at random against the real books.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from itertools import permutations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.cases import decisions_after, list_cases
from ledger.deciding import Wanted, decide
from ledger.problems import CaseError
from ledger.verify import verify
from protocol.cases import Choice, Correction, Decision
from protocol.entries import Award, Redemption, Sale
from protocol.ids import BUCKETS, bucket_of, new_id
from protocol.reservations import Granted
from sync.client import LedgerClient
from tests.sync.books import KIND, Books
from tests.sync.test_contract import reserve_request
from tests.sync.test_own_entries import NO_DAY, Counter
from tests.sync.test_promise_4 import BEFORE, PULL, SET_ASIDE, Meeting, Own
from tests.sync.tills import DAY, PROGRAMME, Till, header

OWN = Own(10, 3, "waits whole"), Own(100, 50, "awards wait")
SEEDS, STEPS = 40, 18


class Decided(Meeting):
    """A till whose two sales wait, and a person who decides about one of them. `is_hasty` pulls without asking what he did."""

    def __init__(self, key: Ed25519PrivateKey, seq: int, choice: Choice, *, is_hasty: bool = False) -> None:
        super().__init__(key, OWN)
        self.seq, self.choice, self.is_hasty = seq, choice, is_hasty
        self.position, self.is_learned = 0, False
        for step in ("send", "book_1", "book_2"):
            super().take(step)
        sale = OWN[seq - 1]
        waited = sale.takes if sale.fate == "waits whole" else 0
        self.effects["decide"] = Own(sale.gives, waited) if choice == "accepted" else Own(0, 0, "waits whole")

    def take(self, step: str) -> None:
        match step:
            case "decide":
                self.booked += ("decide",)
                self.position = len(self.booked)
            case "learn":
                decision = Decision(
                    number=1, seq=self.seq, choice=self.choice, position=self.position, who="1001", at=1, why="因为"
                )
                self.journal.mark_decisions([decision], 1)
                self.is_learned = True
            case "judge":
                self.held_back = self._held_back()
            case "release":
                self.cache.release_held(self._held_back())
            case _:
                super().take(step)

    def _held_back(self) -> set[str]:
        """As `sync.puller` says it, which asks the ledger."""
        unanswered = self.journal.unanswered_members()
        if self.is_hasty or not self.journal.quarantined_count() or not self.position or self.is_learned:
            return unanswered
        return unanswered | self.journal.members_waiting()

    def is_true(self) -> bool:
        shown, position = self.shown()
        known = sum(
            self._known_as(seq, sold, is_in_the_row=position >= self.position) for seq, sold in enumerate(self.own, 1)
        )
        return shown == BEFORE + SET_ASIDE + known

    def _known_as(self, seq: int, sold: Own, *, is_in_the_row: bool) -> int:
        """What is accepted counts from when it is heard of; what is written off stays handed out until the row knows."""
        if seq == self.seq and self.is_learned:
            if self.choice == "accepted":
                return sold.gives - sold.takes
            if is_in_the_row and sold.fate == "waits whole":
                return 0
        return sold.is_known_as(is_answered=self.is_answered)


def orders() -> Iterator[tuple[str, ...]]:
    """A decision is heard of once its outcome is known, and made."""
    places = range(len(PULL) + 3)
    for at in permutations(places, 3):
        if at[2] > max(at[:2]):
            pull, beside = iter(PULL), dict(zip(at, ("mark", "decide", "learn"), strict=True))
            yield tuple(beside.get(place) or next(pull) for place in places)


def wrong_orders(key: Ed25519PrivateKey, seq: int, choice: Choice, *, is_hasty: bool = False) -> list[Sequence[str]]:
    wrong: list[Sequence[str]] = []
    for order in orders():
        with closing(Decided(key, seq, choice, is_hasty=is_hasty)) as meeting:
            for done, step in enumerate(order, 1):
                meeting.take(step)
                if not meeting.is_true():
                    wrong.append(order[:done])
                    break
            else:
                for step in ("compute", "judge", "apply", "release"):
                    meeting.take(step)
                if not meeting.is_true() or meeting.shown()[1] != len(meeting.booked):
                    wrong.append([*order, "does not settle"])
    return wrong


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("seq", "choice"), [(1, "accepted"), (1, "written-off"), (2, "accepted"), (2, "written-off")]
)
def test_shown_is_true_in_every_order(key: Ed25519PrivateKey, seq: int, choice: Choice) -> None:
    """A sale that waits whole, and one whose awards wait, accepted and written off: after every step of 240 orders."""
    assert len(list(orders())) == 240
    assert wrong_orders(key, seq, choice) == []


def test_pulling_without_asking_for_decisions_is_wrong(key: Ed25519PrivateKey) -> None:
    """The check has teeth: a row that has an accepted sale in it, beside the sale as it waits, counts it twice."""
    assert wrong_orders(key, 1, "accepted", is_hasty=True)


class Manager(Counter):
    """A counter with somebody behind it who decides about what waits."""

    def __init__(self, till: Till, books: Books, client: LedgerClient, seed: int) -> None:
        super().__init__(till, books, client, seed)
        self.till.append(self._sale(reference="R", award=1))
        self.push()

    def _sale(self, award: int = 0, redeem: int = 0, reference: str = "", *, is_astray: bool = False) -> Sale:
        """`is_astray`: its id is of another bucket, so that it waits whole until somebody answers for it."""
        bucket = (bucket_of(self.member) + is_astray) % BUCKETS
        taken = Redemption(
            reward="r", kind=KIND, points=max(1, redeem), off_bill_fen=1, authority="floor", proof="static"
        )
        return Sale(
            **header(self.member) | {"id": new_id(1, bucket, secrets.randbits(64)), "business_day": DAY},
            member=self.member, gross_fen=1, due_fen=1, programme=PROGRAMME, programme_version=1, engine=1,
            reference=reference, awards=(Award(kind=KIND, points=award),) if award else (),
            redemptions=(taken,) if redeem else (),
        )  # fmt: skip

    def award_on_a_taken_reference(self) -> None:
        self.is_surprising = True
        redeem = self.chance.choice((0, self.chance.randint(1, 30)))
        self.sales.append(self.till.append(self._sale(7, redeem, "R")).id)

    def sale_astray(self) -> None:
        self.is_surprising = True
        taken = self.chance.randint(1, 20)
        sale = self.till.append(self._sale(9, taken, is_astray=True)).id
        self.handed_out[sale] = taken

    def online(self) -> None:
        """On a reservation of exactly what is taken, as a till asks for it; booked, or waiting whole."""
        request = reserve_request(self.member, self.chance.randint(1, 40))
        if isinstance(self.client.reserve(request), Granted):
            if self.chance.random() < 0.5:
                self.pull()
            day = self.chance.choice((DAY, NO_DAY))
            self.is_surprising |= day == NO_DAY
            self.sales.append(self.till.sale(self.member, 0, request.points, request.id, 1, day).id)

    def decide(self) -> None:
        """Anything that waits of this till, in any way that the ledger lets."""
        self.push()
        with self.books.database.read() as connection:
            waiting = [
                one for one in list_cases(connection, is_open=True) if one.terminal == self.till.identity.terminal
            ]
        if not waiting:
            return
        case = self.chance.choice(waiting)
        choice: Choice = self.chance.choice(("accepted", "accepted", "written-off", "corrected"))
        words = Correction(member=self.member, kind=KIND, **{self.chance.choice(("given", "taken")): 5})
        wanted = Wanted(case.terminal, case.seq, choice, "1001", "因为", correction=words)
        with suppress(CaseError):
            decide(self.books.database, wanted, 1_800_000_000_000_000)
            self.handed_out.pop(self.till.journal.entries(case.seq, 1)[0].id, None)
            if choice == "accepted" and self.chance.random() < 0.5:
                self.learn()
                self.check()
                return
        self.pull()

    def learn(self) -> None:
        """As the background does it, and as the till that decided does."""
        with self.books.database.read() as connection:
            told = decisions_after(connection, self.till.identity.terminal, self.till.journal.newest_decision())
        self.till.journal.mark_decisions(told.decisions, 1)

    def pull(self) -> None:
        self._push()
        self.row = self.books.row(self.member)
        self.learn()
        self.check()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_shown_is_what_was_decided(till: Till, books: Books, client: LedgerClient, seed: int) -> None:
    """Awards, debts, redemptions of every sort, voids, and decisions about what waits: the sum is exact after each."""
    counter = Manager(till, books, client, seed)
    steps = [
        counter.award, counter.floor, counter.void, counter.online, counter.push, counter.pull, counter.sale_astray,
        counter.floor_that_waits_whole, counter.award_on_a_taken_reference, counter.award_on_a_taken_reference,
        counter.decide, counter.decide, counter.decide,
    ]  # fmt: skip
    for _ in range(STEPS):
        counter.chance.choice(steps)()
    counter.pull()
    while till.journal.quarantined_count():
        before = till.journal.quarantined_count()
        for case in till.journal.quarantined():
            decide(books.database, Wanted(till.identity.terminal, case.seq, "written-off", "1001", "因为"), 1)
            counter.handed_out.pop(till.journal.entries(case.seq, 1)[0].id, None)
        counter.pull()
        assert till.journal.quarantined_count() < before
    assert verify(books.database) == []
