"""A reward for points of the merchant's own issue (P14): redeemed online alone, for the ledger's lots say whose they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from points import Choice, parse_programme
from points.programme import Programme
from protocol.documents import AllowancePolicy
from protocol.reservations import Refused
from tests.desks import TestDesk, grants, member_row, payloads
from tests.points.test_own_points import OWN
from tests.till.test_allowances import here, set_aside
from tests.till.test_redeeming import refusal
from tests.till.test_selling import identified
from till.authorising import ask
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.redeeming import Standing, redeem_and_commit, standing
from till.selling import quote_draft

Make = Callable[..., TestDesk]
PROOF = MemberProof("dynamic", "D1:…", "aa", 1)


def own_programme(test: TestDesk) -> Programme:
    """The restaurant, whose set meal takes own points alone."""
    programme = parse_programme(OWN, "own.toml")
    test.desk.use_cache(test.desk._cache, replace(test.desk.store, programme=programme))
    return programme


def wanting(test: TestDesk) -> SaleDraft:
    own_programme(test)
    draft = identified(test)
    assert draft.member is not None
    return draft.with_member(draft.member, PROOF).with_choice(Choice("set-meal", 200))


def test_online_it_is_asked_for_as_such(desk_with: Make) -> None:
    """The call says so, and so does the entry: the ledger takes these lots first."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = grants
    redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert test.ledger.asked[0].own
    assert payloads(test.desk)[-1]["redemptions"][0]["own"] is True


def test_an_ordinary_reward_is_not(desk_with: Make) -> None:
    """Nothing more stands in its call or its entry than before."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = grants
    draft = wanting(test).with_choice(Choice("snack", 60))
    redeem_and_commit(test.desk, test.manager, draft, is_online=True)
    assert not test.ledger.asked[0].own
    assert "own" not in payloads(test.desk)[-1]["redemptions"][0]


def test_the_ledgers_no_is_told_with_what_could_be_spent(desk_with: Make) -> None:
    """In a sentence of its own."""
    test = desk_with(industry="restaurant", members=[member_row()])
    test.ledger.answer = lambda _request: Refused(reason="not-enough-own-points", spendable=120)
    with pytest.raises(RefusedError) as refused:
        redeem_and_commit(test.desk, test.manager, wanting(test), is_online=True)
    assert (refused.value.code, refused.value.facts["spendable"]) == ("reserve-not-enough-own-points", 120)


def test_offline_there_is_no_rung(desk_with: Make) -> None:
    """Not what is set aside here, not the floor, not the phone; and where the ledger is silent neither."""
    test = desk_with(
        industry="restaurant", members=[set_aside()], allowance=AllowancePolicy(per_member=2_000),
        member_page="https://p.example.com",
    )  # fmt: skip
    here(test)
    draft = wanting(test)
    quoted = quote_draft(test.desk, draft)
    assert quoted is not None
    offer = next(one for one in quoted.offers if one.reward_id == "set-meal")
    assert standing(test.desk, draft, offer, 200, is_online=True) == Standing("online")
    assert standing(test.desk, draft, offer, 200, is_online=False) == Standing("", "own-points-online")
    assert [refusal(test, draft, is_online=online) for online in (True, False)] == ["own-points-online"] * 2
    assert test.ledger.given_up == [test.ledger.asked[0].id]
    with pytest.raises(RefusedError, match="own-points-online"):
        ask(test.desk, draft)
