"""F9, 全店: whose figures a manager sees is said before them, and a silent ledger changes that."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.reports import ReportRow, ReportTable, StoreReport
from sync.errors import TransientSyncError
from terminal.screens.store_report import StoreReportScreen
from tests.desks import NOON_US, STORE
from tests.terminal.stage import ONLINE, Stage, make_stage
from till import store_report
from till.errors import RefusedError
from till.shifts import Session

MONEY = ReportTable(
    title="金额", columns=("", "当日", "上周同日"), rows=(ReportRow(cells=("积分抵扣", "1,020.00", "980.00")),)
)
HOURS = ReportTable(
    title="按时段", columns=("", "笔数", "抵扣后应收", "发放积分", "兑换积分"),
    rows=tuple(
        ReportRow(cells=(f"{hour:02}", f"{hour}", f"{hour * 1_111:,}.00", f"{hour * 900:,}", "0"), bar=hour)
        for hour in range(8, 22)
    ),
)  # fmt: skip
TOLD = StoreReport(
    store=STORE, name="中山路店", day="2026-09-15", as_of=NOON_US, tills=3, zh=(MONEY, HOURS), en=(MONEY, HOURS)
)


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Answers while the list is not empty."""
    answers = [True]

    def fetch(_folder: Path, day: str) -> StoreReport:
        if not answers:
            raise TransientSyncError("no-answer")
        assert day == TOLD.day
        return TOLD

    monkeypatch.setattr(store_report, "_fetch", fetch)
    return answers


async def open_store(stage: Stage) -> None:
    """F9, and the entry that says so."""
    await stage.go(ONLINE)
    await stage.scan_member()
    await stage.press("128.50\n")
    await stage.more("全店")
    await stage.until(lambda: stage.shows(StoreReportScreen))
    await stage.until(lambda: "F6 再查后台" in stage.said())


async def test_the_ledgers_figures_and_then_this_tills_alone(tmp_path: Path, ledger: list[bool]) -> None:
    """All tills as of now; the ledger gone, F6 shows this till's one sale first, behind it the last answer with its time."""
    stage = make_stage(tmp_path, language="zh-CN", member_page="https://p.example.com")
    async with stage.run():
        await stage.sign_in("1001")
        await open_store(stage)
        said = stage.said()
        assert "后台：全店 3 台收银机，截至 2026-09-15 12:00" in said
        assert "1,020.00" in said
        assert "128.50" not in said
        await stage.press("{f5}")
        assert "==========" in stage.said()
        assert "浏览器里可看更多：https://p.example.com/store" in stage.said()
        ledger.clear()
        await stage.press("{f6}")
        await stage.until(lambda: "没有回应" in stage.said())
        pages = [stage.said()]
        while "1,020.00" not in pages[-1]:
            await stage.press("{right}")
            pages.append(stage.said())
            assert len(pages) < 5
        assert "后台没有回应 2026-09-15" in pages[0]
        assert "金额 仅本机" in pages[0]
        assert "以下只是本机（02号机），截至 2026-09-15 12:0" in pages[0]
        assert "128.50" in pages[0]
        assert "后台上次给的全店 3 台收银机，截至 2026-09-15 12:00" in "".join(pages)
        assert "金额 后台 09-15 12:00" in pages[-1]
    stage.close()


@pytest.mark.usefixtures("ledger")
async def test_a_cashier_is_not_offered_it(tmp_path: Path) -> None:
    """Nor answered by the till."""
    stage = make_stage(tmp_path, language="zh-CN")
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f9}")
        await stage.until(lambda: "更多" in stage.said())
        assert "全店" not in stage.said()
        with pytest.raises(RefusedError) as refused:
            stage.counter.reports.store.known(Session("1023", "王芳", ("cashier",)))
    stage.close()
    assert refused.value.code == "role"
