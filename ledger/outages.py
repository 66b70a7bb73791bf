"""Outages laid over what a store has seen: what could have been redeemed in them, and what nobody would have covered. Pure.

Own sales are taken as they were. What members did elsewhere is not: somebody whose points were gone already was refused, and
stands in no books, so the very hours show no double spending at all. Therefore the same hours of every other week are laid
beside an outage, one after the other: who spends here and elsewhere does so as often as ever, but no longer with an eye on
what is left. Elsewhere the ledger goes on to refuse what is not there; what this store sold in the outage it does not know.

Points are integers, times µs UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ledger.allowances import points_for

DAY_US = 86_400_000_000
WEEK_US = 7 * DAY_US
STEP_US = 1_800_000_000
"""An outage begins every half hour from a day's first sale to its last."""

NO_BOUND = 2**53


class OwnSale(NamedTuple):
    """A sale of this store, as far as it is about one member's points of one kind. It redeems before it awards."""

    at_us: int
    till: str
    taken: int
    given: int


class Elsewhere(NamedTuple):
    """Any other change of the same points: spent (below 0) or got."""

    at_us: int
    points: int


@dataclass(frozen=True)
class Account:
    """One member's points of one kind. `balance` is from before the first of both, which are in the order of time."""

    balance: int
    own: Sequence[OwnSale]
    elsewhere: Sequence[Elsewhere] = ()
    price_mfen: int = 0

    @cached_property
    def _known(self) -> tuple[list[int], list[int]]:
        """Times, and the balance before each, then that after all."""
        changes = [(one.at_us, -one.taken, one.given) for one in self.own]
        changes += [(one.at_us, min(0, one.points), max(0, one.points)) for one in self.elsewhere]
        balance, times, balances = self.balance, [], [self.balance]
        for at_us, taken, given in sorted(changes, key=lambda change: change[0]):
            balance = max(0, balance + taken) + given
            times.append(at_us)
            balances.append(balance)
        return times, balances

    def balance_at(self, at_us: int) -> int:
        """What the ledger had told by then."""
        times, balances = self._known
        return balances[bisect_left(times, at_us)]

    def own_in(self, begins_us: int, ends_us: int) -> range:
        """Places of own sales within."""
        return range(_place(self.own, begins_us), _place(self.own, ends_us))

    def elsewhere_in(self, begins_us: int, ends_us: int) -> Sequence[Elsewhere]:
        """Changes elsewhere within."""
        return self.elsewhere[_place(self.elsewhere, begins_us) : _place(self.elsewhere, ends_us)]


class Opening(NamedTuple):
    """From the first to the last sale of a day, and the till that began: it has the day's allowances."""

    first_us: int
    last_us: int
    till: str = ""


@dataclass(frozen=True)
class History:
    """`weeks` whole weeks from `begins_us` on. Openings and accounts may know more of before: what was usual then."""

    begins_us: int
    weeks: int
    openings: Sequence[Opening]
    accounts: Sequence[Account]

    @property
    def ends_us(self) -> int:
        """Nothing is known of what comes then."""
        return self.begins_us + self.weeks * WEEK_US

    @cached_property
    def redemptions(self) -> list[_Wanted]:
        """All of this store, in the order of time, earlier ones too."""
        return sorted(
            _Wanted(sale.at_us, number, place, sale.till, sale.taken)
            for number, account in enumerate(self.accounts)
            for place, sale in enumerate(account.own)
            if sale.taken
        )


class _Wanted(NamedTuple):
    """A redemption: of which account, and the place of its sale there."""

    at_us: int
    account: int
    place: int
    till: str
    points: int


class Bounds(NamedTuple):
    """What a floor carries, each by the sum that is not booked; by default all that the balance does."""

    per_redemption: int = NO_BOUND
    per_member: int = NO_BOUND
    per_terminal: int = NO_BOUND


class Allowances(NamedTuple):
    """At most so many points of a member, for so many members who redeemed here last, within so many days."""

    per_member: int
    members: int
    days: int


