"""A phone is signed in by a link that works once, and stays so until its session ends."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from ledger import members
from ledger.chores import do_chores
from ledger.merging import merge
from ledger.sessions import SESSION_DAYS
from protocol.ids import bucket_of, new_id
from protocol.member_links import LINK_LIVES_US, MemberLink
from protocol.reservations import Refused
from tests.ledger_pages.phones import Phone, ask_link, code_of, link, path_of, words
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, OTHER_STORE, PIN, Town

DAY_US = 86_400_000_000


async def test_a_pin_at_a_till_opens_the_page(town: Town) -> None:
    """The till asks with the member's PIN, the phone opens what the till shows."""
    made = await ask_link(town.till(), "pin", PIN)
    assert isinstance(made, MemberLink)
    assert len(made.address) <= 90  # QR version 4, level M, alphanumerics
    assert made.ends_at == town.clock() + LINK_LIVES_US
    async with Phone(town) as phone:
        assert "打开我的会员页" in await phone.says(path_of(made))
        assert (await phone.post(path_of(made))).headers["location"] == "/"
        assert "张*丰" in await phone.says("/")


@pytest.mark.parametrize(
    ("proof", "evidence", "member", "reason"),
    [
        ("static", "", MEMBER, "proof-missing"),
        ("authorisation", "", MEMBER, "proof-missing"),
        ("pin", "9999", MEMBER, "pin-wrong"),
        ("pin", PIN, OTHER_MEMBER, "pin-not-set"),
        ("dynamic", "D1:ABC", MEMBER, "proof-wrong"),
        ("pin", PIN, "1999999999", "unknown-member"),
    ],
)
async def test_without_his_own_proof_there_is_no_link(
    sqlite_town: Town, proof: str, evidence: str, member: str, reason: str
) -> None:
    """As for a reservation; what a static code may redeem elsewhere changes nothing."""
    refused = await ask_link(sqlite_town.till(), proof, evidence, member=member)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


async def test_a_dynamic_code_gets_one_link(sqlite_town: Town) -> None:
    """It belongs to the first id that it came with."""
    till, shown = sqlite_town.till(), code_of(sqlite_town)
    identity = new_id(sqlite_town.clock() // 1_000, bucket_of(MEMBER), 7)
    assert isinstance(await ask_link(till, "dynamic", shown, id=identity), MemberLink)
    refused = await ask_link(till, "dynamic", shown)
    assert isinstance(refused, Refused)
    assert refused.reason == "nonce-used"


async def test_a_blocked_member_gets_no_link(sqlite_town: Town) -> None:
    """The right PIN does not help him."""
    members.set_status(sqlite_town.database, MEMBER, "blocked")
    refused = await ask_link(sqlite_town.till(), "pin", PIN)
    assert isinstance(refused, Refused)
    assert refused.reason == "member-blocked"


async def test_a_store_without_a_page_says_so(sqlite_town: Town) -> None:
    """Signed, so that the till can tell."""
    asked = sqlite_town.till(OTHER_STORE)
    with pytest.raises(AssertionError, match="no-member-page"):
        await ask_link(asked, "pin", PIN)


async def test_a_preview_uses_nothing_up_and_a_person_once(town: Town) -> None:
    """A chat fetches the link as often as it likes, told nobody's name; the button works once."""
    path = link(town)
    async with Phone(town) as chat, Phone(town) as phone, Phone(town) as thief:
        for _ in range(3):
            assert "张*丰" not in await chat.says(path)
            assert "set-cookie" not in (await chat.client.head(path)).headers
        assert (await phone.post(path.lower())).status_code == 303
        answer = await thief.post(path)
        assert answer.status_code == 401
        assert "链接已经用过" in words(answer)


async def test_a_link_lives_ten_minutes_and_until_the_next(sqlite_town: Town) -> None:
    """One open link a member."""
    async with Phone(sqlite_town) as phone:
        first, second = link(sqlite_town), link(sqlite_town)
        assert (await phone.post(first)).status_code == 401
        sqlite_town.clock.now_us += LINK_LIVES_US
        assert (await phone.post(second)).status_code == 401
        for nonsense in ("/l/", "/l/ABC", "/L/" + "A" * 29, "/l/%ff%00", "/L/" + "7" * 29):
            assert (await phone.post(nonsense)).status_code in (401, 404)


async def test_the_cookie_is_kept_from_scripts_and_other_sites(sqlite_town: Town) -> None:
    """HttpOnly, SameSite; Secure and bound to this one host where there is TLS. The books hold a hash."""
    async with Phone(sqlite_town) as phone, Phone(sqlite_town, "http://192.168.1.7:8710") as plain:
        secure = (await phone.post(link(sqlite_town))).headers["set-cookie"]
        name, _, rest = secure.partition("=")
        secret = rest.partition(";")[0]
        assert name == "__Host-till"
        flags = {flag.strip().lower() for flag in rest.split(";")[1:]}
        assert flags == {"httponly", "samesite=lax", "secure", "path=/", f"max-age={SESSION_DAYS * 86_400}"}
        shown = (await plain.post(link(sqlite_town))).headers["set-cookie"]
        assert shown.startswith("till=")
        assert "httponly" in shown.lower()
        assert "secure" not in shown.lower()
    with sqlite_town.database.read() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]  # it is there
    assert "page_session" in dump
    assert secret not in dump


