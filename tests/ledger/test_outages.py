"""Outages laid over a history, against a simulation that steps through them without any cleverness."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.outages import (
    DAY_US,
    STEP_US,
    WEEK_US,
    Account,
    Allowances,
    Bounds,
    Elsewhere,
    History,
    Opening,
    OwnSale,
    Served,
    weigh,
)

HOUR_US = 3_600_000_000
NONE = Allowances(0, 0, 0)
POINTS = st.integers(0, 6).map(lambda steps: steps * 50)


def account(number: int, moments: list[int], draw: st.DrawFn) -> Account:
    """Any sequence of sales here and changes elsewhere; no moment twice."""
    own, elsewhere = [], []
    for moment in moments:
        if draw(st.booleans()):
            own.append(OwnSale(moment, draw(st.sampled_from("AB")), draw(POINTS), draw(POINTS)))
        else:
            elsewhere.append(Elsewhere(moment, draw(POINTS) - 150))
    return Account(draw(POINTS), own, elsewhere, price_mfen=number + 1)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Two or three weeks with a few hours of trade in each, some of it before their beginning."""
    weeks = draw(st.integers(2, 3))
    moments = sorted(
        week * WEEK_US + minute * 60_000_000
        for week, minute in draw(st.sets(st.tuples(st.integers(-1, weeks - 1), st.integers(0, 120)), max_size=20))
    )
    owners = [draw(st.integers(0, 1)) for _ in moments]
    accounts = [account(n, [at for at, own in zip(moments, owners, strict=True) if own == n], draw) for n in (0, 1)]
    openings = [
        Opening(week * WEEK_US, week * WEEK_US + 5 * HOUR_US, draw(st.sampled_from("AB")))
        for week in range(-1, weeks)
    ]
    return History(0, weeks, openings, accounts)


class Naive(NamedTuple):
    """What came of it."""

    outages: int
    floors: list[Served]


def naive(history: History, length_us: int, floors: list[Bounds]) -> Naive:
    """Every outage, every week, every floor from its beginning."""
    found, outages = [Served() for _ in floors], 0
    for opening in history.openings:
        begins = opening.first_us
        while begins <= opening.last_us:
            if begins >= history.begins_us and begins + length_us <= history.weeks * WEEK_US:
                outages += 1
                for bounds, served in zip(floors, found, strict=True):
                    for week in range(1, history.weeks):
                        play(history, begins, begins + length_us, week, bounds, served)
            begins += STEP_US
    return Naive(outages, found)


def play(history: History, begins: int, ends: int, week: int, bounds: Bounds, served: Served) -> None:
    """One outage with another week's life elsewhere; what does not depend on the week is counted in the first."""
    told = [balance_before(one, begins) for one in history.accounts]
    ledger = list(told)
    of_member: dict[tuple[str, int], int] = {}
    of_till: dict[str, int] = {}
    journal: list[tuple[int, int, int, int]] = []
    for at, number, sale in sorted(
        (sale.at_us, number, sale) for number, one in enumerate(history.accounts) for sale in one.own
    ):
        if not begins <= at < ends:
            continue
        mine = of_member.get((sale.till, number), 0)
        fits = (
            told[number] - mine >= sale.taken
            and sale.taken <= bounds.per_redemption
            and mine + sale.taken <= bounds.per_member
            and of_till.get(sale.till, 0) + sale.taken <= bounds.per_terminal
        )
        redeemed = sale.taken if fits else 0
        of_member[sale.till, number] = mine + redeemed
        of_till[sale.till] = of_till.get(sale.till, 0) + redeemed
        journal.append((at, number, redeemed, sale.given))
        if week == 1 and sale.taken:
            served.redemptions += 1
            served.points += sale.taken
            if fits:
                served.accept(sale.taken)
    span = history.weeks * WEEK_US
    for number, one in enumerate(history.accounts):
        shifted = sorted(
            ((move.at_us - week * WEEK_US - begins) % span, move.points) for move in one.elsewhere if move.at_us >= 0
        )
        for after, points in shifted:
            if after < ends - begins and ledger[number] + points >= 0:
                ledger[number] += points
    for _at, number, redeemed, given_points in journal:
        missing = max(0, redeemed - ledger[number])
        served.uncovered += missing
        served.uncovered_mfen += missing * history.accounts[number].price_mfen
        ledger[number] += missing - redeemed + given_points


