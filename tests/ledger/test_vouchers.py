"""A voucher is points of a kind of its own: issued at one till, used at another, once; taken back, expired, set aside, borne.

What the tills send is what `points.quote` says of `tests/later.toml`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from ledger import rows
from ledger.allowances import grant_allowances
from ledger.expiring import expire
from points import Basket, Choice, MemberFacts, parse_programme, quote
from protocol.entries import Award, Redemption, Sale
from protocol.reservations import Granted, Refused
from tests.ledger.shop import Shop, Till

PROGRAMME = Path(__file__).parents[1] / "later.toml"
LATER = parse_programme(PROGRAMME.read_bytes(), PROGRAMME.name)
MEMBER, WASH = "1000000001", "wash-voucher"
NOON = datetime.fromisoformat("2026-11-21T12:00")
ISSUE, USE = Choice("wash-issue", 800), Choice("wash", 1)


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """With the kinds of the programme, and a member with 2,000 points."""
    shop.publish(2, [kind.code for kind in LATER.kinds])
    shop.join(MEMBER)
    earner = shop.till("T0")
    earner.send(earner.sale(MEMBER, award=2_000, programme_version=2))
    return shop


def sale(till: Till, choice: Choice, fen: int = 0) -> Sale:
    """As the till commits it for a member who has enough."""
    facts = MemberFacts("standard", {}, {kind.code: 10_000 for kind in LATER.kinds})
    done = quote(LATER, Basket.of_amount(fen) if fen else Basket(), facts, NOON, (choice,))
    awards = tuple(
        Award(
            kind=award.kind, points=award.points, expires_on=award.expires_on.isoformat() if award.expires_on else ""
        )
        for award in done.awards
    )
    taken = tuple(
        Redemption(reward=one.reward_id, kind=one.kind, points=one.points, off_bill_fen=one.off_bill_fen,
                   authority="floor", proof="dynamic")
        for one in done.redemptions
    )  # fmt: skip
    return till.sale(MEMBER, programme_version=2, awards=awards, redemptions=taken)


def issued(shop: Shop, till: Till) -> Sale:
    """800 points have become a voucher."""
    entry = sale(till, ISSUE)
    assert till.send(entry).status == "booked"
    assert (shop.balance(MEMBER), shop.balance(MEMBER, WASH)) == ((1_200, 0, 0), (1, 0, 0))
    return entry


def test_issued_at_one_till_and_used_at_another(shop: Shop) -> None:
    """Online the second till reserves it, uses it, and there is none left to reserve anywhere."""
    here, there = shop.till("T1"), shop.till("T2", "S2")
    issued(shop, here)
    using = sale(there, USE)
    assert isinstance(there.reserve(using, 1, kind=WASH), Granted)
    assert shop.balance(MEMBER, WASH) == (0, 1, 0)
    again = there.reserve(sale(here, USE), 1, kind=WASH)
    assert isinstance(again, Refused)
    assert (again.reason, again.spendable) == ("not-enough-points", 0)
    assert there.send(using).status == "booked"
    assert shop.balance(MEMBER, WASH) == (0, 0, 0)
    with shop.database.read() as connection:
        paid = rows.fetch(
            connection, "SELECT account, holder, points FROM posting WHERE kind = ? ORDER BY 1, 2", WASH
        )
    assert ("clearing", "M2", 1) in paid, "whoever washed is the acceptor"
    assert ("issuance", "M1", -1) in paid, "whoever issued it pays"
    shop.assert_well()


def test_used_twice_offline_the_first_that_is_booked_stands(shop: Shop) -> None:
    """The second wash has happened: it is booked, and its merchant bears it."""
    first, second = shop.till("T1"), shop.till("T2", "S2")
    issued(shop, first)
    assert first.send(sale(first, USE)).status == "booked"
    outcome = second.send(sale(second, USE))
    assert (outcome.status, outcome.shortfall) == ("shortfall", 1)
    assert shop.balance(MEMBER, WASH) == (0, 0, 0)
    with shop.database.read() as connection:
        borne = rows.fetch(connection, "SELECT holder, kind, points FROM posting WHERE account = 'shortfall'")
    assert borne == [("M2", WASH, -1)]
    shop.assert_well()


def test_taking_back_the_sale_that_issued_it_takes_the_voucher(shop: Shop) -> None:
    """Points come back, the voucher goes."""
    till = shop.till()
    entry = issued(shop, till)
    assert till.send(till.void(entry)).status == "booked"
    assert (shop.balance(MEMBER), shop.balance(MEMBER, WASH)) == ((2_000, 0, 0), (0, 0, 0))
    shop.assert_well()


def test_a_used_voucher_that_is_taken_back_is_owed(shop: Shop) -> None:
    """The points come back, the wash does not: the next voucher pays it, and nobody gets two for one."""
    till = shop.till()
    entry = issued(shop, till)
    till.send(sale(till, USE))
    till.send(till.void(entry))
    assert (shop.balance(MEMBER), shop.balance(MEMBER, WASH)) == ((2_000, 0, 0), (0, 0, 1))
    till.send(sale(till, ISSUE))
    assert (shop.balance(MEMBER), shop.balance(MEMBER, WASH)) == ((1_200, 0, 0), (0, 0, 0))
    shop.assert_well()


def test_taking_back_the_sale_that_used_it_gives_it_back(shop: Shop) -> None:
    """With the end that it had."""
    till = shop.till()
    issued(shop, till)
    using = sale(till, USE)
    till.send(using)
    till.send(till.void(using))
    assert shop.balance(MEMBER, WASH) == (1, 0, 0)
    with shop.database.read() as connection:
        ends = rows.fetch(connection, "SELECT expires_on, points_left FROM lot WHERE kind = ?", WASH)
    assert ends == [("2027-02-19", 1)]
    shop.assert_well()


def test_a_voucher_expires_by_its_own_validity(shop: Shop) -> None:
    """90 days from the day of issue, both tills and points notwithstanding."""
    till = shop.till()
    issued(shop, till)
    assert expire(shop.database, "2027-02-19", shop.tick()) == 0
    assert expire(shop.database, "2027-02-20", shop.tick()) == 1
    assert (shop.balance(MEMBER), shop.balance(MEMBER, WASH)) == ((1_200, 0, 0), (0, 0, 0))
    shop.assert_well()


def test_vouchers_are_set_aside_at_a_till_like_points(shop: Shop) -> None:
    """Who uses them here has some at this till: drawn on without a call, and nobody else gets them meanwhile."""
    shop.allow(per_member=500)
    till, other = shop.till("T1"), shop.till("T2")
    till.send(sale(till, Choice("money-issue", 1_000)))
    till.send(sale(till, Choice("money", 4), 100_00))
    allowance = next(one for one in grant_allowances(shop.database, "T1", shop.tick()) if one.kind == "money-voucher")
    assert (allowance.points, shop.balance(MEMBER, "money-voucher")) == (4, (12, 4, 0))
    assert isinstance(other.reserve(sale(other, USE), 13, kind="money-voucher"), Refused)
    using = sale(till, Choice("money", 3), 100_00)
    drawn = tuple(
        msgspec.structs.replace(one, reservation=allowance.id, authority="allowance") for one in using.redemptions
    )
    assert till.send(msgspec.structs.replace(using, redemptions=drawn)).status == "booked"
    assert shop.balance(MEMBER, "money-voucher") == (12, 1, 0)
    shop.assert_well()
