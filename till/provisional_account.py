"""A member's account at the till, with entries booked on it that his row does not contain, as the ledger will book them.

What a reservation covers, what the floor leaves uncovered, what he owes and pays first, what a void brings back: so the sum on
the screen is the one after booking, not one near it (`ledger.booking` is what this follows). What was handed out in a sale that
waits whole for a person is gone all the same: it is subtracted until the row has in it what he decided. What is left of an
allowance comes out of the same account, and is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from protocol.counts import awards_alone, counts_of, left_after, without_awards
from protocol.entries import Redemption, Refund, Sale
from protocol.feed import MemberRow
from protocol.push import Outcome
from protocol.sold import redeemed_by


class Reckoned(NamedTuple):
    """What becomes of a member's row: `change` per kind of what it says is available, and of the allowances in it.

    `left`: of each allowance that can still be drawn on, by id. `handed_out` of them: in sales that wait whole; the ledger
    holds that reserved. `uncovered`: what a sale took of which no reservation says that it is there, by the sale's id.
    `counts`: what his sales here add to the row's, by the same names. `owed`: per kind, what they add to what he owes.
    """

    change: dict[str, int]
    left: dict[UUID, int]
    handed_out: dict[UUID, int]
    uncovered: dict[UUID, int]
    counts: dict[str, int] = {}
    owed: dict[str, int] = {}


@dataclass
class _Points:
    """Of one kind. `available` below zero: the row is older than what the ledger granted since.

    `paid` of what he owed, `reclaimed` of what was taken back and `missed` of it: all since the row.
    """

    available: int = 0
    owed: int = 0
    paid: int = 0
    reclaimed: int = 0
    missed: int = 0

    @property
    def reserved_before(self) -> int:
        """What was not there any more when it was reclaimed: the ledger had reserved it for a sale that was made later."""
        return min(max(0, -self.available), self.reclaimed)


@dataclass
class _Allowance:
    """Of one member. `left` at the ledger, `handed_out` in sales that wait whole: it has that still."""

    member: str
    kind: str
    left: int
    handed_out: int = 0

    @property
    def free(self) -> int:
        """What can be drawn on."""
        return max(0, self.left - self.handed_out)


class _Taken(NamedTuple):
    """What a sale took, per kind: from `available`, and altogether as far as it was covered, which a void brings back."""

    available: dict[str, int]
    covered: dict[str, int]


class ProvisionalAccount:
    """The account of `row`; the caller books entries on it in the order in which the ledger does."""

    def __init__(self, row: MemberRow, *, with_gains: bool, asked: Collection[str] = ()) -> None:
        """`asked`: the counts that the rules of this till's store ask for."""
        self._kinds = {kind: _Points(held.available, held.owed) for kind, held in row.balances.items()}
        self._lying = {lying.id: lying for lying in row.lying if lying.authority != "allowance"}
        self._allowances = {
            lying.id: _Allowance(lying.member or row.member, lying.kind, lying.points)
            for lying in row.lying
            if lying.authority == "allowance"
        }
        self._uncovered: dict[UUID, int] = {}
        self._is_blind = False
        self._handed_out: dict[str, int] = {}
        """Of sales that wait whole: the ledger, which goes on booking, has these points still."""
        self._with_gains = with_gains
        self._asked = asked
        self._counts: dict[str, int] = {}
        self._taken: dict[UUID, _Taken] = {}
        """Of the sales that the row does not contain."""

    def sell(self, sale: Sale, outcome: Outcome | None) -> None:
        """Its own reservation pays first, then the allowance, then what is available; what is left of its own comes back."""
        shortfall = outcome.shortfall if outcome else 0
        taken = self._taken[sale.id] = _Taken({}, {})
        self._count(without_awards(sale))
        lines, left = self._unreserved(sale)
        lying = self._lying.pop(sale.id, None)
        for line, unreserved in lines:
            rest = unreserved - self._draw(sale, line, unreserved, has_own=lying is not None)
            if outcome is None and line.authority in _UNRESERVED:
                missing = max(0, rest - max(0, self._of(line.kind).available))
            else:
                missing = min(rest, shortfall)
                shortfall -= missing
            self._of(line.kind).available -= rest - missing
            _add(taken.available, line.kind, rest - missing)
            _add(taken.covered, line.kind, line.points - missing)
        if self._with_gains and lying:
            self._get(lying.kind, left)
        if not _awards_wait(outcome):
            self.give(sale)

    def give(self, sale: Sale) -> None:
        """What it earned."""
        self._count(awards_alone(sale))
        if self._with_gains:
            for award in sale.awards:
                self._get(award.kind, award.points)

    def hand_out(self, sale: Sale) -> None:
        """Of a sale that waits whole: what its reservation covers stays reserved, the rest is subtracted from what is told.

        Online the ledger had reserved it, in a row that is newer than this one; on the floor nobody had.
        """
        self._count(without_awards(sale))
        for line, unreserved in self._unreserved(sale)[0]:
            allowance = self._drawn_on(sale, line)
            drawn = min(unreserved, allowance.free) if allowance else 0
            if allowance:
                allowance.handed_out += drawn
            rest = unreserved - drawn
            self._uncovered[sale.id] = self._uncovered.get(sale.id, 0) + rest
            if line.authority in _UNRESERVED:
                _add(self._handed_out, line.kind, rest)
            else:
                self._of(line.kind).available -= rest

    def stay_reserved(self, sale: Sale) -> None:
        """Of a sale that waits whole and was voided: nothing was handed out, and what was reserved for it still is."""
        for line, unreserved in self._unreserved(sale)[0]:
            if line.authority not in _UNRESERVED:
                self._of(line.kind).available -= unreserved

    def void(self, sale: Sale, outcome: Outcome | None) -> None:
        """What the sale took comes back, then what it gave is taken; nothing, where the sale itself waits whole."""
        if outcome is not None and outcome.is_waiting_whole:
            return
        self._count(without_awards(sale) if _awards_wait(outcome) else sale, -1)
        taken = self._taken.get(sale.id)
        if self._with_gains:
            for kind, points in (taken.covered if taken else covered_of(sale, outcome)).items():
                self._get(kind, points)
        elif taken is not None:
            for kind, points in taken.available.items():
                # As if it had not been sold: what was reclaimed meanwhile would have found these points.
                self._get(kind, points)
        if not _awards_wait(outcome) and (self._with_gains or taken is None):
            for award in sale.awards:
                self._lose(award.kind, award.points)

    def refund(self, refund: Refund, sale: Sale | None, outcome: Outcome | None, before: dict[str, int]) -> None:
        """What comes back, first what nobody had covered, then what is taken back, then what is added for a reason.

        `sale`, if this till made it, with its outcome; `before`: points by kind that refunds before it gave back. Of another
        till's sale the entry says what nobody had covered, and of any what had ended before. Nothing, where the sale itself
        waits whole.
        """
        if outcome is not None and outcome.is_waiting_whole:
            return
        taken = self._taken.get(sale.id) if sale else None
        if self._with_gains:
            for kind, points in refund.given_back.items():
                uncovered = refund.uncovered.get(kind, 0)
                if sale and (taken or outcome):
                    covered = taken.covered if taken else covered_of(sale, outcome)
                    uncovered = redeemed_by(sale).get(kind, 0) - covered.get(kind, 0) - before.get(kind, 0)
                self._get(kind, points - min(points, max(0, uncovered)))
        if self._with_gains or taken is None:
            for kind, points in refund.taken_back.items():
                self._lose(kind, max(0, points - refund.ended.get(kind, 0)))
        if self._with_gains:
            for award in refund.awards:
                self._get(award.kind, award.points)

    def count_again(self, sale: Sale, outcome: Outcome | None, earlier: Sequence[Refund], refund: Refund) -> None:
        """A sale of this till counts as far as it is left. What comes back of another till's counts once the ledger says so."""
        if outcome is not None and outcome.is_waiting_whole:
            return
        counted = without_awards(sale) if _awards_wait(outcome) else sale
        self._count(_left_after(counted, earlier), -1)
        self._count(_left_after(counted, [*earlier, refund]))

    def give_back(self, reservation: UUID) -> None:
        """A reservation that was never used, or what is left of an allowance."""
        lying = self._lying.pop(reservation, None)
        if lying and self._with_gains:
            self._get(lying.kind, lying.points)
        allowance = self._allowances.pop(reservation, None)
        if allowance and self._with_gains:
            self._get(allowance.kind, allowance.left)
        if allowance:
            _add(self._handed_out, allowance.kind, allowance.handed_out)

    def end(self, reservation: UUID) -> None:
        """It was returned by an entry that waits for a person: it lies at the ledger, and is never drawn on again."""
        self._allowances.pop(reservation, None)

    def lose_sight(self) -> None:
        """An entry cannot be read: it may have drawn on an allowance, or returned it."""
        self._is_blind = True

    def reckoned(self, row: MemberRow) -> Reckoned:
        """Against what the row says."""
        allowances = {} if self._is_blind else self._allowances
        return Reckoned(
            self._change(row),
            {identity: allowance.left - allowance.handed_out for identity, allowance in allowances.items()},
            {identity: allowance.handed_out for identity, allowance in self._allowances.items()},
            dict(self._uncovered),
            dict(self._counts),
            {
                kind: owed
                for kind, points in self._kinds.items()
                if (owed := points.missed + points.reserved_before - points.paid)
            },
        )

    def settled(self, kind: str) -> tuple[int, int]:
        """(points that paid what he owed, points that were missing and are owed): since the row."""
        points = self._of(kind)
        return points.paid, points.missed + points.reserved_before

    def _count(self, sale: Sale, times: int = 1) -> None:
        if self._asked:
            for counted, amount in counts_of(sale, self._asked):
                _add(self._counts, str(counted), times * amount)

    def _change(self, row: MemberRow) -> dict[str, int]:
        before = {kind: held.available for kind, held in row.balances.items()}
        for kind, points in self._handed_out.items():
            _add(before, kind, points)
            self._of(kind)
        changes = {
            kind: points.available + points.reserved_before - before.get(kind, 0)
            for kind, points in self._kinds.items()
        }
        return {kind: points for kind, points in changes.items() if points}

    def _unreserved(self, sale: Sale) -> tuple[list[tuple[Redemption, int]], int]:
        """What each redemption took beyond the sale's own reservation, and how much of that is left."""
        lying = self._lying.get(sale.id)
        left, lines = lying.points if lying else 0, []
        for line in sale.redemptions:
            reserved = min(line.points, left) if lying and lying.kind == line.kind else 0
            left -= reserved
            lines.append((line, line.points - reserved))
        return lines, left

    def _drawn_on(self, sale: Sale, line: Redemption) -> _Allowance | None:
        allowance = self._allowances.get(line.reservation) if line.reservation else None
        return allowance if allowance and (allowance.member, allowance.kind) == (sale.member, line.kind) else None

    def _draw(self, sale: Sale, line: Redemption, points: int, *, has_own: bool) -> int:
        """How many of the points the allowance pays.

        A reservation that was made with it online and is not in the row yet pays first: only what was free is then drawn.
        """
        allowance = self._drawn_on(sale, line)
        free = allowance.free if allowance else 0
        self._uncovered[sale.id] = self._uncovered.get(sale.id, 0) + max(0, points - free)
        if allowance is None:
            return 0
        drawn = min(points, allowance.left if has_own or line.authority in _UNRESERVED else free)
        allowance.left -= drawn
        return drawn

    def _of(self, kind: str) -> _Points:
        return self._kinds.setdefault(kind, _Points())

    def _get(self, kind: str, got: int) -> None:
        """Whatever comes to him pays what he owes first."""
        points = self._of(kind)
        paid = min(max(0, got), points.owed)
        points.owed -= paid
        points.paid += paid
        points.available += got - paid

    def _lose(self, kind: str, given: int) -> None:
        points = self._of(kind)
        taken = min(given, max(0, points.available))
        points.available -= taken
        points.reclaimed += taken
        points.owed += given - taken
        points.missed += given - taken


