"""Who gets into the store's pages, how long, and what stands before every form."""

from __future__ import annotations

import pytest

from ledger.operators import LOCKED_US, TRIES
from ledger.staff_sessions import IDLE_US, SESSION_US, forget_staff_sessions
from protocol.pins import hash_pin
from tests.ledger_pages.office import CASHIER, MANAGER, OPERATOR, PIN, SUPERVISOR, Office, employ
from tests.ledger_pages.phones import words
from tests.ledger_service.town import OTHER_STORE, STORE, Town


@pytest.mark.parametrize("staff", [SUPERVISOR, MANAGER, OPERATOR])
async def test_who_runs_the_store_sees_it(sqlite_town: Town, staff: str) -> None:
    """By store, number and PIN; the cookie is a session's, hidden from scripts and from other sites."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        answer = await office.try_to_sign_in(staff)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-till-staff=")
        assert {"HttpOnly", "SameSite=strict", "Secure", "Path=/"} <= set(cookie.split("; "))
        assert "Max-Age" not in cookie
        assert "日结单" in await office.says("/store/day")


async def test_a_cashier_is_told_whom_to_ask(sqlite_town: Town) -> None:
    """With a sentence; nothing is shown to him, and nobody without a session sees a page."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        refused = await office.try_to_sign_in(CASHIER)
        assert refused.status_code == 403
        assert "给收银主管和店长看" in words(refused)
        for path in ("/store", "/store/day", "/store/tills.csv"):
            page = await office.get(path)
            assert page.status_code == 401
            assert "中山路店" not in page.text


async def test_nobody_is_told_who_works_there(town: Town) -> None:
    """A wrong PIN, a number that nobody has and a store that is none answer alike, and are all locked after five."""
    employ(town)
    async with Office(town) as office:
        said = set()
        for staff, store in ((MANAGER, STORE), ("7777", STORE), (MANAGER, "nowhere")):
            for _ in range(TRIES):
                answer = await office.try_to_sign_in(staff, "0000", store)
                assert answer.status_code == 403
            said.add((await office.try_to_sign_in(staff, PIN, store)).status_code)
            town.clock.now_us += 10_000_000
        assert said == {429}
        town.clock.now_us += LOCKED_US
        assert (await office.try_to_sign_in(MANAGER)).status_code == 303


async def test_a_right_pin_counts_from_the_start_again(sqlite_town: Town) -> None:
    """Four wrong ones, the right one, four wrong ones, and nobody is locked."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        for _ in range(2):
            for _wrong in range(TRIES - 1):
                await office.try_to_sign_in(MANAGER, "0000")
            assert (await office.try_to_sign_in(MANAGER)).status_code == 303


@pytest.mark.parametrize("change", ["idle", "time", "left", "pin"])
async def test_a_session_ends(sqlite_town: Town, change: str) -> None:
    """By half an hour without use, by twelve hours, by leaving the store, by a new PIN."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        await office.sign_in_as(MANAGER)
        if change == "idle":
            sqlite_town.clock.now_us += IDLE_US
        elif change == "time":
            for _ in range(SESSION_US // (IDLE_US - 1)):
                sqlite_town.clock.now_us += IDLE_US - 1
                assert (await office.get("/store/tills")).status_code == 200
            sqlite_town.clock.now_us += IDLE_US - 1
        elif change == "left":
            employ(sqlite_town, without=MANAGER)
        else:
            employ(sqlite_town, pin_hash=hash_pin("9999"))
        page = await office.get("/store/day")
        assert page.status_code == 401
        assert "已自动退出" in words(page)
        forget_staff_sessions(sqlite_town.database, sqlite_town.clock() + SESSION_US)
        with sqlite_town.database.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM staff_session").scalar() == 0


async def test_every_form_carries_its_token(sqlite_town: Town) -> None:
    """Without it, or from another site, nothing happens; with it he is signed out."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        await office.sign_in_as(MANAGER)
        assert (await office.post("/store/sign-out")).status_code == 403
        assert (await office.post("/store/sign-out", {"token": "0" * 64})).status_code == 403
        foreign = await office.post("/store/sign-out", {"token": office.token}, sec_fetch_site="cross-site")
        assert foreign.status_code == 403
        assert (await office.get("/store/day")).status_code == 200
        assert (await office.send("/store/sign-out")).status_code == 303
        assert (await office.get("/store/day")).status_code == 401
        assert (await office.try_to_sign_in(MANAGER, sec_fetch_site="cross-site")).status_code == 403


async def test_another_store_is_an_operators_alone(sqlite_town: Town) -> None:
    """Of his own merchant: another merchant's store nobody sees."""
    employ(sqlite_town)
    async with Office(sqlite_town) as office:
        for staff in (MANAGER, OPERATOR):
            await office.sign_in_as(staff)
            refused = await office.send("/store/choose", store=OTHER_STORE)
            assert refused.status_code == 403
            assert "只能看自己的门店" in words(refused)
            assert "中山路店" in await office.says("/store/day")
        sister(sqlite_town)
        chosen = await office.send("/store/choose", store="renmin")
        assert chosen.status_code == 303
        assert 'value="renmin" selected' in (await office.get("/store/day")).text
        await office.sign_in_as(MANAGER)
        assert (await office.send("/store/choose", store="renmin")).status_code == 403


def sister(town: Town) -> None:
    """A second store of the merchant."""
    import msgspec

    from ledger import documents, rows
    from ledger.schema import Store
    from protocol.documents import StoreSettings

    with town.database.write() as connection:
        known = documents.newest(connection, "store", STORE, StoreSettings)
        assert known is not None
        rows.insert(connection, Store, [("renmin", known.merchant, "人民路店")])
        settings = msgspec.structs.replace(known, store="renmin", name="人民路店")
        documents.publish_store(connection, town.keys, settings, town.clock())
