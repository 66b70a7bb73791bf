"""What a member is to each merchant, for his own eyes: his tier, what it stands on, what is missing to the next one (P8)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.clock import day_of
from ledger.feed import member_row
from ledger.pages.account import Account
from ledger.programmes import Programmes
from ledger.schema_standing import Standing
from ledger.standing import first_month, spent_and_visits
from ledger.visits import Scope, first_day
from points.asked import asked
from points.basket import MemberFacts
from points.programme import Programme
from points.tiers import Tier, TierGap, highest, next_tier, reckoned_tier
from protocol.counts import counts_on
from protocol.ids import bucket_of


class Contribution(NamedTuple):
    """消费贡献值 at one merchant: what he paid there and how often he came, from the month `first` to the month `last`."""

    merchant: str
    tier: Tier
    spent_fen: int
    visits: int
    first: str
    last: str
    months: int
    gap: TierGap | None

    @property
    def spent_yuan(self) -> int:
        """Whole ones."""
        return self.spent_fen // 100

    @property
    def missing_yuan(self) -> int:
        """Whole ones, rounded up."""
        return -(-self.gap.spent_fen // 100) if self.gap else 0


def contributions_of(
    connection: Connection, programmes: Programmes, account: Account, now_us: int
) -> list[Contribution]:
    """By the merchant's name, where he was and a tier comes by itself; reckoned now, so that no month is too old."""
    key, last = (bucket_of(account.member), account.member), day_of(now_us)[:7]
    been = {merchant for (merchant,) in rows.find(connection, Standing, ("bucket", "member"), [key], "merchant")}
    names: dict[str, str] = dict(rows.fetch(connection, "SELECT merchant, name FROM merchant"))
    found = []
    for programme in programmes.current(connection):
        if programme.merchant not in been or not any(tier.is_reckoned for tier in programme.tiers):
            continue
        first = first_month(last, programme.tier_months)
        sums = spent_and_visits(connection, [key], programme.merchant, first, last).values()
        spent_fen, visits = (max(0, sum(one[at] for one in sums)) for at in (0, 1))
        code = highest(programme.tiers, (account.tier, reckoned_tier(programme.tiers, spent_fen, visits)))
        gap = next_tier(programme.tiers, code, spent_fen, visits)
        name = names.get(programme.merchant, programme.merchant)
        found.append(
            Contribution(
                name, programme.tier_by_code[code], spent_fen, visits, first, last, programme.tier_months, gap
            )
        )
    return sorted(found, key=lambda one: one.merchant)


def facts_at(connection: Connection, programme: Programme, account: Account, now_us: int) -> MemberFacts:
    """The member as a till of the programme's merchant would know him today."""
    day = day_of(now_us)
    scope = Scope(programme.merchant, first_day(now_us), yesterday=day)
    row = member_row(connection, account.member, scope)
    assert row is not None  # he is signed in
    has = {kind: balance.available for kind, balance in account.row.balances.items()}
    tier = highest(programme.tiers, (row.tier, row.standing.tier))
    return MemberFacts(tier=tier, held=has, spendable=has, counts=counts_on(row, asked(programme), day, {}))
