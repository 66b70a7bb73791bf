"""The tutorial: twelve tasks at a counter in training, each judged by what was done; who passed is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

import terminal.tutoring
from protocol.entries import Sale, decode_entry
from protocol.training import TrainingMember
from protocol.tutorials import TutorialPassed
from sync.identity import Identity
from sync.training import Begun
from terminal.dialogs.approve import Approve
from terminal.dialogs.lesson import LessonBox
from terminal.dialogs.menu import Menu
from terminal.dialogs.told import Told
from terminal.screens.redeem import RedeemScreen
from terminal.screens.training import TrainingScreen
from tests.terminal.stage import APPLES, MEMBER, MILK, OFFLINE, ONLINE, OTHER, Stage, make_stage
from till.app import TO_TUTORIAL, Demo
from till.events import LinkChanged
from till.training import Practice
from till.tutorial.coach import LESSONS, Coach
from till.tutorial.props import Props


class Played(Practice):
    """The training's members are those of the stage; their phones show codes that its till believes."""

    stage: Stage

    def __init__(self, folder: Path) -> None:
        people = tuple(
            TrainingMember(member=one, phone=one, points=points) for one, points in ((MEMBER, 1_250), (OTHER, 40))
        )
        super().__init__(Begun(folder, cast("Identity", None), "points", (*people, people[1])), cast("Any", None))
        self._nonces = iter(range(1_000))

    def join(self, stage: Stage) -> None:
        self.stage = stage
        self._till = cast("Any", SimpleNamespace(counter=stage.counter))
        stage.desk.desk.journal.set_fact("cache", "cache-1.db")

    def _phone(self) -> str:
        return self.stage.dynamic_code(self._current, nonce=next(self._nonces).to_bytes(8))

    def plug(self) -> None:
        if self.cable.is_cut:
            self.cable.mend()
        else:
            self.cable.cut()
        self.stage.link[0] = OFFLINE if self.cable.is_cut else ONLINE
        self.stage.counter.tell(LinkChanged(self.stage.link[0]))


class School:
    """A stage with a coach, and what he told of."""

    def __init__(self, folder: Path) -> None:
        self.told: list[TutorialPassed] = []
        practice = Played(folder)
        self.coach = Coach(Props(practice), self.told.append)
        self.stage = make_stage(folder, demo=Demo((), is_training=True, coach=self.coach))
        practice.join(self.stage)
        self.stage.link[0] = ONLINE

    async def task(self, number: int) -> None:
        """Read the box of a task and begin it."""
        stage = self.stage
        await stage.until(lambda: stage.shows(LessonBox) and f"Task {number} of 12" in stage.text())
        await stage.until(lambda: "Enter begins" in stage.text())
        await stage.press("\n")
        await stage.until(lambda: self.coach.is_judging or stage.shows(Menu))
        await stage.settle()

    async def member(self, name: str) -> None:
        await self.stage.until(lambda: name in self.stage.text())

    async def answer(self, digit: str) -> None:
        await self.stage.until(lambda: self.stage.shows(Menu))
        await self.stage.press(digit)


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    """Nobody waits to read."""
    monkeypatch.setattr(terminal.tutoring, "READ_S", 0.01)
    monkeypatch.setattr(terminal.tutoring, "LOOK_S", 0.1)
    made = School(tmp_path)
    yield made
    made.stage.close()


async def test_twelve_tasks_done_are_passed_and_told_once(school: School) -> None:
    """By a cashier, keys and scans alone: every task can be done, and none is judged by anything but what was done."""
    stage = school.stage
    async with stage.run():
        await stage.sign_in("1023")
        await school.task(1)
        await school.member("张*丰")
        await stage.press("128.50\n")
        await school.task(2)
        await stage.press(f"{{f5}}{OTHER}\n")
        await school.member("李*")
        await stage.press("36\n")
        await school.task(3)
        await stage.until(lambda: len(stage.app.work.draft.lines) == 2 if stage.app.work else False)
        await stage.press("{backspace}\n")
        await school.task(4)
        await school.member("张*丰")
        await stage.press("200{f2}")
        await stage.until(lambda: stage.shows(RedeemScreen))
        await stage.press("3")
        await stage.until(lambda: "F2 confirms" in stage.text())
        await stage.press("{f2}")
        await school.task(5)
        await school.member("张*丰")
        await stage.press("200{f2}")
        await stage.until(lambda: stage.shows(RedeemScreen))
        await stage.press("3")
        await stage.until(lambda: "F2 confirms" in stage.text())
        await stage.press("{f2}")
        await school.task(6)
        await school.answer("2")
        await school.task(7)
        await school.member("张*丰")
        await stage.press("200\n{f3}{f2}")
        await school.task(8)
        await stage.press("{f4}")
        await school.answer("3")
        await school.task(9)
        await school.member("张*丰")
        await stage.press("45{f6}")
        await school.member("李*")
        await stage.press("20\n{f6}1")
        await stage.until(lambda: not stage.shows(Menu) and "Check the amount" in stage.text())
        await stage.press("\n")
        await school.task(10)
        await stage.press("{f7}{f7}")
        await school.task(11)
        await stage.press("{f10}")
        await stage.until(lambda: "Locked" in stage.text())
        await stage.press("1023\n")
        await school.task(12)
        await stage.press("{f8}")
        await school.answer("1")
        await stage.until(lambda: stage.shows(Told) and "Passed: 12 tasks, 12 attempts" in stage.text())
        await stage.press("\n")
        await stage.until(lambda: stage.app.return_code == 0)
    assert [(one.staff, one.tasks, one.attempts) for one in school.told] == [("1023", 12, 12)]


