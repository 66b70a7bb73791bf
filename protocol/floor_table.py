"""What redeeming in an outage brings and costs in one store: the table before the floor is switched on (DESIGN, section 4)."""

from __future__ import annotations

from typing import Literal

from protocol.canonical import Count, Micros, Model, Name

Policy = Literal["floor", "balance", "allowance"]
"""`balance`: whatever the till's own copy of the balance covers, without any bound. Nobody can switch it on."""


class FloorLine(Model, kw_only=True):
    """One policy. Shares are in 1/10,000; of a floor the bounds are said, of allowances the most of one member.

    `accepted`, `accepted_points`: of the redemptions in outages, and of their points. `uncovered`: of the accepted points,
    those that the merchant would bear; `a_year_fen` is what they settle for.
    """

    policy: Policy
    per_redemption: Count = 0
    per_member: Count = 0
    per_terminal: Count = 0
    accepted: Count = 0
    accepted_points: Count = 0
    uncovered: Count = 0
    a_year_fen: Count = 0


class FloorTable(Model, kw_only=True):
    """Outages of `hours` laid over the last `days` of a store with `redemptions`; a year has `outages_a_year` of them.

    `is_example`: the store has too little history, and the lines are published figures of an invented town, without sums of
    money and, for `balance`, without what was uncovered.
    """

    store: Name
    made_at: Micros
    hours: Count
    days: Count
    outages_a_year: Count
    redemptions: Count = 0
    is_example: bool = False
    lines: tuple[FloorLine, ...] = ()
