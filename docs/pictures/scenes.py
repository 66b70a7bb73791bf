"""What is done in front of each picture."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from textual.widgets import DataTable

from config.settings import Settings
from docs.pictures.stage import MEMBER, OTHER, Language, Scene, make_till
from ledger.training import MEMBERS
from protocol.codes import member_code
from sync.identity import Identity
from sync.training import Begun
from terminal.dialogs.lesson import LessonBox
from terminal.screens.tracing import TracingScreen
from terminal.widgets.next_line import NextLine
from till.app import Demo
from till.training import Practice
from till.tutorial.coach import Coach
from till.tutorial.props import Props
from till.tutorial.selling import Earn

FOLDER = Path(__file__).parent
LANGUAGES: tuple[tuple[Language, str], ...] = (("zh-CN", "zh"), ("en", "en"))
"""And how a picture's name ends."""


async def _nothing(_scene: Scene) -> None:
    pass


async def _counter(scene: Scene) -> None:
    await scene.sign_in("1023")
    await scene.scan_phone(OTHER)
    await scene.type("98\n")
    await scene.scan_phone(MEMBER)
    await scene.type("128.50")


async def _redeem(scene: Scene) -> None:
    await _counter(scene)
    await scene.type("{f2}1")
    await scene.type("1000\n")


async def _shift(scene: Scene) -> None:
    await scene.sign_in("1001")
    await scene.scan_phone(OTHER)
    await scene.type("98\n")
    await scene.scan_phone(MEMBER)
    await scene.type("128.50{f2}1")
    await scene.type("1000\n")
    await scene.type("{f2}")
    await scene.until(lambda: scene.app.work is not None and scene.app.work.is_idle)
    await scene.type("{f8}")


async def _listening(scene: Scene) -> None:
    await scene.sign_in("1090")
    await scene.type("{down}{f4}")
    await scene.until(lambda: scene.app.screen.__class__.__name__ == "ListenScreen")
    await scene.happen(scene.heard_test_code())


async def _devices(scene: Scene) -> None:
    await scene.sign_in("1090")
    await scene.scan("6900001000013")


async def _scans(scene: Scene) -> None:
    await scene.sign_in("1023")
    await scene.scan(member_code(MEMBER))
    await scene.scan("134567890123456789")
    await scene.scan("6900001000013")
    await scene.type("\n")
    await scene.until(lambda: scene.app.work is not None and scene.app.work.is_idle)
    await scene.type("{f10}{f10}")
    await scene.sign_in("1090")
    await scene.type("{f7}")


async def _help(scene: Scene) -> None:
    await scene.sign_in("1023")
    await scene.type("{f1}")


async def _tracing(scene: Scene) -> None:
    await scene.sign_in("1023")
    await scene.scan_phone(OTHER)
    await scene.type("98\n")
    await scene.scan_phone(MEMBER)
    await scene.type("128.50\n")
    scene.app.push_screen(TracingScreen())
    await scene.until(lambda: isinstance(scene.app.screen, TracingScreen))
    await scene.type("128.50 14:30\n")
    await scene.until(lambda: bool(scene.app.screen.query_one(DataTable).row_count))


async def _lesson(scene: Scene) -> None:
    await scene.sign_in("1023")
    people = tuple(one for _name, one in MEMBERS)
    practice = Practice(Begun(Path(), cast("Identity", None), "points", people), cast("Settings", None))
    props = Props(practice)
    coach = Coach(props, lambda _passed: None)
    coach.join("1023")
    coach.place = 1
    scene.app.demo = Demo((), is_training=True, coach=coach)
    before = scene.app.screen
    scene.app.go_home()
    await scene.until(lambda: scene.app.screen is not before and bool(scene.app.screen.query(NextLine)))
    scene.app.push_screen(LessonBox(coach, Earn(props).right()))
    await scene.until(lambda: isinstance(box := scene.app.screen, LessonBox) and box.is_arranged)


PICTURES: tuple[tuple[str, bool, Callable[[Scene], Awaitable[None]]], ...] = (
    ("sign-in", True, _nothing),
    ("counter-online", True, _counter),
    ("counter-offline", False, _counter),
    ("redeem", True, _redeem),
    ("shift", False, _shift),
    ("help", True, _help),
    ("tracing", False, _tracing),
    ("lesson", True, _lesson),
    ("devices", True, _devices),
    ("listening", True, _listening),
    ("scans", True, _scans),
)
"""Name, whether online, and what is done before the picture is taken."""


def draw(name: str, language: Language) -> str:
    """One picture as SVG."""
    is_online, act = next((online, act) for known, online, act in PICTURES if known == name)
    with tempfile.TemporaryDirectory() as folder:
        desk = make_till(Path(folder))
        try:
            return asyncio.run(Scene(desk, Path(folder), language, is_online=is_online).take(act))
        finally:
            desk.close()
