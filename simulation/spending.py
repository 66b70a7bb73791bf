"""P6, P8: no point is spent twice. What each redemption stood on, against the books and against what was signed for."""

from __future__ import annotations

import sys
from collections import Counter
from uuid import UUID

from protocol.entries import MemberEntry, Redemption, Returned, Sale
from simulation.books import BookedEntry, Books
from simulation.watched import Watched
from simulation.world import World
from till.clock import MAX_ERROR_US
from till.receipts import Receipt

_RESERVED = ("allowance", "online", "authorised")
"""Authorities under which points have left what is available before the goods leave."""


class Spending:
    """Redemptions of all tills."""

    def __init__(self, world: World, books: Books) -> None:
        self._world, self._books = world, books
        self.lost: set[str] = set()
        """Terminals that their merchant declared lost: what they redeem is at his risk."""
        self.forgotten: dict[str, int] = {}
        """By terminal: up to which entry it had not been told yet that the ledger was restored from an older copy. What such
        a redemption stood on the ledger may not remember, and nobody is to blame but who restored it.
        """
        self._drawn: Counter[UUID] = Counter()
        self._uncovered: Counter[tuple[UUID, str]] = Counter()
        """Of floor redemptions, by sale and kind: what no allowance pays."""

    def told(self, watched: Watched) -> None:
        """A till may know by now that the books were restored."""
        journal = watched.till.journal
        if journal is not None and journal.epochs()[-1:] == (self._books.epoch,):
            self.forgotten[watched.terminal] = min(self.forgotten.get(watched.terminal, 0), len(watched.rows))

    def is_told(self, watched: Watched) -> bool:
        """Whether a till knows of the last restore, if there was one."""
        return self.forgotten.get(watched.terminal) != sys.maxsize

    def check_appended(self, watched: Watched, seq: int, entry: MemberEntry) -> None:
        """An allowance is this till's own, drawn on for no more than it has, and never after it was returned."""
        if isinstance(entry, Returned):
            watched.returned.add(entry.reservation)
        if not isinstance(entry, Sale):
            return
        for line in entry.redemptions:
            drawn = self._draw(watched, seq, entry.member, line) if line.reservation else 0
            if _is_floor(line):
                self._uncovered[entry.id, line.kind] += line.points - drawn

    def _draw(self, watched: Watched, seq: int, member: str, line: Redemption) -> int:
        """How much of it the allowance pays."""
        where, allowance = f"{watched.till.name}: entry {seq}", line.reservation
        assert allowance is not None
        self._count("P6 allowances")
        if allowance in watched.returned:
            self._world.find("P6 no point twice", f"{where} draws on an allowance that was returned")
        granted = self._books.allowances.get(allowance)
        if granted is None or granted[:3] != (watched.terminal, member, line.kind):
            self._world.find("P6 no point twice", f"{where} draws on an allowance of {granted}")
            return 0
        left = granted[3] - self._drawn[allowance]
        if line.authority == "allowance" and line.points > left:
            self._world.find(
                "P6 no point twice", f"{where} draws {line.points} on an allowance of which {left} are left"
            )
        drawn = min(line.points, left)
        self._drawn[allowance] += drawn
        return drawn

    def check_booked(self, entry: BookedEntry, sale: Sale) -> None:
        """P3, P6: it took what it said, and what nobody covered was at somebody's risk."""
        is_at_risk = entry.terminal in self.lost or entry.seq <= self.forgotten.get(entry.terminal, 0)
        for kind in sorted({line.kind for line in sale.redemptions}):
            said = sum(line.points for line in sale.redemptions if line.kind == kind)
            taken = entry.sums.get((kind, "clearing"), 0)
            if taken != said:
                self._world.find(
                    "P3 nothing lost", f"{entry.terminal} {entry.seq}: took {said} {kind}, booked {taken}"
                )
            standing = [line.points for line in sale.redemptions if line.kind == kind and line.authority in _RESERVED]
            reserved = -entry.sums.get((kind, "reserved"), 0)
            if sum(standing) > reserved and not is_at_risk:
                self._world.find(
                    "P6 no point twice",
                    f"{entry.terminal} {entry.seq}: {sum(standing)} {kind} stood on a reservation of {reserved}",
                )
        if entry.shortfall and not is_at_risk and not any(map(_is_floor, sale.redemptions)):
            self._world.find(
                "P6 no point twice", f"{entry.terminal} {entry.seq}: {entry.shortfall} uncovered, no floor"
            )

    def check_floor(self, watched: Watched, receipt: Receipt) -> None:
        """What stands on the floor is within what was signed for, and on a clock that may be trusted."""
        taken = [line for line in receipt.redemptions if line.authority == "floor"]
        if not taken:
            return
        till = watched.till
        self._count("P8 no floor without a clock")
        if not any(
            boot == till.clocks.boot and abs(till.offset_us - at) <= MAX_ERROR_US for boot, at in till.contacts
        ):
            self._world.find("P8 no floor without a clock", f"{till.name}: sale {receipt.seq}")
        policy = till.counter.store.settings.floor
        for line in taken:
            sums = {"redemption": self._uncovered[receipt.id, line.kind], "member": 0, "terminal": 0}
            for sale in _unanswered_sales(watched):
                points = self._uncovered[sale.id, line.kind]
                sums["terminal"] += points
                sums["member"] += points if sale.member == receipt.member else 0
            self._count("P6 floor within its bounds")
            for name, points in sums.items():
                if points > getattr(policy, f"per_{name}"):
                    self._world.find(
                        "P6 floor within its bounds", f"{till.name}: {points} per {name}, sale {receipt.seq}"
                    )

    def _count(self, check: str) -> None:
        self._world.checks[check] += 1


def _unanswered_sales(watched: Watched) -> list[Sale]:
    return [
        entry
        for entries in watched.entries.values()
        for seq, entry in entries
        if isinstance(entry, Sale) and seq not in watched.outcomes
    ]


def _is_floor(line: Redemption) -> bool:
    return line.authority == "floor"