@dataclass
class Served:
    """Sums over all outages; of what was uncovered also over all weeks that were laid beside them."""

    redemptions: int = 0
    points: int = 0
    accepted: int = 0
    accepted_points: int = 0
    uncovered: int = 0
    uncovered_mfen: int = 0

    def accept(self, points: int) -> None:
        """A redemption that goes through."""
        self.accepted += 1
        self.accepted_points += points


@dataclass
class Weighed:
    """What came of it, one `Served` for each of the bounds. `weeks`: laid beside each outage."""

    floors: list[Served]
    allowances: Served = field(default_factory=Served)
    outages: int = 0
    weeks: int = 0


def weigh(
    history: History, length_us: int, floors: Sequence[Bounds], allowances: Allowances,
    pause: Callable[[], None] = lambda: None,
) -> Weighed:  # fmt: skip
    """Outages of this store alone, of `length_us`, from every half hour. `pause` is called after each."""
    found = Weighed([Served() for _ in floors], weeks=history.weeks - 1)
    for opening, set_aside in zip(history.openings, _set_aside(history, allowances), strict=True):
        for begins_us in range(opening.first_us, opening.last_us + 1, STEP_US):
            ends_us = begins_us + length_us
            if history.begins_us <= begins_us and ends_us <= history.ends_us:
                found.outages += 1
                _weigh_outage(history, begins_us, ends_us, floors, found)
                _serve(history, (opening, begins_us, ends_us), set_aside, found.allowances)
                pause()
    return found


def _place(changes: Sequence[OwnSale | Elsewhere | _Wanted], at_us: int) -> int:
    return bisect_left(changes, at_us, key=lambda one: one.at_us)


def _wanted_in(history: History, begins_us: int, ends_us: int) -> list[_Wanted]:
    wanted = history.redemptions
    return wanted[_place(wanted, begins_us) : _place(wanted, ends_us)]


# --- floors ---------------------------------------------------------------------------------------------------------


def _weigh_outage(history: History, begins_us: int, ends_us: int, floors: Sequence[Bounds], found: Weighed) -> None:
    wanted = _wanted_in(history, begins_us, ends_us)
    if not wanted:
        return
    balances = {one.account: history.accounts[one.account].balance_at(begins_us) for one in wanted}
    known: dict[tuple[int, frozenset[int]], int] = {}
    for bounds, served in zip(floors, found.floors, strict=True):
        accepted = _accepted(wanted, balances, bounds)
        served.redemptions += len(wanted)
        served.points += sum(one.points for one in wanted)
        for number, taken in accepted.items():
            for one in taken:
                served.accept(one.points)
            key = number, frozenset(one.place for one in taken)
            if key not in known:
                known[key] = _uncovered(history, number, begins_us, ends_us, key[1])
            served.uncovered += known[key]
            served.uncovered_mfen += known[key] * history.accounts[number].price_mfen


def _accepted(wanted: Sequence[_Wanted], balances: dict[int, int], bounds: Bounds) -> dict[int, list[_Wanted]]:
    """By account. A till knows the balance of before the outage and what it took itself since; awards do not count."""
    of_member: dict[tuple[str, int], int] = {}
    of_till: dict[str, int] = {}
    accepted: dict[int, list[_Wanted]] = {}
    for one in wanted:
        own = of_member.get((one.till, one.account), 0) + one.points
        all_of_till = of_till.get(one.till, 0) + one.points
        if (
            own <= balances[one.account]
            and one.points <= bounds.per_redemption
            and own <= bounds.per_member
            and all_of_till <= bounds.per_terminal
        ):
            of_member[one.till, one.account], of_till[one.till] = own, all_of_till
            accepted.setdefault(one.account, []).append(one)
    return accepted


