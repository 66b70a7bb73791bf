"""Points set aside at a till for an outage: how many, for whom, and how they come back."""

from __future__ import annotations

from uuid import UUID

import pytest

from ledger.allowances import grant_allowances, points_for
from ledger.declaring import declare_lost
from ledger.expiring import expire
from ledger.feed import member_row
from ledger.member_rows import member_rows
from ledger.merging import merge
from ledger.visits import Scope
from protocol.ids import bucket_of
from protocol.reservations import Granted, LyingElsewhere, Refused, Reservation
from tests.ledger.shop import Shop, Till

MEMBER = "1000000001"


@pytest.mark.parametrize(
    ("usual", "available", "points"),
    [(200, 1_000, 200), (1_000, 1_000, 500), (5_000, 1_001, 500), (200, 1, 0), (200, 0, 0)],
)
def test_an_allowance_is_small(usual: int, available: int, points: int) -> None:
    """What he usually takes; half where that would be everything."""
    assert points_for(usual, available) == points


def regular(shop: Shop, till: Till, member: str = MEMBER, earned: int = 1_000, took: int = 200) -> str:
    """A member who redeems here."""
    shop.join(member)
    till.send(till.sale(member, award=earned))
    assert till.send(till.sale(member, redeem=took)).status == "booked"
    return member


def granted(shop: Shop, till: Till) -> tuple[Reservation, ...]:
    """What the till is given now."""
    found = grant_allowances(shop.database, till.terminal, shop.tick())
    shop.assert_well()
    return found


def test_what_he_took_last_is_set_aside(shop: Shop) -> None:
    """It leaves `available` at once, lies in the feed with the till's name, and is not granted twice."""
    shop.allow(per_member=500)
    till = shop.till()
    regular(shop, till)
    [allowance] = granted(shop, till)
    assert (allowance.member, allowance.points, allowance.authority) == (MEMBER, 200, "allowance")
    assert (allowance.terminal, allowance.kind) == ("T1", "points")
    assert shop.balance(MEMBER) == (600, 200, 0)
    assert lying(shop) == [("T1", 200, "allowance", False)]
    before = shop.everything()
    assert granted(shop, till) == ()
    assert shop.everything() == before


def test_a_merchant_says_how_much(shop: Shop) -> None:
    """Nothing without a policy, and no more than it says, for no more members than it says."""
    till = shop.till()
    for number in range(3):
        regular(shop, till, f"100000000{number}")
    assert granted(shop, till) == ()
    shop.allow(per_member=50, members=2)
    assert [one.points for one in granted(shop, till)] == [50, 50]
    assert granted(shop, till) == ()


def test_a_store_knows_its_own_regulars(shop: Shop) -> None:
    """Who redeems elsewhere, long ago or never gets none here; of two tills of a store one has it."""
    shop.allow(per_member=500, days=30)
    shop.allow("S2", per_member=500)
    here, beside, elsewhere = shop.till(), shop.till("T2"), shop.till("T3", "S2")
    regular(shop, here)
    shop.join("1000000002")
    here.send(here.sale("1000000002", award=500))
    shop.join("1000000003")
    here.send(here.sale("1000000003", award=500))
    here.send(here.sale("1000000003", redeem=100, business_day="2026-08-01"))
    assert granted(shop, elsewhere) == ()
    assert [one.member for one in granted(shop, beside)] == [MEMBER]
    assert granted(shop, here) == ()


@pytest.mark.parametrize("status", ["blocked", "revoked", "hot"])
def test_nothing_is_set_aside_for_who_may_not_redeem(shop: Shop, status: str) -> None:
    """Blocked, revoked, or on the hot list."""
    shop.allow(per_member=500)
    till = shop.till()
    regular(shop, till)
    if status == "hot":
        shop.warn_of(MEMBER)
    else:
        set_status(shop, status)
    assert granted(shop, till) == ()


