"""What is done in front of each picture."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from docs.pictures.stage import MEMBER, OTHER, Language, Scene, make_till
from protocol.codes import member_code

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


PICTURES: tuple[tuple[str, bool, Callable[[Scene], Awaitable[None]]], ...] = (
    ("sign-in", True, _nothing),
    ("counter-online", True, _counter),
    ("counter-offline", False, _counter),
    ("redeem", True, _redeem),
    ("shift", False, _shift),
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
