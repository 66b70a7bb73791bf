"""A menu with more entries than digits: the families of scanners."""

from __future__ import annotations

from terminal.dialogs.menu import Entry, Menu
from tests.terminal.stage import Stage


async def test_only_the_first_nine_have_a_digit_and_all_can_be_chosen(stage: Stage) -> None:
    """`10` would choose the first one at its first digit; arrows and Enter choose the tenth."""
    chosen: list[str | None] = []
    async with stage.run() as pilot:
        entries = [Entry(f"family {name}", name) for name in "abcdefghijkl"]
        stage.app.push_screen(Menu("Which?", entries), chosen.append)
        await stage.settle()
        assert "9  family i" in stage.text()
        assert "10" not in "".join(row for row in stage.rows() if "family" in row)
        await pilot.press(*["down"] * 9, "enter")
        await stage.settle()
    assert chosen == ["j"]