async def test_what_was_missed_is_said_and_the_task_comes_again(school: School) -> None:
    """A wrong amount; it counts as an attempt, and is nobody's pass."""
    stage = school.stage
    async with stage.run():
        await stage.sign_in("1023")
        await school.task(1)
        await school.member("张*丰")
        await stage.press("12.85\n")
        await stage.until(lambda: "Not quite. 12.85 was booked, and it should have been 128.50" in stage.text())
        await school.task(1)
        await school.member("张*丰")
        await stage.press("128.50\n")
        await school.task(2)
        assert (school.coach.place, school.coach.attempts, school.told) == (1, 2, [])


async def test_a_wrong_answer_is_explained_and_asked_again(school: School) -> None:
    """Nobody passes by pressing Esc either."""
    stage = school.stage
    school.coach.place = next(place for place, one in enumerate(LESSONS) if one.__name__ == "Returned")
    async with stage.run():
        school.coach.staff = "1023"
        await stage.sign_in("1023")
        school.coach.is_judging = True
        await stage.press("{f4}")
        await school.answer("1")
        await stage.until(lambda: stage.shows(Told) and "Money and points of that very sale" in stage.text())
        await stage.press("\n")
        await stage.until(lambda: stage.shows(Menu))
        await stage.press("{escape}")
        await school.answer("3")
        await school.task(9)
        assert school.coach.attempts == 2


def test_somebody_else_begins_with_the_first_task(school: School) -> None:
    """A 工号 passes by what was done under it alone."""
    coach = school.coach
    assert coach.join("1023")
    coach.place, coach.attempts = 7, 9
    assert not coach.join("1023")
    assert coach.join("1001")
    assert (coach.place, coach.attempts) == (0, 0)


def test_the_products_are_two_of_the_price_list(school: School) -> None:
    """Read from the cache of the training, beside the open till."""
    lesson = next(one for one in LESSONS if one.__name__ == "Goods")(school.coach._props)
    lesson.arrange()
    assert {MILK, APPLES} == {one.code for one in school.coach._props.products()}
    assert "苹果" in lesson.story


async def test_a_cashier_begins_it_before_the_shift(tmp_path: Path) -> None:
    """F9 at a closed shift; this program run ends, and the tutorial is what opens next."""
    asked: list[str] = []
    stage = make_stage(tmp_path, train=lambda: asked.append("train"))
    async with stage.run():
        stage.counter.close_shift(stage.desk.manager)
        await stage.sign_in("1023")
        await stage.more("First day: twelve tasks")
        await stage.until(lambda: stage.shows(TrainingScreen))
        await stage.press("{f2}")
        await stage.until(lambda: stage.app.return_code == TO_TUTORIAL)
    assert asked == ["train"]
    stage.close()


async def test_a_store_that_wants_it_first_asks_a_supervisor(tmp_path: Path) -> None:
    """Said as the rewards open; at the end why, and who approves; earning is as ever."""
    stage = make_stage(tmp_path)
    store = stage.desk.desk.store
    settings = msgspec.structs.replace(store.settings, tutorial_required=True)
    stage.desk.desk.use_cache(stage.desk.desk.cache(), replace(store, settings=settings))
    async with stage.run():
        stage.link[0] = ONLINE
        await stage.sign_in("1023")
        await stage.scan(stage.dynamic_code())
        await stage.press("128.50{f2}")
        await stage.until(lambda: "You have not passed the tutorial" in stage.text())
        await stage.press("3")
        await stage.until(lambda: "F2 confirms" in stage.text())
        await stage.press("{f2}")
        await stage.until(lambda: "Needs approval: redemption before the tutorial" in stage.text())
        assert stage.desk.desk.journal.last_seq() == 1
        await stage.press("1")
        await stage.until(lambda: stage.shows(Approve))
        await stage.press("1001\n1001\n")
        await stage.until(lambda: "Approved by 1001. F2 goes on" in stage.text())
        await stage.press("{f2}")
        await stage.until(lambda: stage.desk.desk.journal.last_seq() == 2)
        sale = decode_entry(stage.desk.desk.journal.entries(2, 1)[0].payload)
        assert isinstance(sale, Sale)
        assert sale.approval is not None
        assert (sale.approval.by, sale.approval.allows) == ("1001", ("tutorial",))
    stage.close()
