"""A redemption allowed on the member's phone, on the real thing: till without a network, ledger, and the page in between."""

from __future__ import annotations

from dataclasses import replace

import httpx

from points import Choice
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import free, held, signed_in
from tests.ledger_pages.test_pages import scanned
from till.demo.world import World
from till.draft import SaleDraft
from till.receipts import Receipt
from till.scanning import AuthorisationScanned, MemberIdentified
from till.shifts import Session

MEMBER = "1000000005"
OWN_FORM = {"sec-fetch-site": "same-origin"}
"""What a browser says of a form of the page itself."""


def wanting(watch: Watch, world: World, points: int) -> SaleDraft:
    found = watch.till.counter.scan(world.static_code(MEMBER), SaleDraft())
    assert isinstance(found, MemberIdentified)
    draft = SaleDraft().with_member(found.member, found.proof).with_amount(128_50)
    return draft.with_choice(Choice("voucher", points))


def allowed_by_phone(world: World, challenge: str) -> str:
    """He opens the page by a link of the service desk, reads the till's code, taps 允许; what is then drawn on his screen."""
    with httpx.Client(follow_redirects=True, headers=OWN_FORM) as phone:
        link = world.ledger.run("member", "link", MEMBER)["address"]
        assert phone.post(link).status_code == 200
        page = phone.get(challenge)
        assert "允许" in page.text, page.text
        return scanned(phone.post(challenge, data={"answer": "allow"}).text)


def redeemed(watch: Watch, session: Session, draft: SaleDraft, text: str) -> Receipt:
    counter = watch.till.counter
    assert counter.scan(text, draft) == AuthorisationScanned(text)
    return counter.redeem(session, replace(draft, proof=counter.permission(draft, text)))


def test_the_phone_asks_where_the_till_cannot(world: World, opened: Watch) -> None:
    """The plug is out: allowed, scanned, on the receipt; with the network it is booked as it was said."""
    session = signed_in(opened.till)
    opened.settled()
    before = held(world, MEMBER)
    world.plug.cut()
    draft = wanting(opened, world, 2_000)
    text = allowed_by_phone(world, opened.till.counter.ask_phone(session, draft).text)
    assert held(world, MEMBER) == before, "set aside, and still his"
    receipt = redeemed(opened, session, draft, text)
    assert [(taken.authority, taken.points) for taken in receipt.redemptions] == [("authorised", 2_000)]
    world.plug.mend()
    opened.settled()
    earned = receipt.awarded["points"]
    opened.until(lambda: held(world, MEMBER) == before - 2_000 + earned, "it to be booked")
    found = wanting(opened, world, 2_000).member
    assert found is not None
    assert found.spendable("points") == before - 2_000 + earned


def test_the_network_comes_back_while_he_holds_out_his_phone(world: World, opened: Watch) -> None:
    """The till hears of the points that are reserved for it and keeps them: they are his here, and the scan is taken."""
    session, counter = signed_in(opened.till), opened.till.counter
    opened.settled()
    before = held(world, MEMBER)
    world.plug.cut()
    draft = wanting(opened, world, 2_000)
    already = set_aside(draft)
    text = allowed_by_phone(world, counter.ask_phone(session, draft).text)
    world.plug.mend()
    opened.settled()
    opened.until(lambda: set_aside(wanting(opened, world, 2_000)) == already + 2_000, "the till to hear of it")
    opened.settled()
    sold = counter.last_seq()
    draft = wanting(opened, world, 2_000)
    receipt = redeemed(opened, session, draft, text)
    assert counter.last_seq() == sold + 1, "nothing was returned before it"
    opened.settled()
    opened.until(lambda: held(world, MEMBER) == before - 2_000 + receipt.awarded["points"], "it to be booked")


def set_aside(draft: SaleDraft) -> int:
    assert draft.member is not None
    return sum(balance.set_aside for balance in draft.member.balances)


def test_what_was_allowed_and_not_used_goes_back(world: World, opened: Watch) -> None:
    """The customer pays without points after all: as soon as the till has a network, nothing is reserved any more."""
    session = signed_in(opened.till)
    opened.settled()
    before = free(world, MEMBER)
    world.plug.cut()
    draft = wanting(opened, world, 2_000)
    allowed_by_phone(world, opened.till.counter.ask_phone(session, draft).text)
    assert free(world, MEMBER) == before - 2_000
    receipt = opened.till.counter.commit(session, draft.with_choice(None))
    world.plug.mend()
    opened.settled()
    opened.until(lambda: free(world, MEMBER) == before + receipt.awarded["points"], "the points to go back")
