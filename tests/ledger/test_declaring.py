"""A terminal is declared lost while it reserves and pushes: its points go back, or pay for a sale, never both."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from sqlalchemy import Connection

from ledger import rows
from ledger.bookkeeping import book_received
from ledger.declaring import declare_lost
from ledger.errors import UnknownTerminalError
from ledger.receiving import chained, receive
from ledger.reserving import reserve
from protocol.entries import Sale
from protocol.reservations import Granted, Refused, ReserveRequest
from tests.ledger.shop import KIND, Shop, Till

DEADLINE_S = 60
MEMBERS = [f"10000000{n:02d}" for n in range(24)]
A_WHILE_S = 0.5
"""For who does not wait for a lock to be done."""


def with_points(shop: Shop, members: list[str]) -> Till:
    till = shop.till()
    for member in members:
        shop.join(member)
        till.append(till.sale(member, award=100))
    till.push()
    return till


def open_points(shop: Shop, terminal: str) -> int:
    """What lies in its reservations."""
    with shop.database.read() as connection:
        return sum(
            left
            for (left,) in rows.fetch(connection, "SELECT points_left FROM reservation WHERE terminal = ?", terminal)
        )


def declared(shop: Shop, pool: ThreadPoolExecutor, till: Till) -> Future[int]:
    """On another thread and connection, and given a while."""
    future = pool.submit(declare_lost, shop.database, till.terminal, shop.tick())
    wait([future], A_WHILE_S)
    return future


def test_a_grant_that_is_not_committed_yet_goes_back(shop: Shop) -> None:
    """The terminal was not lost when the ledger looked: the declaration waits for the reservation and gives it back."""
    till = with_points(shop, MEMBERS[:1])
    sale = till.sale(MEMBERS[0], redeem=60)
    is_looking, may_go_on = threading.Event(), threading.Event()

    def look(_connection: Connection) -> None:
        is_looking.set()
        assert may_go_on.wait(DEADLINE_S)

    with ThreadPoolExecutor(2) as pool:
        request = ReserveRequest(id=sale.id, member=sale.member, kind=KIND, points=60, proof="static")
        reserving = pool.submit(reserve, shop.database, till.terminal, request, shop.tick(), look)
        assert is_looking.wait(DEADLINE_S)
        declaring = declared(shop, pool, till)
        may_go_on.set()
        assert isinstance(reserving.result(DEADLINE_S), Granted)
        assert declaring.result(DEADLINE_S) == 60
    assert open_points(shop, till.terminal) == 0
    assert till.send(sale).shortfall == 0, "its points are available again, and pay"
    shop.assert_well()


def test_a_sale_that_is_being_booked_pays_with_its_reservation(shop: Shop) -> None:
    """The push came first: only what it left goes back."""
    till = with_points(shop, MEMBERS[:2])
    first, second = (till.sale(member, redeem=60) for member in MEMBERS[:2])
    for sale in (first, second):
        till.reserve(sale, 60)
    seq = till.append(first)
    batch = till.batch(seq)
    shop.database.transact(lambda connection: receive(connection, batch, chained(batch), shop.tick()))
    with ThreadPoolExecutor(1) as pool:
        with shop.database.write(urgent=True) as connection:
            book_received(connection, shop.database, till.terminal, 1_000)
            declaring = declared(shop, pool, till)
        assert declaring.result(DEADLINE_S) == 60
    assert till.push(seq).outcomes[0].status == "booked"
    assert [shop.balance(member) for member in MEMBERS[:2]] == [(40, 0, 0), (100, 0, 0)]
    shop.assert_well()


def test_points_that_went_back_and_were_spent_elsewhere_cover_no_sale(shop: Shop) -> None:
    """What the lost terminal still sends is booked, at its merchant's risk; it reserves nothing any more."""
    till, other = with_points(shop, MEMBERS[:1]), shop.till("T2", "S2")
    sale = till.sale(MEMBERS[0], redeem=60)
    till.reserve(sale, 60)
    assert declare_lost(shop.database, till.terminal, shop.tick()) == 60
    assert declare_lost(shop.database, till.terminal, shop.tick()) == 0
    assert other.send(other.sale(MEMBERS[0], redeem=100)).shortfall == 0
    assert till.send(sale).shortfall == 60
    assert till.reserve(till.sale(MEMBERS[0]), 1) == Refused(reason="terminal-revoked", spendable=0)
    shop.assert_well()


def test_nobody_is_declared_lost_who_was_never_here(shop: Shop) -> None:
    """A mistyped name is an error."""
    with pytest.raises(UnknownTerminalError):
        declare_lost(shop.database, "T9", shop.tick())


def test_a_terminal_is_lost_amid_its_work(shop: Shop) -> None:
    """It reserves on four threads and pushes on one while it is declared lost: each point went back or paid, none both."""
    till = with_points(shop, MEMBERS)
    sales = [till.sale(member, redeem=50) for member in MEMBERS]
    asked = [till.sale(member) for member in MEMBERS]
    for sale in sales:
        assert isinstance(till.reserve(sale, 50), Granted)
    first = len(till.payloads) + 1
    for sale in sales:
        till.append(sale)
    ready = threading.Barrier(6)

    def reserve_some(part: list[Sale]) -> int:
        ready.wait(DEADLINE_S)
        return sum(isinstance(till.reserve(sale, 50), Granted) for sale in part)

    def push_all() -> int:
        ready.wait(DEADLINE_S)
        pieces = [till.push(seq, seq + 3) for seq in range(first, first + len(sales), 4)]
        return sum(outcome.shortfall for piece in pieces for outcome in piece.outcomes)

    def declare() -> int:
        ready.wait(DEADLINE_S)
        return declare_lost(shop.database, till.terminal, shop.tick())

    with ThreadPoolExecutor(6) as pool:
        reserving = [pool.submit(reserve_some, asked[part::4]) for part in range(4)]
        pushing, declaring = pool.submit(push_all), pool.submit(declare)
        granted = sum(future.result(DEADLINE_S) for future in reserving)
        shortfall, returned = pushing.result(DEADLINE_S), declaring.result(DEADLINE_S)
    assert open_points(shop, till.terminal) == 0
    assert returned >= 50 * granted
    spent = 50 * len(sales) - shortfall
    left = sum(shop.balance(member)[0] for member in MEMBERS)
    assert left == 100 * len(MEMBERS) - spent
    shop.assert_well()
