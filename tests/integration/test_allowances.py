"""What the real ledger sets aside at a real till: there when the plug is pulled, spent once, back when the shift has ended."""

from __future__ import annotations

from typing import Any

from points import Choice
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import free, signed_in
from till.demo.world import World
from till.draft import SaleDraft
from till.members import MemberView
from till.scanning import MemberIdentified

REGULAR = "1000000012"
"""He usually takes 1,000 points in this store."""


def lying(world: World) -> list[dict[str, Any]]:
    """What the ledger holds for him at tills."""
    return next(list(row.get("lying", ())) for row in world.members() if row["member"] == REGULAR)


def test_points_are_set_aside_drawn_on_offline_and_returned(world: World, opened: Watch) -> None:
    """Asked for once the shift is open, and no late yes: it stays over polls, and goes when the shift does."""
    counter = opened.till.counter
    session = signed_in(opened.till)

    def known() -> MemberView:
        found = counter.scan(world.static_code(REGULAR), SaleDraft())
        assert isinstance(found, MemberIdentified)
        return found.member

    opened.until(lambda: known().balances[0].set_aside == 1_000, "points to be set aside")
    spendable = known().spendable("points")
    assert free(world, REGULAR) == spendable - 1_000
    code = world.dynamic_code(REGULAR)
    seen = known().as_of_us or 0
    opened.until(lambda: (known().as_of_us or 0) > seen + 3_000_000, "two more polls")
    assert [one["points"] for one in lying(world)] == [1_000]
    world.plug.cut()
    opened.until(lambda: not counter.is_online, "the outage")
    found = counter.scan(code, SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, found.proof).with_amount(128_50)
    receipt = counter.redeem(session, draft.with_choice(Choice("tote-bag", 300)))
    assert [taken.authority for taken in receipt.redemptions] == ["allowance"]
    assert known().spendable("points") == spendable - 300 + receipt.awarded["points"]
    counter.close_shift(session)
    opened.until(lambda: known().balances[0].set_aside == 0, "what is left to be returned")
    world.plug.mend()
    opened.settled()
    assert lying(world) == []
    assert free(world, REGULAR) == spendable - 300 + receipt.awarded["points"]
