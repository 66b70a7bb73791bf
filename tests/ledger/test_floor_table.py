"""The table before the floor is switched on, from books that tills have filled."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ledger import floor_table as tables
from ledger.database import Database
from ledger.floor_history import read_history
from ledger.floor_table import EXAMPLE, FloorTables, Wished, floor_table, in_proportion
from ledger.outages import DAY_US, Elsewhere, History, OwnSale
from ledger.problems import NotKnownError, TooOftenError
from protocol.documents import FloorPolicy
from tests.ledger.shop import NOW_US, Shop, Till

WEEKS = 6
FIRST_US = NOW_US - WEEKS * 7 * DAY_US
MINUTE_US = 60_000_000


def at(day: int, minute: int) -> dict[str, Any]:
    """When a sale of the n-th day was made."""
    return {
        "occurred_at": FIRST_US + day * DAY_US + MINUTE_US * minute + 1,
        "business_day": f"2026-{8 + day // 28:02d}-{day % 28 + 1:02d}",
    }


def trade(shop: Shop, members: int = 8, earned: int = 30_000) -> tuple[Till, Till]:
    """Each member redeems 200 here every second day and 150 elsewhere on the days between: a till here, one there."""
    shop.allow()
    shop.allow("S2")
    here, elsewhere = shop.till(), shop.till("T2", "S2")
    for number in range(members):
        shop.join(f"100000000{number}")
        here.append(here.sale(f"100000000{number}", award=earned, **at(0, number)))
    for day in range(1, WEEKS * 7):
        for number in range(members):
            till, points = (here, 200) if day % 2 else (elsewhere, 150)
            till.append(till.sale(f"100000000{number}", redeem=points, **at(day, number)))
    here.push()
    elsewhere.push()
    shop.assert_well()
    return here, elsewhere


def history_of(shop: Shop) -> History:
    """Of the store S1."""
    return read_history(shop.database, "S1", NOW_US, 90, 90)


def test_a_history_is_what_was_booked(shop: Shop) -> None:
    """Sales here with what they took and gave, everything else as a change; a balance that leads to today's."""
    trade(shop, members=2)
    history = history_of(shop)
    assert (history.weeks, len(history.accounts)) == (5, 2)
    first = history.accounts[0]
    start_us = first.own[0].at_us
    assert first.balance == 0
    assert first.own[:2] == [OwnSale(start_us, "T1", 0, 30_000), OwnSale(start_us + DAY_US, "T1", 200, 0)]
    assert first.elsewhere[0] == Elsewhere(start_us + 2 * DAY_US, -150)
    assert len(first.own) + len(first.elsewhere) == WEEKS * 7
    assert first.balance_at(NOW_US) == 30_000 - 21 * 200 - 20 * 150 == shop.balance("1000000000")[0]
    assert history.openings[1] == (FIRST_US + DAY_US + 1, FIRST_US + DAY_US + MINUTE_US + 1, "T1")
    assert len(history.openings) == 22


def test_what_was_not_covered_then_left_no_balance(shop: Shop) -> None:
    """A floor that went wrong is still a redemption of its whole size, and gave nothing."""
    here, _ = trade(shop, members=1, earned=1_000)
    assert here.send(here.sale("1000000000", redeem=500, **at(41, 30))).status == "shortfall"
    assert history_of(shop).accounts[0].own[-1] == OwnSale(at(41, 30)["occurred_at"], "T1", 500, 0)
    assert history_of(shop).accounts[0].balance_at(NOW_US) == 0


def test_a_voided_sale_never_was(shop: Shop) -> None:
    """Neither the redemption nor what came back."""
    here, _ = trade(shop, members=1)
    before = history_of(shop)
    sale = here.sale("1000000000", redeem=700, award=3, **at(41, 30))
    assert here.send(sale).status == "booked"
    assert here.send(here.void(sale, **at(41, 31))).status == "booked"
    assert history_of(shop) == before


