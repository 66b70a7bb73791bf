"""Rewards that the ledger bounds for all tills: what this till asks with, what it keeps of the answer, what it does alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest

from points import Choice, parse_programme
from protocol.documents import AllowancePolicy
from protocol.reservations import BoundedReward, Refused, ReserveRequest, Verdict
from tests.desks import TestDesk, grants, member_row, payloads
from tests.points.test_compliance import RESTAURANT, swapped
from tests.till.test_allowances import here, set_aside
from tests.till.test_redeeming import refusal
from tests.till.test_selling import identified
from till.authorising import ask
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import Standing, redeem_and_commit, standing
from till.selling import commit_sale, quote_draft

Make = Callable[..., TestDesk]
PROOF = MemberProof("dynamic", "D1:…", "aa", 1)
MEAL = 'id = "set-meal"\n'
LIMIT = 'limit = { per_member = 9, period = "day" }\n'


def wanting(test: TestDesk, bound: str) -> SaleDraft:
    """The restaurant's set meal, bounded by `bound`, chosen."""
    toml = swapped(RESTAURANT, MEAL, MEAL + bound + "\n").replace("floor_allowed = true\n", "")
    programme = parse_programme(toml, "bounded.toml")
    test.desk.use_cache(test.desk._cache, replace(test.desk.store, programme=programme))
    draft = identified(test)
    assert draft.member is not None
    return draft.with_member(draft.member, PROOF).with_choice(Choice("set-meal", 200))


def answering(**words: int) -> Callable[[ReserveRequest], Verdict]:
    """A yes that says more."""
    return lambda request: msgspec.structs.replace(grants(request), **words)


def left(test: TestDesk, draft: SaleDraft) -> int | None:
    """What the counter shows of the set meal's stock."""
    quoted = quote_draft(test.desk, draft.with_choice(None))
    assert quoted is not None
    return quoted.left.get("set-meal")


@pytest.mark.parametrize("bound", [LIMIT, "stock = 12", "others_per_month = 5_000"])
def test_the_ledger_is_told_which_reward_it_is(desk_with: Make, bound: str) -> None:
    """As the sale will name it; it goes by that version."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = grants
    redeem_and_commit(test.desk, test.manager, wanting(test, bound), is_online=True)
    programme = test.desk.store.programme
    assert test.ledger.asked[0].bounded == BoundedReward(
        reward="set-meal", programme=programme.id, version=programme.version, engine=1,
        business_day=test.desk.business_day,
    )  # fmt: skip
    assert not test.ledger.asked[0].own


def test_an_ordinary_reward_is_not_named(desk_with: Make) -> None:
    """Nothing more stands in its call than before."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = grants
    draft = wanting(test, "stock = 12").with_choice(Choice("snack", 60))
    redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    assert test.ledger.asked[0].bounded is None


def test_what_counts_as_others_points_is_in_the_entry(desk_with: Make) -> None:
    """And that the member's points of this shop go first."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = answering(others=150)
    redeem_and_commit(test.desk, test.manager, wanting(test, "others_per_month = 5_000"), is_online=True)
    line = payloads(test.desk)[-1]["redemptions"][0]
    assert (line["others"], line["own"]) == (150, True)


def test_what_is_left_is_shown_once_the_ledger_has_said_it(desk_with: Make) -> None:
    """Before, nobody here knows. A version with more of them shows more."""
    test = desk_with(industry="restaurant", members=[member_row()])
    draft = wanting(test, "stock = 12")
    assert left(test, draft) is None
    test.ledger.answer = answering(given=5)
    redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    assert left(test, wanting(test, "stock = 12")) == 7
    assert left(test, wanting(test, "stock = 20")) == 15
    test.ledger.answer = lambda _: Refused(reason="out-of-stock", given=12)
    draft = wanting(test, "stock = 12")
    assert draft.member is not None
    newer = replace(PROOF, evidence="D1:newer", nonce="bb")
    draft = draft.with_member(draft.member, newer).with_choice(draft.choices[0])
    assert refusal(test, draft, is_online=True) == "reserve-out-of-stock"
    assert (left(test, draft), left(test, wanting(test, LIMIT))) == (0, None)


@pytest.mark.parametrize("reason", ["limit-reached", "out-of-stock", "quota-used-up"])
def test_the_ledgers_no_is_told(desk_with: Make, reason: str) -> None:
    """Each in a sentence of its own; the sale was not made."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = lambda _: Refused(reason=reason, spendable=120)  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        redeem_and_commit(test.desk, test.manager, wanting(test, "stock = 12"), is_online=True)
    assert (refused.value.code, refused.value.facts["spendable"]) == (f"reserve-{reason}", 120)
    assert [entry["type"] for entry in payloads(test.desk)] == ["shift-opened"]


@pytest.mark.parametrize("bound", ["stock = 12", "others_per_month = 5_000"])
def test_offline_there_is_no_rung(desk_with: Make, bound: str) -> None:
    """Not what is set aside here, not the floor, not the phone; and where the ledger is silent neither."""
    test = desk_with(
        industry="restaurant", members=[set_aside()], allowance=AllowancePolicy(per_member=2_000),
        member_page="https://p.example.com",
    )  # fmt: skip
    here(test)
    draft = wanting(test, bound)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    offer = next(one for one in quoted.offers if one.reward_id == "set-meal")
    assert standing(test.desk, draft, offer, 200, is_online=True) == Standing("online")
    assert standing(test.desk, draft, offer, 200, is_online=False) == Standing("", "bounded-online")
    assert [refusal(test, draft, is_online=online) for online in (True, False)] == ["bounded-online"] * 2
    with pytest.raises(RefusedError, match="bounded-online"):
        ask(test.desk, draft)


def test_a_limit_alone_is_carried_offline_by_what_lies_here(desk_with: Make) -> None:
    """What this till knows of the member bounds it, and nobody is asked."""
    test = desk_with(industry="restaurant", members=[set_aside()], allowance=AllowancePolicy(per_member=2_000))
    here(test)
    draft = wanting(test, LIMIT)
    redeem_and_commit(test.desk, test.manager, draft, is_online=False)
    assert payloads(test.desk)[-1]["redemptions"][0]["authority"] == "allowance"
    assert test.ledger.asked == []


def test_what_a_bounded_campaign_added_is_in_the_entry_and_counts_here(desk_with: Make) -> None:
    """40 more for each member, this week: a second meal of 30 yuan brings the last 10, before anything was sent."""
    test = desk_with(industry="restaurant", members=[member_row()])
    week, now = "from = 2026-11-18\nuntil = 2026-11-24\n", "from = 2026-09-12\nuntil = 2026-09-18\n"
    toml = swapped(RESTAURANT, week, f'{now}kinds = ["points"]\nmost_points = 40\n')
    test.desk.use_cache(test.desk._cache, replace(test.desk.store, programme=parse_programme(toml, "bounded.toml")))
    for points, gained in ((60, 30), (40, 10), (30, 0)):
        commit_sale(test.desk, test.manager, identified(test).with_amount(30_00))
        (award,) = payloads(test.desk)[-1]["awards"]
        assert (award["points"], award.get("gained", {})) == (points, {"anniversary-2026": gained} if gained else {})
