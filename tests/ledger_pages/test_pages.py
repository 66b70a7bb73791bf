"""What the pages say is what is in the books; what a member says no to has an effect."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec
import zxingcpp
from PIL import Image

from ledger import documents, members
from ledger.authorising import authorise
from ledger.clock import day_of
from ledger.feed import member_row
from ledger.member_rows import member_rows
from ledger.merging import merge
from ledger.reserving import reserve
from ledger.suspending import resume, suspend
from ledger.verify import verify
from ledger.visits import Scope
from protocol.authorisations import Challenge, challenge_text, kind_tag, read, terminal_tag
from protocol.documents import StoreSettings
from protocol.dynamic_codes import read as read_code
from protocol.entries import Award, Clock, Redemption, Void
from protocol.feed import MemberRow
from protocol.ids import bucket_of, new_id
from protocol.look_up import LookUpRequest
from protocol.push import PushAnswer
from protocol.reservations import Granted, ReserveRequest, Reserving
from tests.ledger_pages.phones import PAGE, Phone, words
from tests.ledger_service.test_publishing import SUPERMARKET
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, OTHER_STORE, STORE, SigningTill, Town

TAKEN = Redemption(reward="tote-bag", kind="points", points=300, off_bill_fen=0, authority="online", proof="pin")
LATER = (Path(__file__).parents[1] / "later.toml").read_bytes()
WITHIN = Scope("qingsui", "2026-01-01")


async def push(till: SigningTill) -> None:
    """All that the journal has."""
    outcomes = (await till.ask("POST", "/v1/push", till.batch())).read(PushAnswer).outcomes
    assert {outcome.status for outcome in outcomes} <= {"booked"}


def lay(town: Town, till: SigningTill, points: int, authority: Reserving) -> None:
    """Points of the member at a till."""
    identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), secrets.randbits(64))
    asked = ReserveRequest(id=identity, member=MEMBER, kind="points", points=points, proof="pin")
    assert isinstance(reserve(town.database, till.terminal, asked, town.clock(), authority=authority), Granted)


def challenge(town: Town, till: SigningTill, points: int = 60, member: str = MEMBER, kind: str = "points") -> str:
    """The path that a till's challenge leads to."""
    identity = new_id(town.clock() // 1_000, bucket_of(member), secrets.randbits(64))
    asks = Challenge(identity, points, terminal_tag(till.terminal), kind_tag(kind), b"123456")
    return challenge_text(PAGE, asks).removeprefix(PAGE.upper())


def scanned(svg: str) -> str:
    """The code in an SVG that `ledger.drawing` made, read from pixels."""
    found = re.search(r'viewBox="0 0 (\d+) \d+".*?fill="#000" d="([^"]+)"', svg, re.DOTALL)
    assert found is not None
    scale, side = 4, int(found[1])
    image = Image.new("L", (side * scale, side * scale), 255)
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)", found[2]):
        corner = (int(x) * scale, int(y) * scale)
        image.paste(0, (*corner, corner[0] + int(run) * scale, corner[1] + scale))
    codes = zxingcpp.read_barcodes(image, try_invert=False)
    assert len(codes) == 1
    return str(codes[0].text)


async def test_home_shows_a_code_that_a_till_believes(town: Town) -> None:
    """Of this member and this minute, another one each time."""
    async with Phone(town) as phone:
        await phone.sign_in()
        home = await phone.get("/")
        codes = [scanned(home.text), scanned((await phone.get("/code.svg")).text)]
        found = [read_code(code, town.keys.ring, town.clock()) for code in codes]
        assert {one.member for one in found} == {MEMBER}
        assert found[0].nonce != found[1].nonce
        assert "1,000 消费积分" in words(home)


async def test_points_say_what_ends_first_and_what_lies_where(town: Town) -> None:
    """In words, with the till's name."""
    till = town.till()
    till.sell(award=10)
    await push(till)
    lay(town, till, 200, "allowance")
    lay(town, till, 60, "online")
    async with Phone(town) as phone:
        page = await (await phone.sign_in()).says("/points")
        assert "750 消费积分" in page
        assert "200 分在 中山路店 02号机 备用" in page
        assert "60 分在 中山路店 02号机 待结账" in page
        ends = re.findall(r"([\d,]+) 消费积分 有效至 ([\d-]+)", page)
        assert [points for points, _on in ends] == ["1,000", "10"]
        assert ends[0][1] < ends[1][1] == "2028-11-30"
        assert "另有 260 分在收银机上" in await phone.says("/")


