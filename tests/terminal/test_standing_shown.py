"""What a member lacks to the next tier and what he usually takes, at the counter: in 24 rows of 80 cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from protocol.feed import Expiring, Standing
from tests.desks import member_row
from tests.terminal.stage import Stage, make_stage
from tests.till.test_tiers import MONTH, with_tiers


async def shown(
    folder: Path, spent_fen: int, visits: int, language: str = "zh-CN", month: str = MONTH, usual: str = ""
) -> str:
    """The counter with a silver member who has so much, and points that expire."""
    stage = make_stage(folder, language=language)
    with_tiers(stage.desk)
    stage.desk.put_members(member_row(
        tier="silver", standing=Standing(spent_fen=spent_fen, visits=visits, month=month), position=11, usual=usual,
        expiring=(Expiring(kind="points", points=300, on="2026-12-31"),),
    ))  # fmt: skip
    try:
        return await _text(stage)
    finally:
        stage.close()


async def _text(stage: Stage) -> str:
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan_member()
        await stage.press("128.50")
        await stage.settle()
        assert [row for row in stage.rows() if cell_len(row) != 80] == []
        assert ".." not in stage.said().split("可兑换")[0].split("Rewards")[0], "nothing of the card is cut"
        return stage.said()


@pytest.mark.parametrize(
    ("spent_fen", "visits", "says"),
    [
        (1_800_00, 8, "距金卡 1.2倍还差 3,200 元、2 次"),
        (1_799_99, 12, "距金卡 1.2倍还差 3,201 元"),
        (9_000_00, 8, "距金卡 1.2倍还差 2 次"),
    ],
)
async def test_the_way_to_the_next_tier(tmp_path: Path, spent_fen: int, visits: int, says: str) -> None:
    """In whole yuan, rounded up, and visits; beside what expires or the ledger's word, and nothing is cut for it."""
    said = await shown(tmp_path, spent_fen, visits)
    assert says in said
    assert "300 积分 2026年12月31日到期" in said


async def test_in_english(tmp_path: Path) -> None:
    said = await shown(tmp_path, 1_800_00, 8, language="en")
    assert "gold 1.2x: 3,200 yuan and 2 visits to go" in said


async def test_nothing_where_nobody_knows(tmp_path: Path) -> None:
    """The window has moved since the row was made."""
    assert "还差 3,200 元" not in await shown(tmp_path, 1_800_00, 8, month="2026-08")


async def test_what_he_usually_takes_is_marked(tmp_path: Path) -> None:
    """One word before the conditions of that reward, and of no other."""
    said = await shown(tmp_path / "with", 0, 0, usual="voucher")
    assert said.count(" 常兑 ") == 1
    assert " 常兑 " not in await shown(tmp_path / "without", 0, 0)
