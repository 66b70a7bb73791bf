"""The stock of a reward: so many for all members and tills, counted with what is reserved."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from ledger import rows
from ledger.deciding import Wanted, decide
from ledger.declaring import declare_lost
from ledger.verify import verify
from protocol.entries import Sale
from protocol.reservations import Granted, Refused
from tests.ledger.bounded import PRICE, RULES, ask, bounded, of, reason, rich, sums, take, taking
from tests.ledger.shop import Shop, Till
from tests.ledger.test_counting import MEMBER, OTHER

__all__ = ["bounded"]


def test_a_stock_is_given_once(bounded: Shop) -> None:
    """Three of them, for all members and tills; each yes says how many are gone, and so does the no."""
    till, other = bounded.till("T1"), bounded.till("T2")
    rich(bounded, till, MEMBER, OTHER)
    verdicts = [ask(at, taking(at, who, "gift")) for at, who in ((till, MEMBER), (other, OTHER), (other, MEMBER))]
    assert [one.given for one in verdicts if isinstance(one, Granted)] == [1, 2, 3]
    assert ask(till, taking(till, OTHER, "gift")) == Refused(reason="out-of-stock", given=3, spendable=990)
    assert sums(bounded) == {"given/gift/ever": 3, "held": 3}
    assert verify(bounded.database) == []


def test_asked_again_it_is_the_same_one(bounded: Shop) -> None:
    """A lost answer takes no second one."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    sale = taking(till, MEMBER, "gift")
    assert ask(till, sale) == ask(till, sale)
    assert sums(bounded) == {"given/gift/ever": 1, "held": 1}


def test_a_no_for_another_reason_takes_nothing(bounded: Shop) -> None:
    """Too few points: the stock is as it was."""
    till = bounded.till()
    bounded.join(MEMBER)
    assert reason(till, MEMBER, "gift") == "not-enough-points"
    assert sums(bounded) == {}


def _returned(shop: Shop, till: Till, sale: Sale) -> None:
    till.send(till.returned(sale.member, sale.id))


def _lost(shop: Shop, till: Till, _sale: Sale) -> None:
    declare_lost(shop.database, till.terminal, shop.tick())


def _sold_without(_shop: Shop, till: Till, sale: Sale) -> None:
    """The sale with its id takes something else."""
    till.send(msgspec.structs.replace(sale, redemptions=()))


def _written_off(shop: Shop, till: Till, sale: Sale) -> None:
    unreadable = msgspec.structs.replace(sale.redemptions[0], kind="stars")
    assert till.send(msgspec.structs.replace(sale, redemptions=(unreadable,))).status == "quarantined"
    assert sums(shop)["given/gift/ever"] == 1
    wanted = Wanted(till.terminal, len(till.payloads), "written-off", "boss", "nobody took it")
    decide(shop.database, wanted, shop.tick())


@pytest.mark.parametrize("ending", [_returned, _lost, _sold_without, _written_off])
def test_what_is_not_taken_goes_back(bounded: Shop, ending: Callable[[Shop, Till, Sale], None]) -> None:
    """However a reservation ends without its reward."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    sale = taking(till, MEMBER, "gift")
    ask(till, sale)
    ending(bounded, till, sale)
    assert sums(bounded) == {}
    assert verify(bounded.database) == []


def test_a_void_and_a_refund_of_all_its_points_give_it_back(bounded: Shop) -> None:
    """A refund of a part of them does not: he still has it."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    first, second = take(till, MEMBER, "gift"), take(till, MEMBER, "gift")
    assert sums(bounded) == {"given/gift/ever": 2}
    till.send(till.void(first))
    assert sums(bounded) == {"given/gift/ever": 1}
    assert till.send(till.refund(second, given_back=PRICE - 1)).status == "booked"
    assert sums(bounded) == {"given/gift/ever": 1}
    assert till.send(till.refund(second, given_back=1)).status == "booked"
    assert sums(bounded) == {}
    assert verify(bounded.database) == []


def test_what_was_given_without_asking_counts_all_the_same(bounded: Shop) -> None:
    """Of three the fourth is booked, for it is gone; nobody gets a fifth."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    for _ in range(4):
        assert till.send(taking(till, MEMBER, "gift")).status == "booked"
    assert sums(bounded) == {"given/gift/ever": 4}
    assert reason(till, MEMBER, "gift") == "out-of-stock"
    assert verify(bounded.database) == []


def test_more_of_it_come_with_a_version(bounded: Shop) -> None:
    """The number is the whole one; what a till gives goes by the version that it names."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    for _ in range(3):
        take(till, MEMBER, "gift")
    bounded.publish_whole(RULES.replace("stock = 3", "stock = 4"), version=3)
    assert reason(till, MEMBER, "gift") == "out-of-stock"
    sale = taking(till, MEMBER, "gift")
    assert isinstance(till.reserve(sale, PRICE, bounded=of("gift", version=3)), Granted)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("UPDATE merchant_count SET amount = 7", "given/gift/ever is stored as 7, its sales say 2"),
        ("UPDATE reservation SET holds = 0", "holds a reward and is no open reservation"),
        ("DELETE FROM held", "holds a reward that nobody counts"),
    ],
)
def test_what_was_changed_behind_the_books_is_found(bounded: Shop, change: str, says: str) -> None:
    """One is booked, one is reserved; `verify` counts them anew."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    take(till, MEMBER, "gift")
    ask(till, taking(till, MEMBER, "gift"))
    assert verify(bounded.database) == []
    with bounded.database.write() as connection:
        rows.execute(connection, change)
    assert any(says in found for found in verify(bounded.database))
