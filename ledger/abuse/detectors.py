"""Each pattern as what it counts. All see every move once, in any order, and tell at the end."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.abuse.moves import Closing, Code, Finding, Move, Place, Thresholds, Tick

EVIDENCE = 50
"""Entries that a finding names, the newest."""
_MINUTE_US = 60_000_000


@dataclass
class Tally:
    """Entries of one subject."""

    seen: list[tuple[int, Place]] = field(default_factory=list)

    def add(self, at_us: int, place: Place) -> None:
        """One more."""
        self.seen.append((at_us, place))

    def __len__(self) -> int:
        return len(self.seen)

    def finding(self, code: Code, merchant: str, subject: str, **facts: int | str) -> Finding:
        """Of these entries."""
        seen = sorted(self.seen)
        return Finding(
            code, merchant, subject, seen[0][0], seen[-1][0], facts, tuple(place for _at, place in seen[-EVIDENCE:])
        )


class Detector(Protocol):
    """Looks for one pattern."""

    def see(self, move: Move) -> None:
        """A sale, or what came back of one."""

    def found(self, merchant: str) -> Iterator[Finding]:
        """What it amounts to, once all was seen."""


class Refunds:
    """先买后退: purchases that come back. A manager made 47 million yuan of them on eight cards in five months."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._back: defaultdict[str, Tally] = defaultdict(Tally)
        self._paid: Counter[str] = Counter()
        self._sales: Counter[str] = Counter()
        self._back_fen: Counter[str] = Counter()
        self._staff: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def see(self, move: Move) -> None:
        """By member."""
        if move.is_sale:
            self._sales[move.member] += 1
            self._paid[move.member] += move.money_fen
        else:
            self._back[move.member].add(move.at_us, move.place)
            self._back_fen[move.member] += move.money_fen
            self._staff[move.member][f"{move.store}/{move.staff}"] += 1

    def found(self, merchant: str) -> Iterator[Finding]:
        """A refund of goods that were bought before the days that are looked at counts too."""
        least = self._bounds.refunds
        for member, tally in self._back.items():
            back, paid = self._back_fen[member], self._paid[member]
            if not least or len(tally) < least or back < self._bounds.refunds_fen:
                continue
            if back * 100 >= paid * self._bounds.refunds_share:
                staff, times = self._staff[member].most_common(1)[0]
                yield tally.finding(
                    "refunds", merchant, member, times=len(tally), sales=self._sales[member], back_fen=back, paid_fen=paid,
                    staff=staff, by_staff=times,
                )  # fmt: skip


