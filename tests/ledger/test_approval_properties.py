"""Points late and by hand between sales, redemptions and voids, from two tills: the books stay well, whatever comes."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.entries import LateCredit, ManualPoints, Sale
from tests.ledger.memory import MemoryDatabase, empty_books
from tests.ledger.shop import Shop, Till
from tests.ledger.test_approvals import POLICY, by_hand, late, staffed


class Step(NamedTuple):
    """What happens at a till: `which` of the sales before is voided, or which slip is claimed."""

    what: str
    till: int
    member: int
    points: int
    which: int
    shift: int


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(("sale", "slip", "late", "hand", "redeem", "void")),
        till=st.integers(0, 1),
        member=st.integers(0, 1),
        points=st.sampled_from((1, 60, 300, 301, 501)),
        which=st.integers(0, 3),
        shift=st.integers(1, 2),
    ),
    max_size=12,
)


@given(steps=STEPS)
@settings(max_examples=15, deadline=None)
def test_whatever_is_given_the_books_are_well(steps: list[Step]) -> None:
    """Nothing below zero; no shift past its bounds; each slip earned for one; and `verify` finds nothing."""
    shop = staffed(Shop(MemoryDatabase(empty_books())))
    tills = [shop.till("T1"), shop.till("T2")]
    members = [shop.join("1000000001"), shop.join("1000000002")]
    sold: list[Sale] = []
    given_in: dict[tuple[int, int], list[int]] = {}
    earned: dict[str, list[Sale]] = {}
    for step in steps:
        till, member, slip = tills[step.till], members[step.member], f"R{step.which}"
        if step.what == "void":
            if step.which < len(sold):
                taken_back = sold[step.which]
                if till.send(till.void(taken_back)).status == "booked":
                    for sales in earned.values():
                        sales[:] = [one for one in sales if one.id != taken_back.id]
            continue
        entry = _made(till, member, slip, step)
        outcome = till.send(entry)
        if outcome.status == "quarantined":
            continue
        sold.append(entry)
        if entry.reference:
            earned.setdefault(entry.reference, []).append(entry)
        if isinstance(entry, LateCredit | ManualPoints):
            given_in.setdefault((step.till, step.shift), []).append(step.points)
    assert all(len(one) <= POLICY.acts_per_shift for one in given_in.values())
    assert all(sum(one) <= POLICY.points_per_shift for one in given_in.values())
    assert all(len(sales) <= 1 for sales in earned.values())
    assert all(min(shop.balance(member)) >= 0 for member in members)
    shop.assert_well()


def _made(till: Till, member: str, slip: str, step: Step) -> Sale:
    match step.what:
        case "late":
            return late(till, member, step.points, slip, shift=f"S{step.shift}")
        case "hand":
            return by_hand(till, member, step.points, shift=f"S{step.shift}")
        case "redeem":
            return till.sale(member, redeem=step.points)
        case _:
            return till.sale(member, award=step.points, reference=slip if step.what == "slip" else "")
