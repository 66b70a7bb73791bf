"""Rewards bounded for all members together: a stock, a quota of others' points (P14); what is said of them, what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from points import Basket, Choice, MemberFacts, ProgrammeError, offers, parse_programme, quote
from points.asked import asked, asked_of_all
from points.counts import given, others
from tests.points.test_compliance import RESTAURANT, found, swapped

NOON = datetime.fromisoformat("2026-06-05T12:00")
MEAL = 'id = "set-meal"\n'
MEMBER = MemberFacts(spendable={"points": 500})


def with_meal(*lines: str) -> str:
    """The restaurant, whose set meal has these keys too; no reward is given without the ledger."""
    return swapped(RESTAURANT, MEAL, MEAL + "".join(f"{line}\n" for line in lines)).replace(
        "floor_allowed = true\n", ""
    )


@pytest.mark.parametrize(
    ("line", "zh", "en"),
    [
        ("stock = 1_200", "共 1,200 份，兑完为止", "1,200 in all, while they last"),
        (
            "others_per_month = 50_000",
            "每月最多收其他商户发放的积分 50,000，所有会员合计",
            "at most 50,000 points of other shops a month, from all members together",
        ),
    ],
)
def test_it_is_said_before_it_is_chosen(line: str, zh: str, en: str) -> None:
    """Among the limits that the member reads, in both languages (A1)."""
    listed = offers(parse_programme(with_meal(line), "shop.toml"), Basket(), MEMBER, NOON)
    limits = next(one for one in listed if one.reward_id == "set-meal").disclosure.limits
    assert limits is not None
    assert (limits.zh, limits.en) == (zh, en)


def test_with_a_quota_own_points_go_first() -> None:
    """The entry says so, for the ledger chooses the lots; of a stock it does not."""
    for line, is_own_first in (("others_per_month = 50_000", True), ("stock = 12", False)):
        programme = parse_programme(with_meal(line), "shop.toml")
        taken = quote(programme, Basket(), MEMBER, NOON, [Choice("set-meal", 200)]).redemptions[0]
        assert taken.own_points is is_own_first


def test_what_is_counted_of_all_members_is_not_asked_of_one() -> None:
    """A till knows nothing of it, and is told nothing."""
    programme = parse_programme(with_meal("stock = 12", "others_per_month = 50_000"), "shop.toml")
    assert asked_of_all(programme) == {given("set-meal"), others("set-meal")}
    assert asked(programme) == asked(parse_programme(with_meal(), "shop.toml"))
    assert asked_of_all(parse_programme(with_meal(), "shop.toml")) == frozenset()


@pytest.mark.parametrize(
    ("lines", "key_path", "why"),
    [
        (("stock = 0",), "reward[1].stock", "greater than 0"),
        (("others_per_month = 0",), "reward[1].others_per_month", "greater than 0"),
        (('accepts = "own"', "others_per_month = 10"), "reward[1]", "takes no points of others at all"),
        (("stock = 12", "floor_allowed = true"), "reward[1]", "exclude floor_allowed"),
        (("others_per_month = 10", "floor_allowed = true"), "reward[1]", "exclude floor_allowed"),
    ],
)
def test_what_cannot_be_is_refused(lines: tuple[str, ...], key_path: str, why: str) -> None:
    """With file, key path and reason."""
    text = with_meal(*(line for line in lines if "floor" not in line))
    if "floor_allowed = true" in lines:
        text = swapped(text, MEAL, f"{MEAL}floor_allowed = true\n")
    with pytest.raises(ProgrammeError) as refused:
        parse_programme(text, "shop.toml")
    assert (refused.value.source, refused.value.key_path) == ("shop.toml", key_path)
    assert why in str(refused.value)


def test_a_stock_is_of_rewards_with_one_price() -> None:
    """Of one that is pro rata nobody could say what a piece is."""
    ladder = (
        RESTAURANT
        + """
[[reward]]
form = "voucher"
id = "off"
name = { zh = "抵", en = "Off" }
kinds = ["points"]
points = 100
value_fen = 2_00
minimum_points = 100
step_points = 50
stock = 12
conditions = { zh = "无门槛", en = "no minimum" }
validity = { zh = "当次有效", en = "this visit" }
refund = { zh = "原路退回", en = "back to the account" }
"""
    )
    with pytest.raises(ProgrammeError, match="needs one of a fixed price"):
        parse_programme(ladder, "shop.toml")


@pytest.mark.parametrize("closed", ["stock = 12", "others_per_month = 10"])
def test_p14_one_reward_at_least_does_not_run_out(closed: str) -> None:
    """Who takes part takes everybody's points for something, in every month."""
    parts = RESTAURANT.replace("floor_allowed = true\n", "").split("[[reward]]\n")
    all_but_one = "[[reward]]\n".join([parts[0], f"{closed}\n{parts[1]}", f"{closed}\n{parts[2]}", parts[3]])
    assert found(all_but_one) == []
    every = "[[reward]]\n".join([parts[0], *(f"{closed}\n{part}" for part in parts[1:])])
    assert [("P14" in one, "reward" in one) for one in found(every)] == [(True, True)]
