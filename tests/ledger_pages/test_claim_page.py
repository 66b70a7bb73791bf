"""The code on a receipt without a member, on a phone: who looks takes nothing, who is signed in has the points."""

from __future__ import annotations

from ledger.verify import verify
from protocol.claims import ClaimAnswer, ClaimRequest, new_claim
from tests.ledger_pages.phones import PAGE, Phone, words
from tests.ledger_pages.test_pages import push
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, Town

UNTIL = "2026-11-28"


def code(number: int) -> tuple[str, str, str]:
    """The account, the path as a phone has it from the receipt, and the code itself."""
    made = new_claim(lambda _bits: number, UNTIL)
    return made.account, made.address(PAGE).removeprefix(PAGE.upper()), made.text


async def test_a_receipt_is_claimed_once(town: Town) -> None:
    """From the stranger's page to the points in the history, in words; another phone comes too late."""
    account, path, _text = code(1)
    till = town.till()
    till.sell(account, 128, identified="none", claim_until=UNTIL, due_fen=128_50)
    await push(till)
    async with Phone(town) as anna, Phone(town) as bob:
        page = await anna.get(path)
        assert page.status_code == 401
        assert "128 消费积分" in words(page)
        assert f"积分保留到 {UNTIL}" in words(page)
        await anna.sign_in()
        await bob.sign_in(OTHER_MEMBER)
        assert "中山路店" in await anna.says(path)
        assert "实付 128.50" in await bob.says(path.lower())
        assert "+128 消费积分" in words(await anna.post(path))
        assert "1,128" in await anna.says("/")
        assert "+128 消费积分" in await anna.says(path)
        late = await bob.post(path)
        assert late.status_code == 409
        assert "已被领取" in words(late)
        history = await anna.says("/history")
        assert "消费 青穗超市 · 中山路店" in history
        assert "获得 +128 消费积分" in history
        assert "claim-" not in history
        assert "转入" not in history
    assert verify(town.database) == []


async def test_it_waits_for_a_till_that_was_offline(town: Town) -> None:
    """The page says so; the points come with the sale."""
    account, path, _text = code(2)
    async with Phone(town) as anna:
        await anna.sign_in()
        assert "收银机还没有上传这笔消费" in await anna.says(path)
        assert "别人领不走" in words(await anna.post(path))
        till = town.till()
        till.sell(account, 7, identified="none", claim_until=UNTIL)
        await push(till)
        assert "1,007" in await anna.says("/")


async def test_refusals_say_what_helps(town: Town) -> None:
    """In sentences; nothing is claimed by looking."""
    async with Phone(town) as anna:
        await anna.sign_in()
        assert "不是小票上的码" in await anna.says("/C/NONSENSE")
        old = new_claim(lambda _bits: 3, "2026-01-01").address(PAGE).removeprefix(PAGE.upper())
        assert "已过领取期" in await anna.says(old)
        _account, path, _text = code(4)
        foreign = await anna.post(path, None, sec_fetch_site="cross-site")
        assert foreign.status_code == 403
    async with Phone(town) as stranger:
        assert (await stranger.post(path)).status_code == 401


async def test_a_till_claims_for_the_member_who_stands_there(town: Town) -> None:
    """By the same code; the ledger signs what it says."""
    account, _path, text = code(5)
    till = town.till()
    till.sell(account, 9, identified="none", claim_until=UNTIL)
    await push(till)
    asked = ClaimRequest(member=MEMBER, code="K1:" + text)
    answer = (await till.ask("POST", "/v1/claim", asked)).read(ClaimAnswer)
    assert answer == ClaimAnswer(state="claimed", points={"points": 9})
    other = ClaimRequest(member=OTHER_MEMBER, code=text)
    assert (await till.ask("POST", "/v1/claim", other)).read(ClaimAnswer).state == "taken"
