"""What is left of a reward's stock, at the counter and on the page of rewards: in 24 rows of 80 cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from points import Programme
from tests.desks import member_row
from tests.terminal.stage import Stage, make_stage


async def shown(stage: Stage, given: int | None) -> tuple[str, str]:
    """Both pages, with a stock of 40 of one reward, of which the ledger said that so many are `given`."""
    store = stage.desk.desk.store
    document = store.programme.to_document()
    rewards = document["reward"]
    assert isinstance(rewards, list)
    fixed = next(reward for reward in rewards if reward["form"] == "item")
    fixed.pop("floor_allowed", None)
    fixed["stock"] = 40
    stage.desk.desk._store = replace(store, programme=Programme.from_document(document))
    stage.desk.put_members(member_row(points=90_000, position=11))
    if given is not None:
        stage.desk.desk.given[fixed["id"]] = given
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan_member()
        counter = stage.said()
        await stage.press("f2")
        await stage.settle()
        assert [row for row in stage.rows() if cell_len(row) != 80] == []
        return counter, stage.said()


@pytest.mark.parametrize(("given", "said"), [(28, "余 12 份"), (41, "余 0 份"), (None, "")])
async def test_what_is_left_is_said_where_it_is_known(tmp_path: Path, given: int | None, said: str) -> None:
    """Once on each page, beside that reward; and nothing before the ledger has told this till."""
    stage = make_stage(tmp_path, language="zh-CN", industry="restaurant")
    try:
        counter, rewards = await shown(stage, given)
    finally:
        stage.close()
    assert [page.count("余 ") for page in (counter, rewards)] == [1 if said else 0] * 2
    assert all(said in page for page in (counter, rewards))


async def test_in_english(tmp_path: Path) -> None:
    stage = make_stage(tmp_path, language="en", industry="restaurant")
    try:
        _counter, rewards = await shown(stage, 28)
    finally:
        stage.close()
    assert "12 left" in rewards
