"""The screens of a till's life, with the real ledger and real folders: pair, end another, end this one, pair anew."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from config.settings import Settings
from ledger.clock import wall_clock_us
from ledger.documents import publish_staff
from protocol.documents import Staff, StaffMember
from protocol.pins import hash_pin
from sync.identity import KEY_FILE
from terminal.app import TillApp
from terminal.dialogs.end_till import EndTill
from terminal.dialogs.told import Told
from terminal.screens.devices import DevicesScreen
from terminal.screens.pairing import PairingScreen
from terminal.screens.sign_in import SignInScreen
from terminal.screens.store_tills import StoreTillsScreen
from tests.sync.books import STORE, Books, on_socket
from tests.sync.test_store_tills import says
from tests.sync.tills import enrolled
from tests.terminal.stage import Stage
from till import i18n
from till.care import Care
from till.composition import open_till

SETTINGS = Settings(language="zh-CN", poll_s=1)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    yield
    i18n.use("en")


@pytest.fixture
def url(books: Books) -> Iterator[str]:
    staff = (StaffMember(staff="1090", name="周强", roles=("technician",), pin_hash=hash_pin("4711")),)
    with books.database.write() as connection:
        publish_staff(connection, books.keys, Staff(store=STORE, staff=staff), wall_clock_us())
    with on_socket(books) as port:
        yield f"http://127.0.0.1:{port}"


def stage_of(folder: Path) -> Stage:
    """The real till of a folder behind the app, as `till` opens it."""
    nobody = cast("Any", None)
    app = TillApp(lambda: open_till(folder, SETTINGS), SETTINGS, pair=Care(folder))
    app.guard_s = 0
    return Stage(nobody, nobody, nobody, nobody, [], app)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Stage]:
    stage = stage_of(folder)
    async with stage.app.run_test(size=(80, 24), tooltips=False) as pilot:
        stage.pilot = pilot
        yield stage


async def keys(stage: Stage, *names: str) -> None:
    assert stage.pilot is not None
    for name in names:
        await stage.pilot.press(name)
        await stage.settle()


async def until_said(stage: Stage, *texts: str) -> None:
    """Wherever the lines are broken."""
    await stage.until(lambda: all(text in "".join(stage.text().replace("│", "").split()) for text in texts))


async def sign_in(stage: Stage) -> None:
    """When staff and rules are there."""
    await stage.until(lambda: stage.app.counter is not None and stage.app.counter.is_ready)
    await stage.press("1090\n4711\n")
    await stage.until(lambda: stage.shows(DevicesScreen))


async def open_tills(stage: Stage) -> None:
    from terminal.dialogs.menu import Menu

    await keys(stage, "f9")
    await stage.until(lambda: stage.shows(Menu))
    menu = cast("Menu[Any]", stage.app.screen)
    place = next(n for n, entry in enumerate(menu._entries) if entry.label == "本店收银机")
    menu._choose(place)
    await stage.until(lambda: stage.shows(StoreTillsScreen))


async def test_the_whole_life_of_a_till(books: Books, url: str, tmp_path: Path) -> None:
    """A folder is paired by typing; a stolen till is revoked from it; it is retired itself, and becomes another one."""
    with enrolled(books, tmp_path / "stolen", None, url) as stolen:
        stolen.sale(books.join(), award=10)
        says(books, stolen, 1, 12_850)
    async with running(tmp_path / "here") as stage:
        await stage.until(lambda: stage.shows(PairingScreen))
        await stage.press("03号机\n")
        stage.burst(str(books.invite(url)))
        await stage.until(lambda: stage.shows(SignInScreen))
        await sign_in(stage)
        await open_tills(stage)
        await until_said(stage, "zhongshan-01", "1128.50元", "zhongshan-02", "使用中", "待上传是它上次联系时报告的")

        await keys(stage, "f2", "2")
        await stage.until(lambda: stage.shows(EndTill))
        await until_said(
            stage, "吊销（被盗）zhongshan-01", "清除密钥和会员数据", "还有1笔（128.50元）待上传", "不能恢复"
        )
        await stage.press("抽屉被撬\n0000")
        await keys(stage, "enter")
        assert stage.shows(EndTill)
        await keys(stage, "f2")
        await until_said(stage, "请输入您的密码")
        await stage.press("0000")
        await keys(stage, "f2")
        await until_said(stage, "后台核对：工号或密码不对")
        await keys(stage, "f2", "2")
        await stage.until(lambda: stage.shows(EndTill))
        await stage.press("抽屉被撬\n4711")
        await keys(stage, "f2")
        await stage.until(lambda: stage.shows(Told))
        await until_said(stage, "zhongshan-01：已吊销。那台机器上还有1笔（128.50元）没上传")
        await keys(stage, "enter")
        await until_said(stage, "已吊销")

        await keys(stage, "f4")
        await until_said(stage, "本机已绑定")
        await keys(stage, "down", "f2", "1")
        await stage.until(lambda: stage.shows(EndTill))
        await stage.press("换机\n4711")
        await keys(stage, "f2")
        await stage.until(lambda: stage.shows(Told))
        await keys(stage, "escape")
        await until_said(stage, "zhongshan-0203号机已停用")
        await keys(stage, "f4")
        await until_said(stage, "没有待上传的流水")
        await keys(stage, "f2")
        await stage.until(lambda: stage.shows(PairingScreen))
        await until_said(stage, "03号机", "没有待上传的流水")
        await stage.press("\n")
        stage.burst(str(books.invite(url)))
        await stage.until(lambda: stage.shows(Told))
        await until_said(stage, "zhongshan-02不再使用：已停用", "原流水保存为journal-zhongshan-02.db")
        await keys(stage, "enter")
        await stage.until(lambda: stage.shows(SignInScreen) and stage.app.counter is not None)
        assert stage.app.counter is not None
        assert stage.app.counter.terminal == "zhongshan-03"
    with books.database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT status FROM terminal ORDER BY terminal").scalars().all()
    assert found == ["revoked", "retired", "active"]


async def test_a_till_whose_key_is_gone_offers_to_be_paired_anew(books: Books, url: str, tmp_path: Path) -> None:
    """It cannot open; instead of ending it says why, what waits, and asks for a code. The file for the operator is named."""
    with enrolled(books, tmp_path / "here", None, url) as till:
        till.sale(books.join(), award=10)
    (tmp_path / "here" / KEY_FILE).unlink()
    async with running(tmp_path / "here") as stage:
        await stage.until(lambda: stage.shows(PairingScreen))
        await until_said(stage, "本机不再使用：密钥已丢失", "本机还有1笔（100.00元）待上传", "02号机")
        await stage.press("\n")
        stage.burst(str(books.invite(url)))
        await stage.until(lambda: stage.shows(Told))
        await until_said(stage, "有1笔没能上传", "journal-zhongshan-01.jsonl")
        await keys(stage, "enter")
        await stage.until(lambda: stage.app.counter is not None)


def disk_is_full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_the_bundle_is_written_from_the_screen(
    books: Books, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F6: the file is named; where there is no room, that is said."""
    with enrolled(books, tmp_path / "here", None, url):
        pass
    async with running(tmp_path / "here") as stage:
        await sign_in(stage)
        await open_tills(stage)
        await until_said(stage, "zhongshan-01")
        await keys(stage, "f6")
        await stage.until(lambda: stage.shows(Told))
        (written,) = (tmp_path / "here").glob("support-*.zip")
        await until_said(stage, written.name.replace(" ", ""))
        await keys(stage, "enter")
        monkeypatch.setattr("till.support.bundle.write_bundle", disk_is_full)
        await keys(stage, "f6")
        await until_said(stage, "诊断包写不了：Nospaceleftondevice")
