"""What rules with a memory go by: counts per member and merchant, exact through voids, decisions and merges."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import rows
from ledger.counting import KEPT_DAYS, forget_counts
from ledger.deciding import Wanted, decide
from ledger.verify import verify
from protocol.entries import Award, Redemption, Sale
from tests.ledger.memory import MemoryDatabase, empty_books
from tests.ledger.shop import DAY, KIND, Shop, Till

MEMBER, OTHER = "1000000001", "1000000002"

KINDS = """
[[kind]]
code = "points"
name = { zh = "积分", en = "points" }
validity = { days = 365 }
[[kind]]
code = "gold"
name = { zh = "金分", en = "gold" }
validity = { days = 365 }
[[category]]
code = "food"
name = { zh = "食品", en = "Food" }
[[earn]]
kind = "points"
name = { zh = "消费", en = "Shopping" }
per_fen = 1_00
points = 1
"""


def reward(identity: str, limit: str = "") -> str:
    """A fixed reward, perhaps with a limit."""
    words = '{ zh = "词", en = "words" }'
    return f"""
[[reward]]
form = "item"
id = "{identity}"
name = {words}
kinds = ["points"]
points = 10
value_fen = 1_00
conditions = {words}
validity = {words}
refund = {words}
{limit}
"""


LIMITS = KINDS + "".join(
    reward(f"r-{period}", f'limit = {{ per_member = 1, period = "{period}" }}') for period in ("day", "month", "ever")
)


@pytest.fixture
def limited(shop: Shop) -> Shop:
    """Version 2 limits three rewards, by the day, by the month, for ever; version 1 asks for nothing."""
    shop.publish_whole(LIMITS + reward("free"))
    return shop


def counts(shop: Shop) -> dict[tuple[str, str, str], int]:
    """(member, merchant, name with its period) → amount, without zeros."""
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT member, merchant, name, period, amount FROM member_count")
    return {
        (member, merchant, f"{name}/{period}" if period else name): n
        for member, merchant, name, period, n in found
        if n
    }


def takes(till: Till, member: str, *rewards: str, version: int = 2, **changes: Any) -> Sale:
    """A sale of the version that limits, with rewards in it."""
    redeemed = tuple(
        Redemption(reward=one, kind=KIND, points=1, off_bill_fen=0, authority="floor", proof="static")
        for one in rewards
    )
    return till.sale(member, redemptions=redeemed, programme_version=version, **changes)


def test_what_rules_ask_for_is_counted_and_nothing_else(limited: Shop) -> None:
    """Per day, month and ever; not what no rule asks for, not for another version, not at another merchant."""
    limited.join(MEMBER)
    here, there = limited.till(), limited.till("T3", "S2")
    here.send(takes(here, MEMBER, "r-day", "r-month", "free"))
    here.send(takes(here, MEMBER, "r-day", "r-ever", business_day="2026-11-22"))
    here.send(takes(here, MEMBER, "r-ever", version=1))
    there.send(takes(there, MEMBER, "r-ever"))
    assert counts(limited) == {
        (MEMBER, "M1", "taken/r-day/2026-11-21"): 1,
        (MEMBER, "M1", "taken/r-day/2026-11-22"): 1,
        (MEMBER, "M1", "taken/r-month/2026-11"): 1,
        (MEMBER, "M1", "taken/r-ever/ever"): 1,
        (MEMBER, "M2", "taken/r-ever/ever"): 1,
    }
    limited.assert_well()


def test_a_programme_that_asks_for_nothing_counts_nothing(shop: Shop) -> None:
    """Not even a row."""
    shop.join(MEMBER)
    till = shop.till()
    till.send(till.sale(MEMBER, award=5, redeem=2))
    assert counts(shop) == {}


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_void_takes_away_what_its_sale_added(limited: Shop, is_one_batch: bool) -> None:
    """In the same batch or a later one, by the version that the sale names, whatever was published since."""
    limited.join(MEMBER)
    till = limited.till()
    sale = takes(till, MEMBER, "r-day", "r-ever")
    till.append(sale)
    if not is_one_batch:
        till.push(1, 1)
        limited.publish_whole(KINDS, version=3)
    till.append(till.void(sale))
    till.push(1 if is_one_batch else 2)
    assert counts(limited) == {}
    limited.assert_well()


CAP = """
[[cap]]
kind = "points"
per = "day"
points = 500
name = { zh = "封顶", en = "cap" }
conditions = { zh = "封顶", en = "cap" }
"""


def test_a_refund_takes_away_what_came_back(shop: Shop) -> None:
    """Points that he lost were not earned; a reward whose points he has again was not taken."""
    shop.publish_whole(LIMITS + CAP)
    shop.join(MEMBER)
    till = shop.till()
    till.send(till.sale(MEMBER, award=50))
    sale = till.sale(MEMBER, award=10, redeem=8, programme_version=2, sums_fen={"food": 100_00})
    taken = msgspec.structs.replace(sale.redemptions[0], reward="r-ever")
    till.send(msgspec.structs.replace(sale, redemptions=(taken,)))
    assert counts(shop) == {(MEMBER, "M1", f"earned/points/{DAY}"): 10, (MEMBER, "M1", "taken/r-ever/ever"): 1}
    half: dict[str, Any] = {"sums_fen": {"food": 50_00}, "money_fen": 50_00}
    assert till.send(till.refund(sale, 4, 5, **half)).status == "booked"
    assert counts(shop) == {(MEMBER, "M1", f"earned/points/{DAY}"): 5, (MEMBER, "M1", "taken/r-ever/ever"): 1}
    shop.assert_well()
    assert till.send(till.refund(sale, 4, 5, **half)).status == "booked"
    assert counts(shop) == {}
    shop.assert_well()


ACTIVITY = """
[[earn]]
by = "activity"
kind = "points"
name = { zh = "问卷", en = "Survey" }
activity = "survey"
points = 50
"""


def test_an_activity_of_a_sale_that_came_back_whole_can_earn_again(shop: Shop) -> None:
    """Its points are gone, as after a void; while something is left of the sale it is done."""
    shop.publish_whole(KINDS + ACTIVITY)
    shop.join(MEMBER)
    till = shop.till()
    sale = till.sale(MEMBER, award=50, programme_version=2, activities=("survey",), sums_fen={"food": 100_00})
    till.send(sale)
    half: dict[str, Any] = {"sums_fen": {"food": 50_00}, "money_fen": 50_00}
    assert till.send(till.refund(sale, 0, 25, **half)).status == "booked"
    assert counts(shop) == {(MEMBER, "M1", "done/survey"): 1}
    assert till.send(till.refund(sale, 0, 25, **half)).status == "booked"
    assert counts(shop) == {}
    shop.assert_well()


def test_a_refused_entry_counts_nothing(limited: Shop) -> None:
    """A sale whose id is taken, a second void."""
    limited.join(MEMBER)
    till = limited.till()
    sale = takes(till, MEMBER, "r-day")
    for entry in (sale, sale, till.void(sale), till.void(sale)):
        till.append(entry)
    outcomes = till.push().outcomes
    assert [outcome.status for outcome in outcomes] == ["shortfall", "quarantined", "booked", "quarantined"]
    assert counts(limited) == {}
    limited.assert_well()


def test_a_sale_accepted_under_another_id_is_counted_and_found_again(limited: Shop) -> None:
    """A person books the one whose id was taken: what was sent is found by its case."""
    limited.join(MEMBER)
    till = limited.till()
    sale = takes(till, MEMBER, "r-ever")
    till.append(sale)
    till.append(msgspec.structs.replace(sale, reference="another"))
    till.push()
    decide(limited.database, Wanted("T1", 2, "accepted", "1001", "both happened"), limited.tick())
    assert counts(limited) == {(MEMBER, "M1", "taken/r-ever/ever"): 2}
    limited.assert_well()


def test_a_count_that_was_changed_is_found(limited: Shop) -> None:
    """`verify` recounts from the entries; it says whose count, what is stored and what is so."""
    limited.join(MEMBER)
    till = limited.till()
    till.send(takes(till, MEMBER, "r-ever"))
    with limited.database.write() as connection:
        rows.execute(connection, "UPDATE member_count SET amount = 0")
    assert verify(limited.database) == [
        f"member {MEMBER} at M1: taken/r-ever/ever is stored as 0, his sales say 1",
    ]


def test_days_and_months_long_past_are_forgotten(limited: Shop) -> None:
    """What is for ever stays; the books are right without the rest."""
    limited.join(MEMBER)
    till = limited.till()
    till.send(takes(till, MEMBER, "r-day", "r-month", "r-ever"))
    assert forget_counts(limited.database, "2026-11-22")
    assert len(counts(limited)) == 3
    assert not forget_counts(limited.database, "2026-11-22"), "once a day"
    assert KEPT_DAYS < 60
    assert forget_counts(limited.database, "2027-01-22")
    assert set(counts(limited)) == {
        (MEMBER, "M1", "taken/r-month/2026-11"),
        (MEMBER, "M1", "taken/r-ever/ever"),
    }
    limited.assert_well()
    assert forget_counts(limited.database, "2029-02-01")
    assert set(counts(limited)) == {(MEMBER, "M1", "taken/r-ever/ever")}
    limited.assert_well()


_SALES = st.tuples(
    st.sampled_from([MEMBER, OTHER]),
    st.lists(st.sampled_from(["r-day", "r-month", "r-ever", "free"]), max_size=3),
    st.sampled_from(["2026-10-31", "2026-11-01", DAY]),
)
_STEPS = st.lists(st.one_of(_SALES, st.integers(min_value=0, max_value=9)), min_size=1, max_size=12)


@given(steps=_STEPS, at_once=st.integers(min_value=1, max_value=4))
@settings(max_examples=60, deadline=None)
def test_counts_are_those_of_plain_dicts(steps: list[Any], at_once: int) -> None:
    """After any sales and voids (also of sales that were voided), in batches of any size."""
    shop = Shop(MemoryDatabase(empty_books()))
    shop.publish_whole(LIMITS + reward("free"))
    shop.join(MEMBER)
    shop.join(OTHER)
    till = shop.till()
    standing: dict[Any, Sale] = {}
    sales: list[Sale] = []
    for step in steps:
        if isinstance(step, int):
            if sales:
                voided = sales[step % len(sales)]
                till.append(till.void(voided, business_day=DAY))
                standing.pop(voided.id, None)
            continue
        member, taken, day = step
        sale = takes(till, member, *taken, business_day=day)
        till.append(sale)
        sales.append(sale)
        standing[sale.id] = sale
    for first in range(1, len(till.payloads) + 1, at_once):
        till.push(first, min(first + at_once - 1, len(till.payloads)))
    expected: Counter[tuple[str, str, str]] = Counter()
    for sale in standing.values():
        for line in sale.redemptions:
            if period := {"r-day": sale.business_day, "r-month": sale.business_day[:7], "r-ever": "ever"}.get(
                line.reward
            ):
                expected[sale.member, "M1", f"taken/{line.reward}/{period}"] += 1
    assert counts(shop) == expected
    shop.assert_well()
    shop.database.close()


def test_what_a_bounded_campaign_added_is_counted(shop: Shop) -> None:
    """As its entry says, never more than it gave; of a refund its share comes back, rounded in the member's favour."""
    words = '{ zh = "双倍", en = "double" }'
    shop.publish_whole(
        f'{KINDS}\n[[campaign]]\nid = "double"\nname = {words}\nfrom = 2026-11-01\nuntil = 2026-11-30\nearn = "2"\n'
        f'kinds = ["points"]\nmost_points = 500\nconditions = {words}\n'
    )
    till, member = shop.till(), shop.join(MEMBER)
    sold = till.sale(member, programme_version=2)
    first, second = (
        msgspec.structs.replace(
            one, id=till.id(member), awards=(Award(kind=KIND, points=200, gained={"double": 101}),)
        )
        for one in (sold, sold)
    )
    for sale in (first, second):
        assert till.send(sale).status == "booked"
    assert counts(shop) == {(MEMBER, "M1", "gained/double/ever"): 202}
    till.send(till.void(first))
    assert counts(shop) == {(MEMBER, "M1", "gained/double/ever"): 101}
    assert till.send(till.refund(second, taken_back=100, money_fen=5_000)).status == "booked"
    assert counts(shop) == {(MEMBER, "M1", "gained/double/ever"): 50}
    absurd = msgspec.structs.replace(
        sold, id=till.id(member), awards=(Award(kind=KIND, points=5, gained={"double": 9_000_000}),)
    )
    till.send(absurd)
    assert counts(shop) == {(MEMBER, "M1", "gained/double/ever"): 55}
    assert verify(shop.database) == []
