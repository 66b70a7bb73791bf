"""Two numbers become one: points, debts and what is still on its way go along, and nothing is lost or made on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import UUID

import pytest

from ledger import members, rows
from ledger.declaring import declare_lost
from ledger.feed import member_row
from ledger.merging import merge, sweep_merged
from ledger.problems import MergeRefusedError, NotKnownError
from ledger.verify import verify
from protocol.feed import Balance, MemberRow
from protocol.ids import bucket_of
from tests.ledger.shop import KIND, NOW_US, Shop, Till

OLD, NEW = "1000000001", "1000000002"


@pytest.fixture(params=["other-bucket", "same-bucket", "lower-bucket"])
def pair(request: pytest.FixtureRequest, shop: Shop) -> tuple[str, str]:
    """An old number and a new one, however their buckets lie."""
    wanted = {"other-bucket": 1, "same-bucket": 0, "lower-bucket": -1}[request.param]
    here = bucket_of(OLD)
    new = next(str(n) for n in count(int(NEW)) if (bucket_of(str(n)) > here) - (bucket_of(str(n)) < here) == wanted)
    return shop.join(OLD, last4="0001", phone_key="k-old"), shop.join(new)


@pytest.fixture
def till(shop: Shop) -> Till:
    """One till of the first store."""
    return shop.till()


@pytest.fixture(autouse=True)
def books_are_right(shop: Shop) -> Iterator[None]:
    """After every test all sums hold, transfers with them."""
    yield
    shop.assert_well()


def row_of(shop: Shop, member: str) -> MemberRow:
    """As a till is told of him."""
    with shop.database.read() as connection:
        row = member_row(connection, member)
    assert row is not None
    return row


def test_points_go_over_with_issuer_end_and_price(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """Each lot is what it was, first expiring first, and its way leads back to the sale that made it."""
    old, new = pair
    shop.database.transact(
        lambda connection: rows.execute(connection, "INSERT INTO settlement_price VALUES ('points', 1500)")
    )
    earned = [till.sale(old, award=70, expires_on="2027-01-31"), till.sale(old, award=30, expires_on="")]
    for sale in earned:
        till.send(sale)
    other = shop.till("T2", "S2")
    other.send(other.sale(old, award=5, expires_on="2026-12-31"))
    assert merge(shop.database, old, new, NOW_US) == 105
    assert (shop.balance(old), shop.balance(new)) == ((0, 0, 0), (105, 0, 0))
    with shop.database.read() as connection:
        lots = rows.fetch(
            connection,
            "SELECT l.points, l.issuer, l.expires_on, l.price_mfen, o.from_entry FROM lot l JOIN lot_origin o"
            " ON o.bucket = l.bucket AND o.entry = l.entry AND o.line = l.line WHERE l.member = ? ORDER BY l.points",
            new,
        )
    assert [lot[:4] for lot in lots] == [
        (5, "M2", "2026-12-31", 1500), (30, "M1", "", 1500), (70, "M1", "2027-01-31", 1500)
    ]  # fmt: skip
    assert {UUID(bytes=bytes(lot[4])) for lot in lots[1:]} == {sale.id for sale in earned}


def test_the_old_number_is_a_tombstone(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """It names the new one and keeps nothing of the person; the new row says whom it took in, and how far."""
    old, new = pair
    till.send(till.sale(old, award=10))
    merge(shop.database, old, new, NOW_US)
    tombstone, row = row_of(shop, old), row_of(shop, new)
    assert tombstone == MemberRow(member=old, position=tombstone.position, status="merged", merged_into=new)
    assert row.merged == {old: tombstone.position}
    assert (row.last4, row.phone_key, row.name) == ("0001", "k-old", "1*")


def test_what_lies_at_a_till_stays_until_it_is_used(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """A reservation of the old account pays for its sale; what is left of it is the new account's."""
    old, new = pair
    till.send(till.sale(old, award=100))
    sale = till.sale(old, redeem=25)
    till.reserve(sale, 40)
    assert merge(shop.database, old, new, NOW_US) == 60
    row = row_of(shop, new)
    assert row.balances == {KIND: Balance(available=60, reserved=40)}
    assert [(lying.id, lying.terminal, lying.points, lying.member) for lying in row.lying] == [
        (sale.id, "T1", 40, old)
    ]
    outcome = till.send(sale)
    assert (outcome.status, outcome.shortfall) == ("booked", 0)
    assert row_of(shop, new).balances == {KIND: Balance(available=75)}
    assert row_of(shop, new).lying == ()
    assert row_of(shop, new).merged[old] >= outcome.position