def test_nothing_is_set_aside_for_who_goes_on_for_a_number_on_the_hot_list(shop: Shop) -> None:
    """A merge makes no one trustworthy."""
    shop.allow(per_member=500)
    till, old = shop.till(), shop.join("1000000002")
    regular(shop, till)
    shop.warn_of(old)
    merge(shop.database, old, MEMBER, shop.tick())
    assert granted(shop, till) == ()


def test_a_revoked_till_gets_nothing(shop: Shop) -> None:
    """Whoever holds its key now."""
    shop.allow(per_member=500)
    till = shop.till()
    regular(shop, till)
    declare_lost(shop.database, till.terminal, shop.tick())
    assert granted(shop, till) == ()


def allowance_of(shop: Shop) -> tuple[Till, UUID]:
    """A till that holds 200 of 800 points."""
    shop.allow(per_member=500)
    till = shop.till()
    regular(shop, till)
    [allowance] = granted(shop, till)
    return till, allowance.id


def test_it_shrinks_by_what_its_till_books(shop: Shop) -> None:
    """Sale by sale, to nothing; beyond that a sale takes what is available."""
    till, allowance = allowance_of(shop)
    assert till.send(till.sale(MEMBER, redeem=150, draws_on=allowance)).status == "booked"
    assert shop.balance(MEMBER) == (600, 50, 0)
    assert till.send(till.sale(MEMBER, redeem=150, draws_on=allowance)).status == "booked"
    assert shop.balance(MEMBER) == (500, 0, 0)
    assert lying(shop) == []
    outcome = till.send(till.sale(MEMBER, redeem=600, draws_on=allowance))
    assert (outcome.status, outcome.shortfall) == ("shortfall", 100)
    shop.assert_well()


def test_nobody_else_draws_on_it(shop: Shop) -> None:
    """Not another till, not for another member, not a sale whose id it is."""
    till, allowance = allowance_of(shop)
    other = shop.till("T2")
    other.send(other.sale(MEMBER, redeem=100, draws_on=allowance))
    assert shop.balance(MEMBER) == (500, 200, 0)
    stranger = next(f"20{n:08d}" for n in range(99_999) if bucket_of(f"20{n:08d}") == bucket_of(MEMBER))
    shop.join(stranger)
    assert till.send(till.sale(stranger, redeem=100, draws_on=allowance)).shortfall == 100
    assert till.send(till.sale(MEMBER, redeem=100, id=allowance)).reason == "same-id"
    assert shop.balance(MEMBER) == (500, 200, 0)
    shop.assert_well()


def test_nobody_draws_on_what_was_reserved_for_another_sale(shop: Shop) -> None:
    """An online reservation belongs to the sale with its id, whatever another names."""
    till, _allowance = allowance_of(shop)
    waiting = till.sale(MEMBER, redeem=300)
    till.reserve(waiting, 300)
    till.send(till.sale(MEMBER, redeem=100, draws_on=waiting.id))
    assert shop.balance(MEMBER) == (200, 500, 0)
    assert till.send(waiting).shortfall == 0


def test_it_goes_back_whole_with_what_is_left(shop: Shop) -> None:
    """Returned; and what still names it afterwards takes what is available."""
    till, allowance = allowance_of(shop)
    till.send(till.sale(MEMBER, redeem=50, draws_on=allowance))
    till.send(till.returned(MEMBER, allowance))
    assert shop.balance(MEMBER) == (750, 0, 0)
    till.send(till.sale(MEMBER, redeem=50, draws_on=allowance))
    assert shop.balance(MEMBER) == (700, 0, 0)
    shop.assert_well()


def test_a_void_credits_what_is_available(shop: Shop) -> None:
    """Never the reservation (DESIGN 4)."""
    till, allowance = allowance_of(shop)
    sale = till.sale(MEMBER, redeem=150, draws_on=allowance)
    till.send(sale)
    till.send(till.void(sale))
    assert shop.balance(MEMBER) == (750, 50, 0)
    shop.assert_well()


