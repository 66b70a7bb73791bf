"""Bounds while many counters ask at the same moment, and that who has none pays nothing for them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger import bounds
from ledger.verify import verify
from protocol.entries import Sale
from protocol.reservations import Granted, Refused, Verdict
from tests.ledger.bounded import PRICE, ask, bounded, rich, sums, taking
from tests.ledger.shop import Shop, Till
from tests.ledger.test_counting import MEMBER

__all__ = ["bounded"]


COUNTERS = 20
DEADLINE_S = 120


@pytest.mark.parametrize(
    ("name", "members", "reason", "most"),
    [("once", 1, "limit-reached", 1), ("gift", COUNTERS, "out-of-stock", 3), ("both", COUNTERS, "out-of-stock", 1)],
)
def test_counters_that_ask_at_once_get_no_more_than_there_is(
    bounded: Shop, name: str, members: int, reason: str, most: int
) -> None:
    """One for each member, asked for at twenty tills; the last pieces of a stock, asked for by twenty members."""
    tills = [bounded.till(f"T{n}") for n in range(COUNTERS)]
    who = [f"10000001{n:02d}" for n in range(members)]
    rich(bounded, tills[0], *who)
    asked = [taking(till, who[n % members], name) for n, till in enumerate(tills)]
    ready = threading.Barrier(COUNTERS)

    def at_once(till: Till, sale: Sale) -> Verdict:
        ready.wait(DEADLINE_S)
        return ask(till, sale)

    with ThreadPoolExecutor(COUNTERS) as pool:
        futures = [pool.submit(at_once, *one) for one in zip(tills, asked, strict=True)]
        verdicts = [future.result(DEADLINE_S) for future in futures]
    assert sum(isinstance(verdict, Granted) for verdict in verdicts) == most
    assert {verdict.reason for verdict in verdicts if isinstance(verdict, Refused)} == {reason}
    assert verify(bounded.database) == []


def test_tills_book_and_give_back_while_others_ask(bounded: Shop) -> None:
    """Sales, returns and new requests for one reward on many threads: the sum is what stands, and no deadlock ends it."""
    tills = [bounded.till(f"T{n}") for n in range(6)]
    who = [f"10000001{n:02d}" for n in range(6)]
    rich(bounded, tills[0], *who)
    for member in who:
        bounded.till(f"E{member}", "S2").send(tills[0].sale(member, award=1, store="S2"))
    lines = [(till, [taking(till, who[(n + k) % 6], ("gift", "dinner", "both")[k % 3]) for k in range(6)])
             for n, till in enumerate(tills)]  # fmt: skip

    def work(till: Till, sales: list[Sale]) -> None:
        for place, sale in enumerate(sales):
            ask(till, sale)
            till.send(sale if place % 2 else till.returned(sale.member, sale.id))

    with ThreadPoolExecutor(len(tills)) as pool:
        for future in [pool.submit(work, *line) for line in lines]:
            future.result(DEADLINE_S)
    assert verify(bounded.database) == []


def test_a_programme_without_bounds_asks_nothing(bounded: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reserving, booking, returning and taking back by it send no statement for the sake of bounds."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    monkeypatch.setattr(bounds, "rows", None)
    sale, unused = till.sale(MEMBER, redeem=PRICE), till.sale(MEMBER)
    assert isinstance(till.reserve(sale, PRICE), Granted)
    assert isinstance(till.reserve(unused, PRICE), Granted)
    for entry in (sale, till.returned(MEMBER, unused.id), till.void(sale)):
        assert till.send(entry).status == "booked"
    monkeypatch.undo()
    assert sums(bounded) == {}