class OneCashier:
    """A card in the cashier's drawer: a member who always meets the same cashier and never proves himself."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._pairs: defaultdict[tuple[str, str], Tally] = defaultdict(Tally)
        self._earned: Counter[tuple[str, str]] = Counter()
        self._sales: Counter[str] = Counter()
        self._by_staff: Counter[str] = Counter()
        self._by_store: Counter[str] = Counter()

    def see(self, move: Move) -> None:
        """By member and cashier."""
        if not move.is_sale:
            return
        staff = f"{move.store}/{move.staff}"
        self._sales[move.member] += 1
        self._by_staff[staff] += 1
        self._by_store[move.store] += 1
        if not move.is_proved:
            self._pairs[move.member, staff].add(move.at_us, move.place)
            self._earned[move.member, staff] += move.earned

    def found(self, merchant: str) -> Iterator[Finding]:
        """Where one person stands at the counter all day, everybody meets him."""
        bounds = self._bounds
        for (member, staff), tally in self._pairs.items():
            usual = self._by_staff[staff] * 100
            if not bounds.one_cashier or len(tally) < bounds.one_cashier:
                continue
            if usual > self._by_store[staff.rpartition("/")[0]] * bounds.one_cashier_usual:
                continue
            if len(tally) * 100 >= self._sales[member] * bounds.one_cashier_share:
                yield tally.finding(
                    "one-cashier", merchant, member, times=len(tally), sales=self._sales[member], staff=staff,
                    points=self._earned[member, staff],
                )  # fmt: skip


class OwnAccount:
    """自己给自己积分. The counter refuses it; an older staff list, or a till that was changed, does not."""

    def __init__(self, bounds: Thresholds, own: dict[str, str]) -> None:
        """`own`: the member number of who works there, by `STORE/工号`."""
        self._bounds, self._own = bounds, own
        self._sales: defaultdict[str, Tally] = defaultdict(Tally)
        self._points: Counter[str] = Counter()

    def see(self, move: Move) -> None:
        """By cashier."""
        staff = f"{move.store}/{move.staff}"
        if move.is_sale and self._own.get(staff) == move.member:
            self._sales[staff].add(move.at_us, move.place)
            self._points[staff] += move.earned

    def found(self, merchant: str) -> Iterator[Finding]:
        """Every one, unless told otherwise."""
        for staff, tally in self._sales.items():
            if self._bounds.own_account and len(tally) >= self._bounds.own_account:
                yield tally.finding(
                    "own-account",
                    merchant,
                    staff,
                    times=len(tally),
                    member=self._own[staff],
                    points=self._points[staff],
                )


class NoGoods:
    """无货积分: an amount, and neither goods nor a receipt behind it, where the others have one."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._bare: defaultdict[str, Tally] = defaultdict(Tally)
        self._points: Counter[str] = Counter()
        self._sales: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def see(self, move: Move) -> None:
        """By cashier."""
        if not (move.is_sale and move.earned):
            return
        self._sales[move.store][move.staff] += 1
        if not move.has_goods:
            staff = f"{move.store}/{move.staff}"
            self._bare[staff].add(move.at_us, move.place)
            self._points[staff] += move.earned

    def found(self, merchant: str) -> Iterator[Finding]:
        """Where all amounts are typed by hand, it is the way of the store."""
        bounds = self._bounds
        for staff, tally in self._bare.items():
            store, _, who = staff.rpartition("/")
            own = self._sales[store][who]
            others = self._sales[store].total() - own
            others_bare = sum(len(one) for name, one in self._bare.items() if name.rpartition("/")[0] == store) - len(
                tally
            )
            if not bounds.no_goods or len(tally) < bounds.no_goods or not others:
                continue
            if (
                len(tally) * 100 >= own * bounds.no_goods_share
                and others_bare * 100 <= others * bounds.no_goods_usual
            ):
                yield tally.finding(
                    "no-goods", merchant, staff, times=len(tally), sales=own, points=self._points[staff],
                    others=others_bare * 100 // others,
                )  # fmt: skip


class ClosingTime:
    """Redemptions that come shortly before the shift closes, when nobody looks any more."""

    def __init__(self, bounds: Thresholds, closings: Sequence[Closing]) -> None:
        self._bounds = bounds
        self._closings: defaultdict[str, list[int]] = defaultdict(list)
        for one in closings:
            self._closings[one.terminal].append(one.at_us)
        self._late: defaultdict[str, Tally] = defaultdict(Tally)
        self._points: Counter[str] = Counter()
        self._redemptions: Counter[str] = Counter()
        self._sales: Counter[str] = Counter()
        self._late_sales: Counter[str] = Counter()

    def see(self, move: Move) -> None:
        """By cashier."""
        if not move.is_sale:
            return
        staff = f"{move.store}/{move.staff}"
        is_late = self._is_late(move)
        if move.redeemed:
            self._redemptions[staff] += 1
            if is_late:
                self._late[staff].add(move.at_us, move.place)
                self._points[staff] += move.redeemed
        else:
            self._sales[staff] += 1
            self._late_sales[staff] += is_late

    def _is_late(self, move: Move) -> bool:
        within = self._bounds.closing_minutes * _MINUTE_US
        return any(0 <= closed - move.at_us <= within for closed in self._closings[move.place.terminal])

    def found(self, merchant: str) -> Iterator[Finding]:
        """Not where his sales come then too."""
        bounds = self._bounds
        for staff, tally in self._late.items():
            if not bounds.closing or len(tally) < bounds.closing:
                continue
            if self._late_sales[staff] * 100 > self._sales[staff] * bounds.closing_usual:
                continue
            if len(tally) * 100 >= self._redemptions[staff] * bounds.closing_share:
                yield tally.finding(
                    "closing", merchant, staff, times=len(tally), redemptions=self._redemptions[staff],
                    points=self._points[staff], minutes=bounds.closing_minutes,
                )  # fmt: skip


