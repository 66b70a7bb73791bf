"""F9 lists the services that were booked at this till, with whom and when, in 24 rows of 80 cells."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal.dialogs.appointment import AskAppointment
from terminal.dialogs.menu import Menu
from terminal.screens.counter import CounterScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.services import ServicesScreen
from tests.desks import grants
from tests.terminal.stage import ONLINE, Stage, make_stage
from tests.terminal.test_later_visits import customer


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The workshop of `tests/later.toml`, online."""
    made = make_stage(tmp_path, language="zh-CN", industry="later", balances={"points": 1_250})
    made.desk.ledger.answer = grants
    async with made.run():
        await made.sign_in("1001")
        await made.go(ONLINE)
        yield made
        assert [row for row in made.rows() if cell_len(row) != 80] == []
    made.close()


async def opened(stage: Stage) -> str:
    """What the list says."""
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    number = next(row.split("预约的服务")[0].split()[-1] for row in stage.rows() if "预约的服务" in row)
    await stage.press(number)
    await stage.until(lambda: stage.shows(ServicesScreen))
    await stage.settle()
    said = stage.said()
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    return said


async def redeem(stage: Stage, number: str) -> None:
    """The reward with this number, once its appointment is typed where it wants one."""
    await stage.press("{f2}" + number)
    await stage.until(lambda: stage.shows(DisclosureScreen, AskAppointment))
    if stage.shows(AskAppointment):
        await stage.press("9-15 14:30 1023\n")
        await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(CounterScreen))


async def test_booked_and_then_done(stage: Stage) -> None:
    """Nobody ticks it off: the voucher does, and the member who shows his phone confirms it."""
    assert "没有待完成的预约" in await opened(stage)
    await customer(stage)
    await redeem(stage, number_of(stage, "预约设计咨询"))
    listed = await opened(stage)
    assert "14:30 张*丰 设计咨询 王芳 1023 待到店" in listed
    assert "用券即为完成" in listed
    await customer(stage, b"87654321")
    await redeem(stage, number_of(stage, "设计咨询 "))
    assert "14:30 张*丰 设计咨询 王芳 1023 已完成，会员确认" in await opened(stage)


def number_of(stage: Stage, reward: str) -> str:
    """By the till's own list: the panel shows only some."""
    quoted = stage.counter.quote(stage.app.work.draft) if stage.app.work else None
    assert quoted is not None
    names = [f"{offer.disclosure.name.zh} " for offer in quoted.offers]
    return str(next(place for place, name in enumerate(names, start=1) if name.startswith(reward)))


async def test_a_store_without_such_services_has_no_such_entry(tmp_path: Path) -> None:
    """A supermarket."""
    made = make_stage(tmp_path, language="zh-CN")
    async with made.run():
        await made.sign_in("1001")
        await made.press("{f9}")
        await made.until(lambda: made.shows(Menu))
        assert "预约" not in made.said()
    made.close()
