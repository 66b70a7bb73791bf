"""What a manager judges in a browser: what waits for a person, patterns and what was decided about them, who grows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any, get_args

import msgspec
import pytest

from config import data
from ledger import documents
from ledger.acts import acts
from ledger.auth import Caller
from ledger.case_words import REASONS
from ledger.tutorials import keep
from ledger.withdrawing import set_consent
from protocol.business_days import Calendar
from protocol.documents import Staff
from protocol.entries import Void
from protocol.ids import bucket_of, new_id
from protocol.push import Reason
from protocol.tutorials import TutorialPassed
from tests.ledger_pages.office import CASHIER, MANAGER, OPERATOR, SUPERVISOR, Office, employ, today
from tests.ledger_pages.phones import words
from tests.ledger_pages.test_store_pages import lines
from tests.ledger_service.town import MEMBER, OTHER_MEMBER, STORE, SigningTill, Town

KEY = f"own-account:qingsui:{STORE}/{CASHIER}"


@pytest.fixture
async def office(sqlite_town: Town) -> AsyncIterator[Office]:
    """A manager's. The cashier made a sale for his own number, and one by rules that nobody published."""
    employ(sqlite_town)
    with sqlite_town.database.write() as connection:
        known = documents.newest(connection, "staff", STORE, Staff)
        assert known is not None
        people = [
            msgspec.structs.replace(one, member=OTHER_MEMBER if one.staff == CASHIER else "") for one in known.staff
        ]
        documents.publish_staff(
            connection, sqlite_town.keys, Staff(store=STORE, staff=tuple(people)), sqlite_town.clock()
        )
    till = sqlite_town.till()
    till.sell(OTHER_MEMBER, by=CASHIER, business_day=today(sqlite_town))
    till.sell(by=CASHIER, business_day=today(sqlite_town), programme_version=99)
    await push(till)
    async with Office(sqlite_town) as made:
        yield await made.sign_in_as(MANAGER)


async def push(till: SigningTill) -> None:
    heard = await till.ask("POST", "/v1/push", till.batch())
    assert heard.status == 200, heard.body


async def test_what_waits_for_a_person(office: Office) -> None:
    """Why, since when, which entry, what of it is booked; nothing where nothing waits is another store's business."""
    told = await lines(office, "waiting.csv")
    assert told[1] == ["待处理，按原因", "所用积分规则没有发布过", "1"]
    assert (told[3][0], told[3][2:]) == (
        "待处理",
        ["zhongshan-01", "2", "所用积分规则没有发布过", "0", "没有"],
    )
    assert "请在收银机上处理" in await office.says("/store/waiting")


def test_every_reason_has_its_words() -> None:
    """A manager is never shown a code, and no page breaks over a new one."""
    assert REASONS.keys() == {*get_args(Reason), "shortfall"} - {""}


async def test_a_pattern_is_decided_by_who_may(office: Office) -> None:
    """With a sentence and its evidence; the decision is an act, in his name, and is shown to the next one."""
    page = await office.says("/store/patterns")
    assert f"{STORE}/{CASHIER}" in page
    assert "zhongshan-01 1" in page
    assert (await office.send("/store/patterns", key=KEY, state="cleared", why="  ")).status_code == 400
    assert (
        await office.send("/store/patterns", key="own-account:qingsui:nobody", state="cleared", why="x")
    ).status_code == 404
    assert (await office.post("/store/patterns", {"key": KEY, "state": "cleared", "why": "x"})).status_code == 403
    assert (await office.send("/store/patterns", key=KEY, state="watched", why="店长已谈话\u202e")).status_code == 303
    with office.town.database.read() as connection:
        (deed,) = [deed for deed, _hash in acts(connection, "abuse-decided")]
    assert (deed.by, deed.facts) == (
        f"{MANAGER}@{STORE}", {"finding": KEY, "state": "watched", "why": "店长已谈话", "times": 1}
    )  # fmt: skip
    assert "3001@zhongshan: 店长已谈话" in await office.says("/store/patterns")
    await office.sign_in_as(SUPERVISOR)
    refused = await office.send("/store/patterns", key=KEY, state="cleared", why="x")
    assert refused.status_code == 403
    assert "只给店长看" in words(refused)


async def test_what_goes_over_two_stores_is_the_operators(office: Office) -> None:
    """A manager is told nothing that counts another store's sales in."""
    from tests.ledger_pages.test_store_sign_in import sister

    sister(office.town)
    for number, till in enumerate((office.town.till("renmin"), office.town.till())):
        named: dict[str, Any] = {"store": till.store, "business_day": today(office.town)}
        sales = [till.sell(due_fen=50_000, gross_fen=50_000, **named) for _ in range(3)]
        for place, sale in enumerate(sales):
            voids = new_id(sale.occurred_at // 1_000, bucket_of(MEMBER), 10 * number + place)
            till.append(
                Void(id=voids, occurred_at=sale.occurred_at, clock=sale.clock, member=MEMBER, voids=sale.id, **named)
            )
        await push(till)
    assert "refunds:qingsui" not in (await office.get("/store/patterns")).text
    await office.sign_in_as(OPERATOR)
    assert f"refunds:qingsui:{MEMBER}" in (await office.get("/store/patterns")).text


async def test_who_has_passed_the_tutorial(office: Office) -> None:
    """Who has not stands first; whoever does not sell is not asked to."""
    town, till = office.town, office.town.till()
    with town.database.write() as connection:
        caller = Caller(terminal=till.terminal, store=STORE, status="active")
        told = TutorialPassed(staff=CASHIER, passed_at=town.clock(), tasks=12, attempts=14, seconds=171)
        keep(connection, town.keys, caller, told, town.clock())
    told_lines = await lines(office, "learning.csv")
    assert [line[1] for line in told_lines[1:]] == ["陈静 (2001)", "刘洋 (3001)", "王芳 (1023)"]
    assert told_lines[1][0] == "3 人中 1 人已通过"
    assert told_lines[1][2] == "还没有"
    assert told_lines[3][3:] == ["14 / 12", "171", till.terminal]


def count_visits(town: Town) -> None:
    """A version of the rules in which gold comes by itself: until then no visits are counted."""
    rules = (data("programmes") / "supermarket.toml").read_text(encoding="utf-8")
    rules = rules.replace("version = 1\n", "version = 2\n", 1).replace(
        "[[tier]]\n", "[tier_window]\nmonths = 12\n\n[[tier]]\n", 1
    )
    rules = rules.replace('multiplier = "1.2"\n', 'multiplier = "1.2"\nfrom_visits = 20\n', 1)
    with town.database.write() as connection:
        documents.publish_programme(connection, town.keys, rules.encode(), "rules", town.clock())


async def test_who_grows_and_why(office: Office) -> None:
    """Only who agreed; with the figures, and his number alone."""
    count_visits(office.town)
    set_consent(office.town.database, MEMBER, "personal", office.town.clock(), is_given=True)
    till, now_us = office.town.till(), office.town.clock()
    day = Calendar().day(now_us)
    before = (day.replace(day=1) - timedelta(days=40)).isoformat()
    for one in (before, *[day.isoformat()] * 3):
        for member in (MEMBER, OTHER_MEMBER):
            till.sell(member, business_day=one, due_fen=5_000, programme_version=2)
    await push(till)
    told = await lines(office, "growing.csv")
    assert len(told) == 2
    assert told[1][1:4] == [MEMBER, "9", "3"]
    assert told[1][0] == f"{day.isoformat()[:7]}，与前 3 个月相比"
    assert date.fromisoformat(before) < day