def test_a_lost_till_loses_what_it_held(shop: Shop) -> None:
    """It goes back to the member; what the till still sends is covered by what he has then, or its merchant pays."""
    till, allowance = allowance_of(shop)
    assert declare_lost(shop.database, till.terminal, shop.tick()) == 200
    assert shop.balance(MEMBER) == (800, 0, 0)
    outcome = till.send(till.sale(MEMBER, redeem=900, draws_on=allowance))
    assert (outcome.status, outcome.shortfall) == ("shortfall", 100)
    shop.assert_well()


def test_expiry_leaves_it_alone(shop: Shop) -> None:
    """What is reserved waits until it comes back."""
    till, allowance = allowance_of(shop)
    expire(shop.database, "2030-01-01", shop.tick())
    assert shop.balance(MEMBER) == (0, 200, 0)
    assert till.send(till.sale(MEMBER, redeem=200, draws_on=allowance)).shortfall == 0
    shop.assert_well()


def test_it_is_called_back_when_he_stands_elsewhere(shop: Shop) -> None:
    """The other counter hears where his points lie; the till that has them hears it in the feed, and once it returned them
    the same question is answered with yes."""
    till, allowance = allowance_of(shop)
    other = shop.till("T9", "S2")
    wanted = other.sale(MEMBER, redeem=700)
    lies = (LyingElsewhere(store="S1", till="T1", points=200),)
    assert other.reserve(wanted, 700) == Refused(reason="not-enough-points", spendable=600, lying=lies)
    assert lying(shop) == [("T1", 200, "allowance", True)]
    before = shop.everything()
    assert other.reserve(wanted, 700) == Refused(reason="not-enough-points", spendable=600, lying=lies)
    assert shop.everything() == before
    till.send(till.returned(MEMBER, allowance))
    assert isinstance(other.reserve(wanted, 700), Granted)
    shop.assert_well()


def test_it_is_not_called_back_for_nothing(shop: Shop) -> None:
    """Where it would not be enough, or the till that asks has it itself."""
    till, _allowance = allowance_of(shop)
    other = shop.till("T9", "S2")
    assert other.reserve(other.sale(MEMBER), 801) == Refused(reason="not-enough-points", spendable=600)
    assert till.reserve(till.sale(MEMBER), 700) == Refused(reason="not-enough-points", spendable=600)
    assert lying(shop) == [("T1", 200, "allowance", False)]


def test_a_sale_with_both_uses_its_own_first(shop: Shop) -> None:
    """The till asks online for what its allowance lacks."""
    till, allowance = allowance_of(shop)
    sale = till.sale(MEMBER, redeem=700, draws_on=allowance)
    assert isinstance(till.reserve(sale, 500), Granted)
    assert till.send(sale).shortfall == 0
    assert shop.balance(MEMBER) == (100, 0, 0)
    shop.assert_well()


def test_its_till_alone_can_check_a_pin(shop: Shop) -> None:
    """The verifier goes to the terminal that has the allowance, with the allowance, and to nobody else."""
    till, _allowance = allowance_of(shop)
    with shop.database.write() as connection:
        connection.exec_driver_sql("UPDATE member SET pin_hash = 'argon2'")
    till.reserve(till.sale(MEMBER), 100)
    for terminal, expected in (("T1", ["", "argon2"]), ("T2", ["", ""]), ("", ["", ""])):
        with shop.database.read() as connection:
            [row] = member_rows(connection, [(bucket_of(MEMBER), MEMBER)], Scope("M1", "2026-01-01", terminal))
        assert sorted(one.pin_verifier for one in row.lying) == expected
        assert all(one.authority == "allowance" for one in row.lying if one.pin_verifier)


def set_status(shop: Shop, status: str) -> None:
    """What an operator did."""
    with shop.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE member SET status = '{status}'")


def lying(shop: Shop) -> list[tuple[str, int, str, bool]]:
    """What the feed says of the member's reservations."""
    with shop.database.read() as connection:
        row = member_row(connection, MEMBER)
    assert row is not None
    return [(one.terminal, one.points, one.authority, one.called_back) for one in row.lying]
