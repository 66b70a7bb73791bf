"""What stands before every page: forms of other sites, headers, limits, hostile words; and tills never wait for it."""

from __future__ import annotations

import asyncio
import re
import threading

import httpx
import pytest
from sqlalchemy import text

from ledger.openapi import document
from ledger.pages import inside
from ledger.pages.account import Account, account_of
from ledger.pages.routes import PAGES
from ledger.problems import TooOftenError
from ledger.rates import MAX_NAMES, RateLimit
from ledger.service import PAGES_AT_ONCE, VISIT_BURST
from protocol.ids import bucket_of
from tests.ledger_pages.phones import PAGE, Phone, link, words
from tests.ledger_service.test_proofs import reason, request
from tests.ledger_service.town import MEMBER, PIN, Town

INSIDE = ("/", "/points", "/history", "/rewards", "/vouchers", "/green", "/me")
MAX_PAGE_BYTES = 50_000


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"origin": PAGE}, True),
        ({"origin": PAGE.upper()}, True),
        ({"sec-fetch-site": "cross-site", "origin": PAGE}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://p.example.com.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"user-agent": "who says nothing"}, False),
    ],
)
async def test_a_form_of_another_site_does_nothing(sqlite_town: Town, headers: dict[str, str], is_ours: bool) -> None:
    """By what the browser says of where the form came from, for every route that takes one."""
    async with Phone(sqlite_town) as phone:
        opened = await phone.post(link(sqlite_town), None, **headers)
        assert opened.status_code == (303 if is_ours else 403)
        await phone.sign_in()
        for path in ("/me/consent", "/A/AAAA", "/me/sign-out"):
            answer = await phone.post(path, {"purpose": "name", "given": "no", "which": "all"}, **headers)
            assert (answer.status_code == 403) != is_ours
        assert (await phone.get("/")).status_code == (401 if is_ours else 200)


async def test_every_answer_says_what_a_browser_may_do(sqlite_town: Town) -> None:
    """No script of others, no frame, no cache, no referrer to anybody else; inside, outside, and where something is wrong."""
    async with Phone(sqlite_town) as phone:
        outside = [await phone.get(path) for path in ("/", "/l/ABC", "/A/ABC", "/static/none")]
        await phone.sign_in()
        pages = [await phone.get(path) for path in (*INSIDE, "/code.svg", "/green.json", "/me/data.json", "/A/ABC")]
        for answer in [*outside, *pages, await phone.post("/me/sign-out", origin="https://evil.example")]:
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "server" not in answer.headers


