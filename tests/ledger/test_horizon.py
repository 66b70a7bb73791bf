"""What the feed forgets, and who is told that he may have missed it."""

from __future__ import annotations

import msgspec
import pytest

from ledger import members, rows
from ledger.feed import changes, snapshot
from ledger.horizon import FORGET_AFTER_DAYS, forget
from ledger.merging import merge
from protocol.feed import Changes, ChangesRequest, SnapshotPart, Vector
from protocol.ids import bucket_of
from tests.ledger.shop import NOW_US, Shop

GONE, STAYS = "1000000001", "1000000002"
DAY_US = 86_400_000_000
LATER_US = NOW_US + (FORGET_AFTER_DAYS + 30) * DAY_US


@pytest.fixture
def left(shop: Shop) -> str:
    """Somebody with points who left, and somebody who did not."""
    shop.join(GONE, last4="0001", phone_key="k")
    shop.join(STAYS)
    till = shop.till()
    till.send(till.sale(GONE, award=5))
    till.send(till.sale(STAYS, award=6))
    members.set_status(shop.database, GONE, "left", NOW_US)
    return GONE


def told(shop: Shop, reader: Vector) -> Changes:
    """Without the epoch, which is new in every test."""
    return msgspec.structs.replace(changes(shop.database, ChangesRequest(numbers=reader.numbers)), epoch="")


def fresh(shop: Shop) -> tuple[bytes, Vector]:
    """What a till that starts now is told, and how far it is then."""
    pieces = list(snapshot(shop.database, lambda: NOW_US))
    numbers = [number for part in pieces if isinstance(part, SnapshotPart) for number in part.numbers]
    return b"".join(piece for piece in pieces if isinstance(piece, bytes)), Vector(numbers)


def test_nobody_is_told_of_who_left_long_ago(shop: Shop, left: str) -> None:
    """Not before the time is over; then no snapshot has him and nothing of the person is left, and the books still add up."""
    assert forget(shop.database, NOW_US + FORGET_AFTER_DAYS * DAY_US) == 0
    assert left.encode() in fresh(shop)[0]
    assert (forget(shop.database, LATER_US), forget(shop.database, LATER_US)) == (1, 0)
    lines, reader = fresh(shop)
    assert left.encode() not in lines
    assert STAYS.encode() in lines
    assert told(shop, reader) == Changes(documents=1)
    with shop.database.read() as connection:
        kept = rows.fetch(connection, "SELECT name, last4, phone_key, status FROM member WHERE member = ?", left)
    assert kept == [("", "", "", "left")]
    assert shop.balance(left) == (5, 0, 0)
    shop.assert_well()


def test_who_may_have_missed_it_is_told_so(shop: Shop, left: str) -> None:
    """A reader who saw him end goes on; one who did not is past the horizon, however few numbers he lacks."""
    reader = Vector().moved_to(told(shop, Vector()).read)
    bucket = bucket_of(left)
    missed = Vector([number - (place == bucket) for place, number in enumerate(reader.numbers)])
    forget(shop.database, LATER_US)
    assert told(shop, reader) == Changes(documents=1)
    assert told(shop, missed) == Changes(documents=1, is_past_horizon=True)
    assert not told(shop, fresh(shop)[1]).is_past_horizon


def test_who_is_back_or_in_use_is_not_forgotten(shop: Shop, left: str) -> None:
    """Active again, points that lie at a till, an entry that came late, or a number that was merged."""
    assert forget(shop.database, LATER_US) == 1
    late = shop.till("T2")
    late.append(late.sale(left, award=1))
    late.push()  # he is told again, so that no till keeps an older row
    assert left.encode() in fresh(shop)[0]
    assert forget(shop.database, NOW_US + FORGET_AFTER_DAYS * DAY_US) == 0
    other = shop.join("1000000003")
    members.set_status(shop.database, other, "revoked", NOW_US)
    members.set_status(shop.database, other, "active", NOW_US)
    merge(shop.database, shop.join("1000000004"), STAYS, NOW_US)
    assert forget(shop.database, LATER_US) == 1, "only who left"


def test_points_that_lie_at_a_till_keep_their_member(shop: Shop) -> None:
    """The till has to be told of its reservation until it is used or returned."""
    member, till = shop.join(GONE), shop.till()
    till.send(till.sale(member, award=9))
    sale = till.sale(member)
    till.reserve(sale, 4)
    members.set_status(shop.database, member, "revoked", NOW_US)
    assert forget(shop.database, LATER_US) == 0
    till.send(till.returned(member, sale.id))
    assert forget(shop.database, LATER_US) == 1