def test_what_lies_at_a_till_stays_until_it_is_returned(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """Given back by the till, or because the till is lost: swept, at once or with the next chores."""
    old, new = pair
    till.send(till.sale(old, award=100))
    lost = shop.till("T2")
    first, second = till.sale(old), lost.sale(old)
    till.reserve(first, 30)
    lost.reserve(second, 20)
    merge(shop.database, old, new, NOW_US)
    till.send(till.returned(old, first.id))
    assert shop.balance(new) == (80, 20, 0)
    declare_lost(shop.database, "T2", NOW_US)
    assert row_of(shop, new).balances == {KIND: Balance(available=100)}
    before = row_of(shop, new).position
    assert sweep_merged(shop.database, NOW_US) == 1
    assert sweep_merged(shop.database, NOW_US) == 0
    assert row_of(shop, new).balances == {KIND: Balance(available=100)}
    assert row_of(shop, new).position > before


def test_what_still_arrives_is_swept_with_its_booking(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """A till that was offline: its award and its redemption under the old number reach the member, and no merchant pays."""
    old, new = pair
    till.send(till.sale(old, award=100))
    merge(shop.database, old, new, NOW_US)
    late = [till.sale(old, award=7), till.sale(old, redeem=60), till.sale(new, redeem=10), till.sale(old, redeem=50)]
    for entry in late:
        till.append(entry)
    outcomes = till.push(2, 5).outcomes
    assert [(outcome.status, outcome.shortfall) for outcome in outcomes] == [
        ("booked", 0), ("booked", 0), ("booked", 0), ("shortfall", 13)
    ]  # fmt: skip
    assert row_of(shop, new).balances[KIND] == Balance(available=0)
    assert row_of(shop, old).balances == {}
    assert row_of(shop, new).merged[old] >= max(
        outcome.position for outcome in outcomes if outcome is not outcomes[2]
    )


def test_a_late_void_takes_from_the_new_account(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """What the sale gave is with the new account: it is paid from there, what it took comes back to it."""
    old, new = pair
    till.send(till.sale(old, award=100))
    sale = till.sale(old, award=30, redeem=40)
    till.send(sale)
    merge(shop.database, old, new, NOW_US)
    assert shop.balance(new) == (90, 0, 0)
    assert till.send(till.void(sale)).status == "booked"
    assert row_of(shop, new).balances == {KIND: Balance(available=100)}


def test_debts_go_along_and_are_paid_first(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """Owed on the old account: paid from what the new one has, the rest by his next awards."""
    old, new = pair
    sale = till.sale(old, award=50)
    till.send(sale)
    till.send(till.sale(old, redeem=50))
    till.send(till.void(sale))
    till.send(till.sale(new, award=20))
    assert (shop.balance(old), shop.balance(new)) == ((0, 0, 50), (20, 0, 0))
    merge(shop.database, old, new, NOW_US)
    assert (row_of(shop, old).balances, shop.balance(new)) == ({}, (0, 0, 30))
    till.send(till.sale(new, award=45))
    assert shop.balance(new) == (15, 0, 0)


def test_chains_and_circles_are_refused(shop: Shop, till: Till) -> None:
    """Into himself, from or into a merged one, from one who took others in, of an account that has ended: nothing changes."""
    a, b, c, gone = (shop.join(f"100000000{n}") for n in range(1, 5))
    till.send(till.sale(a, award=5))
    members.set_status(shop.database, gone, "revoked")
    merge(shop.database, a, b, NOW_US)
    before = shop.everything()
    for source, target in [(c, c), (a, c), (c, a), (b, c), (b, a), (a, b), (gone, c), (c, gone)]:
        with pytest.raises(MergeRefusedError):
            merge(shop.database, source, target, NOW_US)
    with pytest.raises(NotKnownError):
        merge(shop.database, "1000000009", b, NOW_US)
    with pytest.raises(MergeRefusedError):
        members.set_status(shop.database, a, "active")
    assert shop.everything() == before
    merge(shop.database, c, b, NOW_US)
    assert set(row_of(shop, b).merged) == {a, c}


def test_a_lost_transfer_is_found(shop: Shop, till: Till, pair: tuple[str, str]) -> None:
    """`verify` says so when a leg has other points than its sister, or a lot another price than it had."""
    old, new = pair
    till.send(till.sale(old, award=10))
    merge(shop.database, old, new, NOW_US)
    changes = (
        ("UPDATE posting SET points = points + ? WHERE account = 'transfer' AND points < 0", "came to none"),
        ("UPDATE lot SET price_mfen = price_mfen + ? WHERE member = '" + new + "'", "not what it was"),
        ("UPDATE lot SET points = points + ? WHERE member = '" + new + "'", "were transferred"),
    )
    for statement, sentence in changes:
        for step in (1, -1):
            with shop.database.write() as connection:
                rows.execute(connection, statement.replace("?", str(step)))
            found = [said for said in verify(shop.database) if sentence in said]
            assert bool(found) is (step == 1), statement


def test_merging_while_tills_book(shop: Shop, till: Till) -> None:
    """Tills push for old and new numbers in both lock orders while they are merged: every entry once, every point there."""
    people = [(shop.join(f"10000001{n:02d}"), shop.join(f"10000002{n:02d}")) for n in range(6)]
    tills = [shop.till(f"X{n}") for n in range(3)]
    for one in tills:
        for old, new in people:
            one.append(one.sale(old, award=3))
            one.append(one.sale(new, redeem=1))
            one.append(one.sale(old, award=2, redeem=1))
    begun = threading.Barrier(len(tills) + 1)

    def push(one: Till) -> None:
        begun.wait()
        for first in range(1, len(one.payloads) + 1, 6):
            one.push(first, first + 5)

    with ThreadPoolExecutor(len(tills)) as pool:
        pushing = [pool.submit(push, one) for one in tills]
        begun.wait()
        for old, new in people:
            merge(shop.database, old, new, NOW_US)
        for future in pushing:
            future.result(60)
    for old, new in people:
        assert row_of(shop, old).status == "merged"
        assert (shop.balance(old), row_of(shop, new).merged[old]) == ((0, 0, 0), row_of(shop, old).position)
