"""What the store's pages say: the day, its tills, what was taken back; each as a file too; and who read it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest

from ledger.acts import acts
from ledger.store_pages.menu import ENTRIES
from tests.ledger_pages.office import MANAGER, SUPERVISOR, Office, beats, employ, today, trade
from tests.ledger_service.town import OTHER_STORE, Town

MAX_PAGE_BYTES = 50_000


@pytest.fixture
async def office(sqlite_town: Town) -> AsyncIterator[Office]:
    """A manager's, with a day behind the store, a second till, and one of another merchant that sold too."""
    employ(sqlite_town)
    first, second, other = sqlite_town.till(), sqlite_town.till(), sqlite_town.till(OTHER_STORE)
    await trade(sqlite_town, first)
    beats(sqlite_town, first)
    beats(
        sqlite_town,
        second,
        entries=3,
        waiting=3,
        waiting_fen=823_000,
        cache_as_of=sqlite_town.clock() - 7_200_000_000,
    )
    other.sell(due_fen=7_777_700, gross_fen=7_777_700, by="5001", business_day=today(sqlite_town))
    await other.ask("POST", "/v1/push", other.batch())
    async with Office(sqlite_town) as made:
        yield await made.sign_in_as(MANAGER)


async def lines(office: Office, name: str) -> list[list[str]]:
    """Of a file."""
    answer = await office.get(f"/store/{name}")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_the_day_of_the_store(office: Office) -> None:
    """As `till-ledger report day` says it, the tender line first, beside the week before; no word of another store."""
    page = await office.says("/store/day")
    assert "中山路店 刘洋 (3001)" in page
    assert "积分抵扣 20.00 0.00 笔数 3 1" in page
    assert "167.50" in page
    assert "77,777" not in page
    assert "5001" not in page
    told = await lines(office, "day.csv")
    assert told[:2] == [["金额", "", "当日", "上周同日"], ["金额", "积分抵扣", "20.00", "0.00"]]


async def test_another_day_and_no_day(office: Office) -> None:
    """Days before are kept; nobody sees tomorrow, and nonsense is today."""
    week = "/store/day?day=2026-11-15"
    assert "10.00" in await office.says(week)
    assert "没有" in await office.says("/store/changes?day=2020-01-01")
    for nonsense in ("2099-01-01", "yesterday", "2026-02-30"):
        assert today(office.town) in await office.says(f"/store/day?day={nonsense}")


async def test_its_tills_those_first_that_need_somebody(office: Office) -> None:
    """Age, what waits there in entries and money, the rehearsal, and what to do."""
    told = await lines(office, "tills.csv")
    assert told[0][3:5] == ["待上传笔数", "待上传金额"]
    assert [(row[3], row[4]) for row in told[1:]] == [("3", "¥8,230.00"), ("0", "¥0.00")]
    assert told[1][5] == "2小时"
    assert "没做过" in told[1][6]


async def test_what_was_taken_back(office: Office) -> None:
    """Each void and refund, by whom, of which sale, and what became of the points; counted by who did it."""
    told = await lines(office, "changes.csv")
    assert told[1] == ["谁做了几笔", "1023", "1", "1"]
    void, refund = told[3], told[5]
    assert (void[0], void[3:7]) == ("撤销", ["1023", "1000000001", "10.00", "消费积分 -10"])
    assert (refund[0], refund[3:7]) == ("退货", ["1023", "1000000001", "9.00", "消费积分 -4"])
    assert refund[7].endswith("1023")


async def test_what_was_approved(office: Office) -> None:
    """Who allowed how many, how many of them himself; and each, with the cashier and why. Nobody's number is on it."""
    told = await lines(office, "approvals.csv")
    assert told[1] == ["谁授权", "2001", "1", "0", "0"]
    assert told[3][3:] == ["超时撤销", "0", "2001 密码授权", "1023", "收银员录错"]
    page = await office.says("/store/approvals")
    assert "收银员录错" in page
    assert "1000000001" not in page


async def test_who_reads_what_members_did_is_written_down(office: Office) -> None:
    """Who, which page, which store, when: an act, chained to the one before; a page of sums is none."""
    for path in ("/store/day", "/store/tills", "/store/changes", "/store/changes.csv?day=2026-11-20"):
        await office.get(path)
    with office.town.database.read() as connection:
        read = [deed for deed, _hash in acts(connection) if deed.what == "store-page-read"]
    assert [(deed.by, deed.facts) for deed in read] == [
        ("3001@zhongshan", {"store": "zhongshan", "page": "changes"}),
        ("3001@zhongshan", {"store": "zhongshan", "page": "changes", "day": "2026-11-20"}),
    ]


async def test_a_page_that_is_not_his_is_refused_with_a_sentence(office: Office) -> None:
    """Each role has what its menu shows, no more."""
    await office.sign_in_as(SUPERVISOR)
    for entry in ENTRIES:
        page = await office.get(entry.path)
        assert page.status_code == (200 if "supervisor" in entry.roles else 403)
        assert (f'href="{entry.path}"' in page.text) == ("supervisor" in entry.roles)


async def test_pages_are_small_safe_and_alone(office: Office) -> None:
    """No script, no style in the page, nothing from elsewhere, nothing kept; in English too."""
    for entry in ENTRIES:
        for language in ("zh-CN", "en"):
            page = await office.get(f"{entry.path}?lang={language}")
            assert not re.search(r"style=|<style|<script|\son\w+=|javascript:", page.text)
            assert not re.search(r"(?:src|href|action)=\"(?!/|\?)", page.text)
            assert "default-src 'none'" in page.headers["content-security-policy"]
            assert page.headers["cache-control"] == "no-store"
            assert len(page.content) < MAX_PAGE_BYTES
            assert ("中文" in page.text) == (language == "en")
