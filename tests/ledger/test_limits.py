"""A limit for each member, held by the ledger with the reservation: of two tills that ask, one may give the last one."""

from __future__ import annotations

import pytest

from ledger import rows
from ledger.bounds_told import Over, Used, bounds_told
from ledger.merging import merge
from ledger.problems import NotKnownError
from ledger.verify import verify
from protocol.reservations import Granted, Refused
from tests.ledger.bounded import PRICE, ask, bounded, reason, rich, take, taking
from tests.ledger.shop import DAY, PROGRAMME, Shop
from tests.ledger.test_counting import MEMBER, OTHER

__all__ = ["bounded"]


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
        told = bounds_told(connection, PROGRAMME, DAY)
    assert told.over == (Over("daily", MEMBER, DAY, 2, 1), Over("once", MEMBER, "ever", 2, 1))
    assert told.used[:2] == (Used("gift", "stock", 1, 3), Used("dinner", "quota", PRICE, 25))
    with bounded.database.read() as connection, pytest.raises(NotKnownError):
        bounds_told(connection, "nothing", DAY)
