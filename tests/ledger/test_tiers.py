"""Tiers by amount and frequency: reached in the booking, taken back by a void, moved with the window, one per person."""

from __future__ import annotations

import pytest

from ledger.clock import day_of
from ledger.feed import vector
from ledger.members import set_tier
from ledger.merging import merge
from ledger.standing import first_month, sweep_standings
from ledger.terms import Terms
from points.amounts import MAX_AMOUNT_FEN
from protocol.canonical import MAX_INTEGER
from protocol.entries import Sale
from protocol.feed import Standing
from tests.ledger.shop import NOW_US, Shop, Till
from tests.ledger.test_counting import KINDS, MEMBER, OTHER, counts
from tests.ledger.test_visits import told

TODAY, MONTH = day_of(NOW_US), day_of(NOW_US)[:7]
TIERS = """
[[tier]]
code = "plain"
name = { zh = "普通", en = "Plain" }
multiplier = "1"
[[tier]]
code = "gold"
name = { zh = "金卡", en = "Gold" }
multiplier = "1.2"
from_spent_fen = 300_00
from_visits = 3
"""


@pytest.fixture
def tiered(shop: Shop) -> Shop:
    """Gold from 300 yuan in three visits; each sale of these tests is one of 100 yuan."""
    shop.publish_whole(KINDS + TIERS)
    shop.join(MEMBER)
    shop.join(OTHER)
    return shop


def buys(till: Till, member: str = MEMBER, times: int = 1, day: str = TODAY) -> list[Sale]:
    sales = [till.sale(member, programme_version=2, business_day=day) for _ in range(times)]
    for sale in sales:
        till.append(sale)
    till.push(len(till.payloads) - times + 1)
    return sales


def test_it_is_reached_by_the_sale_that_reaches_it(tiered: Shop) -> None:
    """In the same booking; at this merchant alone; a void takes it back."""
    till = tiered.till()
    first, _second = buys(till, times=2)
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=200_00, visits=2, month=MONTH)
    buys(till)
    assert told(tiered, MEMBER, "S1").standing == Standing(tier="gold", spent_fen=300_00, visits=3, month=MONTH)
    assert told(tiered, MEMBER, "S2").standing == Standing()
    till.send(till.void(first))
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=200_00, visits=2, month=MONTH)
    tiered.assert_well()


def test_much_in_one_visit_is_not_enough(tiered: Shop) -> None:
    """And what he paid nothing for is no visit."""
    till = tiered.till()
    for due_fen in (900_00, 0, 0):
        till.send(till.sale(MEMBER, programme_version=2, business_day=TODAY, due_fen=due_fen))
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=900_00, visits=1, month=MONTH)


def test_the_window_moves_without_a_sale(tiered: Shop) -> None:
    """Eleven months later it still holds, in the twelfth it ends: by the sweep, and his row is told anew then and no sooner."""
    till = tiered.till()
    buys(till, times=3)
    for today, tier in (("2027-08-31", "gold"), ("2027-09-01", "")):
        with tiered.database.read() as connection:
            before = vector(connection).numbers
        assert sweep_standings(tiered.database, today) == (tier == "")
        with tiered.database.read() as connection:
            assert (vector(connection).numbers != before) == (tier == "")
        standing = told(tiered, MEMBER, "S1").standing
        assert (standing.tier, standing.month) == (tier, today[:7])
    assert sweep_standings(tiered.database, "2027-09-02") == 0


def test_an_older_sale_counts_in_its_month(tiered: Shop) -> None:
    """One that arrives late is within the window or not by its own business day."""
    till = tiered.till()
    buys(till, times=2)
    buys(till, day="2025-09-30")
    assert told(tiered, MEMBER, "S1").standing.tier == ""
    buys(till, day="2025-10-01")
    assert told(tiered, MEMBER, "S1").standing.tier == "gold"
    assert first_month("2026-09", 12) == "2025-10"


def test_new_rules_hold_for_who_is_there(tiered: Shop) -> None:
    """A version that asks for less lifts him with the next sweep, one without such tiers takes his."""
    till = tiered.till()
    buys(till, times=2)
    tiered.publish_whole(KINDS + TIERS.replace("300_00", "200_00").replace("= 3", "= 2"), version=3)
    assert sweep_standings(tiered.database, TODAY) == 1
    assert told(tiered, MEMBER, "S1").standing.tier == "gold"
    tiered.publish_whole(KINDS, version=4)
    assert sweep_standings(tiered.database, TODAY) == 1
    assert told(tiered, MEMBER, "S1").standing.tier == ""


def test_one_person_has_one_standing(tiered: Shop) -> None:
    """What he paid with the other number counts, before the merge and after it."""
    till = tiered.till()
    buys(till, times=1)
    buys(till, OTHER)
    merge(tiered.database, OTHER, MEMBER, tiered.tick())
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=200_00, visits=2, month=MONTH)
    buys(till, OTHER)
    assert told(tiered, MEMBER, "S1").standing.tier == "gold"
    assert told(tiered, OTHER, "S1").standing == Standing()
    tiered.assert_well()


def test_a_tier_by_hand_stands_beside_it(tiered: Shop) -> None:
    """With its reason; the till takes the higher one, so both are told."""
    set_tier(tiered.database, MEMBER, "gold", "a guest of the house", tiered.tick())
    row = told(tiered, MEMBER, "S1")
    assert (row.tier, row.standing) == ("gold", Standing())


def test_a_programme_without_such_tiers_reckons_nothing(shop: Shop) -> None:
    """No counts, no standings."""
    shop.publish_whole(KINDS)
    shop.join(MEMBER)
    buys(shop.till(), times=3)
    assert counts(shop) == {}
    assert told(shop, MEMBER, "S1").standing == Standing()
    with shop.database.read() as connection:
        terms = Terms().refreshed(connection)
        assert not terms.rules_of(connection, terms.newest_of["fresh"]).has_reckoned_tiers


def test_what_comes_back_was_not_spent(tiered: Shop) -> None:
    """Some of it: less was paid. All of it: it was no visit either; and the books recount to the same."""
    till = tiered.till()
    first, *_rest = buys(till, times=3)
    till.send(till.refund(first, sums_fen={}, money_fen=40_00))
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=260_00, visits=3, month=MONTH)
    till.send(till.refund(first, sums_fen={}, money_fen=60_00))
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=200_00, visits=2, month=MONTH)
    tiered.assert_well()


def test_no_entries_add_up_to_more_than_a_sum_can_hold(tiered: Shop) -> None:
    """A sale counts as no more than a bill can come to, and what came back of it is less by as much."""
    till = tiered.till()
    sale = till.sale(MEMBER, programme_version=2, business_day=TODAY, due_fen=MAX_INTEGER, sums_fen={"food": 100_00})
    till.send(sale)
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=MAX_AMOUNT_FEN, visits=1, month=MONTH)
    tiered.assert_well()
    till.send(till.refund(sale, sums_fen={"food": 100_00}, money_fen=MAX_INTEGER - 1_00))
    assert told(tiered, MEMBER, "S1").standing == Standing(spent_fen=1_00, visits=1, month=MONTH)
    tiered.assert_well()