def balance_before(one: Account, at_us: int) -> int:
    """Everything that happened, in its order."""
    balance = one.balance
    changes = [(sale.at_us, -sale.taken, sale.given) for sale in one.own]
    changes += [(move.at_us, move.points, 0) for move in one.elsewhere]
    for at, change, given_points in sorted(changes):
        if at < at_us:
            balance = max(0, balance + change) + given_points
    return balance


@given(histories(), st.integers(1, 6), POINTS)
@settings(max_examples=300, deadline=None)
def test_it_is_what_a_simulation_step_by_step_comes_to(history: History, hours: int, most: int) -> None:
    """For every history: outages, redemptions, points, and what nobody would have covered."""
    floors = [Bounds(most, most * 2, most * 3), Bounds(most), Bounds()]
    weighed = weigh(history, hours * HOUR_US, floors, NONE)
    expected = naive(history, hours * HOUR_US, floors)
    assert (weighed.outages, weighed.floors) == (expected.outages, expected.floors)
    assert weighed.floors[2].accepted >= weighed.floors[1].accepted


def town(elsewhere: list[Elsewhere], weeks: int = 2) -> History:
    """A member with 300 points who takes 200 of them an hour after opening, on the first day of the first week."""
    openings = [Opening(week * WEEK_US, week * WEEK_US, "A") for week in range(weeks)]
    return History(0, weeks, openings, [Account(300, [OwnSale(HOUR_US, "A", 200, 0)], elsewhere, 2_000)])


def test_points_that_are_spent_elsewhere_meanwhile_are_the_merchants() -> None:
    """150 of 300 went in the same hour of the other week: of the 200 taken here 50 have nobody."""
    spent = [Elsewhere(WEEK_US + HOUR_US, -150)]
    [served] = weigh(town(spent), 2 * HOUR_US, [Bounds()], NONE).floors
    assert (served.accepted, served.uncovered, served.uncovered_mfen) == (1, 50, 100_000)
    [bounded] = weigh(town(spent), 2 * HOUR_US, [Bounds(per_redemption=199)], NONE).floors
    assert (bounded.accepted, bounded.uncovered) == (0, 0)


def test_what_the_ledger_refuses_elsewhere_costs_nothing() -> None:
    """More than he has is not to be had there either."""
    [served] = weigh(town([Elsewhere(WEEK_US + HOUR_US, -301)]), 2 * HOUR_US, [Bounds()], NONE).floors
    assert (served.accepted, served.uncovered) == (1, 0)


def carried(history: History, **bounds: int) -> int:
    """Redemptions that a floor accepts, over all outages of two hours."""
    return weigh(history, 2 * HOUR_US, [Bounds(**bounds)], NONE).floors[0].accepted


def test_each_bound_is_a_sum_of_what_is_not_booked() -> None:
    """Of a member at one till, and of a till; another till knows nothing of either."""
    here, there = OwnSale(10, "A", 200, 0), OwnSale(20, "A", 200, 0)
    openings = [Opening(week * WEEK_US, week * WEEK_US, "A") for week in range(2)]
    one = History(0, 2, openings, [Account(1_000, [here, there])])
    assert [carried(one, per_member=most) for most in (399, 400)] == [1, 2]
    two_tills = History(0, 2, openings, [Account(1_000, [here, there._replace(till="B")])])
    assert carried(two_tills, per_member=200, per_terminal=200) == 2
    two = History(0, 2, openings, [Account(1_000, [here]), Account(1_000, [there])])
    assert [carried(two, per_terminal=most) for most in (399, 400)] == [1, 2]
    assert carried(two, per_redemption=199) == 0


def test_a_till_knows_the_balance_of_before_the_outage() -> None:
    """What is earned in it does not count; what was earned before does."""
    openings = [Opening(HOUR_US, HOUR_US, "A"), Opening(WEEK_US, WEEK_US, "A")]
    taken = OwnSale(HOUR_US + 20, "A", 200, 0)
    before, within = OwnSale(HOUR_US - 1, "A", 0, 200), OwnSale(HOUR_US + 10, "A", 0, 200)
    assert carried(History(0, 2, openings, [Account(0, [before, taken])])) == 1
    assert carried(History(0, 2, openings, [Account(0, [within, taken])])) == 0


