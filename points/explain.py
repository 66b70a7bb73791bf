"""The explanation of a quote as data: one line per step, from basket to points.

What the lines of a kind add up to is exactly the award of that kind: each factor's line carries what *it* adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias, get_args

from points.fields import Text

Counted: TypeAlias = Literal["quantity", "attribute", "visit", "activity"]
"""The rules that earn by something else than money."""

BASES: Final = frozenset({"earn", *get_args(Counted)})
"""The rules that begin a chain; tier and campaign multiply what stands before them."""

RuleType: TypeAlias = Literal[
    "payer",
    "discount",
    "redemption",
    "issued",
    "excluded",
    "earn",
    Counted,
    "tier",
    "campaign",
    "cap",
    "rounding",
    "compensation",
]

ROUNDING: Final = Text(zh="不足1分舍去", en="less than one point is dropped")
MOST_OF_A_SALE = Text(zh="单笔积分上限", en="the most that any sale brings")
STAFF_EARN_NOTHING = Text(zh="本店员工消费不积分", en="who works in this store earns nothing here")


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One step. `amount_fen` and `points` are exact; an amount that leaves the bill is negative.

    `kind` is empty where a step is about money alone; `factor` is what it multiplies by: a share of the price (9/10), points
    per fen (1/100) or per unit (5), or a multiplier (6/5). `count` is how many units earn (3 cups, 60 kWh), and `unit` their
    name where the programme has one.
    """

    rule: RuleType
    name: Text
    factor: Fraction | None = None
    category: str = ""
    kind: str = ""
    amount_fen: Fraction = Fraction(0)
    points: Fraction = Fraction(0)
    count: int = 0
    unit: Text | None = None
    campaign: str = ""
    """Its id, where a campaign adds it or its bound takes it."""
