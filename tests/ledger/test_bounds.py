"""What bounds a reward beside a member's points, held where it can be held: in the ledger, with the reservation."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from ledger import rows
from ledger.bounded import Over, Used
from ledger.bounded import bounded as told_of
from ledger.deciding import Wanted, decide
from ledger.declaring import declare_lost
from ledger.merging import merge
from ledger.price_words import price_lines
from ledger.problems import NotKnownError
from ledger.verify import verify
from protocol.entries import Redemption, Sale
from protocol.reservations import BoundedReward, Granted, Refused, Verdict
from tests.ledger.shop import DAY, KIND, PROGRAMME, Shop, Till
from tests.ledger.test_counting import KINDS, MEMBER, OTHER, reward

COUNTERS = 20
DEADLINE_S = 120
VERSION = 2
PRICE = 10

RULES = KINDS + "".join(
    reward(name, line)
    for name, line in {
        "daily": 'limit = { per_member = 1, period = "day" }',
        "once": 'limit = { per_member = 1, period = "ever" }',
        "gift": "stock = 3",
        "dinner": "others_per_month = 25",
        "both": 'stock = 1\nothers_per_month = 25\nlimit = { per_member = 1, period = "month" }',
    }.items()
)


@pytest.fixture
def bounded(shop: Shop) -> Shop:
    """Version 2 bounds five rewards; version 1 bounds nothing."""
    shop.publish_whole(RULES)
    return shop


def of(name: str, day: str = DAY, version: int = VERSION) -> BoundedReward:
    """The reward, as a till names it."""
    return BoundedReward(reward=name, programme=PROGRAMME, version=version, engine=1, business_day=day)


def taking(till: Till, member: str, name: str, day: str = DAY) -> Sale:
    """A sale that takes a reward."""
    line = Redemption(reward=name, kind=KIND, points=PRICE, off_bill_fen=0, authority="online", proof="static")
    return till.sale(member, redemptions=(line,), programme_version=VERSION, business_day=day, due_fen=0)


def ask(till: Till, sale: Sale) -> Verdict:
    """As its till asks for it."""
    line = sale.redemptions[0]
    return till.reserve(sale, line.points, bounded=of(line.reward, sale.business_day))


def take(till: Till, member: str, name: str, day: str = DAY) -> Sale:
    """Asked for and booked."""
    sale = taking(till, member, name, day)
    verdict = ask(till, sale)
    assert isinstance(verdict, Granted)
    line = msgspec.structs.replace(sale.redemptions[0], others=verdict.others, own=name == "dinner")
    sale = msgspec.structs.replace(sale, redemptions=(line,))
    assert till.send(sale).status == "booked"
    return sale


def reason(till: Till, member: str, name: str, day: str = DAY) -> str:
    """Of the ledger's no; empty for a yes."""
    verdict = ask(till, taking(till, member, name, day))
    return verdict.reason if isinstance(verdict, Refused) else ""


def rich(shop: Shop, till: Till, *members: str) -> None:
    """Members with 1,000 points of a till's merchant."""
    for member in members:
        shop.join(member)
        till.send(till.sale(member, award=1_000))


def sums(shop: Shop) -> dict[str, int]:
    """What is counted of all members together, without zeros."""
    with shop.database.read() as connection:
        found = rows.fetch(connection, "SELECT name, period, amount FROM merchant_count")
        held = rows.fetch(connection, "SELECT count(*) FROM held")[0][0]
    return {f"{name}/{period}": amount for name, period, amount in found if amount} | ({"held": held} if held else {})


# --- the limit of each member ------------------------------------------------------------------------------------------------


def test_what_another_till_is_about_to_give_counts(bounded: Shop) -> None:
    """One a day: while it is reserved here nobody else gets it, nor after it was booked; the next day is another day."""
    till, other = bounded.till("T1"), bounded.till("T2")
    rich(bounded, till, MEMBER)
    first = taking(till, MEMBER, "daily")
    assert isinstance(ask(till, first), Granted)
    assert ask(other, taking(other, MEMBER, "daily")) == Refused(reason="limit-reached", spendable=990)
    till.send(first)
    assert reason(other, MEMBER, "daily") == "limit-reached"
    assert reason(other, MEMBER, "daily", "2026-11-22") == ""
    assert reason(other, MEMBER, "once") == ""
    assert verify(bounded.database) == []


def test_what_lies_reserved_since_yesterday_is_yesterdays(bounded: Shop) -> None:
    """A till that cannot send what it sold yesterday keeps nobody from today's."""
    till, other = bounded.till("T1"), bounded.till("T2")
    rich(bounded, till, MEMBER)
    assert reason(till, MEMBER, "daily", "2026-11-20") == ""
    assert reason(other, MEMBER, "daily", DAY) == ""
    assert reason(till, MEMBER, "once", "2026-11-20") == ""
    assert reason(other, MEMBER, "once", DAY) == "limit-reached"