async def test_a_session_ends_by_its_time(sqlite_town: Town) -> None:
    """180 days; what has ended is forgotten."""
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        sqlite_town.clock.now_us += SESSION_DAYS * DAY_US - 1
        assert (await phone.get("/")).status_code == 200
        sqlite_town.clock.now_us += 1
        assert (await phone.get("/")).status_code == 401
        link(sqlite_town)
        do_chores(sqlite_town.database, sqlite_town.keys, sqlite_town.clock() + LINK_LIVES_US)
    with sqlite_town.database.read() as connection:
        for table in ("page_session", "page_link"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0


@pytest.mark.parametrize(("status", "says"), [("blocked", "您的账户已被冻结"), ("revoked", "这个账户已经注销")])
async def test_a_blocked_member_is_told_so(town: Town, status: str, says: str) -> None:
    """Every phone, at once, and for good: unblocked he needs a new link. An open link ends too."""
    async with Phone(town) as phone, Phone(town) as second:
        await phone.sign_in()
        await second.sign_in()
        path = link(town)
        members.set_status(town.database, MEMBER, status)  # type: ignore[arg-type]  # one of them
        for one in (phone, second):
            answer = await one.get("/")
            assert answer.status_code == 401
            assert says in words(answer)
            assert (await one.get("/code.svg")).status_code == 401
            assert (await one.get("/me/data.json")).status_code == 401
        assert (await phone.post(path)).status_code == 401
        if status == "blocked":
            members.set_status(town.database, MEMBER, "active")
            assert (await phone.get("/")).status_code == 401


async def test_signed_out_here_or_everywhere(town: Town) -> None:
    """One phone, then all of them; another member's stays."""
    async with Phone(town) as one, Phone(town) as two, Phone(town) as three, Phone(town) as other:
        for phone in (one, two, three):
            await phone.sign_in()
        await other.sign_in(OTHER_MEMBER)
        assert "已登录的手机：3 部" in await one.says("/me")
        await one.post("/me/sign-out", {"which": "this"})
        assert "还没有登录" in await one.says("/")
        assert "已登录的手机：2 部" in await two.says("/me")
        await two.post("/me/sign-out", {"which": "all"})
        assert "这部手机已退出" in await three.says("/")
        assert (await other.get("/")).status_code == 200


async def test_the_secret_is_worth_nothing_after_signing_out(sqlite_town: Town) -> None:
    """A copy of the cookie too."""
    async with Phone(sqlite_town) as phone, Phone(sqlite_town) as copy:
        await phone.sign_in()
        copy.client.cookies.update(phone.client.cookies)
        assert (await copy.get("/")).status_code == 200
        await phone.post("/me/sign-out", {"which": "this"})
        assert (await copy.get("/")).status_code == 401


async def test_a_merged_member_stays_signed_in_as_who_he_is(town: Town) -> None:
    """The old number's phone shows the new account, and one sign-out ends both's."""
    async with Phone(town) as old, Phone(town) as new:
        await old.sign_in(MEMBER)
        await new.sign_in(OTHER_MEMBER)
        merge(town.database, MEMBER, OTHER_MEMBER, town.clock())
        page = await old.says("/")
        assert f"会员号 {OTHER_MEMBER}" in page
        assert "1,000" in page
        assert "旧卡并入" in await new.says("/history")
        assert f"用旧卡 {MEMBER}" in await new.says("/history")
        await new.post("/me/sign-out", {"which": "all"})
        assert (await old.get("/")).status_code == 401


async def test_a_new_link_on_the_same_phone_ends_the_former_session(sqlite_town: Town) -> None:
    """A phone has one."""
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        before = httpx.Cookies(phone.client.cookies)
        await phone.sign_in(OTHER_MEMBER)
        assert "李*" in await phone.says("/")
        phone.client.cookies = before
        assert (await phone.get("/")).status_code == 401