def _uncovered(history: History, number: int, begins_us: int, ends_us: int, taken: frozenset[int]) -> int:
    """Points of the sales at places `taken` that nobody has when they are booked, over all weeks that are laid beside."""
    account = history.accounts[number]
    balance = account.balance_at(begins_us)
    sales = [(account.own[place], place in taken) for place in account.own_in(begins_us, ends_us)]
    if not account.elsewhere:
        return _booked_late(balance, sales) * (history.weeks - 1)
    return sum(
        _booked_late(_spent_elsewhere(balance, moves), sales)
        for moves in _other_weeks(history, account, begins_us, ends_us)
    )


def _other_weeks(history: History, account: Account, begins_us: int, ends_us: int) -> Iterator[list[Elsewhere]]:
    """What happened elsewhere in the same hours of each other week; behind the last week comes the first again."""
    for week in range(1, history.weeks):
        moved_us = begins_us + week * WEEK_US
        first_us = history.begins_us + (moved_us - history.begins_us) % (history.weeks * WEEK_US)
        last_us = first_us + ends_us - begins_us
        moves = list(account.elsewhere_in(first_us, min(last_us, history.ends_us)))
        if last_us > history.ends_us:
            moves += account.elsewhere_in(history.begins_us, history.begins_us + last_us - history.ends_us)
        yield moves


def _spent_elsewhere(balance: int, moves: Sequence[Elsewhere]) -> int:
    """What is left. The ledger lets nobody have more than it knows to be there."""
    for move in moves:
        if balance + move.points >= 0:
            balance += move.points
    return balance


def _booked_late(balance: int, sales: Sequence[tuple[OwnSale, bool]]) -> int:
    """What is uncovered when the store's sales, with their redemption or without, arrive after the outage, in order."""
    uncovered = 0
    for sale, is_redeemed in sales:
        if is_redeemed:
            uncovered += max(0, sale.taken - balance)
            balance = max(0, balance - sale.taken)
        balance += sale.given
    return uncovered


# --- allowances -----------------------------------------------------------------------------------------------------


def _set_aside(history: History, policy: Allowances) -> Iterator[dict[int, int]]:
    """Account → points for each opening: what he took when he redeemed here last, at most `per_member`, never all he has.

    Of one day the first redemption counts, as in `ledger.habits`.
    """
    wanted, place = history.redemptions, 0
    usual: dict[int, tuple[int, int]] = {}
    for opening in history.openings:
        days: dict[int, tuple[int, int]] = {}
        while place < len(wanted) and wanted[place].at_us < opening.first_us:
            one = wanted[place]
            days.setdefault(one.account, (one.at_us, one.points))
            place += 1
        for number, first in days.items():
            usual.pop(number, None)
            usual[number] = first
        since_us = opening.first_us - policy.days * DAY_US
        regulars = [(number, points) for number, (at_us, points) in usual.items() if at_us >= since_us]
        yield {
            number: points_for(min(points, policy.per_member), history.accounts[number].balance_at(opening.first_us))
            for number, points in regulars[-policy.members :]
        }


def _serve(history: History, outage: tuple[Opening, int, int], set_aside: dict[int, int], served: Served) -> None:
    """At the till that has them, as far as they were not drawn on before; who redeemed elsewhere had his called back."""
    opening, begins_us, ends_us = outage
    left: dict[int, int] = {}
    for one in _wanted_in(history, begins_us, ends_us):
        served.redemptions += 1
        served.points += one.points
        if one.account not in left:
            left[one.account] = _left_of(history, one.account, opening, begins_us, set_aside.get(one.account, 0))
        if one.till == opening.till and one.points <= left[one.account]:
            left[one.account] -= one.points
            served.accept(one.points)


def _left_of(history: History, number: int, opening: Opening, begins_us: int, points: int) -> int:
    account = history.accounts[number]
    earlier = [account.own[place] for place in account.own_in(opening.first_us, begins_us)]
    spent_elsewhere = any(one.points < 0 for one in account.elsewhere_in(opening.first_us, begins_us))
    if spent_elsewhere or any(sale.taken and sale.till != opening.till for sale in earlier):
        return 0
    return max(0, points - sum(sale.taken for sale in earlier))
