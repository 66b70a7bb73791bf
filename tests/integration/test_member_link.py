"""The link to a member's page, from the till through the real ledger into a browser's hands; and every no."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ledger.service import LINK_BURST
from points import Choice
from protocol.codes import member_code
from protocol.member_links import MemberLink
from tests.integration.conftest import Watch
from tests.integration.test_member_pin import KNOWN, OTHER, WITHOUT
from tests.integration.test_reconciliation import signed_in
from till.demo.world import World
from till.draft import MemberProof, SaleDraft
from till.errors import RefusedError
from till.scanning import MemberConfirmed, MemberIdentified
from till.shifts import Session


def sale_of(watch: Watch, code: str) -> SaleDraft:
    """The member whose code was scanned is on the screen."""
    found = watch.till.counter.scan(code, SaleDraft())
    assert isinstance(found, MemberIdentified)
    return SaleDraft().with_member(found.member, found.proof)


def ask(watch: Watch, session: Session, member: str, pin: str) -> MemberLink:
    sale = sale_of(watch, member_code(member))
    return watch.till.counter.link_member(session, sale, MemberProof("pin", pin))


def refused(watch: Watch, session: Session, member: str, pin: str) -> RefusedError:
    with pytest.raises(RefusedError) as error:
        ask(watch, session, member, pin)
    return error.value


def opened_by(link: MemberLink) -> str:
    """What a browser on this machine shows after the button was pressed."""
    path = httpx.URL(link.address).path
    with httpx.Client(base_url=link.address.removesuffix(path), headers={"accept-language": "zh-CN"}) as browser:
        assert "打开我的会员页" in browser.get(path).text
        browser.post(path, headers={"sec-fetch-site": "same-origin"})
        return " ".join(re.sub(r"<[^>]+>", " ", browser.get("/").text).split())


def files_with(folder: Path, secret: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_a_pin_opens_the_page_once(world: World, opened: Watch, tmp_path: Path) -> None:
    """The demo's own ledger shows it; the second one who opens the link is a stranger, and no file of till or ledger has it."""
    session = signed_in(opened.till)
    opened.settled()
    member, pin = KNOWN
    link = ask(opened, session, member, pin)
    page = opened_by(link)
    assert member in page
    assert "结账时出示" in page
    assert "还没有登录" in opened_by(link)
    secret = link.address.rpartition("/")[2]
    assert files_with(tmp_path, secret) == []
    assert files_with(world.folder, world.ledger.phone(member)[-20:]) == []


def test_a_code_opens_it_as_often_as_he_likes_and_nothing_else(world: World, opened: Watch) -> None:
    """To the ledger a code belongs to one id: that of the links. A redemption needs a fresh one, which says so."""
    session = signed_in(opened.till)
    opened.settled()
    counter, member = opened.till.counter, KNOWN[0]
    shown = sale_of(opened, world.dynamic_code(member))
    sale = sale_of(opened, member_code(member))
    assert shown.proof is not None
    counter.link_member(session, sale, shown.proof)
    assert member in opened_by(counter.link_member(session, sale, shown.proof))
    bag = shown.with_amount(128_50).with_choice(Choice("tote-bag", 300))
    with pytest.raises(RefusedError) as refused_code:
        counter.redeem(session, bag)
    assert refused_code.value.code == "reserve-nonce-used"
    fresh = counter.scan(world.dynamic_code(member), bag)
    assert isinstance(fresh, MemberConfirmed)
    receipt = counter.redeem(session, replace(bag, proof=fresh.proof))
    assert [taken.authority for taken in receipt.redemptions] == ["online"]
    another = sale_of(opened, member_code(OTHER[0]))
    with pytest.raises(RefusedError) as foreign:
        counter.link_member(session, another, shown.proof)
    assert foreign.value.code == "reserve-proof-wrong"


def test_every_no_of_the_ledger(world: World, opened: Watch) -> None:
    """Wrong, locked, not set, nobody, and asked too often: as the ledger says it, in the till's codes."""
    session = signed_in(opened.till)
    opened.settled()
    member, pin = OTHER
    errors = [refused(opened, session, member, typed) for typed in ("0000", "0001", "0002", pin)]
    assert [error.code for error in errors] == ["reserve-pin-wrong"] * 2 + ["link-pin-locked"] * 2
    assert [error.facts["left"] for error in errors[:2]] == [2, 1]
    assert refused(opened, session, *WITHOUT).code == "link-pin-not-set"
    assert refused(opened, session, "1999999999", pin).code == "link-unknown-member"
    codes = {refused(opened, session, *WITHOUT).code for _ in range(2 * LINK_BURST)}
    assert codes == {"link-pin-not-set", "link-too-many"}
    opened.settled()


def test_silence_and_no_network(world: World, opened: Watch) -> None:
    """The plug is out and nobody has noticed; then somebody has; then it is back."""
    session = signed_in(opened.till)
    opened.settled()
    world.plug.cut()
    # A poll may have noticed before the cashier did.
    assert refused(opened, session, *KNOWN).code in ("link-unanswered", "link-offline")
    opened.until(lambda: not opened.till.counter.is_online, "the till to notice")
    assert refused(opened, session, *KNOWN).code == "link-offline"
    world.plug.mend()
    opened.settled()
    assert ask(opened, session, *KNOWN).address