async def test_history_is_told_newest_first_page_by_page(town: Town) -> None:
    """Earned, redeemed, taken back; nothing is left out and nothing is told twice."""
    till = town.till()
    for number in range(30):
        town.clock.now_us += 60_000_000
        till.sell(award=number + 1)
    town.clock.now_us += 60_000_000
    till.append(msgspec.structs.replace(till.sell(award=77), redemptions=(TAKEN,)))
    till.payloads.pop(-2)
    voided = till.sell(award=50)
    header = {"store": STORE, "occurred_at": town.clock() + 1, "business_day": "2026-11-21", "member": MEMBER}
    identity = new_id(town.clock() // 1_000, bucket_of(MEMBER), 9)
    till.append(Void(id=identity, clock=Clock(wall=1, boot="b", mono_us=0), voids=voided.id, **header))  # type: ignore[arg-type]
    lay(town, till, 100, "online")
    await push(till)
    async with Phone(town) as phone:
        await phone.sign_in()
        pages, path = [], "/history"
        while path:
            page = await phone.get(path)
            pages.append(words(page))
            more = re.search(r'href="(/history\?after=[^"]+)"', page.text)
            path = more[1] if more else ""
        assert [page.count("青穗超市 · 中山路店") for page in pages] == [20, 13]
        told = " ".join(pages)
        assert "取消的消费 青穗超市 · 中山路店 收回已得积分 -50 消费积分" in told
        assert "消费 已取消 青穗超市 · 中山路店 获得 +50 消费积分" in told
        assert "获得 +77 消费积分" in told
        assert "使用 -300 消费积分" in told
        assert "开户积分 带入 +1,000 消费积分" in told
        earned = [int(points) for points in re.findall(r"获得 \+(\d+) 消费积分", told)]
        assert sorted(earned, reverse=True)[2:] == list(range(30, 0, -1))
        assert [points for points in earned if points <= 30] == list(range(30, 0, -1))
        for nonsense in ("1", "x-y", "9" * 80, "1-zz", "-"):
            assert (await phone.get(f"/history?after={nonsense}")).status_code == 200


async def test_vouchers_are_counted_in_pieces(sqlite_town: Town) -> None:
    """On every page: 1 张 洗车券; a reward says who may have it and how often, and one for others alone is not there."""
    town, till = sqlite_town, sqlite_town.till()
    with town.database.write() as connection:
        settings = documents.newest(connection, "store", STORE, StoreSettings)
        assert settings is not None
        later = LATER.replace(b'"qingsui"', f'"{settings.merchant}"'.encode())
        documents.publish_programme(connection, town.keys, later, "later.toml", town.clock())
    awards = (Award(kind="wash-voucher", points=1, expires_on="2027-02-19"), Award(kind="stamps", points=7))
    till.sell(awards=awards, programme="later")
    await push(till)
    async with Phone(town) as phone:
        home = await (await phone.sign_in()).says("/")
        assert "1 张 洗车券" in home
        assert "7 枚 印花" in home
        assert "获得 +1 张 洗车券" in await phone.says("/history")
        rewards = await phone.says("/rewards")
        assert "洗车 洗车券 1张，价值 30.00 元 可以使用" in rewards
        assert "满10枚印花送洗车 印花 10枚，价值 30.00 元 还差 3 枚 印花" in rewards
        assert "下午茶 100 消费积分，价值 38.00 元 积分已够 每人每月限1次" in rewards
        assert "私人设计" not in rewards


async def test_rewards_of_merchants_where_he_was(town: Town) -> None:
    """Reached, or how many are missing; nothing of a merchant where he never was, or not for 13 months."""
    async with Phone(town) as phone, Phone(town, language="en") as other:
        page = await (await phone.sign_in()).says("/rewards")
        assert "购物券 1,000 消费积分 抵 20.00 元 积分已够" in page
        assert "洗护礼盒 2,000 消费积分，价值 49.00 元 还差 1,000 分" in page
        assert "半勺小馆" not in page
        assert "Here stand the rewards" in await (await other.sign_in(OTHER_MEMBER)).says("/rewards")
        town.clock.now_us += 400 * 86_400_000_000
        await phone.sign_in()
        assert "购物券" not in await phone.says("/rewards")


async def test_rewards_of_who_is_suspended_are_not_there(sqlite_town: Town) -> None:
    """Nothing is promised that no counter gives; his points are, as before."""
    town = sqlite_town
    async with Phone(town) as phone:
        assert "购物券" in await (await phone.sign_in()).says("/rewards")
        for what, name in (("merchant", "qingsui"), ("programme", "qingsui-market")):
            with town.database.write() as connection:
                suspend(connection, town.keys, what, name, "a drill", "", town.clock())  # type: ignore[arg-type]
            assert "购物券" not in await phone.says("/rewards")
            assert "1,000" in await phone.says("/")
            with town.database.write() as connection:
                resume(connection, town.keys, what, name, "", "", town.clock())  # type: ignore[arg-type]
        assert "购物券" in await phone.says("/rewards")


async def test_a_reward_for_own_points_counts_those_alone(sqlite_town: Town) -> None:
    """Another merchant's do not help, and are not said to: of 1,400 points 1,000 are this shop's."""
    town, other = sqlite_town, sqlite_town.till(OTHER_STORE)
    own = SUPERMARKET.replace(b"version = 1", b"version = 2", 1)
    own = own.replace(b'id = "care-set"\n', b'id = "care-set"\naccepts = "own"\n', 1)
    with town.database.write() as connection:
        documents.publish_programme(connection, town.keys, own, "market.toml", town.clock())
    other.sell(award=400, programme="banshao-kitchen")
    await push(other)
    async with Phone(town) as phone:
        page = await (await phone.sign_in()).says("/rewards")
    assert "洗护礼盒 2,000 消费积分，价值 49.00 元 还差 1,000 分 限本店发放的积分" in page
    assert "购物券 1,000 消费积分 抵 20.00 元 积分已够" in page


async def told(town: Town) -> MemberRow:
    """The member as tills of his merchant are told of him."""
    with town.database.read() as connection:
        return next(member_rows(connection, [(bucket_of(MEMBER), MEMBER)], WITHIN))


async def test_no_till_knows_who_does_not_want_it(town: Town) -> None:
    """Name, digits and hash leave the row, which moves so that tills hear of it; a look-up too. Agreed again they are back."""
    till, before = town.till(), await told(town)
    assert (before.name, before.last4) == ("张*丰", "1234")
    assert before.phone_key
    async with Phone(town) as phone:
        await phone.sign_in()
        assert (await phone.post("/me/consent", {"purpose": "name", "given": "no"})).headers["location"] == "/me"
        row = await told(town)
        assert (row.name, row.last4, row.phone_key) == ("", "", "")
        assert row.position > before.position
        assert row.balances == before.balances
        found = (await till.ask("POST", "/v1/look-up", LookUpRequest(by="phone", value="13900001234"))).read(
            MemberRow
        )
        assert (found.member, found.name, found.last4) == (MEMBER, "", "")
        assert "张*丰" in await phone.says("/")
        assert "现在：不同意 2026-11-22" in await phone.says("/me")
        await phone.post("/me/consent", {"purpose": "name", "given": "yes"})
        assert msgspec.structs.replace(await told(town), position=before.position) == before
        await phone.post("/me/consent", {"purpose": "nonsense", "given": "no"})
        assert msgspec.structs.replace(await told(town), position=before.position) == before


async def test_habits_are_deleted_and_not_kept_again(town: Town) -> None:
    """And what lies set aside is called back."""
    till = town.till()

    async def redeem() -> None:
        till.append(msgspec.structs.replace(till.sell(award=1), redemptions=(TAKEN,)))
        till.payloads.pop(-2)
        await push(till)

    def habits() -> Any:
        with town.database.read() as connection:
            return connection.exec_driver_sql("SELECT member, points FROM habit").fetchall()

    await redeem()
    lay(town, till, 100, "allowance")
    assert len(habits()) == 1
    async with Phone(town) as phone:
        await phone.sign_in()
        await phone.post("/me/consent", {"purpose": "habit", "given": "no"})
        assert habits() == []
        assert [one.called_back for one in (await told(town)).lying] == [True]
        await redeem()
        assert habits() == []
        await phone.post("/me/consent", {"purpose": "habit", "given": "yes"})
        till.payloads.pop(0)
    assert verify(town.database) == []


async def test_a_no_outlives_a_merge(town: Town) -> None:
    """Whoever said it, for either number."""
    async with Phone(town) as phone:
        await phone.sign_in(MEMBER)
        await phone.post("/me/consent", {"purpose": "name", "given": "no"})
        merge(town.database, MEMBER, OTHER_MEMBER, town.clock())
        assert "现在：不同意" in await phone.says("/me")
    with town.database.read() as connection:
        row = member_row(connection, OTHER_MEMBER)
    assert row is not None
    assert (row.name, row.last4) == ("", "")


async def test_his_data_are_all_of_his_and_nobody_elses(town: Town) -> None:
    """Every table that knows him, and no secret and no hash of one."""
    till = town.till()
    till.sell(award=10)
    till.sell(OTHER_MEMBER, award=10)
    await push(till)
    async with Phone(town) as phone:
        await phone.sign_in()
        answer = await phone.get("/me/data.json")
    assert answer.headers["content-disposition"] == f'attachment; filename="till-{MEMBER}.json"'
    found = json.loads(answer.text)
    assert {one["phone"] for one in found["phone"]} == {"13900001234", "plate:测A10001"}
    assert sorted(one["type"] for one in found["entry"]) == ["opening", "sale"]
    assert {one["member"] for table in found.values() for one in table if "member" in one} == {MEMBER}
    assert sum(one["points"] for one in found["posting"]) == 0
    assert found["visit"]
    assert "$argon2" not in answer.text
    assert "hash" not in answer.text


async def test_a_challenge_is_allowed_once_for_all(town: Town) -> None:
    """Asked, allowed, shown again whenever the page is opened; in either case of the letter."""
    till = town.till()
    path = challenge(town, till, 300)
    async with Phone(town) as phone, Phone(town) as stranger:
        assert "怎样打开会员页" in await stranger.says(path)
        assert (await stranger.post(path, {"answer": "allow"})).status_code == 401
        await phone.sign_in()
        page = await phone.says(path)
        for word in ("青穗超市", "中山路店", "02号机", "300 消费积分", "现有 1,000", "使用后 700"):
            assert word in page
        assert "没有动用任何积分" in words(await phone.post(path, {"answer": "refuse"}))
        assert "1,000" in await phone.says("/")
        assert (await phone.post(path, {"answer": "allow"})).headers["location"] == path
        shown = [await phone.get(path), await phone.get(path.lower())]
        given = [read(scanned(one.text), town.keys.ring) for one in shown]
        assert given[0] == given[1]
        assert (given[0].member, given[0].terminal, given[0].points) == (MEMBER, till.terminal, 300)
        assert "700" in await phone.says("/")
        with town.database.write() as connection:
            connection.exec_driver_sql("UPDATE reservation SET points_left = 0, ended_by = 'x'")
        assert "这次请求已经结束" in await phone.says(path), "used: nobody is asked to pay twice"
        with town.database.write() as connection:
            connection.exec_driver_sql("UPDATE reservation SET points_left = 300, ended_by = ''")
    assert verify(town.database) == []


async def test_every_refusal_has_its_sentence(sqlite_town: Town) -> None:
    """What is so, and what helps; nothing is reserved."""
    town = sqlite_town
    till, lost = town.till(), town.till()
    other = next(f"20{n:08d}" for n in range(99) if bucket_of(f"20{n:08d}") != bucket_of(MEMBER))
    unknown = Challenge(new_id(1, bucket_of(MEMBER), 1), 5, b"nobod", kind_tag("points"), b"123456")
    async with Phone(town) as phone:
        await phone.sign_in()
        assert "使用后 积分不够" in await phone.says(challenge(town, till, 1_001))
        for path, says in (
            (challenge(town, till, 1_001), "您的积分不够。 需要 1,001 分，您有 1,000 分"),
            (challenge(town, till, member=other), "收银机正在为另一位会员结账"),
            (challenge_text(PAGE, unknown).removeprefix(PAGE.upper()), "联盟门店里没有这台收银机"),
            (challenge(town, till, kind="gold"), "联盟门店里没有这台收银机"),
            ("/A/NONSENSE", "这不是收银机的请求"),
            ("/A/%00%ff", "这不是收银机的请求"),
        ):
            assert says in words(await phone.post(path, {"answer": "allow"})), path
        done = challenge(town, till, 10)
        authorise(town.database, town.keys, MEMBER, done, town.clock())
        with town.database.write() as connection:
            connection.exec_driver_sql("UPDATE reservation SET points_left = 0, ended_by = 'x'")
        assert "这次请求已经结束" in words(await phone.post(done, {"answer": "allow"}))
        with town.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE terminal SET status = 'revoked' WHERE terminal = '{lost.terminal}'")
        assert "这台收银机已经停用" in words(await phone.post(challenge(town, lost), {"answer": "allow"}))
        path = challenge(town, till)
        members.set_status(town.database, MEMBER, "blocked")
        assert (await phone.post(path, {"answer": "allow"})).status_code == 401


async def test_a_tier_says_what_it_stands_on_and_what_is_missing(sqlite_town: Town) -> None:
    """消费贡献值 with its formula; rewards go by the tier and the limits of that merchant."""
    town, till = sqlite_town, sqlite_town.till()
    gold = 'multiplier = "1.2"\n'
    text = SUPERMARKET.decode().replace(gold, gold + "from_spent_fen = 5000_00\nfrom_visits = 3\n")
    rules = text.replace("version = 1\n", "version = 2\n").encode()
    with town.database.write() as connection:
        documents.publish_programme(connection, town.keys, rules, "supermarket.toml", town.clock())
    members.set_tier(town.database, MEMBER, "silver", "a guest of the house")
    till.sell(due_fen=1_800_00, programme_version=2, business_day=day_of(town.clock()))
    await push(till)
    async with Phone(town) as phone:
        page = await (await phone.sign_in()).says("/points")
        assert "消费贡献值：实付 1,800 元，到店 1 次" in page
        assert "距金卡 1.2倍还差 3,200 元、2 次" in page
        assert "消费贡献值 = " in page
        assert "两项都达到才升级；12 个月以前的不计" in page
