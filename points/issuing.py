"""What redemptions issue for a later visit: units of a kind that is counted in pieces, awarded by the sale that paid for them.

A voucher is in the books what points are: it has a lot, a validity and a settlement price of its own, and using it is redeeming
it. No tier and no campaign multiplies it, and it cannot be used in the sale that issues it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from points.earning import Award
from points.expiry import expires_on
from points.explain import ExplainedLine
from points.programme import Programme
from points.redeeming import RedemptionQuote


def with_issued(
    programme: Programme, awards: Sequence[Award], redemptions: Sequence[RedemptionQuote], day: date
) -> tuple[Award, ...]:
    """The awards of a sale and what its redemptions issue, one for each kind, in the order of the programme's kinds."""
    by_kind = {award.kind: award for award in awards}
    for taken in redemptions:
        if taken.units:
            earned = by_kind.get(taken.gives)
            points, exact, gained = (earned.points, earned.exact, earned.gained) if earned else (0, Fraction(0), {})
            ends = expires_on(programme.kind_by_code[taken.gives].validity, day)
            by_kind[taken.gives] = Award(taken.gives, points + taken.units, exact + taken.units, ends, gained)
    return tuple(by_kind[kind.code] for kind in programme.kinds if kind.code in by_kind)


def issued_lines(programme: Programme, redemptions: Sequence[RedemptionQuote]) -> list[ExplainedLine]:
    """One line for each that gives something."""
    return [
        ExplainedLine(
            "issued", programme.reward_by_id[taken.reward_id].name, kind=taken.gives, points=Fraction(taken.units)
        )
        for taken in redemptions
        if taken.units
    ]
