"""Rewards for points of the merchant's own issue, and that one at least is for everybody's (P14)."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

import pytest

from points import Basket, Choice, MemberFacts, ProgrammeError, offers, parse_programme, quote
from points.acceptance import acceptances
from points.compliance import refusals
from tests.points.test_compliance import RESTAURANT, found, swapped

NOON = datetime.fromisoformat("2026-06-05T12:00")
MEAL = 'id = "set-meal"\n'
OWN = swapped(RESTAURANT, MEAL, MEAL + 'accepts = "own"\n').replace("floor_allowed = true\n", "")


def test_it_is_said_before_it_is_chosen() -> None:
    """Among the limits that the member reads, in both languages; the quote carries it to the entry."""
    programme = parse_programme(OWN, "shop.toml")
    member = MemberFacts(spendable={"points": 500})
    offer = next(one for one in offers(programme, Basket(), member, NOON) if one.reward_id == "set-meal")
    assert offer.own_points
    assert offer.disclosure.limits is not None
    assert (offer.disclosure.limits.zh, offer.disclosure.limits.en) == (
        "限本店发放的积分", "for points that this shop gave"
    )  # fmt: skip
    taken = quote(programme, Basket(), member, NOON, [Choice("set-meal", 200)]).redemptions[0]
    other = quote(programme, Basket(), member, NOON, [Choice("snack", 60)]).redemptions[0]
    assert (taken.own_points, other.own_points) == (True, False)


def test_nothing_is_settled_for_it() -> None:
    """What others' points would bring is not told of a reward that takes none."""
    told = acceptances(parse_programme(OWN, "shop.toml"), {"points": Fraction(2)})
    assert {one.reward_id for one in told} == {"snack", "coupon-200-50"}


def test_the_ledger_alone_knows_whose_points_they_are() -> None:
    """So no floor carries it."""
    with pytest.raises(ProgrammeError, match="exclude each other"):
        parse_programme(swapped(OWN, 'accepts = "own"\n', 'accepts = "own"\nfloor_allowed = true\n'), "shop.toml")


@pytest.mark.parametrize("closed", ['accepts = "own"', "personal = true"])
def test_p14_one_reward_at_least_is_for_everybodys_points(closed: str) -> None:
    """Generous ones may be closed to others' points or to most members; not all of them."""
    text = RESTAURANT.replace("floor_allowed = true\n", "")
    parts = text.split("[[reward]]\n")
    assert len(parts) == 4
    all_but_one = "[[reward]]\n".join([parts[0], f"{closed}\n{parts[1]}", f"{closed}\n{parts[2]}", parts[3]])
    assert found(all_but_one) == []
    every = "[[reward]]\n".join([parts[0], *(f"{closed}\n{part}" for part in parts[1:])])
    assert [("P14" in one, "reward" in one) for one in found(every)] == [(True, True)]


def test_p14_who_has_no_reward_at_all_takes_nobodys_points() -> None:
    """He would give points and accept none."""
    head, rest = RESTAURANT.split("# --- rewards", 1)
    without = head + "# --- campaigns" + rest.split("# --- campaigns", 1)[1].split("# --- worked examples", 1)[0]
    assert [str(one) for one in refusals(parse_programme(without, "x.toml"), without, "x.toml") if "P14" in str(one)]