def test_it_is_each_members_and_each_merchants_own(bounded: Shop) -> None:
    """Another member has his own; the same name at another merchant is another reward."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, till, MEMBER, OTHER)
    take(till, MEMBER, "once")
    assert [reason(till, OTHER, "once"), reason(elsewhere, MEMBER, "once")] == ["", ""]
    assert reason(till, MEMBER, "once") == "limit-reached"


def test_a_number_that_was_merged_into_his_is_he(bounded: Shop) -> None:
    """What was booked and what is reserved under it counts."""
    till = bounded.till()
    rich(bounded, till, MEMBER, OTHER)
    take(till, OTHER, "once")
    assert reason(till, OTHER, "daily") == ""
    merge(bounded.database, OTHER, MEMBER, bounded.tick())
    assert [reason(till, MEMBER, "once"), reason(till, MEMBER, "daily")] == ["limit-reached"] * 2


def test_an_offline_use_over_the_limit_is_booked_and_counted(bounded: Shop) -> None:
    """The goods have left: the points are taken as always, and the next one is refused."""
    till, other = bounded.till("T1"), bounded.till("T2")
    rich(bounded, till, MEMBER)
    take(till, MEMBER, "once")
    outcome = other.send(taking(other, MEMBER, "once"))
    assert (outcome.status, bounded.balance(MEMBER)[0]) == ("booked", 1_000 - 2 * PRICE)
    assert reason(till, MEMBER, "once") == "limit-reached"
    assert verify(bounded.database) == []


def test_who_had_more_than_his_limit_is_shown(bounded: Shop) -> None:
    """By name of the reward, member and period; and how much of stock and quota is used, with what is reserved."""
    till, other, elsewhere = bounded.till("T1"), bounded.till("T2"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, MEMBER, OTHER)
    for at in (till, other):
        at.send(taking(at, MEMBER, "once"))
        at.send(taking(at, MEMBER, "daily"))
    take(till, OTHER, "daily")
    assert [reason(till, OTHER, name) for name in ("gift", "dinner")] == ["", ""]
    with bounded.database.write() as connection:  # a programme cannot spell a merchant as these books do
        for table in ("member_count", "merchant_count"):
            rows.execute(connection, f"UPDATE {table} SET merchant = lower(merchant)")
        told = told_of(connection, PROGRAMME, DAY)
    assert told.over == (Over("daily", MEMBER, DAY, 2, 1), Over("once", MEMBER, "ever", 2, 1))
    assert told.used[:2] == (Used("gift", "stock", 1, 3), Used("dinner", "quota", PRICE, 25))
    with bounded.database.read() as connection, pytest.raises(NotKnownError):
        told_of(connection, "nothing", DAY)


# --- stock -------------------------------------------------------------------------------------------------------------------


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


# --- the quota of others' points ---------------------------------------------------------------------------------------------


def test_others_points_are_taken_up_to_the_quota(bounded: Shop) -> None:
    """25 of others a month, from all members together; their own of this merchant pay first and are not counted."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, MEMBER, OTHER)
    till.send(till.sale(MEMBER, award=4))
    assert take(till, MEMBER, "dinner").redemptions[0].others == PRICE - 4
    assert take(till, OTHER, "dinner").redemptions[0].others == PRICE
    assert sums(bounded) == {"others/dinner/2026-11": 16}
    refused = ask(till, taking(till, OTHER, "dinner"))
    assert refused == Refused(reason="quota-used-up", spendable=9)
    assert reason(till, OTHER, "dinner", "2026-12-01") == ""
    assert left_by_issuer(bounded, MEMBER) == {"M2": 994}
    assert verify(bounded.database) == []


def test_own_points_need_no_quota(bounded: Shop) -> None:
    """Who pays with this merchant's own gets it also when the quota is used up."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, OTHER)
    rich(bounded, till, MEMBER)
    for _ in range(2):
        take(till, OTHER, "dinner")
    assert reason(till, OTHER, "dinner") == "quota-used-up"
    assert take(till, MEMBER, "dinner").redemptions[0].others == 0


def test_a_void_gives_the_quota_back(bounded: Shop) -> None:
    """And so does a reservation that is returned."""
    till, elsewhere = bounded.till("T1", "S1"), bounded.till("T3", "S2")
    rich(bounded, elsewhere, OTHER)
    first = take(till, OTHER, "dinner")
    waiting = taking(till, OTHER, "dinner")
    ask(till, waiting)
    assert sums(bounded) == {"others/dinner/2026-11": 20, "held": 1}
    till.send(till.void(first))
    till.send(till.returned(OTHER, waiting.id))
    assert sums(bounded) == {}
    assert verify(bounded.database) == []


def left_by_issuer(shop: Shop, member: str) -> dict[str, int]:
    """Points left of a member, without zeros."""
    with shop.database.read() as connection:
        found = rows.fetch(
            connection, "SELECT issuer, sum(points_left) FROM lot WHERE member = ? GROUP BY issuer", member
        )
    return {issuer: int(points) for issuer, points in found if points}


def test_who_approves_a_programme_reads_the_quota(bounded: Shop) -> None:
    """Beside what others' points bring and cost, in the words of the reward."""
    with bounded.database.read() as connection:
        programme = bounded.database.terms.refreshed(connection).programme(connection, (PROGRAMME, VERSION, 1))
    assert programme is not None
    assert list(price_lines(programme, [])) == ["    词 / words: at most 25 of others' points a month"] * 2


# --- at the same moment ------------------------------------------------------------------------------------------------------


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


def test_a_programme_without_bounds_asks_nothing(bounded: Shop) -> None:
    """Booking and reserving by it touch neither table."""
    till = bounded.till()
    rich(bounded, till, MEMBER)
    sale = till.sale(MEMBER, redeem=PRICE)
    assert isinstance(till.reserve(sale, PRICE), Granted)
    till.send(sale)
    assert sums(bounded) == {}
    with bounded.database.read() as connection:
        assert rows.fetch(connection, "SELECT count(*) FROM merchant_count") == [(0,)]