_UNRESERVED = ("allowance", "floor")
"""Authorities that reserve nothing for the one sale."""


def _awards_wait(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status == "quarantined"


def covered_of(sale: Sale, outcome: Outcome | None) -> dict[str, int]:
    """Points by kind that a sale took and somebody had, as far as its outcome says."""
    covered: dict[str, int] = {}
    for line, missing in uncovered(sale, outcome.shortfall if outcome else 0):
        _add(covered, line.kind, line.points - missing)
    return covered


def uncovered(sale: Sale, shortfall: int) -> Iterator[tuple[Redemption, int]]:
    """Each redemption of a sale with what of the shortfall is its own, in their order."""
    for line in sale.redemptions:
        missing = min(line.points, shortfall)
        shortfall -= missing
        yield line, missing


def _left_after(sale: Sale, refunds: Sequence[Refund]) -> Sale:
    given_back: dict[str, int] = {}
    taken_back: dict[str, int] = {}
    for refund in refunds:
        for kind, points in refund.given_back.items():
            _add(given_back, kind, points)
        for kind, points in refund.taken_back.items():
            _add(taken_back, kind, points)
    return left_after(sale, sum(refund.money_fen for refund in refunds), given_back, taken_back)


def _add(sums: dict[str, int], kind: str, points: int) -> None:
    sums[kind] = sums.get(kind, 0) + points