class UnderLimit:
    """化整为零: redemptions just below what is allowed without a proof, again and again."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._near: defaultdict[str, Tally] = defaultdict(Tally)
        self._points: Counter[str] = Counter()
        self._limits: defaultdict[str, set[int]] = defaultdict(set)

    def see(self, move: Move) -> None:
        """By cashier."""
        if move.limit and move.redeemed * 100 >= move.limit * self._bounds.under_limit_share:
            staff = f"{move.store}/{move.staff}"
            self._near[staff].add(move.at_us, move.place)
            self._points[staff] += move.redeemed
            self._limits[staff].add(move.limit)

    def found(self, merchant: str) -> Iterator[Finding]:
        """So many."""
        for staff, tally in self._near.items():
            if self._bounds.under_limit and len(tally) >= self._bounds.under_limit:
                yield tally.finding(
                    "under-limit",
                    merchant,
                    staff,
                    times=len(tally),
                    points=self._points[staff],
                    limit=max(self._limits[staff]),
                )


class Receipts:
    """捡小票: one member who claims the points of receipts again and again. Who shops shows his code once he has one."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._claimed: defaultdict[str, Tally] = defaultdict(Tally)
        self._points: Counter[str] = Counter()
        self._staff: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def see(self, move: Move) -> None:
        """By member."""
        if move.is_sale and move.is_claimed:
            self._claimed[move.member].add(move.at_us, move.place)
            self._points[move.member] += move.earned
            self._staff[move.member][f"{move.store}/{move.staff}"] += 1

    def found(self, merchant: str) -> Iterator[Finding]:
        """With the cashier who rang most of them up: perhaps they are his customers' receipts."""
        for member, tally in self._claimed.items():
            if self._bounds.receipts and len(tally) >= self._bounds.receipts:
                staff, times = self._staff[member].most_common(1)[0]
                yield tally.finding(
                    "receipts",
                    merchant,
                    member,
                    times=len(tally),
                    points=self._points[member],
                    staff=staff,
                    by_staff=times,
                )


class ClockGames:
    """A till whose clock is set while it runs: to pass an end, or to reach a day of double points."""

    def __init__(self, bounds: Thresholds) -> None:
        self._bounds = bounds
        self._set: defaultdict[str, Tally] = defaultdict(Tally)
        self._most_us: Counter[str] = Counter()
        self._last: dict[str, Tick] = {}

    def tick(self, tick: Tick) -> None:
        """In the order of a terminal's journal."""
        terminal = tick.place.terminal
        last, self._last[terminal] = self._last.get(terminal), tick
        if last is None or last.boot != tick.boot:
            return
        moved_us = abs((tick.wall_us - last.wall_us) - (tick.mono_us - last.mono_us))
        if moved_us > self._bounds.clock_minutes * _MINUTE_US:
            self._set[terminal].add(tick.at_us, tick.place)
            self._most_us[terminal] = max(self._most_us[terminal], moved_us)

    def see(self, move: Move) -> None:
        """Clocks are in ticks."""

    def found(self, merchant: str) -> Iterator[Finding]:
        """A clock that is put right once is none."""
        for terminal, tally in self._set.items():
            if self._bounds.clock and len(tally) >= self._bounds.clock:
                yield tally.finding(
                    "clock", merchant, terminal, times=len(tally), minutes=self._most_us[terminal] // _MINUTE_US
                )
