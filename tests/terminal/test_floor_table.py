"""F9, what redeeming offline costs: a manager reads it, a cashier does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from protocol.floor_table import FloorLine, FloorTable
from terminal.screens.floor_table import FloorTableScreen
from tests.desks import NOON_US
from tests.terminal.stage import ONLINE, Stage, make_stage
from till.errors import RefusedError
from till.shifts import Session

TABLE = FloorTable(
    store="zhongshan", made_at=NOON_US, hours=2, days=84, outages_a_year=12, redemptions=1_234,
    lines=(
        FloorLine(policy="floor", per_redemption=100, per_member=200, per_terminal=4_000, accepted=8_649,
                  accepted_points=5_012, uncovered=19, a_year_fen=12_345),
        FloorLine(policy="floor", per_redemption=250, per_member=500, per_terminal=10_000, accepted=9_299,
                  accepted_points=7_000, uncovered=80, a_year_fen=98_700),
        FloorLine(policy="floor", per_redemption=500, per_member=1_000, per_terminal=20_000, accepted=9_670,
                  accepted_points=8_000, uncovered=171, a_year_fen=210_000),
        FloorLine(policy="floor", per_redemption=1_000, per_member=2_000, per_terminal=40_000, accepted=9_800,
                  accepted_points=9_000, uncovered=320, a_year_fen=400_099),
        FloorLine(policy="balance", accepted=9_999, accepted_points=9_999, uncovered=512, a_year_fen=600_000),
        FloorLine(policy="allowance", per_member=1_000, accepted=7_990, accepted_points=7_000),
    ),
)  # fmt: skip


async def open_table(stage: Stage) -> None:
    """F9, and the entry that says so."""
    await stage.go(ONLINE)
    await stage.press("{f9}4")
    await stage.until(lambda: stage.shows(FloorTableScreen))
    await stage.until(lambda: "Esc" in stage.rows()[-2])


async def test_a_manager_reads_a_line_for_each_floor(tmp_path: Path) -> None:
    """Gains rounded down, losses up; and what the store has now."""
    stage = make_stage(tmp_path)
    stage.desk.ledger.table = TABLE
    async with stage.run():
        await stage.sign_in("1001")
        await open_table(stage)
        said = stage.said()
    stage.close()
    assert "At most 100 points: 86 % redeemable, about 0.2 % lost (¥123.45 a year)" in said
    assert "At most 500 points: 96 % redeemable, about 1.8 % lost (¥2,100.00 a year)" in said
    assert "Allowances instead: 79 % redeemable, nothing lost" in said
    assert "Now: at most 1,000 points at once" in said


async def test_a_ledger_that_has_not_added_up_yet_is_asked_again(tmp_path: Path) -> None:
    """Nobody waits for it at the counter."""
    stage = make_stage(tmp_path)
    async with stage.run():
        await stage.sign_in("1001")
        await stage.go(ONLINE)
        await stage.press("{f9}4")
        await stage.until(lambda: "not added it up yet" in stage.said())
    stage.close()


async def test_a_cashier_is_not_offered_it(tmp_path: Path) -> None:
    """Nor answered by the till."""
    stage = make_stage(tmp_path)
    stage.desk.ledger.table = TABLE
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f9}")
        await stage.until(lambda: "More" in stage.said())
        assert "What redeeming offline costs" not in stage.said()
        with pytest.raises(RefusedError) as refused:
            stage.counter.reports.store.floor_table(Session("1023", "王芳", ("cashier",)))
    stage.close()
    assert refused.value.code == "role"
