"""Training on the screen: the mark is on every screen and in every box, and there is a way in at a closed shift alone."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import terminal.dialogs
import terminal.screens
from sync.errors import TransientSyncError
from terminal.screens.base import Dialog, TillScreen
from terminal.screens.shift_opening import ShiftOpeningScreen
from terminal.screens.training import TrainingScreen
from tests.terminal.stage import Stage, make_stage
from till.app import TO_TRAINING, Demo, DemoKey
from till.errors import RefusedError
from till.training_words import mark_in_full

PRACTICE = Demo((DemoKey("ctrl+t", "培训会员", "member", lambda: None),), is_training=True)


def screens() -> set[type[TillScreen[Any]]]:
    for room in (terminal.screens, terminal.dialogs):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(found.name)

    def below(kind: type[TillScreen[Any]]) -> set[type[TillScreen[Any]]]:
        return {kind}.union(*(below(one) for one in kind.__subclasses__()))

    return below(TillScreen)


def test_no_screen_is_put_together_without_the_mark() -> None:
    """The two ways of putting one together, a screen and a box, are those of `base`, which have it."""
    own = {kind for kind in screens() if "compose" in kind.__dict__}
    assert own == {TillScreen, Dialog}
    assert len(screens()) > 30


@pytest.mark.parametrize(("language", "mark"), [("zh-CN", "培训"), ("en", "TRAINING")])
async def test_the_mark_is_seen_from_the_first_paint_on(tmp_path: Path, language: str, mark: str) -> None:
    """Signing in, the counter, a box above it, the report; what a newcomer's keys are is said too."""
    stage = make_stage(tmp_path, language=language, demo=PRACTICE)
    async with stage.run():
        assert mark_in_full() in stage.text()
        await stage.sign_in("1001")
        assert mark in stage.text().splitlines()[0]
        for keys in ("{f9}", "{escape}{f8}"):
            await stage.press(keys)
            await stage.settle()
            assert any(mark in row for row in stage.text().splitlines()[:1]), stage.text()
        assert "member" in stage.text() or "培训会员" in stage.text()
    stage.close()


async def test_where_there_is_no_room_for_the_sentence_the_word_stays(tmp_path: Path) -> None:
    """Who is signed in and the state of the link are read whole beside it."""
    stage = make_stage(tmp_path, demo=PRACTICE)
    async with stage.run(size=(78, 24)):
        await stage.sign_in("1001")
        first = stage.text().splitlines()[0]
        assert "TRAINING" in first
        assert "counts" not in first
        assert "(1001)" in first
    stage.close()


async def test_without_training_there_is_no_mark(counter_stage: Stage) -> None:
    """And no way in while the shift is open."""
    await counter_stage.press("{f9}")
    await counter_stage.settle()
    assert "TRAINING" not in counter_stage.text()
    assert "Train" not in counter_stage.text()


async def closed(stage: Stage, staff: str = "1001") -> None:
    stage.counter.close_shift(stage.desk.manager)
    await stage.sign_in(staff)
    await stage.until(lambda: stage.shows(ShiftOpeningScreen))
    await stage.press("{f9}")
    await stage.settle()


async def chosen(stage: Stage) -> None:
    row = next(row for row in stage.text().splitlines() if "Train: nothing counts" in row)
    await stage.press(next(character for character in row if character.isdigit()))
    await stage.until(lambda: stage.shows(TrainingScreen))


async def test_f2_prepares_it_and_ends_this_run(tmp_path: Path) -> None:
    """The command opens the training counter next."""
    asked: list[str] = []
    stage = make_stage(tmp_path, train=lambda: asked.append("train"))
    async with stage.run():
        await closed(stage)
        await chosen(stage)
        await stage.press("{f2}")
        await stage.until(lambda: stage.app.return_code == TO_TRAINING)
    assert asked == ["train"]
    stage.close()


@pytest.mark.parametrize(
    ("error", "said"),
    [(RefusedError("training-offline"), "The first training needs the network"), (TransientSyncError("dns"), "")],
)
async def test_what_hinders_it_is_said(tmp_path: Path, error: Exception, said: str) -> None:
    """And the counter stays."""

    def train() -> None:
        raise error

    stage = make_stage(tmp_path, train=train)
    async with stage.run():
        await closed(stage)
        await chosen(stage)
        before = stage.said()
        await stage.press("{f2}")
        await stage.until(lambda: "!" in stage.said() or stage.said() != before)
        await stage.until(lambda: said in stage.text())
        assert stage.shows(TrainingScreen)
    stage.close()


async def test_a_cashier_is_not_offered_it(tmp_path: Path) -> None:
    """Who opens no shift begins no training."""
    stage = make_stage(tmp_path, train=lambda: None)
    async with stage.run():
        await closed(stage, "1023")
        assert "Train: nothing counts" not in stage.text()
    stage.close()
