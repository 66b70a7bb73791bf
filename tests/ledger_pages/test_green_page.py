"""A member's green report on his phone: this year, all time, and the file that others check."""

from __future__ import annotations

from typing import Any

import pytest

from config import data
from ledger.coalition import load_coalition
from protocol.entries import Award, Redemption
from protocol.green import GreenReport, read_report
from tests.ledger_pages.phones import Phone, words
from tests.ledger_pages.test_pages import push
from tests.ledger_service.town import MEMBER, Town

GREEN = """
name = "镇上"
[[merchant]]
id = "lvya"
name = "绿芽家居"
programme = "green-home.toml"
[[store]]
id = "lvya-1"
merchant = "lvya"
name = "建设路店"
industry = "green-home"
"""


@pytest.fixture
async def green_town(town: Town) -> Town:
    """Two lamps last year, a shower head and a questionnaire this year; 50 of the points were used."""
    programmes = {"green-home.toml": (data("programmes") / "green-home.toml").read_bytes()}
    load_coalition(town.database, town.keys, GREEN.encode(), programmes, town.clock())
    till = town.till("lvya-1")
    by: dict[str, Any] = {"programme": "lvya-home", "sums_fen": {"lighting": 59_80, "water": 129_00}}
    seeds = Redemption(reward="seeds", kind="green", points=50, off_bill_fen=0, authority="online", proof="static")
    ends = "2028-12-31"
    till.sell(
        units={"kwh-year/lighting": 60}, awards=(Award(kind="green", points=60, expires_on=ends),),
        business_day="2025-12-31", **by,
    )  # fmt: skip
    till.sell(
        units={"litres-year/water": 8_050}, awards=(Award(kind="green", points=130, expires_on=ends),),
        activities=("green-questionnaire",), **by,
    )  # fmt: skip
    till.sell(awards=(), redemptions=(seeds,), **by)
    await push(till)
    return town


async def test_the_page_tells_this_year_and_all_time(green_town: Town) -> None:
    """Earned, used, left; each saving with its factor's source; what he finished, and where. Reached from his own page."""
    async with Phone(green_town) as phone:
        await phone.sign_in()
        assert 'href="/green"' in (await phone.get("/me")).text
        said = await phone.says("/green")
        year, ever = said.split("今年（2026）")[1].split(" 全部 ")
        assert "绿色消费积分 获得 130 已用 50 到期 0 现有 140" in year
        assert "绿色消费积分 获得 190 已用 50 到期 0 现有 140" in ever
        assert "每年节约用水 8,050 升" in year
        assert "kg" not in year
        assert "每年节约用电 60 千瓦时 二氧化碳当量 31.836 kg 来源：生态环境部" in ever
        assert "环保问卷 50分 1 次" in year
        assert "商户: 绿芽家居" in year
        assert green_town.keys.fingerprint in said


async def test_the_page_is_there_in_english_and_for_paper(green_town: Town) -> None:
    """With the words of the programme in English, and a style sheet that leaves buttons and menus off the paper."""
    async with Phone(green_town, language="en") as phone:
        await phone.sign_in()
        said = await phone.says("/green")
        assert "green points Earned 190 Used 50 Ended 0 You have now 140" in said
        assert "electricity saved a year 60 kWh CO2 equivalent 31.836 kg Source: Ministry of Ecology" in said
        page = await phone.get("/green")
        assert len(page.content) < 20_000
        style = (await phone.get(page.text.split('rel="stylesheet" href="')[1].split('"')[0])).text
        assert "nav, footer, .button { display: none; }" in style.split("@media print")[1]


async def test_the_file_is_signed_and_his_own(green_town: Town) -> None:
    """Of a year or of all time; whoever has the fingerprint believes it; nobody gets it who is not signed in."""
    root = green_town.keys.fingerprint
    async with Phone(green_town) as phone:
        assert (await phone.get("/green.json")).status_code != 200
        await phone.sign_in()
        answer = await phone.get("/green.json?year=2026")
        assert f'filename="green-{MEMBER}-2026.json"' in answer.headers["content-disposition"]
        assert answer.headers["cache-control"] == "no-store"
        of_year = read_report(answer.content, root)
        assert (of_year.member, of_year.since, of_year.until) == (MEMBER, "2026-01-01", "2026-12-31")
        assert [(one.attribute, one.amount, one.co2e_g) for one in of_year.attributes] == [("litres-year", 8_050, 0)]
        for query in ("", "?year=all", "?year=20261", "?year=²⁰²⁶"):
            ever: GreenReport = read_report((await phone.get(f"/green.json{query}")).content, root)
            assert (ever.since, ever.until, [one.co2e_g for one in ever.attributes]) == ("", "", [31_836, 0])


async def test_without_a_green_programme_the_page_says_so(town: Town) -> None:
    """And the file is empty, and signed."""
    async with Phone(town) as phone:
        await phone.sign_in()
        assert words(await phone.get("/green")).count("还没有记录。") == 2
        report = read_report((await phone.get("/green.json")).content, town.keys.fingerprint)
        assert report == GreenReport(member=MEMBER, at=town.clock())