def test_behind_the_last_week_comes_the_first_again() -> None:
    """An outage over the end of a week meets, a week on, the end of the last and the beginning of the first."""
    begins_us = WEEK_US - HOUR_US
    spent = [Elsewhere(HOUR_US // 2, -150)]
    member = Account(450, [OwnSale(begins_us + 10, "A", 200, 0)], spent)
    history = History(0, 2, [Opening(begins_us, begins_us, "A")], [member])
    [served] = weigh(history, 2 * HOUR_US, [Bounds()], NONE).floors
    assert (served.accepted, served.uncovered) == (1, 50), "300 are left, 150 go, 200 are taken"


def test_what_is_earned_in_the_outage_is_booked_in_its_order() -> None:
    """It covers what is taken after it, not what was taken before."""
    spent = [Elsewhere(WEEK_US + 30, -250)]
    openings = [Opening(week * WEEK_US, week * WEEK_US, "A") for week in range(2)]
    first, later = OwnSale(10, "A", 100, 500), OwnSale(20, "A", 100, 0)
    [served] = weigh(
        History(0, 2, openings, [Account(250, [first, later], spent)]), HOUR_US, [Bounds()], NONE
    ).floors  # fmt: skip
    assert (served.accepted, served.uncovered) == (2, 100)


def regular(balance: int, *sales: OwnSale, till: str = "A") -> History:
    """One member, two weeks of daily openings of an hour."""
    openings = [Opening(day * DAY_US, day * DAY_US + HOUR_US, till) for day in range(14)]
    return History(0, 2, openings, [Account(balance, sales)])


def served_by_allowances(history: History, **policy: int) -> tuple[int, int]:
    """Redemptions in outages of two hours, and how many of them allowances carry."""
    allowances = Allowances(**{"per_member": 500, "members": 10, "days": 30} | policy)
    served = weigh(history, 2 * HOUR_US, [], allowances).allowances
    return served.redemptions, served.accepted


def test_an_allowance_carries_what_he_took_last() -> None:
    """Of three outages about the second redemption; not more than last time, not at another till, not after long."""
    first, second = OwnSale(10, "A", 200, 0), OwnSale(DAY_US + HOUR_US + 10, "A", 200, 0)
    assert served_by_allowances(regular(1_000, first, second)) == (4, 3)
    assert served_by_allowances(regular(1_000, first, second._replace(taken=201))) == (4, 0)
    assert served_by_allowances(regular(1_000, first, second._replace(till="B"))) == (4, 0)
    assert served_by_allowances(regular(1_000, first, second), days=0) == (4, 0)
    assert served_by_allowances(regular(1_000, first, second), per_member=199) == (4, 0)
    assert served_by_allowances(regular(400, first, second)) == (4, 0), "never all he has"


def test_of_many_regulars_the_last_ones_have_an_allowance() -> None:
    """As many as the policy says."""
    both = [
        Account(1_000, [OwnSale(day * DAY_US + 10 + number, "A", 200, 0) for day in (number, 5)])
        for number in range(2)
    ]
    openings = [Opening(day * DAY_US, day * DAY_US, "A") for day in range(14)]
    history = History(0, 2, openings, both)
    assert served_by_allowances(history, members=2) == (4, 2)
    assert served_by_allowances(history, members=1) == (4, 1)


def test_an_allowance_is_drawn_on_before_an_outage_too() -> None:
    """What he took that morning is gone from it; elsewhere or at another till it was called back."""
    usual, again = OwnSale(10, "A", 200, 0), OwnSale(DAY_US + 2 * STEP_US + 10, "A", 200, 0)
    morning = OwnSale(DAY_US + 10, "A", 1, 0)
    assert served_by_allowances(regular(1_000, usual, again)) == (4, 3)
    assert served_by_allowances(regular(1_000, usual, morning, again)) == (5, 1), "of 200 points 199 are left"
    assert served_by_allowances(regular(1_000, usual, morning._replace(till="B"), again)) == (5, 1)
    bought = regular(1_000, usual, again)
    elsewhere = Account(1_000, [usual, again], [Elsewhere(DAY_US + 10, -1)])
    assert served_by_allowances(History(0, 2, bought.openings, [elsewhere])) == (4, 1)


def test_who_came_last_counts_as_last_even_if_he_came_first_before() -> None:
    """With room for one member it is he."""
    came = [OwnSale(day * DAY_US + 10, "A", 200, 0) for day in (0, 2, 4)]
    other = Account(1_000, [OwnSale(DAY_US + 10, "A", 200, 0)])
    openings = [Opening(day * DAY_US, day * DAY_US, "A") for day in range(14)]
    history = History(0, 2, openings, [Account(1_000, came), other])
    assert served_by_allowances(history, members=1) == (4, 1)
