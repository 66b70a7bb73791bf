"""The page shows a code for each voucher that is there: the one that a till believes, until it is used."""

from __future__ import annotations

import re
from pathlib import Path

from ledger.documents import publish_programme
from ledger.verify import verify
from protocol.entries import Award, Clock, Redemption, Sale, Void
from protocol.ids import bucket_of, new_id
from protocol.reservations import Granted
from protocol.voucher_codes import VoucherCode, read
from tests.ledger_pages.phones import Phone, words
from tests.ledger_pages.test_pages import push, scanned
from tests.ledger_service.test_proofs import ask
from tests.ledger_service.test_voucher_proofs import asking
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, SigningTill, Town

LATER = (Path(__file__).parents[1] / "later.toml").read_bytes()
WASH, UNTIL = "wash-voucher", "2027-02-19"


async def issue(town: Town, till: SigningTill, pieces: int = 1, until: str = UNTIL) -> Sale:
    """A sale that gave vouchers and stamps, booked."""
    with town.database.write() as connection:
        publish_programme(connection, town.keys, LATER, "later.toml", town.clock())
    awards = (Award(kind=WASH, points=pieces, expires_on=until), Award(kind="stamps", points=7))
    sale = till.sell(awards=awards, programme="later")
    await push(till)
    return sale


async def codes(phone: Phone) -> list[str]:
    """Every code that the page shows, read from its picture."""
    page = await phone.get("/vouchers")
    return [scanned((await phone.get(path)).text) for path in re.findall(r'href="(/vouchers/\w+)"', page.text)]


def use(town: Town, till: SigningTill, code: VoucherCode) -> Sale:
    line = Redemption(
        reward="wash", kind=WASH, points=1, off_bill_fen=0, authority="floor", proof="voucher", nonce=code.nonce
    )
    return till.sell(awards=(), programme="later", redemptions=(line,), gross_fen=0, due_fen=0)


async def test_each_voucher_has_a_code(town: Town) -> None:
    """Those that end first at the front; stamps have none; the home page leads there."""
    till = town.till()
    later = await issue(town, till, pieces=2)
    sooner = await issue(town, till, until="2026-12-01")
    async with Phone(town) as phone:
        await phone.sign_in()
        assert "我的券" in await phone.says("/")
        page = await phone.says("/vouchers")
        assert "1 张 洗车券 洗车 · 青穗超市 有效至 2026-12-01" in page
        assert "2 张 洗车券" in page
        assert "印花" not in page
        found = [read(text, town.keys.ring) for text in await codes(phone)]
        assert [(one.issued, one.number) for one in found] == [(sooner.id, 0), (later.id, 0), (later.id, 1)]
        assert {one.member for one in found} == {MEMBER}


async def test_a_code_is_what_a_till_reserves_by_and_goes_when_it_is_used(town: Town) -> None:
    """After a void of its use the voucher is back, under another number: the used code stays used."""
    till = town.till()
    await issue(town, till)
    async with Phone(town) as phone:
        await phone.sign_in()
        (text,) = await codes(phone)
        shown = read(text, town.keys.ring)
        sale = use(town, till, shown)
        await push(till)
        assert await codes(phone) == []
        assert "现在没有可用的券" in await phone.says("/vouchers")
        assert "我的券" not in await phone.says("/")
        gone = await phone.get(f"/vouchers/{shown.nonce}")
        assert (gone.status_code, gone.headers["location"]) == (303, "/vouchers")
        identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), 9)
        till.append(Void(id=identity, store=till.store, occurred_at=town.clock(), business_day="2026-11-21", member=MEMBER,
                         clock=Clock(wall=1, boot="b", mono_us=0), voids=sale.id))  # fmt: skip
        await push(till)
        (again,) = await codes(phone)
        assert read(again, town.keys.ring) == shown._replace(number=1)
        assert isinstance(await ask(town.till(), asking(town, again)), Granted)
    assert verify(town.database) == []


async def test_nobody_sees_anothers_voucher(town: Town) -> None:
    """Not by its name, and not without signing in."""
    sale = await issue(town, town.till())
    async with Phone(town) as phone, Phone(town) as stranger:
        page = await (await phone.sign_in()).get("/vouchers")
        path = re.findall(r'href="(/vouchers/\w+)"', page.text)[0]
        assert (await stranger.get(path)).status_code == 401
        await stranger.sign_in(OTHER_MEMBER)
        assert (await stranger.get(path)).status_code == 303
        assert "现在没有可用的券" in words(await stranger.get("/vouchers"))
    assert sale.member == MEMBER


async def test_one_that_is_over_is_not_shown(town: Town) -> None:
    """Until the sweep takes it, it is in the balance; its code is worth nothing."""
    await issue(town, town.till(), until="2026-11-20")
    async with Phone(town) as phone:
        await phone.sign_in()
        assert await codes(phone) == []
