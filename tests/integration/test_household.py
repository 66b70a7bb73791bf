"""A household through the real ledger: opened on two phones' pages, drawn from at a till, shown there and redeemed."""

from __future__ import annotations

import re
from contextlib import closing

import httpx

from points import Choice
from protocol.codes import member_code
from protocol.member_links import MemberLink
from tests.integration.conftest import Watch
from tests.integration.test_member_link import ask, sale_of
from tests.integration.test_member_pin import KNOWN, OTHER
from tests.integration.test_reconciliation import signed_in
from till.demo.world import World
from till.draft import MemberProof

OURS = {"sec-fetch-site": "same-origin"}


def phone(link: MemberLink) -> httpx.Client:
    """Signed in by a link that a till asked for."""
    path = httpx.URL(link.address).path
    browser = httpx.Client(base_url=link.address.removesuffix(path), headers={"accept-language": "zh-CN"})
    browser.post(path, headers=OURS)
    return browser


def test_what_one_puts_in_another_redeems(world: World, opened: Watch) -> None:
    """The till shows what was drawn as soon as the feed tells it, and `explain` names who earned it."""
    world.ledger.run("household", "on", "--members", "4", "--points", "5000", "--monthly", "1000")
    session = signed_in(opened.till)
    opened.settled()
    counter, (giver, pin), (taker, other_pin) = opened.till.counter, KNOWN, OTHER
    mine, theirs = phone(ask(opened, session, giver, pin)), phone(ask(opened, session, taker, other_pin))
    with closing(mine) as one, closing(theirs) as other:
        one.post("/household/open", headers=OURS)
        invitation = re.search(r'href="(/H/\w+)"', one.post("/household/invite", headers=OURS).text)
        assert invitation is not None
        other.post(invitation[1], data={"answer": "join"}, headers=OURS)
        moving = re.search(r'name="id" value="([^"]+)"', one.get("/household").text)
        assert moving is not None
        form = {"way": "put", "kind": "points", "points": "900", "id": moving[1]}
        assert one.post("/household/points", data=form, headers=OURS).status_code == 303
    sale = sale_of(opened, member_code(taker))
    assert sale.member is not None
    before = sale.member.spendable("points")
    (there,) = counter.household.pool(sale).kinds
    assert (there.points, there.drawable) == (900, 900)
    proof = MemberProof("pin", other_pin)
    assert counter.household.draw(sale, "points", 800, proof).left == 100
    opened.until(lambda: shown(opened, taker) == before + 800, "what was drawn")
    draft = sale_of(opened, member_code(taker)).with_amount(128_50)
    assert draft.member is not None
    receipt = counter.redeem(session, draft.with_member(draft.member, proof).with_choice(Choice("tote-bag", 300)))
    opened.settled()
    used = world.ledger.run("explain", counter.terminal, str(receipt.seq))["used"]
    assert [(one["member"], one["points"], len(one["through"])) for one in used] == [(giver, 300, 1)]
    assert world.ledger.run("verify")["findings"] == []


def shown(watch: Watch, member: str) -> int:
    """What the counter says that the member can spend."""
    found = sale_of(watch, member_code(member)).member
    assert found is not None
    return found.spendable("points")