async def test_pages_load_nothing_from_elsewhere_and_little(sqlite_town: Town) -> None:
    """No address leaves the host, no style or script stands in the page, and page with all it loads is below 50 kB."""
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        for path in (*INSIDE, "/A/ABC"):
            page = await phone.get(path)
            assert not re.search(r"style=|<style|<script(?! src=\"/)|\son\w+=|javascript:", page.text)
            assert not re.search(r"(?:src|href|action)=\"(?!/|\?)", page.text)
            files = set(re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", page.text))
            assert len(files) >= 2
            loaded = [await phone.get(file) for file in files]
            assert all("immutable" in one.headers["cache-control"] for one in loaded)
            assert sum(len(one.content) for one in (page, *loaded)) < MAX_PAGE_BYTES


async def test_hostile_names_are_shown_harmless(sqlite_town: Town) -> None:
    """Markup is text; what turns, hides or obeys is gone, whoever wrote it into the books."""
    hostile = "<script>alert(1)</script>\u202e\x1b[2J\u200b{{7*7}}\"'>"
    with sqlite_town.database.write() as connection:
        for statement in (
            "UPDATE member SET name = :hostile WHERE member = '1000000001'",
            "UPDATE store SET name = :hostile",
            "UPDATE merchant SET name = :hostile",
        ):
            connection.execute(text(statement), {"hostile": hostile})
        connection.execute(
            text("UPDATE entry SET store = 'zhongshan' WHERE bucket = :bucket"), {"bucket": bucket_of(MEMBER)}
        )
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        for path in INSIDE:
            page = await phone.get(path)
            assert "<script>" not in page.text
            assert not set(page.text) & {"\u202e", "\x1b", "\u200b"}
        for path in ("/", "/history", "/rewards"):
            assert "<script>alert(1)</script>[2J{{7*7}}\"'>" in words_kept(await phone.get(path))


def words_kept(answer: httpx.Response) -> str:
    """As a person reads it, markup that is text included."""
    import html

    return html.unescape(answer.text)


async def test_who_asks_too_often_waits(sqlite_town: Town) -> None:
    """Each phone for itself, and each address where nobody is signed in."""
    async with Phone(sqlite_town) as phone, Phone(sqlite_town) as other:
        await phone.sign_in()
        answers = [await phone.get("/code.svg") for _ in range(VISIT_BURST + 1)]
        assert [answer.status_code for answer in answers] == [200] * VISIT_BURST + [429]
        assert answers[-1].headers["retry-after"]
        assert "操作太频繁" in words(answers[-1])
        await other.sign_in()
        assert (await other.get("/")).status_code == 200
        sqlite_town.clock.now_us += 2_000_000
        assert (await phone.get("/")).status_code == 200
        guesses = [(await other.post("/l/" + "A" * 29)).status_code for _ in range(VISIT_BURST + 1)]
        assert guesses[-1] == 429


def test_names_from_outside_do_not_fill_the_memory() -> None:
    """A hundred thousand addresses, and the one that was stopped a moment ago is still stopped."""
    limit = RateLimit(1, 1_000_000)
    for number in range(100_000):
        limit.take(f"address {number}", number)
    with pytest.raises(TooOftenError):
        limit.take("address 99999", 100_000)
    assert len(limit._buckets) <= MAX_NAMES


async def test_a_long_form_is_refused(sqlite_town: Town) -> None:
    """Ours are short."""
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        assert (await phone.post("/me/consent", {"purpose": "x" * 5_000})).status_code == 403


async def test_a_crowd_of_phones_never_delays_a_till(sqlite_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty pages hang in the books; a reservation is granted meanwhile."""
    go_on, waiting = threading.Event(), threading.Semaphore(0)

    def hangs(connection: object, member: str) -> Account:
        waiting.release()
        assert go_on.wait(30)
        return account_of(connection, member)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(inside, "account_of", hangs)
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        crowd = [asyncio.create_task(phone.get("/")) for _ in range(40)]
        for _ in range(PAGES_AT_ONCE):
            assert await asyncio.to_thread(waiting.acquire, timeout=30)
        try:
            assert await reason(sqlite_town.till(), request(sqlite_town, "pin", PIN, 10)) == "granted"
            assert not any(task.done() for task in crowd)
        finally:
            go_on.set()
        assert {answer.status_code for answer in await asyncio.gather(*crowd)} == {200}


def test_tills_are_told_of_no_page() -> None:
    """Their document describes what is for them: the link, and nothing behind it."""
    described = document()["paths"]
    assert "/v1/member-link" in described
    assert not described.keys() & {route.path for route in PAGES}


@pytest.mark.parametrize(
    ("accepts", "says"),
    [
        ("", "还没有登录"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "还没有登录"),
        ("en-GB,en;q=0.9", "You are not signed in"),
        ("fr,en;q=0.5,zh;q=0.4", "You are not signed in"),
        ("fr-FR", "还没有登录"),
        ("en;q=nonsense, zh", "还没有登录"),
    ],
)
async def test_the_language_of_the_browser(sqlite_town: Town, accepts: str, says: str) -> None:
    """Chinese unless it prefers English."""
    async with Phone(sqlite_town, language=accepts) as phone:
        assert says in await phone.says("/")


async def test_the_switch_stays(sqlite_town: Town) -> None:
    """Chosen once, on any page; nonsense chooses nothing."""
    async with Phone(sqlite_town) as phone:
        await phone.sign_in()
        assert "Show this at the till" in await phone.says("/?lang=en")
        assert "History" in await phone.says("/history")
        assert "明细" in await phone.says("/history?lang=zh-CN")
        assert "明细" in await phone.says("/history?lang=<script>")
