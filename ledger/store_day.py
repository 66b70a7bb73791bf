"""A store's day: the sums of all its tills, by who sold, when, on what authority and for which reward; and what is open yet.

It is reckoned anew from what the tills sent whenever it is asked for: late entries are on the day when they happened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import rows
from ledger.documents import newest
from ledger.problems import NotKnownError
from ledger.sent import Sent, sent_on
from protocol.approvals import Given
from protocol.business_days import Calendar
from protocol.documents import StoreSettings
from protocol.entries import Refund, Sale, Void
from protocol.sold import awarded_by, redeemed_by


@dataclass
class Sums:
    """Sales that stand; what was voided is not in them. Points by kind."""

    sales: int = 0
    gross_fen: int = 0
    due_fen: int = 0
    off_bill_fen: int = 0
    """积分抵扣: the tender line."""
    awarded: Counter[str] = field(default_factory=Counter)
    redeemed: Counter[str] = field(default_factory=Counter)

    def add(self, sale: Sale, times: int = 1) -> None:
        """Or, -1, take away again. Of what was given late or by hand the points alone: its money is not of this day."""
        if isinstance(sale, Given):
            self.awarded.update({kind: times * many for kind, many in awarded_by(sale).items()})
            return
        self.sales += times
        self.gross_fen += times * sale.gross_fen
        self.due_fen += times * sale.due_fen
        self.off_bill_fen += times * sum(line.off_bill_fen for line in sale.redemptions)
        for sums, points in ((self.awarded, awarded_by(sale)), (self.redeemed, redeemed_by(sale))):
            for kind, many in points.items():
                sums[kind] += times * many


class Till(NamedTuple):
    """Of the store. `entries` of the day; `seen_at`, µs: when the ledger heard of it last. What it has not sent is not here."""

    terminal: str
    name: str
    status: str
    seen_at: int
    entries: int


@dataclass
class StoreDay:
    """`waiting`: entries that nobody has booked or decided yet. `before`: the same weekday of the week before."""

    store: str
    name: str
    day: str
    calendar: Calendar = field(default_factory=Calendar)
    whole: Sums = field(default_factory=Sums)
    before: Sums = field(default_factory=Sums)
    by_staff: dict[str, Sums] = field(default_factory=dict)
    by_hour: dict[str, Sums] = field(default_factory=dict)
    by_authority: Counter[str] = field(default_factory=Counter)
    """Points redeemed."""
    by_reward: dict[str, Counter[str]] = field(default_factory=dict)
    """How often (`times`), `points`, and `fen` off bills."""
    voids: int = 0
    voided_fen: int = 0
    refunds: int = 0
    refunded_fen: int = 0
    given_back: Counter[str] = field(default_factory=Counter)
    taken_back: Counter[str] = field(default_factory=Counter)
    shortfalls: int = 0
    shortfall_points: int = 0
    waiting: int = 0
    tills: list[Till] = field(default_factory=list)


def store_day(connection: Connection, store: str, day: date) -> StoreDay:
    """Raises `NotKnownError`."""
    settings = newest(connection, "store", store, StoreSettings)
    if settings is None:
        raise NotKnownError("store", store)
    found = StoreDay(store, settings.name, day.isoformat(), settings.calendar)
    own = "SELECT terminal, name, status FROM terminal WHERE store = ? ORDER BY terminal"
    for terminal, name, status in rows.fetch(connection, own, store):
        sent = list(sent_on(connection, terminal, found.day))
        seen = rows.fetch(
            connection, "SELECT coalesce(max(received_at), 0) FROM received WHERE terminal = ?", terminal
        )
        found.tills.append(Till(terminal, name, status, seen[0][0], len(sent)))
        _add(found, sent)
        _standing(list(sent_on(connection, terminal, (day - timedelta(days=7)).isoformat())), found.before)
    return found


def _standing(sent: list[Sent], sums: Sums) -> None:
    voided = {one.entry.voids for one in sent if isinstance(one.entry, Void)}
    for one in sent:
        if isinstance(one.entry, Sale) and one.entry.id not in voided:
            sums.add(one.entry)


def _add(found: StoreDay, sent: list[Sent]) -> None:
    sales: dict[UUID, Sale] = {one.entry.id: one.entry for one in sent if isinstance(one.entry, Sale)}
    voided = {one.entry.voids for one in sent if isinstance(one.entry, Void)}
    for one in sent:
        found.waiting += not one.is_booked
        match one.entry:
            case Sale() as sale if sale.id not in voided:
                _sold(found, sale)
                if one.outcome is not None and one.outcome.shortfall:
                    found.shortfalls += 1
                    found.shortfall_points += one.outcome.shortfall
            case Void(voids=voids):
                found.voids += 1
                found.voided_fen += _money(sales.get(voids))
            case Refund() as refund:
                found.refunds += 1
                found.refunded_fen += refund.money_fen
                found.given_back.update(refund.given_back)
                found.taken_back.update(refund.taken_back)


def _money(sale: Sale | None) -> int:
    return 0 if sale is None or isinstance(sale, Given) else sale.due_fen


def _sold(found: StoreDay, sale: Sale) -> None:
    hour = f"{found.calendar.civil(sale.occurred_at):%H}"
    for sums in (
        found.whole, found.by_staff.setdefault(sale.by, Sums()), found.by_hour.setdefault(hour, Sums())
    ):  # fmt: skip
        sums.add(sale)
    for line in sale.redemptions:
        found.by_authority[line.authority] += line.points
        found.by_reward.setdefault(line.reward, Counter()).update(times=1, points=line.points, fen=line.off_bill_fen)
