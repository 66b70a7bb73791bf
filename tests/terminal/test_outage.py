"""断网能撑住吗? on the screen: one key, where it is, what came of it and what to do; for who can do something about it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from protocol.outage import OutageReport, OutageReports
from sync.errors import TransientSyncError
from terminal.screens.outage import OutageCode, OutageScreen
from terminal.screens.shift import ShiftScreen
from tests.desks import NOON_US
from tests.terminal.stage import Stage, make_stage
from till.outage.checks import check
from till.outage.keeping import Kept

GOOD = OutageReport(
    terminal="zhongshan-02", terminal_name="02号机", at=NOON_US, by="1001", version="1", result="pass",
    checks=(check("disk", "pass", mb="900", ms=3), check("rehearsal", "pass", n=5, points=60, seconds=1, ms=20)),
)  # fmt: skip
BAD = OutageReport(
    terminal="zhongshan-02", terminal_name="02号机", at=NOON_US, version="1", result="fail",
    checks=(check("disk", "fail", "full", mb=90, least=200), check("rehearsal", "skipped")),
)  # fmt: skip


@dataclass
class Post:
    """`till.outage.post.OutagePost`, in the hands of a test: an examination waits in `rehearsal-sell` until it may go on."""

    found: OutageReport | None = None
    last: Kept | None = None
    asked: list[str] = field(default_factory=list)
    may_go_on: threading.Event = field(default_factory=threading.Event)

    def kept(self) -> Kept | None:
        return self.last

    def examine(self, by: str, _scanner: Any, told: Callable[[str], object]) -> OutageReport:
        self.asked.append(by)
        told("rehearsal-sell")
        assert self.may_go_on.wait(10)
        if self.found is None:
            raise TransientSyncError("dns")
        return self.found

    def of_store(self) -> OutageReports:
        return OutageReports(reports=(BAD,), silent=("zhongshan-03",))


async def opened(stage: Stage, staff: str = "1001") -> None:
    await stage.sign_in(staff)
    await stage.more("survive an outage")
    await stage.until(lambda: stage.shows(OutageScreen))


async def test_f2_says_where_it_is_and_shows_what_came_of_it(tmp_path: Path) -> None:
    """Asked twice it runs once; the remedy stands below what failed."""
    post = Post(found=BAD)
    stage = make_stage(tmp_path, outages=post)
    async with stage.run():
        await opened(stage)
        assert "This till was never checked." in stage.text()
        await stage.press("{f2}{f2}")
        await stage.until(lambda: "Rehearsal: selling offline" in stage.text())
        post.may_go_on.set()
        await stage.until(lambda: "Not ready for an outage: 1 to mend, first: Disk" in stage.text())
        assert post.asked == ["1001"]
        rows = stage.text().splitlines()
        place = next(number for number, row in enumerate(rows) if "90 MB free, 200 are needed" in row)
        assert "FAIL" in rows[place]
        assert "delete what is not the till's" in rows[place + 1]
        assert "SKIPPED" in stage.text()
    stage.close()


async def test_the_last_result_its_code_and_the_other_tills(tmp_path: Path) -> None:
    """What was kept is there before anything is asked."""
    stage = make_stage(tmp_path, outages=Post(last=Kept(report=GOOD)))
    async with stage.run():
        await opened(stage)
        assert "This till survives an outage" in stage.text()
        await stage.press("{f5}")
        await stage.until(lambda: stage.shows(OutageCode) and "O1 ZHONGSHAN-02" in stage.text())
        await stage.press("{escape}{f6}")
        await stage.until(lambda: "zhongshan-03  never checked" in stage.text())
        await stage.press("{f6}")
        await stage.until(lambda: "This till survives an outage" in stage.text())
    stage.close()


async def test_a_refusal_is_said_and_it_can_be_asked_again(tmp_path: Path) -> None:
    """The screen stays."""
    post = Post()
    post.may_go_on.set()
    stage = make_stage(tmp_path, outages=post)
    async with stage.run():
        await opened(stage)
        await stage.press("{f2}")
        await stage.until(lambda: "!" in stage.said())
        await stage.press("{f2}")
        await stage.until(lambda: len(post.asked) == 2)
        assert stage.shows(OutageScreen)
    stage.close()


@pytest.mark.parametrize(
    ("last", "said"), [(None, "never checked"), (Kept(report=GOOD), "PASS"), (Kept(report=BAD), "FAIL")]
)
async def test_the_report_of_the_shift_has_it(tmp_path: Path, last: Kept | None, said: str) -> None:
    """Where the manager looks anyway (F8)."""
    stage = make_stage(tmp_path, outages=Post(last=last))
    async with stage.run(size=(80, 40)):
        await stage.sign_in("1001")
        await stage.press("{f8}")
        await stage.until(lambda: stage.shows(ShiftScreen))
        row = next(row for row in stage.text().splitlines() if "Ready for an outage" in row)
        assert said in row
    stage.close()


async def test_a_cashier_is_not_offered_it(tmp_path: Path) -> None:
    """Who can do nothing about it is not asked."""
    stage = make_stage(tmp_path, outages=Post())
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f9}")
        await stage.settle()
        assert "survive an outage" not in stage.text()
    stage.close()