def test_the_table_reads_the_books_and_changes_nothing(shop: Shop) -> None:
    """200 points are too many for a floor of 100 and fit 250; nothing is uncovered where all have enough."""
    trade(shop)
    before = shop.everything()
    table = floor_table(shop.database, "S1", NOW_US)
    assert shop.everything() == before
    assert (table.is_example, table.days, table.redemptions) == (False, 35, 144)
    assert [(line.policy, line.per_redemption, line.accepted, line.uncovered) for line in table.lines] == [
        ("floor", 100, 0, 0), ("floor", 250, 10_000, 0), ("floor", 500, 10_000, 0), ("floor", 1_000, 10_000, 0),
        ("balance", 0, 10_000, 0), ("allowance", 0, 10_000, 0),
    ]  # fmt: skip


def test_points_that_are_spent_twice_have_a_price(shop: Shop) -> None:
    """Who ends with 10 points had 210 before his last redemption: of these 150 went elsewhere in two of four other weeks."""
    trade(shop, earned=21 * 200 + 20 * 150 + 10)
    of_balance = floor_table(shop.database, "S1", NOW_US, Wished(outages_a_year=1)).lines[4]
    uncovered, accepted, outages, weeks = 8 * 2 * 140, 18 * 8 * 200, 18, 4
    assert (of_balance.policy, of_balance.accepted) == ("balance", 10_000)
    assert of_balance.uncovered == -(-uncovered * 10_000 // (accepted * weeks)) == 195
    assert of_balance.a_year_fen == -(-uncovered * 2 // (outages * weeks)) == 63
    yearly = floor_table(shop.database, "S1", NOW_US, Wished(outages_a_year=12)).lines[4]
    assert yearly.a_year_fen == -(-uncovered * 2 * 12 // (outages * weeks))


def test_too_little_history_is_said_and_an_example_shown(shop: Shop) -> None:
    """Four people, or nobody: the published figures, marked."""
    trade(shop, members=4)
    table = floor_table(shop.database, "S1", NOW_US)
    assert (table.is_example, table.redemptions, table.lines) == (True, 72, EXAMPLE)
    assert floor_table(shop.database, "S2", FIRST_US).redemptions == 0
    with pytest.raises(NotKnownError):
        floor_table(shop.database, "S9", NOW_US)


def test_a_floor_that_is_thought_of_stands_among_the_usual_ones(shop: Shop) -> None:
    """As it is; the others in its proportion."""
    trade(shop)
    floor = FloorPolicy(per_redemption=300, per_member=900, per_terminal=3_000)
    lines = floor_table(shop.database, "S1", NOW_US, Wished(floor=floor)).lines
    assert [(one.per_redemption, one.per_member, one.per_terminal) for one in lines[:5]] == [
        (100, 300, 1_000), (250, 750, 2_500), (300, 900, 3_000), (500, 1_500, 5_000), (1_000, 3_000, 10_000),
    ]  # fmt: skip
    assert in_proportion(FloorPolicy(), 250) == FloorPolicy(per_redemption=250, per_member=500, per_terminal=10_000)


def test_tills_get_one_table_a_day(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made once, again the next day and for other settings; who asks meanwhile is asked to come back."""
    trade(shop, members=1)
    made: list[str] = []
    is_making, go_on = threading.Event(), threading.Event()

    def counted(database: Database, store: str, now_us: int, **options: Any) -> Any:
        made.append(store)
        is_making.set()
        assert go_on.wait(10)
        return floor_table(database, store, now_us, **options)

    monkeypatch.setattr(tables, "floor_table", counted)
    kept = FloorTables()
    first = threading.Thread(target=kept.table, args=(shop.database, "S1", NOW_US))
    first.start()
    assert is_making.wait(10)
    with pytest.raises(TooOftenError):
        kept.table(shop.database, "S2", NOW_US)
    go_on.set()
    first.join(10)
    assert kept.table(shop.database, "S1", NOW_US + 1) is kept.table(shop.database, "S1", NOW_US + 2)
    assert made == ["S1"]
    kept.table(shop.database, "S1", NOW_US + DAY_US)
    shop.allow(per_member=5)
    kept.table(shop.database, "S1", NOW_US + DAY_US)
    assert made == ["S1"] * 3
