"""Which reservations of this till have to be returned, and which belong to a redemption that is being made."""

from __future__ import annotations

import pytest

from protocol.push import Outcome
from sync.own_reservations import PENDING_S, OwnReservations
from sync.reports import OwnReservation
from tests.sync.books import Books
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till


class Clock:
    """Monotonic seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def own(till: Till, clock: Clock) -> OwnReservations:
    return OwnReservations(till.journal, clock)


def test_a_late_yes_is_found_until_it_is_returned(own: OwnReservations, till: Till, books: Books) -> None:
    """What no entry names is told again and again, until a `returned` entry is in the journal."""
    member = books.join()
    seen = OwnReservation(reserve_request(member, 1).id, member, 4)
    own.saw([seen])
    assert own.unknown() == [seen] == own.unknown()
    till.returned(member, seen.id)
    assert own.unknown() == []


def test_a_redemption_under_way_keeps_its_reservation(own: OwnReservations, books: Books) -> None:
    """The feed may be quicker than the counter: what was asked for and not given up is not returned."""
    member = books.join()
    seen = OwnReservation(reserve_request(member, 1).id, member, 4)
    own.asked(seen.id)
    own.saw([seen])
    assert own.unknown() == []
    own.given_up(seen.id)
    assert own.unknown() == [seen]


def test_a_counter_that_forgot_to_give_up(own: OwnReservations, books: Books, clock: Clock) -> None:
    """After two minutes without an entry the sale is taken to have been given up."""
    member = books.join()
    seen = OwnReservation(reserve_request(member, 1).id, member, 4)
    own.asked(seen.id)
    own.saw([seen])
    clock.now = PENDING_S + 1
    assert own.unknown() == [seen]


def test_a_sale_that_names_it_ends_the_matter(own: OwnReservations, till: Till, books: Books) -> None:
    """The entry has the reservation's own id (DESIGN 4)."""
    member = books.join()
    row = till.sale(member, redeem=1)
    own.saw([OwnReservation(row.id, member, 4)])
    assert own.unknown() == []


def test_an_allowance_is_no_late_yes(own: OwnReservations, books: Books) -> None:
    """Nobody asked for it with a sale, and no entry names it before it is drawn on: it stays until the counter returns it."""
    member = books.join()
    late, set_aside = (
        OwnReservation(reserve_request(member, 1).id, member, 4, authority) for authority in ("online", "allowance")
    )
    own.saw([late, set_aside])
    assert own.unknown() == [late] == own.unknown()
    assert own.allowances() == [set_aside]
    called_back = OwnReservation(set_aside.id, member, 5, "allowance", is_wanted=True)
    own.saw([called_back])
    assert own.allowances() == [called_back]
    own.gone(set_aside.id)
    assert own.allowances() == []


def test_a_return_that_waits_for_a_person_is_not_made_again(own: OwnReservations, till: Till, books: Books) -> None:
    """Its outcome has no position; every pull would bring one more entry that the ledger puts aside."""
    member = books.join()
    seen = OwnReservation(reserve_request(member, 1).id, member, 4)
    row = till.returned(member, seen.id)
    till.journal.mark([Outcome(seq=row.seq, id=row.id, status="quarantined", reason="unknown-entry")], 1)
    own.saw([seen])
    assert own.unknown() == []
