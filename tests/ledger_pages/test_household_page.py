"""A household on its members' phones: opened, joined, put in, drawn, left; and what they see of each other."""

from __future__ import annotations

import re

import pytest

from ledger import households
from ledger.documents import make_lock
from ledger.households import Policy
from ledger.verify import verify
from tests.ledger_pages.phones import Phone, words
from tests.ledger_pages.test_pages import push, scanned
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, Town

POLICY = Policy(members=2, points=700, monthly=250)


@pytest.fixture
def shared(town: Town) -> Town:
    """Households are on."""
    with town.database.write() as connection:
        make_lock(connection)
        households.switch_on(connection, POLICY, "", town.clock())
    return town


async def move(phone: Phone, way: str, points: str) -> str:
    """As the form on the page does; what the page says then."""
    page = (await phone.get("/household")).text
    found = re.search(r'name="id" value="([^"]+)"', page)
    assert found is not None
    form = {"way": way, "kind": "points", "points": points, "id": found[1]}
    answer = await phone.post("/household/points", form)
    if answer.status_code == 303:
        assert (await phone.post("/household/points", form)).status_code == 303  # sent twice, moved once
        return await phone.says("/household")
    return words(answer)


async def invite(phone: Phone) -> str:
    """The path of an invitation, as a phone reads it from the screen and as the link says it."""
    page = (await phone.post("/household/invite")).text
    found = re.search(r'href="(/H/[A-Z2-7]+)"', page)
    assert found is not None
    assert scanned(page) == f"HTTPS://P.EXAMPLE.COM{found[1]}"
    return found[1]


async def test_two_share(shared: Town) -> None:
    """From opening to leaving, in words; the books are right after it."""
    async with Phone(shared) as anna, Phone(shared) as bob:
        await anna.sign_in()
        await bob.sign_in(OTHER_MEMBER)
        assert "家庭积分" in await anna.says("/me")
        assert "最多 2 位成员，每种积分最多共存 700，每人每月最多支取 250" in await anna.says("/household")
        assert (await anna.post("/household/open")).status_code == 303
        path = await invite(anna)
        assert f"张*丰（{MEMBER}）邀请您加入，现有成员 1 位" in await bob.says(path)
        assert (await bob.post(path, {"answer": "no"})).status_code == 303
        assert "您没有" not in await bob.says("/household")
        assert (await bob.post(path, {"answer": "join"})).status_code == 303
        assert "邀请已失效" in words(await bob.get(path))
        assert "600 消费积分 您现在可支取 250" in await move(anna, "put", "600")
        assert "400 消费积分 您现在可支取 50" in await move(bob, "draw", "200")
        assert "最多还能支取 50" in await move(bob, "draw", "51")
        assert "最多还能存入 300" in await move(anna, "put", "301")
        page = await bob.says("/household")
        assert "张*丰" in page
        assert "累计存入 600 消费积分" in page
        assert "李* （您）" in page
        assert "累计支取 200 消费积分" in page
        assert "从家庭积分支取 支取 +200 消费积分" in await bob.says("/history")
        assert "转入家庭积分 存入 -600 消费积分" in await anna.says("/history")
        assert (await anna.post("/household/leave")).status_code == 303
        assert "800 消费积分" in await anna.says("/")
        assert "家庭积分退回 退回 +400 消费积分" in await anna.says("/history")
        assert (await bob.post("/household/leave")).status_code == 303
        assert "开通家庭积分" in await bob.says("/household")
    assert verify(shared.database) == []


async def test_they_see_of_each_other_what_they_share_and_no_more(shared: Town) -> None:
    """Neither balance nor shop nor phone of the other."""
    till = shared.till()
    till.sell(award=77)
    await push(till)
    async with Phone(shared) as anna, Phone(shared, language="en") as bob:
        await anna.sign_in()
        await bob.sign_in(OTHER_MEMBER)
        await anna.post("/household/open")
        await bob.post(await invite(anna), {"answer": "join"})
        await move(anna, "put", "100")
        pages = [await bob.says(path) for path in ("/household", "/", "/history", "/points", "/me/data.json")]
    assert "Put in, all told 100" in pages[0]
    for page in pages:
        assert not [word for word in ("977", "1,077", "1234", "中山路店") if word in page]


async def test_where_there_are_none(town: Town) -> None:
    """Nothing leads there, and every form says so; whoever is in one still leaves it."""
    async with Phone(town) as phone:
        await phone.sign_in()
        assert "/household" not in (await phone.get("/me")).text
        assert "这里没有开通家庭积分" in await phone.says("/household")
        assert "这里没有开通家庭积分" in words(await phone.post("/household/open"))
        with town.database.write() as connection:
            make_lock(connection)
            households.switch_on(connection, POLICY, "", town.clock())
        await phone.post("/household/open")
        await move(phone, "put", "300")
        with town.database.write() as connection:
            households.switch_off(connection, "", town.clock())
        assert "家庭积分已停用" in await phone.says("/household")
        assert "这里没有开通家庭积分" in words(await phone.post("/household/invite"))
        assert (await phone.post("/household/leave")).status_code == 303
        assert "1,000 消费积分" in await phone.says("/")


@pytest.mark.parametrize("points", ["", "0", "-5", "1.5", "一百", "9" * 40])
async def test_what_is_no_number_moves_nothing(shared: Town, points: str) -> None:
    """Whatever a form brings, also an id that is none or somebody else's."""
    async with Phone(shared) as phone:
        await phone.sign_in()
        await phone.post("/household/open")
        await move(phone, "put", points)
        for identity in ("", "x", "00000000-0000-8000-8000-000000000000"):
            form = {"way": "put", "kind": "points", "points": "5", "id": identity}
            assert (await phone.post("/household/points", form)).status_code in (404, 409)
        assert "家庭积分为零" in await phone.says("/household")
